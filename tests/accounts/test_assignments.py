"""Assignments: when one gives access, whom it belongs to, and how one is chosen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Agreement, Assignment, AuditEvent, Provider
from accounts.roles import Kind, Role, roles_for_kind
from accounts.viewing.asking import ASSIGNMENT_KEY
from core import clock
from tests import cast

pytestmark = pytest.mark.django_db


def given(assignment: Assignment) -> bool:
    return Assignment.objects.current().filter(pk=assignment.pk).exists()


# Each row spoils one thing of an assignment that gives access.
SPOILERS = {
    "person inactive": lambda a: type(a.user).objects.filter(pk=a.user_id).update(is_active=False),
    "provider inactive": lambda a: Provider.objects.filter(pk=a.provider_id).update(is_active=False),
    "unit inactive": lambda a: type(a.unit).objects.filter(pk=a.unit_id).update(is_active=False),
    "assignment inactive": lambda a: Assignment.objects.filter(pk=a.pk).update(is_active=False),
    "not begun": lambda a: Assignment.objects.filter(pk=a.pk).update(valid_from=cast.day(1)),
    "ended": lambda a: Assignment.objects.filter(pk=a.pk).update(valid_to=cast.day(-1)),
    "no agreement": lambda a: Agreement.objects.filter(provider=a.provider_id).delete(),
    "agreement ended": lambda a: Agreement.objects.filter(provider=a.provider_id).update(valid_to=cast.day(-1)),
    "agreement to come": lambda a: Agreement.objects.filter(provider=a.provider_id).update(valid_from=cast.day(1)),
    "principal inactive": lambda a: Provider.objects.filter(kind=Kind.REGIONAL).update(is_active=False),
}
KEEPERS = {
    "nothing": lambda a: None,
    "begins today": lambda a: Assignment.objects.filter(pk=a.pk).update(valid_from=clock.today()),
    "ends today": lambda a: Assignment.objects.filter(pk=a.pk).update(valid_to=clock.today()),
    "agreement ends today": lambda a: Agreement.objects.update(valid_to=clock.today()),
    "agreement begins today": lambda a: Agreement.objects.update(valid_from=clock.today()),
    "whole provider": lambda a: Assignment.objects.filter(pk=a.pk).update(unit=None),
    "another unit inactive": lambda a: cast.unit(a.provider, "Stängd", is_active=False),
}


@pytest.mark.parametrize("what", SPOILERS)
def test_no_access_without_each_part(what):
    assignment = cast.assign(at=cast.unit(cast.private()))
    assert given(assignment)
    SPOILERS[what](assignment)
    assert not given(assignment)


@pytest.mark.parametrize("what", KEEPERS)
def test_access_with_all_parts(what):
    assignment = cast.assign(at=cast.unit(cast.private()))
    KEEPERS[what](assignment)
    assert given(assignment)


@pytest.mark.parametrize("kind", [Kind.REGIONAL, Kind.MUNICIPAL, Kind.OTHER])
def test_other_kinds_need_no_agreement(kind):
    assert given(cast.assign(None, Provider.objects.create(name="Vård", kind=kind)))


def test_dates_are_swedish_days_whatever_the_servers_zone(frozen):
    assignment = cast.assign(valid_from=dt.date(2026, 7, 1), valid_to=dt.date(2026, 7, 1))
    for moment, access in [
        (dt.datetime(2026, 6, 30, 21, 59, tzinfo=dt.UTC), False),
        (dt.datetime(2026, 6, 30, 22, 0, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 7, 1, 21, 59, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 7, 1, 22, 0, tzinfo=dt.UTC), False),
    ]:
        with frozen(moment):
            assert given(assignment) is access


def test_the_database_keeps_assignments_whole():
    user, provider = cast.person(), cast.private()
    cast.assign(user, provider)
    faults = {
        "assignment_once": lambda: cast.assign(user, provider),
        "assignment_roles_known": lambda: cast.assign(None, provider, "king"),
        "assignment_dates_in_order": lambda: cast.assign(None, provider, valid_from=cast.day(2), valid_to=cast.day(1)),
    }
    for name, make in faults.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            make()
    with pytest.raises(IntegrityError, match="assignment_roles_known"), transaction.atomic():
        Assignment.objects.create(user=cast.person(), provider=provider, roles=[])


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("role", Role.values)
def test_a_role_is_given_only_at_a_kind_that_has_it(kind, role):
    provider = Provider.objects.create(name="Vård", kind=kind)
    assignment = Assignment(user=cast.person(), provider=provider, roles=[role])
    if role in roles_for_kind(kind):
        assignment.full_clean()
    else:
        with pytest.raises(ValidationError) as error:
            assignment.full_clean()
        assert "roles" in error.value.message_dict


def test_the_unit_is_one_of_the_provider():
    with pytest.raises(ValidationError) as error:
        Assignment(
            user=cast.person(), provider=cast.region(), unit=cast.unit(cast.private()), roles=[Role.READER]
        ).full_clean()
    assert "unit" in error.value.message_dict


# Choosing ---------------------------------------------------------------------------------------------------
def who(client) -> object:
    """The reader that the portal makes of this visitor, as a page is given it."""
    return client.get("/konto/uppdrag/").context["reader"]


def test_one_chooses_among_ones_own_assignments(client):
    user = cast.person()
    first = cast.assign(user, at=cast.unit(cast.private("Alen AB"), "Alen"))
    second = cast.assign(user, at=cast.unit(cast.private("Björken AB"), "Björken"), title="Distriktssköterska")
    cast.sign_in(client, user)
    page = client.get(reverse("assignments"))
    assert page.context["current_id"] == first.pk
    assert "Distriktssköterska" in page.content.decode()

    response = client.post(reverse("assignments"), {"assignment": second.pk})
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert who(client).assignment_id == second.pk
    user.refresh_from_db()
    assert user.last_assignment_id == second.pk
    event = AuditEvent.objects.get(action="switched_assignment")
    assert (event.actor_id, event.target_id) == (user.pk, str(second.pk))


def test_the_last_chosen_is_there_at_the_next_sign_in(client):
    user = cast.person()
    cast.assign(user, cast.private("Alen AB"))
    second = cast.assign(user, cast.private("Björken AB"))
    user.last_assignment = second
    user.save()
    assert who(cast.sign_in(client, user)).assignment_id == second.pk


@pytest.mark.parametrize("whose", ["unknown", "another's", "one's own, ended", "no number"])
def test_an_assignment_in_the_session_that_is_not_ones_own_is_ignored(client, whose):
    user = cast.person()
    own = cast.assign(user, cast.private("Alen AB"))
    wrong = {
        "unknown": 10**9,
        "another's": cast.assign(None, cast.private("Björken AB"), Role.CASE_HANDLER).pk,
        "one's own, ended": cast.assign(user, cast.private("Granen AB"), valid_to=cast.day(-1)).pk,
        "no number": "'; drop",
    }[whose]
    cast.sign_in(client, user)
    session = client.session
    session[ASSIGNMENT_KEY] = wrong
    session.save()
    reader = who(client)
    assert reader.assignment_id == own.pk
    assert reader.roles == {Role.READER}


@pytest.mark.parametrize("posted", ["", "x", "999999999", "another's"])
def test_choosing_anothers_assignment_is_refused(client, posted):
    user = cast.person(language="en")
    own = cast.assign(user, cast.private("Alen AB"))
    if posted == "another's":
        posted = str(cast.assign(None, cast.private("Björken AB")).pk)
    cast.sign_in(client, user)
    response = client.post(reverse("assignments"), {"assignment": posted}, follow=True)
    assert "That assignment is not yours or has ended" in response.content.decode()
    assert who(client).assignment_id == own.pk
    assert not AuditEvent.objects.filter(action="switched_assignment").exists()


def test_an_agreement_that_ends_takes_the_rights_at_the_next_request(client, frozen):
    user = cast.person()
    provider = cast.private(agreed=False)
    cast.agree(provider, last=dt.date(2026, 6, 30))
    assignment = cast.assign(user, provider, Role.CASE_HANDLER)
    with frozen(dt.datetime(2026, 6, 30, 23, 59, tzinfo=clock.STOCKHOLM)) as time:
        cast.sign_in(client, user)
        assert who(client).assignment_id == assignment.pk
        time.move(minutes=1)
        reader = who(client)
    assert reader.is_person
    assert reader.assignment_id is None
    assert reader.roles == frozenset()
    assert not reader.handles_cases


def test_a_person_without_an_assignment_is_told_what_to_do(client):
    cast.sign_in(client, cast.person(language="en"))
    html = client.get(reverse("assignments")).content.decode()
    assert "You have no assignment today" in html
    assert "ask the administrator of your care provider" in html
    for name in ("account_change_password", "mfa_index", "account_logout", "language"):
        assert reverse(name) in html


def test_the_page_is_for_those_signed_in(client):
    response = client.get(reverse("assignments"))
    assert response.status_code == 302
    assert response["Location"].startswith("/konto/login/")
