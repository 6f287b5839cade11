"""Every role, by every way of getting it, for oneself, from outside and from inside: only the provider's own yes counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Assignment, AuditEvent, CareUnit, Notice, Provider, User
from accounts.roles import GUARDED, Kind, Role, roles_for_kind
from tests import cast
from tests.accounts.test_guarding import PAGE, assignment_form, person_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def providers() -> dict[str, Provider]:
    """One of each kind, each with an administrator who is asked."""
    found = {Kind.PRIVATE: cast.private(), Kind.REGIONAL: cast.region(), Kind.MUNICIPAL: cast.municipality()}
    for provider in found.values():
        cast.assign(None, provider, Role.PROVIDER_ADMIN)
    return found


def one_with(role: str, providers: dict[str, Provider]) -> Provider:
    """A provider whose kind has the role."""
    return next(p for kind, p in providers.items() if role in roles_for_kind(kind))


def outsider() -> tuple[User, Client]:
    user = cast.superuser()
    return user, cast.sign_in(Client(), user)


def insider(provider: Provider) -> tuple[User, Client]:
    """The provider's own administrator, who is a system administrator as well."""
    user = cast.superuser()
    cast.assign(user, provider, Role.PROVIDER_ADMIN)
    return user, cast.sign_in(Client(), user)


# Ways ---------------------------------------------------------------------------------------------------------
def _inline(role: str, provider: Provider, assignment: Assignment | None = None, **changes) -> dict:
    row = {"provider": provider.pk, "roles": [role], "is_active": "on", **changes}
    row |= {"id": assignment.pk, "user": assignment.user_id} if assignment else {}
    counted = {"assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 1 if assignment else 0}
    return counted | {f"assignments-0-{name}": value for name, value in row.items() if value is not None}


def made(client: Client, user: User, provider: Provider, role: str) -> None:
    """A new assignment, by its own page."""
    client.post(
        "/admin/accounts/assignment/add/",
        {"user": user.pk, "provider": provider.pk, "roles": [role], "is_active": "on"},
    )


def made_with_the_person(client: Client, user: User, provider: Provider, role: str) -> None:
    """A new assignment, by the person's page."""
    client.post(f"/admin/accounts/user/{user.pk}/change/", person_form(user, **_inline(role, provider)))


def added(client: Client, user: User, provider: Provider, role: str) -> None:
    """One role more, by the assignment's page."""
    had = cast.assign(user, provider, Role.READER)
    data = assignment_form(had, roles=sorted({Role.READER, role}))
    client.post(f"/admin/accounts/assignment/{had.pk}/change/", data)


def added_with_the_person(client: Client, user: User, provider: Provider, role: str) -> None:
    had = cast.assign(user, provider, Role.READER)
    data = person_form(user, **_inline(role, provider, had, roles=sorted({Role.READER, role})))
    client.post(f"/admin/accounts/user/{user.pk}/change/", data)


def opened_again(client: Client, user: User, provider: Provider, role: str) -> None:
    had = cast.assign(user, provider, role, is_active=False)
    client.post(f"/admin/accounts/assignment/{had.pk}/change/", assignment_form(had, is_active="on"))


def prolonged(client: Client, user: User, provider: Provider, role: str) -> None:
    had = cast.assign(user, provider, role, valid_to=cast.day(-1))
    client.post(f"/admin/accounts/assignment/{had.pk}/change/", assignment_form(had, valid_to=cast.day(90)))


def moved(client: Client, user: User, provider: Provider, role: str) -> None:
    """From a unit to the whole provider."""
    unit = CareUnit.objects.create(provider=provider, name=f"Enhet {user.pk}")
    had = cast.assign(user, provider, role, at=unit)
    client.post(f"/admin/accounts/assignment/{had.pk}/change/", assignment_form(had, unit=None))


WAYS: list[Callable[[Client, User, Provider, str], None]] = [
    made, made_with_the_person, added, added_with_the_person, opened_again, prolonged, moved,
]  # fmt: skip


def _other_address(client: Client, user: User) -> None:
    client.post(f"/admin/accounts/user/{user.pk}/change/", person_form(user, email=f"x{user.pk}@annan.example"))


def _other_identity(client: Client, user: User) -> None:
    client.post(f"/admin/accounts/user/{user.pk}/change/", person_form(user, hsa_id=f"SE2321000214-{user.pk:04d}"))


def _account_opened(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post(f"/admin/accounts/user/{user.pk}/change/", person_form(user))


def _second_step_gone(client: Client, user: User) -> None:
    cast.with_two_step(user)
    client.post("/admin/accounts/user/", {"action": "remove_two_step", "_selected_action": [user.pk]})


BECOMING = [_other_address, _other_identity, _account_opened, _second_step_gone]


def counts(user: User, provider: Provider, role: str) -> bool:
    held = Assignment.objects.filter(user=user, provider=provider, roles__contains=[role], unit=None)
    if not held.exclude(valid_to__lt=cast.day(0)).filter(is_active=True).exists():
        return False
    return Assignment.objects.with_role(role).filter(user=user, provider=provider, unit=None).exists()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_from_outside_what_opens_cases_approves_or_administers_waits(providers, way) -> None:
    _user, client = outsider()
    for role in Role:
        person, provider = cast.person(), one_with(role, providers)
        way(client, person, provider, role)
        assert counts(person, provider, role) is (role not in GUARDED), role
        waiting = Assignment.objects.filter(user=person).exclude(suspended_at=None)
        assert waiting.exists() is (role in GUARDED), role
        if role in GUARDED:
            assert Notice.objects.filter(kind="role_suspended", user__assignments__provider=provider).exists()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_gives_any_role_to_themselves(providers, way) -> None:
    """Neither a superuser, who has a reader's assignment there or none, nor the provider's own administrator."""
    for who in (lambda _provider: outsider(), insider):
        for role in set(Role) - {Role.READER}:
            provider = one_with(role, providers)
            user, client = who(provider)
            Assignment.objects.filter(user=user).update(unit=cast.unit(provider, f"Egen {user.pk}"))
            before = counts(user, provider, role)
            way(client, user, provider, role)
            assert not counts(user, provider, role) or before, (role, way)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_from_inside_it_counts_at_once(providers, way) -> None:
    for kind, provider in providers.items():
        _user, client = insider(provider)
        for role in roles_for_kind(kind):
            person = cast.person()
            way(client, person, provider, role)
            assert counts(person, provider, role), role


@pytest.mark.parametrize("becoming", BECOMING, ids=lambda way: way.__name__)
def test_whoever_could_sign_in_as_somebody_else_has_none_of_what_is_guarded(providers, becoming) -> None:
    _user, client = outsider()
    for role in Role:
        person, provider = cast.person(), one_with(role, providers)
        cast.assign(person, provider, role)
        becoming(client, person)
        assert counts(User.objects.get(pk=person.pk), provider, role) is (role not in GUARDED), role


# As it was done -----------------------------------------------------------------------------------------------
def test_a_superuser_does_not_vouch_for_itself(providers) -> None:
    """A reader's assignment at the provider, raised to administrator, and a handler made by that."""
    user, client = outsider()
    provider = providers[Kind.PRIVATE]
    made(client, user, provider, Role.READER)
    assert not Assignment.objects.filter(user=user).exists()
    own = cast.assign(user, provider, Role.READER)
    client.post("/konto/uppdrag/", {"assignment": own.pk})
    client.post(
        f"/admin/accounts/assignment/{own.pk}/change/", assignment_form(own, roles=[Role.READER, Role.PROVIDER_ADMIN])
    )
    assert Assignment.objects.get(pk=own.pk).roles == [Role.READER]
    puppet = cast.person()
    made(client, puppet, provider, Role.CASE_HANDLER)
    assert not counts(puppet, provider, Role.CASE_HANDLER)
    assert client.get(PAGE).status_code == 404


def test_two_superusers_do_not_vouch_for_each_other(providers) -> None:
    (one, as_one), (other, as_other) = outsider(), outsider()
    provider = providers[Kind.PRIVATE]
    made(as_one, other, provider, Role.PROVIDER_ADMIN)
    made(as_other, one, provider, Role.PROVIDER_ADMIN)
    for client in (as_one, as_other):
        assert client.get(PAGE).status_code == 404
    assert AuditEvent.objects.filter(action="role_suspended").count() == 2
