"""Which of a part's days count now: one rule for the next step, for what lists call late, and for reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case as If
from django.db.models import DateField, F, Q, Value, When
from django.db.models.functions import Least

from accounts import clock
from deviations.models import Party
from deviations.states import OPEN, WORKING, S

CONCERNED, REPORTING = Party.Side.CONCERNED, Party.Side.REPORTING


@dataclass(frozen=True)
class Due:
    """A day that a part is to have done something by: the field that holds it, and the states (and side) it counts in.

    So many days before it whoever handles the part is reminded; none: on the day itself.
    """

    field: str
    states: frozenset[str]
    side: str = ""
    near: dt.timedelta = dt.timedelta(0)

    @property
    def counts(self) -> Q:
        side = Q(side=self.side) if self.side else Q()
        return side & Q(ended_at=None, state__in=self.states)

    def day(self, party: Party) -> dt.date | None:
        counts = party.state in self.states and not party.has_ended and self.side in ("", party.side)
        return getattr(party, self.field) if counts else None


DUES = (
    Due("choose_due", OPEN, REPORTING),
    Due("acknowledge_due", frozenset({S.RECEIVED})),
    # The only one that takes weeks: reminded of a week before.
    Due("answer_due", WORKING, CONCERNED, dt.timedelta(days=7)),
    Due("feedback_due", frozenset({S.ANSWERED}), REPORTING),
)


def first_due(parties: Iterable[Party]) -> tuple[dt.date, Due, Party] | None:
    """The first day that counts for any of these parts, what is to be done by it, and by which part."""
    found = [(day, due, party) for party in parties for due in DUES if (day := due.day(party))]
    return min(found, key=lambda one: one[0], default=None)


def due_of(party: Party) -> dt.date | None:
    """The day of the part's next step; None where none counts."""
    found = first_due([party])
    return found[0] if found else None


def is_late() -> Q:
    """Parts whose day has passed."""
    late = Q(pk__in=[])
    for due in DUES:
        late |= due.counts & Q(**{f"{due.field}__lt": clock.today()})
    return late


def next_due() -> Any:
    """`due_of` in the database."""
    nothing = Value(None, DateField())
    return Least(*(If(When(due.counts, then=F(due.field)), default=nothing) for due in DUES))
