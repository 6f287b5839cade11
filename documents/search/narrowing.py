"""What a list is narrowed to, and how many there are of each choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict

from documents.models import Document, DocumentType, ProgrammeArea
from documents.visibility import DocumentQuerySet

KINDS = ("regional", "private", "municipal")
# Documents are counted exactly up to this many; above it is said that there are more. Counting on takes as long as
# reading them all, and nobody reads the difference.
COUNTED = 5000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: codes of types and areas, and kinds it applies to. Unknown values are
    dropped.
    """

    types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict | Mapping[str, list[str]]) -> Filters:
        get = query.getlist if isinstance(query, QueryDict) else lambda name: query.get(name, [])
        types = set(DocumentType.objects.values_list("code", flat=True))
        areas = set(ProgrammeArea.objects.values_list("code", flat=True))
        return cls(
            tuple(v for v in dict.fromkeys(get("typ")) if v in types),
            tuple(v for v in dict.fromkeys(get("omrade")) if v in areas),
            tuple(v for v in dict.fromkeys(get("galler")) if v in KINDS),
        )

    def __len__(self) -> int:
        return len(self.types) + len(self.areas) + len(self.applies)

    def q(self) -> Q:
        """The condition on a document, in the database."""
        found = Q()
        if self.types:
            found &= Q(type__code__in=self.types)
        if self.areas:
            found &= Q(area__code__in=self.areas)
        if self.applies:
            applies = Q()
            for kind in self.applies:
                applies |= Q(**{f"applies_{kind}": True})
            found &= applies
        return found

    def lets_through(self, row: Mapping[str, Any], *, but: str = "") -> bool:
        """The same condition on a row of a tally; `but` leaves one filter out, for counting its own choices."""
        return (
            (not self.types or but == "types" or row["type__code"] in self.types)
            and (not self.areas or but == "areas" or row["area__code"] in self.areas)
            and (not self.applies or but == "applies" or any(row[f"applies_{kind}"] for kind in self.applies))
        )


EVERYTHING = Filters()


@dataclass(frozen=True)
class Tally:
    """How many documents were found, and of each choice given the other filters: one query counts them all.

    With more than COUNTED found, `is_more` is set: `total` is then COUNTED, and `counts` are empty.
    """

    total: int
    is_more: bool = False
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {"types": {}, "areas": {}, "applies": {}})

    @classmethod
    def of(cls, found: DocumentQuerySet, filters: Filters) -> Tally:
        columns = ("type__code", "area__code", *(f"applies_{kind}" for kind in KINDS))
        some = found.order_by().values("pk")[: COUNTED + 1]
        rows = list(Document.objects.filter(pk__in=some).order_by().values(*columns).annotate(n=Count("pk")))
        if sum(row["n"] for row in rows) <= COUNTED:
            return cls(sum(r["n"] for r in rows if filters.lets_through(r)), counts=_counts(rows, filters))
        if not filters:
            return cls(COUNTED, is_more=True)
        narrowed = found.filter(filters.q()).order_by().values("pk")[: COUNTED + 1].count()
        return cls(min(narrowed, COUNTED), is_more=narrowed > COUNTED)


def _counts(rows: list[dict[str, Any]], filters: Filters) -> dict[str, dict[str, int]]:
    def by(column: str, name: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for row in rows:
            if row[column] and filters.lets_through(row, but=name):
                found[row[column]] += row["n"]
        return dict(found)

    applies = [row for row in rows if filters.lets_through(row, but="applies")]
    return {
        "types": by("type__code", "types"),
        "areas": by("area__code", "areas"),
        "applies": {kind: sum(row["n"] for row in applies if row[f"applies_{kind}"]) for kind in KINDS},
    }
