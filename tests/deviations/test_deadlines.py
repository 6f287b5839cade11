"""By when each step is to be taken, in Swedish working days; who is reminded, and who sees what is late."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Notice, Provider
from accounts.readers import reader_for
from accounts.roles import Role
from accounts.standing_in import arranging
from core import clock
from deviations.access.next_step import next_for_reporter, next_step
from deviations.inbox import lists
from deviations.models import CaseEvent, Party
from deviations.telling import reminders
from deviations.time import deadlines
from deviations.verbs import handling, sending_on, talking
from tests import cast as people
from tests.deviations.cases import concerned, reporting


def at(day: str, hour: int = 15) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{hour:02}:00+01:00")


@pytest.mark.parametrize(
    ("received", "acknowledge"),
    [
        ("2026-11-25", "2026-11-30"),  # a Wednesday: Thursday, Friday, Monday
        ("2026-11-27", "2026-12-02"),  # a Friday
        ("2026-12-23", "2026-12-30"),  # over Christmas
        ("2026-12-30", "2027-01-07"),  # over New Year and Epiphany
    ],
)
def test_a_case_is_acknowledged_within_three_working_days(cast, received: str, acknowledge: str):
    with clock.frozen(at(received)):
        assert concerned(cast.case()).acknowledge_due == dt.date.fromisoformat(acknowledge)


def test_an_answer_is_never_due_on_a_day_off(cast):
    for days in range(28):
        moment = at("2026-10-01") + dt.timedelta(days=days)
        due = deadlines.answer_by(cast.region, moment)
        assert clock.is_working_day(due)
        assert 60 <= (due - moment.date()).days <= 66
    # 60 days after this Wednesday is a Sunday; so is midsummer's eve a day off.
    assert deadlines.answer_by(cast.region, at("2026-11-25")) == dt.date(2027, 1, 25)
    assert deadlines.answer_by(cast.region, at("2027-04-26")) == dt.date(2027, 6, 28)


def test_a_provider_has_its_own_numbers_or_else_the_regions(cast):
    Provider.objects.filter(pk=cast.region.pk).update(days_to_answer=30, days_to_acknowledge=1)
    cast.region.refresh_from_db()
    assert deadlines.limits_of(cast.bjorken) == deadlines.Limits(choose=2, acknowledge=1, answer=30)
    cast.bjorken.days_to_answer = 14
    assert deadlines.limits_of(cast.bjorken).answer == 14
    assert deadlines.limits_of(cast.region).answer == 30


def test_while_nobody_has_it_a_recipient_is_to_be_chosen(cast):
    with clock.frozen(at("2026-11-25")) as now:
        case = cast.case()
        assert reporting(case).choose_due is None
        sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
        assert reporting(case).choose_due == dt.date(2026, 11, 27)
        now.move(days=1)
        home = reporting(case)
        talking.note(home, "Vi letar.", by=cast["per_ake"])
        assert reporting(case).choose_due == dt.date(2026, 11, 27)  # the same day, however much is written
        sending_on.add_party(home, to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
        assert reporting(case).choose_due is None


def test_what_is_late_is_seen_by_both_sides_and_the_reporter(cast):
    with clock.frozen(at("2026-06-01")):
        case = cast.case()
    parties = list(case.parties.all())
    for step in (next_step(concerned(case), parties), next_step(reporting(case), parties), next_for_reporter(parties)):
        assert step.is_late
    for who in ("maria", "per_ake", "sara"):
        assert "Försenat" in cast.client(who).get(case.get_absolute_url()).content.decode(), who


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def test_one_is_reminded_before_and_all_are_told_after_once(cast):
    with clock.frozen(at("2026-11-25")) as now:
        case = cast.case()
        due = concerned(case).acknowledge_due
        assert reminders.remind() == 0
        now.set(at(due.isoformat(), 6))
        assert reminders.remind() == 2  # both parts have it to acknowledge today
        assert reminders.remind() == 0
        assert told("case_due") == {cast.maria.given_name, cast.per_ake.given_name}
        now.move(days=1)
        handling.acknowledge(reporting(case), by=cast["per_ake"])
        assert reminders.remind() == 1
        assert reminders.remind() == 0
        assert told("case_overdue") == {cast.maria.given_name}
        handling.acknowledge(concerned(case), by=cast["maria"])
        assert reminders.remind() == 0
        now.set(at((concerned(case).answer_due - dt.timedelta(days=8)).isoformat()))
        assert reminders.remind() == 0
        now.move(days=1)
        assert reminders.remind() == 1
        talking.answer(concerned(case), "Vi har ändrat.", by=cast["maria"])
        handling.accept(reporting(case), "Tack för rapporten.", by=cast["per_ake"])
        now.move(days=90)
        assert reminders.remind() == 0


def test_a_reminder_is_in_ones_own_trail_only(cast):
    with clock.frozen(at("2026-06-01")):
        case = cast.case()
    reminders.remind()
    assert CaseEvent.objects.filter(case=case, verb="overdue", party=concerned(case)).exists()
    assert "Fristen har passerat" in cast.client("maria").get(case.get_absolute_url()).content.decode()
    assert "Fristen har passerat" not in cast.client("sara").get(case.get_absolute_url()).content.decode()


def test_a_worker_that_is_killed_in_between_tells_the_rest_the_next_time(cast, monkeypatch):
    with clock.frozen(at("2026-06-01")):
        cases = [cast.case() for _ in range(3)]
    real, calls = reminders._tell, []

    def dies(*args) -> bool:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(reminders, "_tell", dies)
    with pytest.raises(KeyboardInterrupt):
        reminders.remind()
    before = CaseEvent.objects.filter(verb="overdue").count()
    assert before == 2
    monkeypatch.setattr(reminders, "_tell", real)
    reminders.remind()
    assert CaseEvent.objects.filter(verb="overdue").count() == 3 * len(cases)
    assert Notice.objects.filter(kind="case_overdue").count() == 3 * len(cases)


def test_days_are_told_of_on_working_days_alone(cast):
    with clock.frozen(at("2026-11-25")) as now:
        case = cast.case()
        Party.objects.filter(case=case).update(acknowledge_due=dt.date(2026, 11, 27), answer_due=None)
        for weekend in ("2026-11-28", "2026-11-29"):
            now.set(at(weekend, 6))
            assert reminders.remind() == 0
        now.set(at("2026-11-30", 6))
        assert reminders.remind() == 2


def test_an_own_report_is_not_late_when_the_other_side_has_taken_it_up(cast):
    with clock.frozen(at("2026-11-25")) as now:
        case, slow = cast.case(), cast.case()
        handling.start_investigation(concerned(case), by=cast["maria"])
        now.set(at("2026-12-10"))
        rows = {r.case.number: r for r in lists.inbox(cast["per_ake"], tab="waiting_us").rows}
        assert {number: row.is_late for number, row in rows.items()} == {case.number: False, slow.number: True}
        assert [r.case.number for r in lists.inbox(cast["per_ake"], tab="overdue").rows] == [slow.number]
        # It is still theirs to acknowledge.
        handling.acknowledge(reporting(case), by=cast["per_ake"])


def test_the_cases_of_whom_one_stands_in_for_are_marked_as_ones_own(cast):
    nils = people.assign(people.person(given_name="Nils"), cast.region, Role.CASE_HANDLER, at=cast.akut)
    case = cast.case()
    handling.take(concerned(case), by=cast["maria"])
    today = clock.today()
    arranging.arrange(cast.assignments["maria"], nils, first_day=today, last_day=today, by=cast["maria"])
    (row,) = lists.inbox(reader_for(nils.user, nils), tab="mine").rows
    assert (row.is_mine, row.stands_in, row.handler) == (True, True, "Maria Öberg")
    (row,) = lists.inbox(cast["maria"], tab="mine").rows
    assert (row.is_mine, row.stands_in) == (True, False)
