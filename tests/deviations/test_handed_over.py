"""All cases of somebody who leaves or is away are given to a colleague at once, on whatever page they stand."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from core.lists import keyset
from deviations.inbox import bulk, views
from deviations.inbox.lists import Filters, handler_key, inbox
from deviations.models import Party
from deviations.verbs import handling, talking
from tests import cast as people
from tests.deviations.cases import Cast, concerned


@pytest.fixture
def nils(cast: Cast) -> str:
    user = people.person(email="nils@region.example", given_name="Nils", family_name="Ek")
    cast.users["nils"] = user
    cast.assignments["nils"] = people.assign(user, cast.region, Role.CASE_HANDLER, at=cast.akut)
    return "nils"


def held_by(user) -> int:
    return Party.objects.filter(handler=user).count()


def test_all_of_one_persons_over_every_page_go_to_another_and_no_others(cast, nils, monkeypatch):
    monkeypatch.setattr(keyset, "PAGE_SIZE", 2)
    mine, not_mine, closed = [cast.case() for _ in range(5)], cast.case(), cast.case()
    for case in (*mine, closed):
        handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    talking.answer(concerned(closed), "Svar.", by=cast["maria"])
    handling.close(concerned(closed), by=cast["maria"])
    cast.assignments["maria"].is_active = False
    cast.assignments["maria"].save()
    client, key = cast.client(nils), handler_key(cast.maria.pk)
    page = client.get("/avvikelser/").content.decode()
    assert f'<option value="{key}">{cast.maria.get_full_name()}' in page  # also who has left
    assert "på alla sidor" not in page
    address = f"/avvikelser/?vy=waiting_us&vem={key}"
    assert "på alla sidor" in client.get(address).content.decode()
    done = client.post(address, {"all": "1", "to": "nils@region.example"}, follow=True)
    assert "5 ärenden är tilldelade Nils Ek" in done.content.decode()
    assert held_by(cast.users[nils]) == 5
    assert concerned(not_mine).handler is None
    assert Party.objects.get(case=closed, side="concerned").handler == cast.maria  # it tells who answered
    assert (
        "Välj minst ett ärende"
        in client.post(address, {"all": "1", "to": "nils@region.example"}, follow=True).content.decode()
    )


def test_what_is_more_than_can_be_given_at_once_is_told(cast, nils, monkeypatch):
    monkeypatch.setattr(views, "MOST", 2)
    monkeypatch.setattr(bulk, "MOST", 2)
    for case in [cast.case() for _ in range(3)]:
        handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    address, sent = f"/avvikelser/?vem={handler_key(cast.maria.pk)}", {"all": "1", "to": "nils@region.example"}
    for given, more in ((2, True), (3, False)):
        text = cast.client(nils).post(address, sent, follow=True).content.decode()
        assert ("Det finns fler i listan" in text) is more
        assert held_by(cast.users[nils]) == given


def test_without_whose_nothing_is_given_away(cast, nils):
    case = cast.case()
    sent = {"all": "1", "to": "nils@region.example"}
    for address in ("/avvikelser/?vy=waiting_us", "/avvikelser/?vy=waiting_us&vem=x"):
        assert "Välj minst ett ärende" in cast.client(nils).post(address, sent, follow=True).content.decode()
    assert concerned(case).handler is None


def test_another_units_cases_are_neither_listed_nor_given(cast, nils):
    case = cast.case()
    handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    key = handler_key(cast.maria.pk)
    assert inbox(cast["lena"], filters=Filters(handler=key)).rows == []
    assert inbox(cast["lena"]).holders == []
    assert [r.case for r in inbox(cast[nils], filters=Filters(handler=key)).rows] == [case]
