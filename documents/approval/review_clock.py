"""When a document is to be looked through next."""

from __future__ import annotations

from django.db.models import DateField, F, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from documents.models import Document, Version

# How many days before it is to be looked through a document is on the desk.
REMINDER_DAYS = 60


class _MonthsAfter(Func):
    """The day that lies a number of months after another."""

    template = "((%(expressions)s))::date"
    arg_joiner = " + "
    output_field = DateField()

    def __init__(self, day: object, months: object) -> None:
        super().__init__(day, Func(months, template="make_interval(months => (%(expressions)s)::int)"))


def current_value(column: str) -> QuerySet[Version, object]:
    """A column of the published version, as a subquery on its document."""
    return Version.objects.filter(document=OuterRef("pk"), state=Version.State.PUBLISHED).values(column)[:1]


def with_review_due(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Annotates `review_due`: the day by which somebody is to have looked through what applies. The clock starts when
    the version begins to apply, or when its content was last found to hold; the type says how long it runs.
    """
    started = Coalesce(F("content_holds_on"), Subquery(current_value("valid_from")))
    return documents.annotate(review_due=_MonthsAfter(started, F("type__revision_months")))
