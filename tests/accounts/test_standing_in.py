"""Somebody stands in for another, from day to day: who can, and what reaches them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import notices
from accounts.models import Assignment, Notice, Provider, StandIn
from accounts.roles import Role
from accounts.standing_in import arranging
from core import clock
from core.refused import NotAllowed, Refused, WrongState
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Jonas"), bjorken, Role.READER, Role.CASE_HANDLER)


@pytest.fixture
def ylva(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Ylva"), bjorken, Role.READER, Role.CASE_HANDLER)


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.PROVIDER_ADMIN)


def arrange(absent: Assignment, to: Assignment, by: Assignment | None = None, first: int = 0, last: int = 5) -> StandIn:
    reader = cast.reader(by or absent)
    return arranging.arrange(absent, to, first_day=cast.day(first), last_day=cast.day(last), by=reader)


def told(kind: str) -> list[str]:
    return sorted(n.user.given_name for n in Notice.objects.filter(kind=kind).select_related("user") if n.user)


def notify(to: Assignment, kind: str = "case_received") -> None:
    notices.notify([to], kind=kind, subject="AVV-26-7K3F9Q", url="/x/")


def test_notices_of_the_work_reach_both_and_personal_ones_do_not(jonas, ylva):
    arrange(jonas, ylva)
    assert told("stand_in") == ["Jonas", "Ylva"]
    notify(jonas)
    assert told("case_received") == ["Jonas", "Ylva"]
    for kind in ("roles_changed", "second_step_guessed", "case_feedback"):
        notify(jonas, kind)
        assert told(kind) == ["Jonas"]


def test_it_begins_and_ends_by_itself(jonas, ylva):
    arrange(jonas, ylva, first=2, last=4)
    for ahead, expected in ((0, 1), (2, 2), (4, 2), (5, 1)):
        Notice.objects.filter(kind="case_received").delete()
        with clock.frozen(clock.now() + (cast.day(ahead) - cast.day(0))):
            notify(jonas)
        assert len(told("case_received")) == expected, ahead


def test_a_stand_in_who_lost_the_role_or_left_gets_nothing(jonas, ylva):
    arrange(jonas, ylva)
    for change in ({"roles": [Role.READER]}, {"roles": [Role.READER, Role.CASE_HANDLER], "is_active": False}):
        Notice.objects.filter(kind="case_received").delete()
        Assignment.objects.filter(pk=ylva.pk).update(**change)
        notify(jonas)
        assert told("case_received") == ["Jonas"]


def test_a_stand_in_has_the_same_roles_and_scope(jonas, ylva, bjorken):
    unit = cast.unit(bjorken, "Norra")
    wrong = [
        cast.assign(None, bjorken, Role.READER),
        cast.assign(None, None, Role.CASE_HANDLER, at=unit),
        cast.assign(None, cast.private("Ugglan"), Role.CASE_HANDLER),
        cast.assign(jonas.user, None, Role.CASE_HANDLER, at=unit),
        jonas,
    ]
    for other in wrong:
        with pytest.raises(NotAllowed):
            arrange(jonas, other)
    assert {a.pk for a in arranging.candidates(jonas)} == {ylva.pk}
    # One of the whole provider covers a unit.
    at_unit = cast.assign(None, None, Role.CASE_HANDLER, at=unit)
    assert ylva.pk in {a.pk for a in arranging.candidates(at_unit)}
    assert arranging.candidates(cast.assign(None, bjorken, Role.READER)) == []


def test_there_are_no_chains_and_one_at_a_time(jonas, ylva, bjorken):
    third = cast.assign(None, bjorken, Role.CASE_HANDLER)
    arrange(jonas, ylva, first=0, last=5)
    for absent, to, first, last in ((ylva, third, 3, 9), (third, jonas, 5, 6), (jonas, third, 5, 8)):
        with pytest.raises(WrongState):
            arrange(absent, to, first=first, last=last)
    arrange(jonas, third, first=6, last=8)
    arrange(ylva, third, first=6, last=8)


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-5, -1), (0, 400)])
def test_days_that_cannot_be_are_refused(jonas, ylva, first, last):
    with pytest.raises(WrongState):
        arrange(jonas, ylva, first=first, last=last)


def test_the_person_or_those_who_decide_over_them_arrange_and_end_it(jonas, ylva, petra, bjorken):
    stranger = cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN)
    colleague = cast.assign(None, bjorken, Role.CASE_HANDLER)
    for by in (stranger, colleague, ylva):
        with pytest.raises(NotAllowed):
            arrange(jonas, ylva, by)
        assert cast.sign_in(Client(), by.user).get(f"/konto/ersattare/{jonas.key}/").status_code == 404
    made = arrange(jonas, ylva, petra)
    for by in (stranger, colleague, ylva):
        with pytest.raises(Refused):
            arranging.end(made, by=cast.reader(by))
    arranging.end(made, by=cast.reader(jonas))
    with pytest.raises(WrongState):
        arranging.end(made, by=cast.reader(petra))
    notify(jonas)
    assert told("case_received") == ["Jonas"]


def post(by: Assignment, absent: Assignment, **sent: Any):
    return cast.sign_in(Client(), by.user).post(f"/konto/ersattare/{absent.key}/", sent, follow=True)


def test_on_the_page_both_sides_see_it(jonas, ylva):
    assert "Välj ersättare" in post(jonas, jonas, act="arrange", first_day="", last_day="").content.decode()
    page = post(jonas, jonas, act="arrange", who=ylva.key, first_day=cast.day(0), last_day=cast.day(5))
    assert "slutar av sig självt" in page.content.decode()
    assert "är din ersättare" in cast.sign_in(Client(), jonas.user).get("/konto/profil/").content.decode()
    assert "Du är ersättare för" in cast.sign_in(Client(), ylva.user).get("/konto/profil/").content.decode()
    again = post(jonas, jonas, act="arrange", who=ylva.key, first_day=cast.day(0), last_day=cast.day(5))
    assert again.status_code == 409
    made = StandIn.objects.get()
    assert post(jonas, jonas, act="end", arranged="x").status_code == 404
    post(jonas, jonas, act="end", arranged=made.pk)
    assert not StandIn.objects.today().exists()
