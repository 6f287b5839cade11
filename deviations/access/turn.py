"""Whose turn it is in a case: one table, read in Python for the next step and in SQL for the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from core.written import Written
from deviations.models import OPEN, WORKING, Party, S
from deviations.time.dues import CONCERNED, REPORTING


class Others(Enum):
    """A condition on the live concerned parts of the case."""

    NONE_LEFT = "nobody is concerned"
    ASKS = "one of them has asked something"


class Act(Enum):
    """The next act of a part, or the one that it waits for."""

    CHOOSE = "choose a recipient"
    REPLY = "reply to a question"
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    READ_ANSWER = "read the answer and give feedback"
    CLOSE = "close the part"
    AWAIT_REPLY = "wait for the reply"
    AWAIT_ANSWER = "wait for the answer"


@dataclass(frozen=True)
class Turn:
    """A part of this side, in one of these states, has this act next. `is_ours`: its own handlers do it. `is_waiting`:
    it stands under "Waiting for us" until they have.
    """

    side: str
    states: frozenset[str]
    act: Act
    is_ours: bool = True
    is_waiting: bool = True
    others: Others | None = None


# The first that fits is the part's turn.
TURNS = (
    Turn(REPORTING, OPEN, Act.CHOOSE, others=Others.NONE_LEFT),
    # Whoever replies has acknowledged the case too.
    Turn(REPORTING, OPEN, Act.REPLY, others=Others.ASKS),
    Turn(REPORTING, frozenset({S.RECEIVED}), Act.ACKNOWLEDGE),
    Turn(REPORTING, frozenset({S.ANSWERED}), Act.READ_ANSWER),
    Turn(REPORTING, OPEN, Act.AWAIT_ANSWER, is_ours=False),
    Turn(CONCERNED, frozenset({S.RECEIVED}), Act.ACKNOWLEDGE),
    Turn(CONCERNED, frozenset({S.INFO_REQUESTED}), Act.AWAIT_REPLY, is_ours=False),
    # Nobody waits for it: the reporting side closes the case.
    Turn(CONCERNED, frozenset({S.ANSWERED}), Act.CLOSE, is_waiting=False),
    Turn(CONCERNED, WORKING, Act.ANSWER),
)


def turn_of(party: Party, live: Iterable[Party]) -> Turn:
    """The turn of an open part, among all live parts of its case."""
    concerned = [p for p in live if p.side == CONCERNED]
    holds = {
        None: True,
        Others.NONE_LEFT: not concerned,
        Others.ASKS: any(p.state == S.INFO_REQUESTED for p in concerned),
    }
    return next(t for t in TURNS if t.side == party.side and party.state in t.states and holds[t.others])


def _in(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


def _waiting_states(side: str) -> set[str]:
    """The states in which a part of the side is waited for, whatever the others are at."""
    found: set[str] = set()
    passed: set[str] = set()
    for turn in (t for t in TURNS if t.side == side and t.others is None):
        if turn.is_ours and turn.is_waiting:
            found |= turn.states - passed
        passed |= turn.states
    return found


_OTHERS_SQL = {
    Others.NONE_LEFT: "count(*) FILTER (WHERE other.ended_at IS NULL) = 0",
    # A part that has ended has another state.
    Others.ASKS: f"bool_or(other.state = '{S.INFO_REQUESTED}')",
}


def _others_sql(turns: Sequence[Turn]) -> str:
    asked = " OR ".join(_OTHERS_SQL[turn.others] for turn in turns if turn.others)
    return (
        f"(SELECT {asked} FROM deviations_party other"  # noqa: S608 (words of ours alone)
        f" WHERE other.case_id = {{t}}.case_id AND other.side = '{CONCERNED}')"
    )


OPEN_SQL = f"{{t}}.state IN ({_in(OPEN)})"
OUR_TURN_SQL = (
    f"{OPEN_SQL} AND CASE {{t}}.side WHEN '{CONCERNED}' THEN {{t}}.state IN ({_in(_waiting_states(CONCERNED))})"
    f" ELSE {{t}}.state IN ({_in(_waiting_states(REPORTING))})"
    f" OR {_others_sql([t for t in TURNS if t.side == REPORTING and t.is_ours])} END"
)


def is_our_turn() -> Written:
    """Parts whose own handlers are waited for."""
    return Written(OUR_TURN_SQL, of="state")
