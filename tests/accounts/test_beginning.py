"""A new provider's first steps: left and taken up again; the terms are accepted once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.beginning import steps
from accounts.invitations import inviting
from accounts.models import Assignment, Provider, TermsAcceptance
from accounts.roles import Role
from core.refused import Moved, NotAllowed, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE, TERMS = "/konto/var-verksamhet/", "/konto/var-verksamhet/villkor/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Petra", family_name="Ny"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


def left(of: Provider) -> list[str]:
    return [step.key for step in steps.of_provider(Provider.objects.get(pk=of.pk)).steps if not step.is_done]


def test_step_by_step_until_nothing_is_left(petra, bjorken):
    there = cast.sign_in(Client(), petra.user)
    assert left(bjorken) == ["terms", "mailbox", "handlers", "people", "practice"]
    assert "0 av 5 steg" in there.get(PAGE).content.decode()
    assert "Godkänn villkoren" in there.get("/").content.decode()
    there.post(TERMS, {"shown": steps.EDITION})
    assert left(bjorken) == ["mailbox", "handlers", "people", "practice"]
    page = there.get(PAGE).content.decode()
    assert "godkänd av Petra Ny" in page
    Provider.objects.filter(pk=bjorken.pk).update(email="brevlada@bjorken.example")
    cast.assign(None, bjorken, Role.CASE_HANDLER)
    assert left(bjorken) == ["practice"]
    there.post("/avvikelser/ovning/", {"skip": "1"})
    assert left(bjorken) == []
    assert "Kvar att göra" not in there.get(PAGE).content.decode()
    assert "Kvar att göra" not in there.get("/").content.decode()


def test_an_invitation_under_way_or_a_practice_of_one_is_enough_people(petra, bjorken):
    inviting.invite([inviting.Wish("anna@bjorken.example", None, (Role.READER,))], by=cast.reader(petra))
    assert "people" not in left(bjorken)
    alone = cast.assign(None, cast.private("Fotvården", expected_people=1), Role.PROVIDER_ADMIN)
    assert "people" not in left(alone.provider)


def test_the_region_makes_no_agreement_with_itself_and_others_handle_no_cases(petra):
    assert "terms" not in left(cast.region())
    assert "handlers" not in left(Provider.objects.create(name="Apoteket", kind="other"))


def test_the_terms_are_accepted_once_as_they_were_shown_and_by_an_administrator(petra, bjorken):
    nurse = cast.assign(None, bjorken, Role.READER)
    assert cast.sign_in(Client(), nurse.user).get(TERMS).status_code == 404
    with pytest.raises(NotAllowed):
        steps.accept(str(steps.EDITION), by=cast.reader(nurse))
    for shown in ("", "0", str(steps.EDITION + 1)):
        with pytest.raises(Moved):
            steps.accept(shown, by=cast.reader(petra))
    there = cast.sign_in(Client(), petra.user)
    assert "personuppgiftsbiträde" in there.get(TERMS).content.decode().lower()
    there.post(TERMS, {"shown": steps.EDITION})
    with pytest.raises(WrongState):
        steps.accept(str(steps.EDITION), by=cast.reader(petra))
    assert "Godkänt av Petra Ny" in there.get(TERMS).content.decode()
    assert TermsAcceptance.objects.get().provider == bjorken


def test_others_are_not_asked(bjorken):
    nurse = cast.assign(None, bjorken, Role.READER)
    assert steps.beginning(cast.reader(nurse)) is None
