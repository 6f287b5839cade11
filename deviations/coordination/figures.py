"""The figures above the coordinator's list: open and late, without a recipient, in each direction, by provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from accounts.readers import Reader
from accounts.roles import Kind
from deviations.access.handlers import RECEIVER_KINDS
from deviations.access.states import CaseState, in_state
from deviations.coordination.narrowing import late_part
from deviations.models import OPEN, Case, Party
from deviations.time.dues import is_late


@dataclass(frozen=True)
class Figures:
    open: int
    late: int
    without: int
    # By the kind that sends, in the order of `kinds`: for each kind that receives, how many are open, and late there.
    directions: list[tuple[str, list[Direction]]]
    kinds: list[str]


@dataclass(frozen=True)
class Direction:
    sender: str
    to: str
    open: int
    late: int


@dataclass(frozen=True)
class OfProvider:
    """One provider: open cases to it and from it, and those of them in which it is late itself."""

    name: str
    kind: str
    to: int
    to_late: int
    sent: int
    sent_late: int


def figures(reader: Reader) -> Figures:
    """The figures of the open cases of all providers. Two queries."""
    own = Party.objects.filter(case=OuterRef("pk"), ended_at=None, state__in=OPEN, side=Party.Side.REPORTING)
    cases = Case.objects.coordinated_by(reader).filter(Exists(own))
    without = Q(in_state(CaseState.NEEDS_RECIPIENT))
    told = cases.aggregate(
        open=Count("pk"), late=Count("pk", filter=Q(late_part())), without=Count("pk", filter=without)
    )
    parts = Party.objects.filter(case__in=cases, ended_at=None, state__in=OPEN, side=Party.Side.CONCERNED)
    rows = parts.order_by().values_list("case__reporting_provider__kind", "provider__kind")
    counted = rows.annotate(open=Count("case", distinct=True), late=Count("case", filter=Q(is_late()), distinct=True))
    found = {(row[0], row[1]): Direction(*row) for row in counted}
    directions = [
        (str(sender.label), [found.get((sender, to)) or Direction(sender, to, 0, 0) for to in RECEIVER_KINDS])
        for sender in RECEIVER_KINDS
    ]
    return Figures(**told, directions=directions, kinds=[str(kind.label) for kind in RECEIVER_KINDS])


def by_provider(reader: Reader) -> list[OfProvider]:
    """Every provider that has a part in an open case, those with most late first."""
    parts = Party.objects.filter(ended_at=None, state__in=OPEN, case__in=Case.objects.coordinated_by(reader))
    sides = {"to": Q(side=Party.Side.CONCERNED), "sent": Q(side=Party.Side.REPORTING)}
    counts = {
        **{name: Count("case", filter=side, distinct=True) for name, side in sides.items()},
        **{f"{name}_late": Count("case", filter=side & Q(is_late()), distinct=True) for name, side in sides.items()},
    }
    rows = parts.order_by().values(name=F("provider__name"), kind=F("provider__kind")).annotate(**counts)
    found = [_of_provider(row) for row in rows]
    return sorted(found, key=lambda one: (-one.to_late - one.sent_late, -one.to, one.name))


def _of_provider(row: Any) -> OfProvider:
    return OfProvider(**{**row, "kind": str(Kind(row["kind"]).label)})
