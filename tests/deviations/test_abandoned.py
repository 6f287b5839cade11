"""A part that nobody handles is seen at once, and told within minutes to somebody who can mend it."""

from __future__ import annotations

from accounts.models import Notice
from accounts.roles import Role
from core import clock
from deviations.inbox import lists
from deviations.models import Party
from deviations.telling import reminders
from deviations.verbs import handling, talking
from tests import cast as people
from tests.deviations.cases import concerned, reporting


def leave(cast, *names: str) -> None:
    for name in names:
        cast.assignments[name].valid_to = people.day(-1)
        cast.assignments[name].save()


def told() -> set[str]:
    return set(Notice.objects.filter(kind="case_abandoned").values_list("user__given_name", flat=True))


def test_it_is_seen_at_once_by_the_others(cast):
    case = cast.case()
    assert not Party.objects.abandoned().exists()
    leave(cast, "maria")
    assert list(Party.objects.abandoned()) == [concerned(case)]
    assert "Ingen handlägger nu" in cast.client("per_ake").get(case.get_absolute_url()).content.decode()
    page = cast.client("lars").get("/avvikelser/samordning/").content.decode()
    assert "Utan handläggare" in page
    assert case.number in page


def test_somebody_who_can_mend_it_is_told_each_day_until_it_is(cast):
    cast.case()
    leave(cast, "maria")
    admin = people.person(given_name="Disa")
    people.assign(admin, cast.region, Role.PROVIDER_ADMIN)
    assert reminders.tell_of_abandoned() == 1
    assert reminders.tell_of_abandoned() == 0
    assert told() == {"Disa"}
    with clock.frozen(clock.now() + clock.ONE_DAY):
        assert reminders.tell_of_abandoned() == 1
    people.assign(people.person(), cast.region, Role.CASE_HANDLER)
    assert not Party.objects.abandoned().exists()
    with clock.frozen(clock.now() + 2 * clock.ONE_DAY):
        assert reminders.tell_of_abandoned() == 0


def test_where_a_provider_has_no_administrator_the_coordinator_is_told(cast):
    cast.case()
    leave(cast, "per_ake")
    assert reminders.tell_of_abandoned() == 1
    assert told() == {cast.lars.given_name}


def test_what_has_ended_needs_nobody(cast):
    case = cast.case()
    talking.answer(concerned(case), "Klart.", by=cast["maria"])
    handling.close(concerned(case), by=cast["maria"])
    handling.accept(reporting(case), "Tack för rapporten.", by=cast["per_ake"])
    leave(cast, "maria", "per_ake")
    assert reminders.tell_of_abandoned() == 0


def test_the_cases_of_one_who_has_left_stand_without_a_handler(cast):
    case = cast.case()
    new = people.person(given_name="Nils")
    assignment = people.assign(new, cast.region, Role.CASE_HANDLER, at=cast.akut)
    handling.assign(concerned(case), to=assignment, by=cast["maria"])

    def unassigned() -> set[str]:
        return {row.case.number for row in lists.inbox(cast["maria"], tab="unassigned").rows}

    assert unassigned() == set()
    assignment.is_active = False
    assignment.save()
    assert unassigned() == {case.number}
