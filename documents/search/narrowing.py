"""What a list is narrowed to, and how many there are of each choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q
from django.http import QueryDict

from documents.models import DocumentType, ProgrammeArea
from documents.visibility import DocumentQuerySet

KINDS = ("regional", "private", "municipal")
# Documents are counted exactly up to this many; above it is said that there are more. Counting on takes as long as
# reading them all, and nobody reads the difference.
COUNTED = 5000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: codes of types and areas, and kinds it applies to; and what there is to choose
    from, by key. Unknown values are dropped.
    """

    known_types: Mapping[int, DocumentType] = field(default_factory=dict)
    known_areas: Mapping[int, ProgrammeArea] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict | Mapping[str, list[str]]) -> Filters:
        get = query.getlist if isinstance(query, QueryDict) else lambda name: query.get(name, [])
        types = {t.pk: t for t in DocumentType.objects.all()}
        areas = {a.pk: a for a in ProgrammeArea.objects.all()}

        def chosen(name: str, known: Iterable[str]) -> tuple[str, ...]:
            return tuple(v for v in dict.fromkeys(get(name)) if v in known)

        return cls(
            types,
            areas,
            types=chosen("typ", {t.code for t in types.values()}),
            areas=chosen("omrade", {a.code for a in areas.values()}),
            applies=chosen("galler", KINDS),
        )

    def __len__(self) -> int:
        return len(self.types) + len(self.areas) + len(self.applies)

    @property
    def type_keys(self) -> list[int]:
        return [t.pk for t in self.known_types.values() if t.code in self.types]

    @property
    def area_keys(self) -> list[int]:
        return [a.pk for a in self.known_areas.values() if a.code in self.areas]

    def q(self) -> Q:
        """The condition on a document."""
        found = Q()
        if self.types:
            found &= Q(type__in=self.type_keys)
        if self.areas:
            found &= Q(area__in=self.area_keys)
        if self.applies:
            applies = Q()
            for kind in self.applies:
                applies |= Q(**{f"applies_{kind}": True})
            found &= applies
        return found


@dataclass(frozen=True)
class Tally:
    """How many documents were found, and of each choice given the other filters: one statement counts them all.

    With more than COUNTED found, `is_more` is set: `total` is then COUNTED, and `counts` are empty.
    """

    total: int
    is_more: bool = False
    # Before the filters, counted as far.
    found: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {"types": {}, "areas": {}, "applies": {}})

    @classmethod
    def of(cls, found: DocumentQuerySet, filters: Filters) -> Tally:
        rows = grouped(found, filters)
        whole = next(row for row in rows if row.level == WHOLE)
        if whole.found <= COUNTED:
            return cls(whole.narrowed, found=whole.found, counts=_counts(rows, whole, filters))
        if not filters:
            return cls(COUNTED, is_more=True, found=COUNTED)
        narrowed = found.filter(filters.q()).order_by().values("pk")[: COUNTED + 1].count()
        return cls(min(narrowed, COUNTED), is_more=narrowed > COUNTED, found=COUNTED)


WHOLE = 3  # PostgreSQL's GROUPING(type_id, area_id) of the row that is grouped by neither


@dataclass(frozen=True)
class Group:
    """Of one type, one area, or the whole: how many were found, and how many of them the filters let through. Each
    `but_…` leaves out the filter that it is named by.
    """

    level: int
    type_id: int | None
    area_id: int | None
    found: int
    narrowed: int
    but_types: int
    but_areas: int
    regional: int
    private: int
    municipal: int


def grouped(found: DocumentQuerySet, filters: Filters) -> list[Group]:
    """One pass over the rows found, COUNTED + 1 at most. Written as SQL, since the ORM has no grouping sets."""
    columns = ("type_id", "area_id", *(f"applies_{kind}" for kind in KINDS))
    some, values = found.order_by().values(*columns)[: COUNTED + 1].query.sql_with_params()
    # Keys of ours and names of KINDS: no word of a request is in it.
    of_type = f"type_id IN ({', '.join(map(str, filters.type_keys))})" if filters.types else "true"
    in_area = f"area_id IN ({', '.join(map(str, filters.area_keys))})" if filters.areas else "true"
    applies = " OR ".join(f"applies_{kind}" for kind in filters.applies) or "true"
    counted = [
        "true",
        f"{of_type} AND {in_area} AND ({applies})",
        f"{in_area} AND ({applies})",
        f"{of_type} AND ({applies})",
        *(f"{of_type} AND {in_area} AND applies_{kind}" for kind in KINDS),
    ]
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counted)
    sql = (
        f"WITH found AS MATERIALIZED ({some}) SELECT GROUPING(type_id, area_id), type_id, area_id, {counts}"  # noqa: S608
        " FROM found GROUP BY GROUPING SETS ((type_id), (area_id), ())"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Group(*row) for row in cursor.fetchall()]


def _counts(rows: list[Group], whole: Group, filters: Filters) -> dict[str, dict[str, int]]:
    types, areas = filters.known_types, filters.known_areas
    return {
        "types": {types[r.type_id].code: r.but_types for r in rows if r.level == 1 and r.type_id and r.but_types},
        "areas": {areas[r.area_id].code: r.but_areas for r in rows if r.level == 2 and r.area_id and r.but_areas},
        "applies": {kind: getattr(whole, kind) for kind in KINDS},
    }
