"""Which of a part's days count now: one rule for the next step, for what lists call late, and for reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import DateField, Q

from core import clock
from core.written import Written
from deviations.models import OPEN, WORKING, Party, S

CONCERNED, REPORTING = Party.Side.CONCERNED, Party.Side.REPORTING


@dataclass(frozen=True)
class Due:
    """A day that a part is to have done something by: the field that holds it, and the states (and side) it counts in.

    `near`: how long before it whoever handles the part is reminded; zero: on the day itself.
    """

    field: str
    states: frozenset[str]
    side: str = ""
    near: dt.timedelta = dt.timedelta(0)

    @property
    def counts(self) -> Q:
        return Q(Written(self.sql, of="state"))

    @property
    def sql(self) -> str:
        """`counts`, of a part `{t}`: its words are ours alone."""
        side = f"{{t}}.side = '{self.side}' AND " if self.side else ""
        states = ", ".join(f"'{state}'" for state in sorted(self.states))
        return f"{side}{{t}}.ended_at IS NULL AND {{t}}.state IN ({states})"

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


_LATE = " OR ".join(f"({due.sql} AND {{t}}.{due.field} < %s)" for due in DUES)
NEXT = "least(" + ", ".join(f"CASE WHEN {due.sql} THEN {{t}}.{due.field} END" for due in DUES) + ")"


def is_late() -> Written:
    """Parts whose day has passed."""
    return Written(_LATE, *[clock.today()] * len(DUES), of="state")


def next_due() -> Written:
    """`due_of` in the database."""
    return Written(NEXT, of="state", output_field=DateField())
