"""The gains and losses of a change of visibility, before it is made.

Counts people by their current assignments, with the rules of `visibility.py` restated for one document and
one assignment (`opens_to`); a test holds the two together over every assignment. It opens nothing itself.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Assignment, CareUnit, Provider
from accounts.roles import DOCUMENT_ROLES, GROUP_NAMES, GROUPS, Kind
from documents.models import Document, Version, VisibilityGrant
from documents.predicate import FLAG_OF_KIND

# A provider, or one of its units: (provider id, unit id or None).
Place = tuple[int, int | None]


class Grant(NamedTuple):
    """A named provider or unit, until it is taken away or until and including a day."""

    provider: int
    unit: int | None
    until: date | None = None

    @property
    def place(self) -> Place:
        return self.provider, self.unit


@dataclass(frozen=True)
class Visibility:
    """Whom a document is visible to: its four flags and the named providers and units, sorted, each once (the last
    that is given counts).
    """

    public: bool = False
    regional: bool = False
    private: bool = False
    municipal: bool = False
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        once = {grant.place: grant for grant in (Grant(*g) for g in self.grants)}
        ordered = sorted(once.values(), key=lambda g: (g.provider, g.unit or 0))
        object.__setattr__(self, "grants", tuple(ordered))

    @classmethod
    def of(cls, document: Document, *, named: bool = True) -> Visibility:
        """The visibility a document has now (one query for the named ones, unless prefetched or left out)."""
        return cls(
            public=document.visible_public,
            regional=document.visible_regional,
            private=document.visible_private,
            municipal=document.visible_municipal,
            grants=tuple(Grant(g.provider_id, g.unit_id, g.until) for g in document.grants.all() if g.holds)
            if named
            else (),
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
        return any(g.provider == provider_id and (g.unit is None or unit_id in (None, g.unit)) for g in self.grants)


def stamp(documents: Iterable[Document]) -> str:
    """A mark of how these documents' visibility is, in any order: another mark where anything has moved."""
    now = sorted((d.pk, repr(Visibility.of(d))) for d in documents)
    return hashlib.sha256(repr(now).encode()).hexdigest()[:16]


def decided_on(mark: str, proposed: Visibility | VisibilityChange) -> str:
    """The mark of a preview: how things were (`stamp`), and the proposal."""
    return f"{mark}.{hashlib.sha256(repr(proposed).encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class VisibilityChange:
    """The wished changes; None and empty leave things as they are. For one document or for many.

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
        flags = {name: value for name in GROUPS if (value := getattr(self, name)) is not None}
        kept = (*(now.grants if self.grants is None else self.grants), *self.add)
        gone = {Grant(*g).place for g in self.remove}
        return replace(now, **flags, grants=tuple(g for g in kept if Grant(*g).place not in gone))


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
class Consequence:
    """The consequence of a change for one document: the groups it opens and closes to, how many named ones come and go,
    how many people gain and lose. `waits`: it is sensitive, and opens first when an approver of its owner has said yes.
    """

    document: Document
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    named: int
    unnamed: int
    gaining: int
    losing: int
    is_live: bool
    waits: bool


@dataclass(frozen=True)
class Preview:
    """The consequence of a proposed change. `changed` are the ids of the documents it changes at all."""

    gains: Side
    losses: Side
    changed: tuple[int, ...]
    # The number of changed documents that have nothing published: the effect comes when they are.
    unpublished: int
    warnings: tuple[str, ...]
    # The consequence for each changed document.
    rows: tuple[Consequence, ...] = ()


@dataclass(frozen=True)
class Person:
    """A current assignment of somebody, with what decides what they see."""

    assignment: int
    user: int
    kind: str
    provider: int
    provider_name: str
    unit: int | None
    edits: bool


def current_people() -> list[Person]:
    rows = Assignment.objects.current().values_list(
        "pk", "user_id", "provider__kind", "provider_id", "provider__name", "unit_id", "roles"
    )
    return [Person(*row[:6], edits=bool(DOCUMENT_ROLES.intersection(row[6]))) for row in rows]


def preview(documents: Iterable[Document], proposed: Visibility | VisibilityChange) -> Preview:
    """The people who would gain and lose, if each of these documents got the proposed visibility.

    For a published document the sides are exactly the difference of `visible_to` before and after. Nobody loses
    anything of a document that has nothing published; those would gain who can read it when it is. A constant number of
    queries.
    """
    change = VisibilityChange.to(proposed) if isinstance(proposed, Visibility) else proposed
    rows = list(documents)
    before = _visibilities(rows)
    pairs = [(d, before[d.pk], change.applied_to(before[d.pk])) for d in rows]
    pairs = [(d, old, new) for d, old, new in pairs if old != new]
    people = current_people() if pairs else []
    changed = tuple(d.pk for d, _old, _new in pairs)
    live = set(Version.objects.published().filter(document__in=changed).values_list("document", flat=True))
    # Documents of the same owner with the same visibility have the same consequence: asked once.
    sides = {key: _moved(*key, people) for key in {(d.owner_id, old, new) for d, old, new in pairs}}
    gaining: dict[int, Person] = {}
    losing: dict[int, Person] = {}
    told = []
    for document, old, new in pairs:
        gains, losses = sides[document.owner_id, old, new]
        is_live = document.pk in live
        gaining |= gains
        losing |= losses if is_live else {}
        told.append(_row(document, old, new, gains, losses if is_live else {}, is_live))
    return Preview(
        gains=_side(gaining.values(), sum(new.public and not old.public for _d, old, new in pairs)),
        losses=_side(losing.values(), sum(old.public and not new.public and d.pk in live for d, old, new in pairs)),
        changed=changed,
        unpublished=len(set(changed) - live),
        warnings=_warnings(pairs),
        rows=tuple(told),
    )


def shut_out(document: Document, replacement: Document) -> Side:
    """The people who can read a document and not its replacement: told before it is revoked. If the replacement has
    nothing published yet, that is everybody who does not work on it.
    """
    visible = _visibilities([document, replacement])
    old, new = visible[document.pk], visible[replacement.pk]
    published = Version.objects.published().filter(document__in=[document.pk, replacement.pk])
    live = set(published.values_list("document", flat=True))
    old = old if document.pk in live else Visibility()
    new = new if replacement.pk in live else Visibility()
    _gains, losses = _moved(document.owner_id, old, new, current_people())
    works = {p.assignment for p in losses.values() if p.edits and p.provider == replacement.owner_id}
    return _side([p for key, p in losses.items() if key not in works], int(old.public and not new.public))


def _moved(
    owner: int, old: Visibility, new: Visibility, people: Iterable[Person]
) -> tuple[dict[int, Person], dict[int, Person]]:
    """Those who see by the new and not by the old, and the other way round, by assignment."""
    gains, losses = {}, {}
    for person in people:
        if person.edits and person.provider == owner:
            continue  # works on the document, and sees it whatever its visibility
        at: dict[str, Any] = {"kind": person.kind, "provider_id": person.provider, "unit_id": person.unit}
        saw, sees = old.opens_to(**at), new.opens_to(**at)
        if sees and not saw:
            gains[person.assignment] = person
        elif saw and not sees:
            losses[person.assignment] = person
    return gains, losses


def _row(
    document: Document,
    old: Visibility,
    new: Visibility,
    gains: Mapping[int, Person],
    losses: Mapping[int, Person],
    is_live: bool,
) -> Consequence:
    opened, closed = (
        tuple(_flag_name(n) for n in GROUPS if getattr(one, n) and not getattr(other, n))
        for one, other in ((new, old), (old, new))
    )
    before, after = ({g.place for g in one.grants} for one in (old, new))
    return Consequence(
        document=document,
        opened=opened,
        closed=closed,
        named=len(after - before),
        unnamed=len(before - after),
        gaining=len({p.user for p in gains.values()}),
        losing=len({p.user for p in losses.values()}),
        is_live=is_live,
        waits=document.is_sensitive and opens(old, new),
    )


def _flag_name(name: str) -> str:
    return _("everybody") if name == "public" else _group(name)


def _visibilities(documents: list[Document]) -> dict[int, Visibility]:
    grants: dict[int, list[Grant]] = defaultdict(list)
    for row in VisibilityGrant.objects.filter(document__in=[d.pk for d in documents]):
        if row.holds:
            grants[row.document_id].append(Grant(row.provider_id, row.unit_id, row.until))
    return {
        d.pk: Visibility(
            d.visible_public, d.visible_regional, d.visible_private, d.visible_municipal, tuple(grants[d.pk])
        )
        for d in documents
    }


def counted_units(people: Iterable[Person]) -> int:
    """Units, a provider whose people are at no unit counted as one."""
    by_provider: dict[int, set[int | None]] = defaultdict(set)
    for person in people:
        by_provider[person.provider].add(person.unit)
    return sum(len(units - {None}) or 1 for units in by_provider.values())


def _side(people: Iterable[Person], public: int) -> Side:
    people = list(people)
    by_provider: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        by_provider[person.provider].append(person)
    shares = [
        Share(pk, group[0].provider_name, group[0].kind, counted_units(group), len({p.user for p in group}))
        for pk, group in by_provider.items()
    ]
    shares.sort(key=lambda s: (-s.people, s.provider))
    assignments = frozenset(p.assignment for p in people)
    return Side(assignments, counted_units(people), len({p.user for p in people}), tuple(shares), public)


def _warnings(pairs: list[tuple[Document, Visibility, Visibility]]) -> tuple[str, ...]:
    """Warnings to the one who changes: those left out, and sensitive documents opened."""
    left_out: dict[str, list[str]] = defaultdict(list)
    opened: list[str] = []
    for document, old, new in pairs:
        for kind in (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL):
            applies = getattr(document, f"applies_{kind.value}")
            if applies and not new.public and not getattr(new, kind.value):
                left_out[kind].append(document.number)
        if document.is_sensitive and opens(old, new):
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


def opens(old: Visibility, new: Visibility) -> bool:
    """Whether anybody outside the region's own is let in who was not before, or for longer."""
    flags = any(getattr(new, n) and not getattr(old, n) for n in ("public", "private", "municipal"))
    before = {g.place: g.until for g in old.grants}
    longer = (g.until is None or g.until > before[g.place] for g in new.grants if before.get(g.place))  # type: ignore[operator]
    return flags or any(g.place not in before for g in new.grants) or any(longer)


def _some(numbers: list[str], most: int = 5) -> str:
    rest = len(numbers) - most
    return ", ".join(numbers[:most]) + (_(" and %d more") % rest if rest > 0 else "")


def _group(kind: str) -> str:
    return {
        Kind.REGIONAL: _("the region's own units"),
        Kind.PRIVATE: _("private providers"),
        Kind.MUNICIPAL: _("municipalities"),
    }[Kind(kind)]


def describe(visibility: Visibility, names: Mapping[Place, str] | None = None) -> dict[str, Any]:
    """For an event: the flags, and the named ones by id and by the name they had then (`described` reads it)."""
    names = names if names is not None else grant_names(visibility.grants)
    named = [
        {"provider": g.provider, "unit": g.unit, "name": names.get(g.place, "")}
        | ({"until": g.until.isoformat()} if g.until else {})
        for g in visibility.grants
    ]
    return {**visibility.flags, "grants": named}


def described(facts: Mapping[str, Any]) -> Visibility:
    """The visibility that an event tells of. A flag that was never given is closed."""
    named = [
        Grant(g["provider"], g["unit"], date.fromisoformat(g["until"]) if g.get("until") else None)
        for g in facts.get("grants", [])
    ]
    flags = {f.name: bool(facts.get(f"visible_{f.name}")) for f in fields(Visibility) if f.name != "grants"}
    return Visibility(**flags, grants=tuple(named))


def grant_names(grants: Iterable[Grant]) -> dict[Place, str]:
    """The name of each named provider or unit, by its place."""
    places = {g.place for g in grants}
    providers = dict(Provider.objects.filter(pk__in={p for p, _u in places}).values_list("pk", "name"))
    units = dict(CareUnit.objects.filter(pk__in={u for _p, u in places if u}).values_list("pk", "name"))
    return {
        (p, u): providers.get(p, "") if u is None else f"{units.get(u, '')} ({providers.get(p, '')})" for p, u in places
    }


def in_words(visibility: Visibility) -> list[str]:
    """Whom it is visible to, as a list for the screen; empty when nobody but those who work on it."""
    found = [str(name) for group, name in GROUP_NAMES.items() if getattr(visibility, group)]
    names = grant_names(visibility.grants) if visibility.grants else {}
    return found + [_until(names[g.place], g) for g in visibility.grants]


def _until(name: str, grant: Grant) -> str:
    if grant.until is None:
        return name
    return _("%(name)s, until %(day)s") % {"name": name, "day": date_format(grant.until, "j F Y")}
