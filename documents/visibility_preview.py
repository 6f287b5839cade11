"""Who gains and who loses if a visibility is changed, before it is.

Counts people by their current assignments, with the rules of `visibility.py` restated for one document and
one assignment (`opens_to`); a test holds the two together over every assignment. It opens nothing itself.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Assignment, CareUnit, Provider
from accounts.roles import DOCUMENT_ROLES, Kind
from documents.models import Document, Version, VisibilityGrant
from documents.visibility import FLAG_OF_KIND

# A provider, or one of its units: (provider id, unit id or None).
Grant = tuple[int, int | None]


@dataclass(frozen=True)
class Visibility:
    """Whom a document is visible to: its four flags and the named providers and units, sorted."""

    public: bool = False
    regional: bool = False
    private: bool = False
    municipal: bool = False
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        unique = sorted(set(self.grants), key=lambda g: (g[0], g[1] or 0))
        object.__setattr__(self, "grants", tuple(unique))

    @classmethod
    def of(cls, document: Document, *, named: bool = True) -> Visibility:
        """The visibility a document has now (one query for the named ones, unless prefetched or left out)."""
        return cls(
            public=document.visible_public,
            regional=document.visible_regional,
            private=document.visible_private,
            municipal=document.visible_municipal,
            grants=tuple((g.provider_id, g.unit_id) for g in document.grants.all() if g.holds) if named else (),
        )

    @property
    def flags(self) -> dict[str, bool]:
        """The flags by the names of their columns."""
        return {f"visible_{f.name}": getattr(self, f.name) for f in fields(self) if f.name != "grants"}

    def opens_to(self, *, kind: str, provider_id: int, unit_id: int | None) -> bool:
        """Whether it lets in somebody with this assignment (whose access is current)."""
        flags = self.flags
        if self.public or flags.get(FLAG_OF_KIND.get(kind, ""), False):
            return True
        # One who works for the whole provider sees what any of its units was given.
        return any(p == provider_id and (u is None or unit_id in (None, u)) for p, u in self.grants)


def stamp(documents: Iterable[Document]) -> str:
    """A mark of how these documents' visibility is, in any order: another mark where anything has moved."""
    now = sorted((d.pk, repr(Visibility.of(d))) for d in documents)
    return hashlib.sha256(repr(now).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class VisibilityChange:
    """What to change; None and empty leave things as they are. For one document or for many.

    `grants` replaces all named ones; `add` and `remove` change them one by one.
    """

    public: bool | None = None
    regional: bool | None = None
    private: bool | None = None
    municipal: bool | None = None
    grants: tuple[Grant, ...] | None = None
    add: tuple[Grant, ...] = ()
    remove: tuple[Grant, ...] = ()

    @classmethod
    def to(cls, visibility: Visibility) -> VisibilityChange:
        """The change that makes any document's visibility exactly this."""
        return cls(**{f.name: getattr(visibility, f.name) for f in fields(Visibility)})

    def applied_to(self, now: Visibility) -> Visibility:
        flags = {
            name: value
            for name in ("public", "regional", "private", "municipal")
            if (value := getattr(self, name)) is not None
        }
        grants = set(now.grants if self.grants is None else self.grants)
        return replace(now, **flags, grants=tuple((grants | set(self.add)) - set(self.remove)))


@dataclass(frozen=True)
class Share:
    """One provider's part of those who gain or lose."""

    provider_id: int
    provider: str
    kind: str
    units: int
    people: int

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)


@dataclass(frozen=True)
class Side:
    """Those who gain, or those who lose. `assignments` are ids; a person with two is counted once in
    `people`.
    """

    assignments: frozenset[int]
    units: int
    people: int
    providers: tuple[Share, ...]
    # How many of the documents the public gains or loses.
    public: int = 0

    @property
    def kinds(self) -> dict[str, dict[str, int]]:
        """Providers, units and people by kind of provider."""
        found: dict[str, dict[str, int]] = {}
        for share in self.providers:
            row = found.setdefault(share.kind_label, {"providers": 0, "units": 0, "people": 0})
            row["providers"] += 1
            row["units"] += share.units
            row["people"] += share.people
        return found

    def __bool__(self) -> bool:
        return bool(self.assignments or self.public)


@dataclass(frozen=True)
class Preview:
    """The consequence of a proposed change. `changed` are the ids of the documents it changes at all."""

    gains: Side
    losses: Side
    changed: tuple[int, ...]
    # Of those changed, how many have nothing published: the effect comes when they are.
    unpublished: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Person:
    assignment: int
    user: int
    kind: str
    provider: int
    provider_name: str
    unit: int | None
    edits: bool


def _people() -> list[_Person]:
    rows = Assignment.objects.current().values_list(
        "pk", "user_id", "provider__kind", "provider_id", "provider__name", "unit_id", "roles"
    )
    return [_Person(*row[:6], edits=bool(DOCUMENT_ROLES.intersection(row[6]))) for row in rows]


def preview(documents: Iterable[Document], proposed: Visibility | VisibilityChange) -> Preview:
    """Who would gain and who would lose, if each of these documents got the proposed visibility.

    For a published document the sides are exactly the difference of `visible_to` before and after. One that
    has nothing published is counted as if it had, and told in `unpublished`. A constant number of queries.
    """
    change = VisibilityChange.to(proposed) if isinstance(proposed, Visibility) else proposed
    rows = list(documents)
    before = _visibilities(rows)
    pairs = [(d, before[d.pk], change.applied_to(before[d.pk])) for d in rows]
    pairs = [(d, old, new) for d, old, new in pairs if old != new]
    people = _people() if pairs else []
    gaining: dict[int, _Person] = {}
    losing: dict[int, _Person] = {}
    # Documents of the same owner with the same visibility have the same consequence: asked once.
    for owner, old, new in {(d.owner_id, old, new) for d, old, new in pairs}:
        for person in people:
            if person.edits and person.provider == owner:
                continue  # works on the document, and sees it whatever its visibility
            at: dict[str, Any] = {"kind": person.kind, "provider_id": person.provider, "unit_id": person.unit}
            saw, sees = old.opens_to(**at), new.opens_to(**at)
            if sees and not saw:
                gaining[person.assignment] = person
            elif saw and not sees:
                losing[person.assignment] = person
    changed = tuple(d.pk for d, _old, _new in pairs)
    live = set(Version.objects.published().filter(document__in=changed).values_list("document", flat=True))
    return Preview(
        gains=_side(gaining.values(), sum(new.public and not old.public for _d, old, new in pairs)),
        losses=_side(losing.values(), sum(old.public and not new.public for _d, old, new in pairs)),
        changed=changed,
        unpublished=len(set(changed) - live),
        warnings=_warnings(pairs),
    )


def _visibilities(documents: list[Document]) -> dict[int, Visibility]:
    grants: dict[int, list[Grant]] = defaultdict(list)
    for row in VisibilityGrant.objects.filter(document__in=[d.pk for d in documents]):
        if row.holds:
            grants[row.document_id].append((row.provider_id, row.unit_id))
    return {
        d.pk: Visibility(
            d.visible_public, d.visible_regional, d.visible_private, d.visible_municipal, tuple(grants[d.pk])
        )
        for d in documents
    }


def _units(people: Iterable[_Person]) -> int:
    """Units, a provider whose people are at no unit counted as one."""
    by_provider: dict[int, set[int | None]] = defaultdict(set)
    for person in people:
        by_provider[person.provider].add(person.unit)
    return sum(len(units - {None}) or 1 for units in by_provider.values())


def _side(people: Iterable[_Person], public: int) -> Side:
    people = list(people)
    by_provider: dict[int, list[_Person]] = defaultdict(list)
    for person in people:
        by_provider[person.provider].append(person)
    shares = [
        Share(pk, group[0].provider_name, group[0].kind, _units(group), len({p.user for p in group}))
        for pk, group in by_provider.items()
    ]
    shares.sort(key=lambda s: (-s.people, s.provider))
    assignments = frozenset(p.assignment for p in people)
    return Side(assignments, _units(people), len({p.user for p in people}), tuple(shares), public)


def _warnings(pairs: list[tuple[Document, Visibility, Visibility]]) -> tuple[str, ...]:
    """What the one who changes should think of once more: those left out, and sensitive documents opened."""
    left_out: dict[str, list[str]] = defaultdict(list)
    opened: list[str] = []
    for document, old, new in pairs:
        for kind in (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL):
            applies = getattr(document, f"applies_{kind.value}")
            if applies and not new.public and not getattr(new, kind.value):
                left_out[kind].append(document.number)
        outside = [n for n in ("public", "private", "municipal") if getattr(new, n) and not getattr(old, n)]
        if document.is_sensitive and (outside or set(new.grants) - set(old.grants)):
            opened.append(document.number)
    found = []
    for group, numbers in left_out.items():
        found.append(
            _("%(numbers)s applies to this group, which will not be able to read it: %(group)s.")
            % {"numbers": _some(numbers), "group": _group(group)}
        )
    if opened:
        found.append(_("%s is marked as commercially sensitive and will be opened to more readers.") % _some(opened))
    return tuple(found)


def _some(numbers: list[str], most: int = 5) -> str:
    rest = len(numbers) - most
    return ", ".join(numbers[:most]) + (_(" and %d more") % rest if rest > 0 else "")


def _group(kind: str) -> str:
    return {
        Kind.REGIONAL: _("the region's own units"),
        Kind.PRIVATE: _("private providers"),
        Kind.MUNICIPAL: _("municipalities"),
    }[Kind(kind)]


def describe(visibility: Visibility, names: Mapping[Grant, str] | None = None) -> dict[str, Any]:
    """For an event: the flags, and the named ones by id and by the name they had then."""
    names = names if names is not None else grant_names(visibility.grants)
    named = [{"provider": p, "unit": u, "name": names.get((p, u), "")} for p, u in visibility.grants]
    return {**visibility.flags, "grants": named}


def grant_names(grants: Iterable[Grant]) -> dict[Grant, str]:
    """What each named provider or unit is called."""
    grants = list(grants)
    providers = dict(Provider.objects.filter(pk__in={p for p, _u in grants}).values_list("pk", "name"))
    units = dict(CareUnit.objects.filter(pk__in={u for _p, u in grants if u}).values_list("pk", "name"))
    return {
        (p, u): providers.get(p, "") if u is None else f"{units.get(u, '')} ({providers.get(p, '')})" for p, u in grants
    }


def in_words(visibility: Visibility) -> list[str]:
    """Whom it is visible to, as a list for the screen; empty when nobody but those who work on it."""
    found = []
    if visibility.public:
        found.append(_("Everybody, without signing in"))
    if visibility.regional:
        found.append(_("The region's own units"))
    if visibility.private:
        found.append(_("Private providers with an agreement"))
    if visibility.municipal:
        found.append(_("Municipal care"))
    names = grant_names(visibility.grants) if visibility.grants else {}
    return found + [names[g] for g in visibility.grants]
