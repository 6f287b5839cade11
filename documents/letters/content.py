"""The safety letter of a month: the learning examples, the new documents and the major changes of that month.

It is made anew for whoever opens it, of what they may see at that moment: a document that is closed, or withdrawn, is
gone from the letters too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, TruncMonth
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core import clock, paper
from documents.models import Document, DocumentType, Version

# So many documents of one kind stand in a letter; the others are counted. A delivery may bring thousands.
MOST = 40
# So many months back there are letters.
MONTHS = 12
_SHOWN = (
    *("number", "change_summary", "is_major", "published_at", "available_from"),
    *(f"document__{name}" for name in ("number", "title", "summary", "type", "owner")),
    *("document__type__name_sv", "document__type__name_en", "document__type__code", "document__owner__name"),
)


@dataclass(frozen=True)
class Part:
    """Some documents of a letter under one heading: versions, each with `since` and `had_before`. `more`: how many
    there are that are not listed.
    """

    title: str
    rows: list[Any]
    more: int = 0


@dataclass(frozen=True)
class Letter:
    """The letter of the month that begins with `month`, in its parts; those without anything are left out."""

    month: dt.date
    learning: Part | None
    new: list[Part] = field(default_factory=list)
    changed: Part | None = None

    @property
    def parts(self) -> list[Part]:
        return [part for part in (self.learning, *self.new, self.changed) if part]

    @property
    def count(self) -> int:
        return sum(len(part.rows) + part.more for part in self.parts)


def after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month + dt.timedelta(days=31)).replace(day=1)


def latest() -> dt.date:
    """The first day of the latest month that is over: the letter of a month comes when it has ended."""
    return (clock.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _shown(reader: Reader) -> QuerySet[Any]:
    """Learning examples and governing documents that the reader sees published now. Annotated with `since`, when it
    began to be shown, and `had_before`: another version of it had been published earlier.
    """
    earlier = Version.objects.filter(document=OuterRef("document"), number__lt=OuterRef("number"))
    rows = Version.objects.visible_to(reader).published()
    rows = rows.filter(state=Version.State.PUBLISHED, document__state=Document.State.ACTIVE)
    # Minutes and reports say nothing of how care is to be given.
    rows = rows.filter(Q(document__type__is_governing=True) | Q(document__type__code=DocumentType.LEARNING))
    since = Greatest("published_at", "available_from", output_field=DateTimeField())
    return rows.annotate(since=since, had_before=Exists(earlier.published()))


def months(reader: Reader) -> list[dt.date]:
    """The months with a letter that holds something for the reader, the latest first."""
    end, first = after(latest()), latest()
    for _n in range(MONTHS - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    rows = _shown(reader).filter(since__gte=clock.start_of_day(first), since__lt=clock.start_of_day(end))
    # A minor change alone makes no letter.
    rows = rows.exclude(had_before=True, is_major=False)
    found = rows.order_by().annotate(month=TruncMonth("since", tzinfo=clock.STOCKHOLM)).values_list("month", flat=True)
    return sorted({at.date() for at in found.distinct()}, reverse=True)


def letter(reader: Reader, month: dt.date) -> Letter:
    """The letter of a month, as this reader may see it at this moment. One query."""
    begun, ended = clock.start_of_day(month), clock.start_of_day(after(month))
    rows = _shown(reader).filter(since__gte=begun, since__lt=ended).exclude(had_before=True, is_major=False)
    rows = rows.select_related("document__type", "document__owner").only(*_SHOWN)
    found = list(rows.order_by("document__type__name_sv", F("since").desc(), "document__number"))
    learning = [v for v in found if v.document.type.code == DocumentType.LEARNING and not v.had_before]
    new = [v for v in found if v.document.type.code != DocumentType.LEARNING and not v.had_before]
    changed = [v for v in found if v.had_before]
    by_type = groupby(new, key=lambda v: str(v.document.type))
    return Letter(
        month,
        _part(_("Learning examples"), learning),
        [part for name, those in by_type if (part := _part(_("New: %s") % name.lower(), list(those)))],
        _part(_("Changed in a way that matters"), changed),
    )


def _part(title: str, rows: list[Any]) -> Part | None:
    return Part(title, rows[:MOST], len(rows) - len(rows[:MOST])) if rows else None


def title_of(month: dt.date) -> str:
    return _("Safety letter, %s") % date_format(month, "F Y").lower()


def blocks(made: Letter) -> Iterator[paper.Block]:
    """The letter as a paper."""
    for part in made.parts:
        yield paper.heading(part.title)
        yield paper.bullets([_line(version) for version in part.rows])
        if part.more:
            yield from paper.text(_("And %d more, in the portal.") % part.more)


def _line(version: Any) -> str:
    document = version.document
    told = version.change_summary if version.had_before else document.summary
    facts = f"{document.number}, {document.owner.name}"
    return f"{document.title} ({facts})" + (f"\n{capfirst(told)}" if told else "")
