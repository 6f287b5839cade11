"""A provider's administrators change its own settings, with a trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Assignment, AuditEvent, Provider
from accounts.providers import settings, units
from accounts.roles import Role
from core.refused import Moved, NotAllowed
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/var-verksamhet/installningar/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


def save(by: Assignment, shown: str | None = None, **more: Any):
    provider = Provider.objects.get(pk=by.provider_id)
    return cast.sign_in(Client(), by.user).post(
        PAGE, {"shown": settings.mark(provider) if shown is None else shown, **more}, follow=True
    )


def test_they_are_changed_and_the_trace_says_by_whom(petra, bjorken):
    page = save(
        petra, email="avvikelser@bjorken.example", days_to_answer=30, expected_people=12, shows_handler_names="on"
    )
    bjorken.refresh_from_db()
    assert (bjorken.email, bjorken.days_to_answer, bjorken.expected_people) == ("avvikelser@bjorken.example", 30, 12)
    assert bjorken.shows_handler_names
    event = AuditEvent.objects.get(action="settings_changed")
    assert event.actor == petra.user
    assert "funktionsbrevlåda" in page.content.decode().lower()
    assert petra.user.get_full_name() in page.content.decode()
    assert (
        "Inget ändrades"
        in save(
            petra, email="avvikelser@bjorken.example", days_to_answer=30, expected_people=12, shows_handler_names="on"
        ).content.decode()
    )
    assert AuditEvent.objects.filter(action="settings_changed").count() == 1


def test_nobody_else_changes_them(petra, bjorken):
    others = [
        cast.assign(None, bjorken, Role.CASE_HANDLER),
        cast.assign(None, None, Role.UNIT_MANAGER, at=cast.unit(bjorken, "Norra")),
        cast.assign(cast.superuser(), bjorken, Role.READER),
        cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN),
    ]
    for other in others:
        with pytest.raises(NotAllowed):
            settings.change(bjorken, {"phone": "1"}, by=cast.reader(other), shown=settings.mark(bjorken))
    for other in others[:3]:
        assert save(other, phone="1").status_code == 404
    save(others[3], phone="1")
    bjorken.refresh_from_db()
    assert bjorken.phone == ""


def test_of_two_administrators_the_second_is_told(petra, bjorken):
    shown = settings.mark(bjorken)
    save(petra, phone="010-1")
    told = save(petra, shown, phone="010-2", email="a@b.example")
    assert "under tiden" in told.content.decode()
    assert "a@b.example" in told.content.decode()
    with pytest.raises(Moved):
        settings.change(bjorken, {"phone": "2"}, by=cast.reader(petra), shown=shown)


@pytest.mark.parametrize(
    ("sent", "words"),
    [({"email": "x"}, "giltig e-postadress"), ({"days_to_answer": 0}, "1"), ({"days_to_answer": 400}, "365")],
)
def test_bad_input_is_told_and_changes_nothing(petra, bjorken, sent, words):
    answer = save(petra, **{"phone": "010-1", **sent})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    bjorken.refresh_from_db()
    assert bjorken.phone == ""


def test_two_steps_are_demanded_of_readers_where_the_provider_says_so(petra, bjorken, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    nurse = cast.assign(None, bjorken, Role.READER)
    there = cast.sign_in(Client(), nurse.user)
    assert there.get("/").status_code == 200
    Provider.objects.filter(pk=bjorken.pk).update(demands_two_steps=True)
    assert there.get("/")["Location"] == "/konto/2fa/totp/activate/"
    cast.with_two_step(nurse.user)
    assert there.get("/").status_code == 200


UNITS = "/konto/var-verksamhet/enheter/"


def test_units_are_added_and_changed_by_their_own_administrators_alone(petra, bjorken):
    browser, ugglan = cast.sign_in(Client(), petra.user), cast.private("Ugglan")
    theirs = cast.unit(ugglan, "Ugglebo")
    assert "Inga enheter än" in browser.get(UNITS).content.decode()
    made = browser.post(UNITS, {"name": "Norra", "place": "Fjällby", "email": "norra@bjorken.example"}, follow=True)
    assert "Norra är en enhet nu" in made.content.decode()
    norra = bjorken.units.get()
    assert (norra.place, norra.email, norra.hsa_id) == ("Fjällby", "norra@bjorken.example", None)
    browser.post(UNITS, {"unit": norra.pk, "name": "Norra mottagningen", "hsa_id": "SE1234567897-1"})
    norra.refresh_from_db()
    assert (norra.name, norra.place, norra.hsa_id) == ("Norra mottagningen", "", None)
    assert browser.post(UNITS, {"unit": theirs.pk, "name": "Stulen"}).status_code == 404
    with pytest.raises(NotAllowed):
        units.change(theirs, {"name": "Stulen", "place": "", "phone": "", "email": ""}, by=cast.reader(petra))
    nurse = cast.assign(None, bjorken, Role.READER)
    manager = cast.assign(None, None, Role.READER, Role.UNIT_MANAGER, at=norra)
    for other in (nurse, manager):
        assert cast.sign_in(Client(), other.user).get(UNITS).status_code == 404
        with pytest.raises(NotAllowed):
            units.add({"name": "X", "place": "", "phone": "", "email": ""}, by=cast.reader(other))
    assert [e.action for e in AuditEvent.objects.filter(target_type="careunit").order_by("pk")] == [
        "unit_made", "unit_changed",
    ]  # fmt: skip


def test_a_units_name_is_its_own_and_a_fault_loses_nothing(petra, bjorken):
    browser = cast.sign_in(Client(), petra.user)
    cast.unit(bjorken, "Norra")
    answer = browser.post(UNITS, {"name": "Norra", "place": "Fjällby"})
    assert answer.status_code == 409
    assert "Fjällby" in answer.content.decode()
    answer = browser.post(UNITS, {"name": " ", "email": "ingen adress"})
    assert answer.status_code == 422
    assert "ingen adress" in answer.content.decode()
    assert bjorken.units.count() == 1
