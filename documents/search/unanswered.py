"""Searches that found nothing: by words, kind of provider and day, without person; kept for twelve months.

Whether the answer was there and hidden is found out by a job, the night after: the request itself asks the same
whether it was or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max, QuerySet, Sum

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.identity.numbers import find_identity_numbers
from documents.models import Document, FailedSearch
from documents.search import vocabulary
from documents.search.words import TsQuery, parse

KEPT = timedelta(days=365)
LONGEST = 100
# How far back the page looks, and how much it shows.
SHOWN_FOR, SHOWN = timedelta(days=90), 200
# The number of days, or of kinds of provider, from which a search is many people's.
OCCASIONS = 2
# The most documents that are told of one search whose answer is hidden.
ANSWERS = 10
# Text that could point at a person: an address, or a long number that is no document's.
_PERSONAL = re.compile(r"@|\d[\d\s-]{5,}\d")


def keep(reader: Reader, text: str) -> None:
    """Count it, unless another's eyes were used, or it is long or looks as if it were about a person."""
    said = text.casefold()
    if not said or len(said) > LONGEST or reader.viewer is not None:
        return
    if find_identity_numbers(said) or _PERSONAL.search(said):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_failedsearch (text, provider_kind, day, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (text, provider_kind, day) DO UPDATE SET count = documents_failedsearch.count + 1",
            [said, reader.provider_kind if reader.is_let_in else "", clock.today()],
        )


def look_again() -> int:
    """The job: which of those not looked at yet have an answer that was hidden from who asked. Returns how many."""
    found = 0
    for failed in FailedSearch.objects.filter(looked_at=None).order_by("pk"):
        hidden = _answering(failed.text, "search")[:ANSWERS]
        with transaction.atomic():
            failed.hidden.set(hidden)
            FailedSearch.objects.filter(pk=failed.pk).update(looked_at=clock.now())
        found += bool(hidden)
    return found


def titled(text: str) -> list[Document]:
    """Published documents whose title or headings answer to these words, whoever may see them: for jobs alone."""
    return _answering(text, "search_title")


def _answering(text: str, column: str) -> list[Document]:
    question = parse(text, vocabulary.current())
    if not question:
        return []
    condition = question.most_of_it() if question.is_sentence else question.all_of_it
    published = Document.objects.filter(shown__hold=clock.now(), state=Document.State.ACTIVE)
    return list(published.filter(**{column: TsQuery(condition)}).only("pk").order_by("pk")[:ANSWERS])


def purge() -> int:
    """Deletes what is older than KEPT; returns how many."""
    return FailedSearch.objects.filter(day__lt=clock.today() - KEPT).delete()[0]


@dataclass
class Unanswered:
    """One text: how often by each kind of provider, and when last. `hidden`: of the reader's own documents, those that
    have the answer; for publication stewards alone.
    """

    text: str
    kinds: dict[str, int] = field(default_factory=dict)
    last: date | None = None
    hidden: list[Document] = field(default_factory=list)

    @property
    def times(self) -> int:
        return sum(self.kinds.values())


def of_late(reader: Reader) -> list[Unanswered]:
    """The searches of the last months that found nothing, the most often first; for those who work on documents, else
    none.

    SECURITY: what one person typed once may be a name, and is for nobody to read: what is shown was looked for on
    several days, or by several kinds of provider. Which document has a hidden answer is told only to the publication
    stewards of its owner.
    """
    if not reader.edits_documents:
        return []
    lately = FailedSearch.objects.filter(day__gte=clock.today() - SHOWN_FOR)
    several = lately.values("text").annotate(times=Sum("count"), occasions=Count("pk")).filter(occasions__gte=OCCASIONS)
    often = several.order_by("-times", "text")
    found = {text: Unanswered(text) for text in often.values_list("text", flat=True)[:SHOWN]}
    hidden = _hidden(lately, reader) if is_steward(reader) else {}
    for text, documents in hidden.items():
        found.setdefault(text, Unanswered(text)).hidden = documents
    counted = lately.filter(text__in=found).values_list("text", "provider_kind").annotate(Sum("count"), Max("day"))
    for text, kind, times, last in counted.order_by("text", "provider_kind"):
        found[text].kinds[kind] = times
        found[text].last = max(last, found[text].last or last)
    return sorted(found.values(), key=lambda row: (not row.hidden, -row.times, row.text))


def is_steward(reader: Reader) -> bool:
    works = Assignment.objects.with_role(Role.PUBLICATION_STEWARD)
    return reader.assignment_id is not None and works.filter(pk=reader.assignment_id).exists()


def _hidden(lately: QuerySet[FailedSearch], reader: Reader) -> dict[str, list[Document]]:
    """For each text the reader's own documents that have its answer, as they are seen now: one that is gone is no
    answer."""
    pairs = lately.filter(hidden__owner=reader.provider_id).order_by("-day").values_list("text", "hidden")[: 5 * SHOWN]
    by_text: dict[str, set[int]] = {}
    for text, document in pairs:
        by_text.setdefault(text, set()).add(document)
    keys = {key for of in by_text.values() for key in of}
    own = Document.objects.editable_by(reader).visible_to(reader).only("number", "title").in_bulk(list(keys))
    found = {text: [own[key] for key in sorted(of) if key in own] for text, of in by_text.items()}
    return {text: documents for text, documents in found.items() if documents}
