"""The narrowing of a list, and the number of each choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.http import QueryDict

from accounts.models import Provider
from accounts.roles import READING_KINDS
from core import clock
from documents.models import DocumentType, ProgrammeArea
from documents.predicate import DocumentQuerySet

KINDS = tuple(kind.value for kind in READING_KINDS)
# The number of days within which it was changed.
CHANGED = ("30", "365")
# Documents are counted exactly up to this many; above it is said that there are more. Counting on takes as long as
# reading them all, and nobody reads the difference.
COUNTED = 5000


@dataclass(frozen=True)
class Filters:
    """The narrowing of a list: codes of types and areas, kinds it applies to, keys of owners, and within how many days
    it was changed; and the choices, by key. Unknown values are dropped.
    """

    known_types: Mapping[int, DocumentType] = field(default_factory=dict)
    known_areas: Mapping[int, ProgrammeArea] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

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
            owners=tuple(v for v in dict.fromkeys(get("agare")) if v.isascii() and v.isdigit() and len(v) < 10),
            changed=chosen("andrad", CHANGED)[:1],
        )

    def __len__(self) -> int:
        return len(self.types) + len(self.areas) + len(self.applies) + len(self.owners) + len(self.changed)

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
        if self.owners:
            found &= Q(owner__in=[int(v) for v in self.owners])
        for days in self.changed:
            # A version to come tells nothing.
            found &= Q(changed_at__gte=clock.now() - timedelta(days=int(days)), changed_at__lte=clock.now())
        if self.applies:
            applies = Q()
            for kind in self.applies:
                applies |= Q(**{f"applies_{kind}": True})
            found &= applies
        return found


Counts = dict[str, dict[str, int]]


def _no_counts() -> Counts:
    return {"types": {}, "areas": {}, "applies": {}, "owners": {}, "changed": {}}


@dataclass(frozen=True)
class Tally:
    """How many documents were found, and of each choice given the other filters: one statement counts them all.

    With more than COUNTED found, `is_more` is set: `total` is then COUNTED, and `counts` are empty.
    """

    total: int
    is_more: bool = False
    # Before the filters, counted as far.
    found: int = 0
    counts: Counts = field(default_factory=_no_counts)

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


# PostgreSQL's GROUPING(type_id, area_id, owner_id) of a row that is grouped by one of them alone, or by none.
OF_TYPE, OF_AREA, OF_OWNER, WHOLE = 3, 5, 6, 7


@dataclass(frozen=True)
class Group:
    """The count of one type, one area, one owner, or the whole: how many were found, and how many of them the filters
    let through. Each `but_…` leaves out the filter that it is named by.
    """

    level: int
    type_id: int | None
    area_id: int | None
    owner_id: int | None
    found: int
    narrowed: int
    but_types: int
    but_areas: int
    but_owners: int
    regional: int
    private: int
    municipal: int
    month: int
    year: int


def grouped(found: DocumentQuerySet, filters: Filters) -> list[Group]:
    """One pass over the rows found, COUNTED + 1 at most. Written as SQL, since the ORM has no grouping sets."""
    columns = ("type_id", "area_id", "owner_id", "changed_at", *(f"applies_{kind}" for kind in KINDS))
    some, values = found.order_by().values(*columns)[: COUNTED + 1].query.sql_with_params()
    now = clock.now()
    changed = {days: f"changed_at BETWEEN %s - interval '{days} days' AND %s" for days in CHANGED}
    # Keys of ours and names of KINDS: no word of a request is in it.
    conditions = {
        "types": f"type_id IN ({', '.join(map(str, filters.type_keys))})" if filters.types else "true",
        "areas": f"area_id IN ({', '.join(map(str, filters.area_keys))})" if filters.areas else "true",
        "owners": f"owner_id IN ({', '.join(str(int(v)) for v in filters.owners)})" if filters.owners else "true",
        "applies": "(" + (" OR ".join(f"applies_{kind}" for kind in filters.applies) or "true") + ")",
        "changed": " AND ".join(changed[days] for days in filters.changed) or "true",
    }

    def but(left_out: str, *more: str) -> str:
        return " AND ".join([*(c for name, c in conditions.items() if name != left_out), *more])

    counted = ["true", but(""), but("types"), but("areas"), but("owners")]
    counted += [but("applies", f"applies_{kind}") for kind in KINDS]
    counted += [but("changed", changed[days]) for days in CHANGED]
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counted)
    keys = "type_id, area_id, owner_id"
    sql = (
        f"WITH found AS MATERIALIZED ({some}) SELECT GROUPING({keys}), {keys}, {counts}"  # noqa: S608
        " FROM found GROUP BY GROUPING SETS ((type_id), (area_id), (owner_id), ())"
    )
    times = [now] * (counts.count("%s"))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *times])
        return [Group(*row) for row in cursor.fetchall()]


def by_area(found: DocumentQuerySet) -> dict[int, int]:
    """How many were found of each programme area (id), COUNTED + 1 in all at most."""
    some, values = found.order_by().values("area_id")[: COUNTED + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT area_id, count(*) FROM ({some}) found GROUP BY area_id", values)  # noqa: S608 (ours)
        return dict(cursor.fetchall())


def _counts(rows: list[Group], whole: Group, filters: Filters) -> Counts:
    types, areas = filters.known_types, filters.known_areas
    return {
        "types": {types[r.type_id].code: r.but_types for r in rows if r.level == OF_TYPE and r.type_id and r.but_types},
        "areas": {areas[r.area_id].code: r.but_areas for r in rows if r.level == OF_AREA and r.area_id and r.but_areas},
        "owners": {str(r.owner_id): r.but_owners for r in rows if r.level == OF_OWNER and r.but_owners},
        "applies": {kind: getattr(whole, kind) for kind in KINDS},
        "changed": {"30": whole.month, "365": whole.year},
    }


def owner_names(keys: Iterable[str]) -> dict[str, str]:
    """The names of providers, by key."""
    found = Provider.objects.filter(pk__in=[int(key) for key in keys]).order_by("name")
    return {str(pk): name for pk, name in found.values_list("pk", "name")}
