"""Whose turn it is: the next step in Python and the tab of the inbox in SQL say the same, in every state."""

from __future__ import annotations

from itertools import product

from core import clock
from deviations.access.turn import TURNS, is_our_turn, turn_of
from deviations.models import OPEN, Party
from tests.deviations.cases import Cast, concerned, reporting


def test_python_and_sql_read_one_table(cast: Cast):
    case = cast.case()
    home, other = reporting(case), concerned(case)
    seen = set()
    for at_home, at_theirs, has_ended in product(sorted(OPEN), [*sorted(OPEN), "closed"], (False, True)):
        Party.objects.filter(pk=home.pk).update(state=at_home)
        ended = {"state": "forwarded", "ended_at": clock.now()} if has_ended else {"state": at_theirs, "ended_at": None}
        Party.objects.filter(pk=other.pk).update(**ended)
        live = [p for p in Party.objects.filter(case=case) if not p.has_ended]
        waiting = set(Party.objects.filter(case=case, ended_at=None).filter(is_our_turn()).values_list("pk", flat=True))
        expected = set()
        for party in live:
            if party.state in OPEN:
                turn = turn_of(party, live)
                seen.add(turn)
                expected |= {party.pk} if turn.is_ours and turn.is_waiting else set()
        assert waiting == expected, (at_home, at_theirs, has_ended)
    assert seen == set(TURNS)
