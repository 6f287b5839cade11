"""Whether the other side has seen what was written: told by function, never who, and not to those whose part has ended."""

from __future__ import annotations

from core import clock
from deviations.models import Case
from deviations.verbs import sending_on, talking
from tests.deviations.cases import Cast, concerned, reporting

SEEN = "Sett av"


def page(cast: Cast, case: Case, who: str) -> str:
    return cast.client(who).get(case.get_absolute_url()).content.decode()


def test_what_one_wrote_says_who_of_the_others_has_opened_it_since(cast):
    with clock.frozen(clock.now()) as now:
        case = cast.case()
        talking.send_message(concerned(case), "Vi tittar på det.", by=cast["maria"])
        now.move(minutes=5)
        assert SEEN not in page(cast, case, "maria")
        # The reporter is no handler: theirs is not the provider's seeing.
        page(cast, case, "sara")
        assert SEEN not in page(cast, case, "maria")
        page(cast, case, "per_ake")
        text = page(cast, case, "maria")
        assert f"{SEEN} {reporting(case).label}" in text
        assert cast.per_ake.family_name not in text
        assert "Öppnade ärendet" in text
        # Of what others wrote, nothing is said of oneself.
        assert SEEN not in page(cast, case, "per_ake")
        now.move(minutes=5)
        talking.send_message(concerned(case), "Ett till.", by=cast["maria"])
        assert page(cast, case, "maria").count(SEEN) == 1


def test_strangers_and_ones_own_notes_leave_no_mark(cast):
    case = cast.case()
    talking.note(concerned(case), "Bara vi.", by=cast["maria"])
    for who in ("lena", "karin", "rut", "lars"):
        assert cast.client(who).get(case.get_absolute_url()).status_code == 404
    assert reporting(case).seen_at is None
    page(cast, case, "per_ake")
    assert SEEN not in page(cast, case, "maria")


def test_whose_part_has_ended_learns_no_more_and_leaves_no_mark(cast):
    with clock.frozen(clock.now()) as now:
        case = cast.case()
        sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
        now.move(minutes=5)
        page(cast, case, "per_ake")
        assert SEEN not in page(cast, case, "maria")
        assert "Öppnade ärendet" not in page(cast, case, "maria")
        assert case.parties.get(side="concerned").seen_at is None
