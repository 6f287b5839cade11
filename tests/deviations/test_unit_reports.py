"""A unit's manager sees kind, day, state and answer of the own unit's reports: never reporter, files or text."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Assignment
from accounts.roles import Role
from deviations.verbs import handling, talking
from tests import cast as people
from tests.deviations.cases import Cast, concerned

PAGE = "/avvikelser/enheten/"
SECRET = "Lodjurstass stod kvar i korridoren."


@pytest.fixture
def eva(cast: Cast) -> Assignment:
    return people.assign(people.person(given_name="Eva"), None, Role.READER, Role.UNIT_MANAGER, at=cast.norra)


def page_of(assignment: Assignment) -> str:
    answer = people.sign_in(Client(), assignment.user).get(PAGE)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_kind_day_state_and_answer_and_nothing_else(cast, eva):
    case = cast.case(by="nora", description=SECRET, place="Rum 7")
    cast.case(by="stina", description="En annan enhets rapport.")  # the other unit's
    page = page_of(eva)
    assert str(cast.type()) in page
    assert "Mottagen" in page
    hidden = (SECRET, "Lodjurstass", "Rum 7", cast.nora.get_full_name(), "Nora", case.number, case.title)
    assert [word for word in hidden if word in page.split("<main")[1]] == []
    assert page.count("<tr") == 2
    handling.acknowledge(concerned(case), by=cast["maria"])
    talking.answer(concerned(case), "Epikrisen skickas nu samma dag.", by=cast["maria"])
    page = page_of(eva)
    assert "Besvarad" in page
    assert "Epikrisen skickas nu samma dag." in page
    assert SECRET not in page


def test_the_case_itself_does_not_exist_for_the_manager(cast, eva):
    case = cast.case(by="nora")
    client = people.sign_in(Client(), eva.user)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.get("/avvikelser/").status_code == 404


def test_it_exists_for_nobody_else(cast, eva):
    admin = people.assign(None, cast.bjorken, Role.PROVIDER_ADMIN)
    whole = people.assign(None, cast.bjorken, Role.UNIT_MANAGER)
    ended = people.assign(None, None, Role.UNIT_MANAGER, at=cast.norra, valid_to=people.day(-1))
    paused = people.assign(None, None, Role.UNIT_MANAGER, at=cast.norra, is_paused=True)
    for who in (admin, whole, ended, paused, *(cast.assignments[n] for n in ("nora", "per_ake", "lars", "rut"))):
        assert page_of(who) == "404"
    other = people.assign(None, None, Role.UNIT_MANAGER, at=cast.sodra)
    cast.case(by="nora")
    assert "Inget har rapporterats" in page_of(other)


def test_the_list_costs_the_same_however_long_it_is(cast, eva, django_assert_max_num_queries):
    for _ in range(12):
        cast.case(by="nora")
    client = people.sign_in(Client(), eva.user)
    client.get(PAGE)
    with django_assert_max_num_queries(14):
        client.get(PAGE)
