"""The readers of a document, and the rule for each: in kinds of provider, named ones, and provider by provider.

Counts people by their current assignments, as `visibility_preview` does; decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.roles import GROUP_NAMES, READING_KINDS, Kind
from documents.models import Document
from documents.visibility.preview import Grant, Person, Place, Visibility, counted_units, current_people, grant_names


@dataclass(frozen=True)
class Count:
    providers: int
    units: int
    people: int

    @classmethod
    def of(cls, people: list[Person]) -> Count:
        return cls(len({p.provider for p in people}), counted_units(people), len({p.user for p in people}))


@dataclass(frozen=True)
class Row:
    """A kind of provider, or a named one. `sees` is "all", "some" or "none" of its people; `seeing` counts those."""

    name: str
    sees: str
    rule: str
    seeing: Count
    whole: Count
    # Whether the document applies to them; None where that is not said of such.
    applies: bool | None
    until: date | None = None
    # A named one whose people have no access to the portal today.
    is_without_access: bool = False

    @property
    def is_left_out(self) -> bool:
        """It applies to them, and some of them cannot read it."""
        return bool(self.applies) and self.sees != "all" and bool(self.whole.people)


@dataclass(frozen=True)
class Table:
    is_public: bool
    kinds: list[Row]
    named: list[Row]
    # Those who work on it see it whatever its visibility.
    working: Count

    @property
    def is_uneven(self) -> bool:
        return any(row.is_left_out for row in self.kinds)


def who_sees(document: Document, visibility: Visibility) -> Table:
    """By which rule each kind of provider and each named one sees this document. A constant number of queries."""
    everybody = current_people()
    working = [p for p in everybody if p.edits and p.provider == document.owner_id]
    people = [p for p in everybody if p not in working]
    kinds = [_kind_row(document, visibility, kind, [p for p in people if p.kind == kind]) for kind in READING_KINDS]
    names = grant_names(visibility.grants)
    named = [_named_row(document, grant, names[grant.place], everybody) for grant in visibility.grants]
    return Table(visibility.public, kinds, named, Count.of(working))


def _kind_row(document: Document, visibility: Visibility, kind: Kind, people: list[Person]) -> Row:
    seeing = [p for p in people if _sees(visibility, p)]
    return Row(
        name=str(GROUP_NAMES[kind]),
        sees=_how_many(seeing, people, visibility.public or getattr(visibility, kind.value)),
        rule=_rule(visibility, kind, bool(seeing)),
        seeing=Count.of(seeing),
        whole=Count.of(people),
        applies=getattr(document, f"applies_{kind.value}"),
    )


def _named_row(document: Document, grant: Grant, name: str, everybody: list[Person]) -> Row:
    there = [
        p for p in everybody if p.provider == grant.provider and (grant.unit is None or p.unit in (None, grant.unit))
    ]
    kind = next((p.kind for p in everybody if p.provider == grant.provider), "")
    return Row(
        name=name,
        sees="all" if there else "none",
        rule=_("Named"),
        seeing=Count.of(there),
        whole=Count.of(there),
        applies=getattr(document, f"applies_{kind}", None),
        until=grant.until,
        is_without_access=not there,
    )


def _sees(visibility: Visibility, person: Person) -> bool:
    return visibility.opens_to(kind=person.kind, provider_id=person.provider, unit_id=person.unit)


def _how_many(seeing: list[Person], people: list[Person], is_open: bool) -> str:
    if is_open or (people and len(seeing) == len(people)):
        return "all"
    return "some" if seeing else "none"


def _rule(visibility: Visibility, kind: str, any_sees: bool) -> str:
    if visibility.public:
        return _("Everybody, without signing in")
    if kind in READING_KINDS and getattr(visibility, kind):
        return str(GROUP_NAMES[kind])
    return _("Named") if any_sees else _("No rule opens it")


# Before and after -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Move:
    """The consequence of a change for one provider: "all", "some" or "none" of its people see before and after."""

    provider: str
    applies: bool | None
    before: str
    after: str
    rule: str
    people: int
    gains: int
    loses: int

    @property
    def has_moved(self) -> bool:
        return bool(self.gains or self.loses)


def moves(document: Document, old: Visibility, new: Visibility) -> list[Move]:
    """Provider by provider, those for whom something changes first."""
    by_provider: dict[int, list[Person]] = defaultdict(list)
    for person in current_people():
        if not (person.edits and person.provider == document.owner_id):
            by_provider[person.provider].append(person)
    found = []
    for people in by_provider.values():
        kind = people[0].kind
        before = [p for p in people if _sees(old, p)]
        after = [p for p in people if _sees(new, p)]
        found.append(
            Move(
                provider=people[0].provider_name,
                applies=getattr(document, f"applies_{kind}", None),
                before=_how_many(before, people, False),
                after=_how_many(after, people, False),
                rule=_rule(new, kind, bool(after)),
                people=len({p.user for p in people}),
                gains=len({p.user for p in after if p not in before}),
                loses=len({p.user for p in before if p not in after}),
            )
        )
    return sorted(found, key=lambda m: (not m.has_moved, -(m.gains + m.loses), m.provider))


# One question ---------------------------------------------------------------------------------------------------
def why(visibility: Visibility, name: str, place: Place, kind: str) -> tuple[bool, str]:
    """Whether somebody who works at this provider or unit sees it, and the rule in a sentence."""
    provider, unit = place
    if visibility.public:
        return True, _("Yes. It is open to everybody, without signing in.")
    if not any(p.provider == provider and (unit is None or p.unit in (None, unit)) for p in current_people()):
        return False, _("No. Nobody at %s has access to the portal today.") % name
    if kind in READING_KINDS and getattr(visibility, kind):
        return True, _("Yes. It is visible to a group where %(name)s belongs: %(group)s.") % {
            "name": name,
            "group": str(GROUP_NAMES[kind]),
        }
    if visibility.opens_to(kind=kind, provider_id=provider, unit_id=unit):
        return True, _("Yes. %s is named, or a unit of it.") % name
    return False, _("No. No group where %s belongs can read it, and it is not named.") % name
