"""A provider's administrator decides who of its own people write and approve its documents."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Assignment, AuditEvent, Notice, Provider
from accounts.providers import colleagues
from accounts.roles import Role
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/var-verksamhet/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    """The provider's only administrator."""
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Jonas"), bjorken, Role.READER, Role.CASE_HANDLER)


def client_of(assignment: Assignment) -> Client:
    return cast.sign_in(Client(), assignment.user)


def give(by: Assignment, to: Assignment, *roles: str, shown: str | None = None):
    sent = {"assignment": to.pk, "roles": roles, "shown": colleagues.mark(now(to)) if shown is None else shown}
    return client_of(by).post(f"{PAGE}roller/", sent, follow=True)


def now(assignment: Assignment) -> Assignment:
    return Assignment.objects.get(pk=assignment.pk)


def test_a_colleague_gets_a_role_keeps_the_others_and_is_told(petra, jonas):
    page = client_of(petra).get(PAGE, {"q": "jonas"}).content.decode()
    assert f'value="{colleagues.mark(jonas)}"' in page
    give(petra, jonas, Role.APPROVER)
    assert set(now(jonas).roles) == {Role.READER, Role.CASE_HANDLER, Role.APPROVER}
    assert Notice.objects.get(kind="roles_changed").user == jonas.user
    event = AuditEvent.objects.get(action="roles_changed")
    assert (event.actor, event.target_id) == (petra.user, str(jonas.pk))
    give(petra, jonas)
    assert set(now(jonas).roles) == {Role.READER, Role.CASE_HANDLER}


def test_an_administrator_gives_themselves_nothing(petra):
    for role in (Role.DOCUMENT_EDITOR, Role.APPROVER):
        refused = give(petra, petra, role)
        assert "Be en kollega" in refused.content.decode()
        assert role not in now(petra).roles
    Assignment.objects.filter(pk=petra.pk).update(roles=[Role.PROVIDER_ADMIN, Role.DOCUMENT_EDITOR])
    refused = give(petra, now(petra), Role.DOCUMENT_EDITOR, Role.APPROVER)
    assert "ingen annan än den personen kan fastställa" in refused.content.decode()


@pytest.mark.parametrize("role", [Role.CASE_HANDLER, Role.PROVIDER_ADMIN, Role.PUBLICATION_STEWARD, Role.SYSTEM_ADMIN])
def test_no_other_role_is_given_here(petra, jonas, role):
    """Not the region's own roles, and none that opens cases."""
    nurse = cast.assign(None, petra.provider, Role.READER)
    give(petra, nurse, role)
    assert now(nurse).roles == [Role.READER]
    give(petra, jonas)
    assert Role.CASE_HANDLER in now(jonas).roles


def test_nobody_else_does_it_and_nobody_elses_people_are_there(petra, jonas, bjorken):
    elsewhere = cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN)
    at_a_unit = cast.assign(None, bjorken, Role.PROVIDER_ADMIN, at=cast.unit(bjorken))
    for who in (elsewhere, at_a_unit, jonas):
        assert give(who, jonas, Role.DOCUMENT_EDITOR).status_code == 404
        assert "Jonas" not in client_of(elsewhere).get(PAGE, {"q": "jonas"}).content.decode()
        with pytest.raises(colleagues.NotGiven):
            colleagues.set_document_roles(
                jonas, [Role.DOCUMENT_EDITOR], by=cast.reader(who), shown=colleagues.mark(jonas)
            )
    assert Role.DOCUMENT_EDITOR not in now(jonas).roles
    for wrong in ("", "0", "x", "9" * 30):
        assert client_of(petra).post(f"{PAGE}roller/", {"assignment": wrong}).status_code == 404


def test_of_two_administrators_the_second_is_told_what_changed(petra, jonas):
    shown = colleagues.mark(jonas)
    give(petra, jonas, Role.APPROVER)
    told = give(petra, jonas, Role.DOCUMENT_EDITOR, shown=shown)
    assert "Någon har ändrat rollerna under tiden" in told.content.decode()
    assert set(now(jonas).roles) == {Role.READER, Role.CASE_HANDLER, Role.APPROVER}
