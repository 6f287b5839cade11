"""All cases of somebody who leaves or is away are given to a colleague at once, on whatever page they stand."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Notice
from accounts.roles import Role
from accounts.standing_in import arranging
from core.lists import keyset
from core.refused import NotAllowed
from deviations.inbox import bulk, leaving
from deviations.inbox.filters import Filters, handler_key
from deviations.inbox.lists import inbox
from deviations.models import CaseEvent, Party
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


def test_whoever_ends_a_handler_hands_the_cases_over_and_sees_none_of_them(cast, nils):
    mine, closed = [cast.case() for _ in range(2)], cast.case()
    for case in (*mine, closed):
        handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    talking.answer(concerned(closed), "Svar.", by=cast["maria"])
    handling.close(concerned(closed), by=cast["maria"])
    admin = people.assign(None, cast.region, Role.PROVIDER_ADMIN)
    client = people.sign_in(Client(), admin.user)
    address = f"/konto/var-verksamhet/person/{cast.assignments['maria'].key}/"
    page = client.get(address)
    told = page.content.decode()
    assert "Öppna ärenden som personen handlägger: 2" in told
    assert not any(case.number in told or "Epikrisen" in told for case in mine)
    heirs = [str(a.key) for one in page.context["forms"]["end"].left for a in one.receivers]
    assert str(cast.assignments["nils"].key) in heirs
    assert str(cast.assignments["lena"].key) not in heirs  # she handles another unit's
    sent = {"act": "end", "when": "now", "shown": page.context["shown"], "left": page.context["left"]}
    client.post(address, {**sent, "cases": str(cast.assignments["nils"].key)})
    assert held_by(cast.users["nils"]) == 2
    assert Party.objects.get(case=closed, side="concerned").handler == cast.maria
    assert Notice.objects.get(kind="cases_handed_over").user == cast.users["nils"]
    event = CaseEvent.objects.filter(case=mine[0], verb="assign").latest("pk")
    assert (event.by_id, event.is_own, event.data) == (admin.user_id, True, {"to": cast.users["nils"].pk})
    assert not people.Assignment.objects.current().filter(pk=cast.assignments["maria"].pk).exists()


def test_cases_that_the_person_keeps_by_another_assignment_are_not_left(cast, nils):
    handling.assign(concerned(cast.case()), to=cast.assignments["maria"], by=cast["maria"])
    assert leaving.held_by(cast.assignments["maria"]) == 1
    people.assign(cast.maria, cast.region, Role.CASE_HANDLER)
    assert leaving.held_by(cast.assignments["maria"]) == 0


def test_all_or_nothing_where_one_case_is_not_the_others_to_handle(cast, nils):
    for case in [cast.case() for _ in range(2)]:
        handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    admin = people.assign(None, cast.region, Role.PROVIDER_ADMIN)
    with pytest.raises(NotAllowed):
        leaving.hand_over(cast.assignments["maria"], cast.assignments["lena"], people.reader(admin))
    assert held_by(cast.maria) == 2


def test_the_cases_of_one_who_is_away_are_among_the_stand_ins_own(cast, nils):
    case = cast.case()
    handling.assign(concerned(case), to=cast.assignments["maria"], by=cast["maria"])
    mine = cast.client(nils)
    assert case.number not in mine.get("/avvikelser/?vy=mine").content.decode()
    arranging.arrange(
        cast.assignments["maria"], cast.assignments["nils"], first_day=people.day(0), last_day=people.day(3),
        by=cast["maria"],
    )  # fmt: skip
    assert case.number in mine.get("/avvikelser/?vy=mine").content.decode()
    assert concerned(case).handler == cast.maria
