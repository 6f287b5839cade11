"""The start page says to each role what it is for and what waits, and the menu leads those who let people in there."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client

from accounts.models import Provider
from accounts.readers import reader_for
from accounts.roles import Role
from core import clock
from deviations.entry.reports import Recipient, Report
from deviations.models import Case, DeviationType
from deviations.verbs import submission
from portal.context import navigation
from portal.duties import duties
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def region(db) -> Provider:
    return cast.region()


@pytest.fixture
def municipality(db) -> Provider:
    return cast.municipality()


def titles(assignment) -> list[str]:
    return [duty.title for duty in duties(reader_for(assignment.user, assignment))]


def start(assignment) -> str:
    return cast.sign_in(Client(), assignment.user).get("/").content.decode()


def test_each_role_that_opens_little_is_told_of(region, municipality):
    told = {
        (region, Role.FOLLOW_UP): "Du följer upp",
        (region, Role.SAFETY_COORDINATOR): "Du samordnar avvikelser",
        (municipality, Role.MEDICALLY_RESPONSIBLE_NURSE): "Du är medicinskt ansvarig sjuksköterska (MAS)",
        (municipality, Role.MEDICALLY_RESPONSIBLE_REHAB): "Du är medicinskt ansvarig för rehabilitering (MAR)",
        (municipality, Role.SOCIAL_CARE_LEAD): "Du är socialt ansvarig (SAS)",
        (municipality, Role.LEX_MARIA_OFFICER): "Du anmäler enligt lex Maria",
        (municipality, Role.PROVIDER_ADMIN): "Du släpper in personer",
    }
    for (provider, role), words in told.items():
        assignment = cast.assign(None, provider, Role.READER, role)
        assert titles(assignment) == [words]
        assert words in start(assignment)
    plain = cast.assign(None, region, Role.READER, Role.REPORTER)
    assert titles(plain) == []
    assert "Din roll" not in start(plain)


def test_every_way_on_opens_for_whoever_is_told_of_it(region, municipality):
    roles = {
        region: [Role.FOLLOW_UP, Role.SAFETY_COORDINATOR],
        municipality: [
            Role.MEDICALLY_RESPONSIBLE_NURSE,
            Role.LEX_MARIA_OFFICER,
            Role.SOCIAL_CARE_LEAD,
            Role.PROVIDER_ADMIN,
        ],
    }
    for provider, given in roles.items():
        for role in given:
            assignment = cast.assign(None, provider, Role.READER, role)
            client = cast.sign_in(Client(), assignment.user)
            (duty,) = duties(reader_for(assignment.user, assignment))
            for task in duty.tasks:
                assert client.get(task.url).status_code == 200, (role, task.url)


def test_what_waits_is_counted(region, municipality):
    coordinator = cast.assign(None, region, Role.SAFETY_COORDINATOR)
    nurse = cast.assign(None, municipality, Role.READER, Role.REPORTER)
    data = Report(
        event_kind=Case.EventKind.RISK,
        type=DeviationType.objects.first(),
        occurred_at=clock.now() - dt.timedelta(days=1),
        description="Listan saknades.",
        concerns=(Recipient(region),),
    )
    with clock.frozen(clock.now() - dt.timedelta(days=90)):
        submission.submit(uuid.uuid4(), data=data, by=reader_for(nurse.user, nurse))
    page = start(coordinator)
    assert "Ett ärende är försenat" in page
    assert "saknar mottagare" not in page


@pytest.mark.parametrize("more", [(), (Role.REPORTER, Role.CASE_HANDLER, Role.DOCUMENT_EDITOR)])
def test_our_provider_stands_in_the_menu_of_those_who_let_people_in(region, more):
    admin = cast.assign(None, region, Role.READER, Role.PROVIDER_ADMIN, *more)
    found = [item.url for item in navigation(reader_for(admin.user, admin), "/")]
    assert "/konto/var-verksamhet/" in found
    assert len(found) <= 5


def test_no_page_promises_what_is_not_there(db):
    page = Client().get("/konto/login/").content.decode()
    # A word of its own: a random token can hold the two letters.
    assert not re.search(r"\bQR\b(?![^<]*>)", page)
    assert "bjuder in dig" in page
