"""Nobody from outside becomes a provider's handler: the roles wait until the provider has said yes."""

from __future__ import annotations

import io

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.granting import guarding
from accounts.models import Assignment, AuditEvent, Notice, Provider, User
from accounts.notices.jobs import tell_former_address
from accounts.readers import Reader
from accounts.roles import CASE_ROLES, GUARDED, Kind, Role, roles_for_kind
from core import refused
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/var-verksamhet/"


@pytest.fixture
def bjorken() -> Provider:
    return cast.private("Hälsocentralen Björken")


@pytest.fixture
def petra(bjorken) -> Assignment:
    """The provider's administrator."""
    return cast.assign(cast.person(given_name="Petra"), bjorken, Role.READER, Role.PROVIDER_ADMIN)


@pytest.fixture
def jonas(bjorken) -> Assignment:
    return cast.assign(cast.person(given_name="Jonas"), bjorken, Role.READER, Role.CASE_HANDLER)


@pytest.fixture
def root() -> Client:
    """A system administrator in Django admin."""
    return cast.sign_in(Client(), cast.superuser())


def now(assignment: Assignment) -> Assignment:
    return Assignment.objects.get(pk=assignment.pk)


def suspend(assignment: Assignment) -> None:
    """As if its guarded roles had been given from outside."""
    roles = sorted(GUARDED & set(assignment.roles))
    waits = {"suspended_at": "2026-11-20T12:00Z", "suspended_why": "given", "suspended_roles": roles}
    Assignment.objects.filter(pk=assignment.pk).update(**waits)


def person_form(user: User, **changes) -> dict:
    data = {"email": user.email, "given_name": user.given_name, "family_name": user.family_name, "language": "",
            "is_active": "on", "assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0, **changes}  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def change_person(client: Client, user: User, **changes):
    answer = client.post(f"/admin/accounts/user/{user.pk}/change/", person_form(user, **changes))
    assert answer.status_code == 302, answer.context and answer.context["errors"]


def assignment_form(a: Assignment, **changes) -> dict:
    data = {"user": a.user_id, "provider": a.provider_id, "unit": a.unit_id, "roles": a.roles,
            "valid_from": a.valid_from, "valid_to": a.valid_to, "is_active": "on" if a.is_active else None, **changes}  # fmt: skip
    return {name: value for name, value in data.items() if value not in (None, "")}


def change_assignment(client: Client, a: Assignment, **changes):
    answer = client.post(f"/admin/accounts/assignment/{a.pk}/change/", assignment_form(a, **changes))
    assert answer.status_code == 302, answer.context and answer.context["errors"]


def answer_as(who: Assignment, about: Assignment, answer: str = "yes"):
    return cast.sign_in(Client(), who.user).post(PAGE, {"assignment": about.pk, "answer": answer})


# What suspends ----------------------------------------------------------------------------------------------
def test_a_changed_address_suspends_is_told_and_waits_for_the_provider(petra, jonas, root, settings):
    former = jonas.user.email
    change_person(root, jonas.user, email="angripare@annan.example")
    assert now(jonas).suspended_why == guarding.Why.ADDRESS
    assert now(jonas).counting_roles == {Role.READER}
    assert not cast.reader(now(jonas)).handles_cases
    assert AuditEvent.objects.filter(action="role_suspended", target_id=str(jonas.pk)).exists()
    assert Notice.objects.get(kind="role_suspended").user == petra.user
    tell_former_address(**ProcrastinateJob.objects.get(task_name=tell_former_address.name).args)
    told = {address: m for m in mail.outbox for address in m.to}
    assert former in told
    assert "angripare" not in told[former].body
    page = cast.sign_in(Client(), petra.user).get(PAGE).content.decode()
    assert "angripare@annan.example" in page
    assert answer_as(petra, jonas)["Location"] == PAGE
    assert now(jonas).counting_roles == set(jonas.roles)
    assert AuditEvent.objects.get(action="role_confirmed").actor == petra.user


def test_the_address_in_the_job_is_encrypted(petra, jonas, root):
    former = jonas.user.email
    change_person(root, jonas.user, email="ny@annan.example")
    job = ProcrastinateJob.objects.get(task_name=tell_former_address.name)
    assert former not in str(job.args)


@pytest.mark.parametrize("changes", [{"hsa_id": "SE2321000214-1A2b"}, {"is_active": "on"}])
def test_so_does_another_identity_and_an_account_opened_again(petra, jonas, root, changes):
    if "is_active" in changes:
        User.objects.filter(pk=jonas.user_id).update(is_active=False)
    change_person(root, User.objects.get(pk=jonas.user_id), **changes)
    assert now(jonas).suspended_at


def test_so_does_a_second_step_taken_away(petra, jonas, root):
    cast.with_two_step(jonas.user)
    data = {"action": "remove_two_step", "_selected_action": [jonas.user_id]}
    root.post("/admin/accounts/user/", data)
    assert now(jonas).suspended_why == guarding.Why.SECOND_STEP


HERE = sorted(GUARDED & roles_for_kind(Kind.PRIVATE))


@pytest.mark.parametrize("role", HERE)
def test_a_puppet_gets_nothing(petra, jonas, root, bjorken, role):
    puppet = cast.person()
    data = {"user": puppet.pk, "provider": bjorken.pk, "roles": [role], "is_active": "on"}
    assert root.post("/admin/accounts/assignment/add/", data).status_code == 302
    made = Assignment.objects.get(user=puppet)
    assert made.suspended_why == guarding.Why.GIVEN
    assert made.counting_roles == set()
    assert not Assignment.objects.with_role(*CASE_ROLES, Role.PROVIDER_ADMIN).filter(pk=made.pk).exists()
    assert cast.sign_in(Client(), puppet).get(PAGE).status_code == 404


def test_a_role_added_to_one_who_is_there_is_suspended_and_a_free_role_is_not(petra, root, bjorken):
    nurse = cast.assign(None, bjorken, Role.READER)
    change_assignment(root, nurse, roles=[Role.READER, Role.REPORTER])
    assert now(nurse).suspended_at is None
    change_assignment(root, now(nurse), roles=[Role.READER, Role.CASE_HANDLER])
    assert now(nurse).counting_roles == {Role.READER}


def test_an_assignment_opened_again_moved_or_made_longer_is_suspended(petra, root, bjorken):
    unit = cast.unit(bjorken, "Norra")
    ended = cast.assign(None, bjorken, Role.CASE_HANDLER, valid_to=cast.day(-1))
    closed = cast.assign(None, bjorken, Role.CASE_HANDLER, is_active=False)
    narrow = cast.assign(None, bjorken, Role.CASE_HANDLER, at=unit)
    change_assignment(root, ended, valid_to="")
    change_assignment(root, closed, is_active="on")
    change_assignment(root, narrow, unit="")
    assert [now(a).suspended_why for a in (ended, closed, narrow)] == [guarding.Why.WIDENED] * 3


def test_what_makes_it_narrower_suspends_nothing(petra, jonas, root):
    change_assignment(root, jonas, valid_to=cast.day(30).isoformat())
    change_person(root, jonas.user, given_name="Johan")
    assert now(jonas).suspended_at is None


def test_a_forgotten_password_that_one_mends_alone_suspends_nothing(petra, jonas, root, client):
    client.post("/konto/password/reset/", {"email": jonas.user.email})
    link = next(line for line in mail.outbox[-1].body.split() if "/password/reset/key/" in line)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    client.post(
        page.request["PATH_INFO"], {"password1": "ett nytt långt lösenord", "password2": "ett nytt långt lösenord"}
    )
    jonas.user.refresh_from_db()
    assert jonas.user.check_password("ett nytt långt lösenord")
    root.post("/admin/accounts/user/", {"action": "send_links", "_selected_action": [jonas.user_id]})
    assert now(jonas).suspended_at is None


def test_their_own_administrator_is_no_outsider(petra, jonas):
    voucher = guarding.voucher(cast.reader(petra))
    guarding.doubt_person(jonas.user, why=guarding.Why.ADDRESS, voucher=voucher)
    guarding.doubt_change(None, jonas, voucher=voucher)
    assert now(jonas).suspended_at is None


# Who says yes -----------------------------------------------------------------------------------------------
def test_nobody_confirms_themselves_nor_two_each_other(petra, bjorken, root):
    Assignment.objects.filter(pk=petra.pk).update(is_active=False)
    one = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    other = cast.assign(None, bjorken, Role.PROVIDER_ADMIN)
    for a in (one, other):
        suspend(a)
    for who in (one, other):
        for about in (one, other):
            assert answer_as(who, about).status_code == 404
    assert {now(a).counting_roles for a in (one, other)} == {frozenset()}


@pytest.mark.parametrize("roles", [(Role.READER,), (Role.CASE_HANDLER,), (Role.DOCUMENT_EDITOR,)])
def test_only_administrators_of_that_provider_are_asked(petra, jonas, bjorken, roles):
    suspend(jonas)
    elsewhere = cast.assign(None, cast.private("Ugglan"), Role.PROVIDER_ADMIN)
    colleague = cast.assign(None, bjorken, *roles)
    at_a_unit = cast.assign(None, bjorken, Role.PROVIDER_ADMIN, at=cast.unit(bjorken))
    for who in (elsewhere, colleague, at_a_unit):
        answer_as(who, jonas)
        assert now(jonas).suspended_at
        with pytest.raises(refused.NotAllowed):
            guarding.confirm(jonas, by=cast.reader(who))
    assert "Jonas" not in cast.sign_in(Client(), elsewhere.user).get(PAGE).content.decode()


def test_a_provider_without_administrator_is_asked_through_its_handlers(jonas, bjorken, root):
    new = cast.assign(cast.person(given_name="Nora"), bjorken, Role.READER)
    change_assignment(root, new, roles=[Role.READER, Role.PROVIDER_ADMIN])
    assert now(new).suspended_at
    assert Notice.objects.get(kind="role_suspended").user == jonas.user
    assert answer_as(jonas, new)["Location"] in {PAGE, "/"}
    assert now(new).suspended_at is None


def test_the_first_waits_too_and_who_runs_the_server_lets_it_count(bjorken, root):
    user = cast.person()
    data = {"user": user.pk, "provider": bjorken.pk, "roles": [Role.PROVIDER_ADMIN], "is_active": "on"}
    root.post("/admin/accounts/assignment/add/", data)
    first = Assignment.objects.get(user=user)
    assert first.counting_roles == frozenset()
    call_command("confirm_role", user.email, bjorken.name, reason="Ringde verksamhetschefen.", stdout=io.StringIO())
    assert now(first).counting_roles == {Role.PROVIDER_ADMIN}


def test_a_practice_of_one_is_not_locked_out_by_what_is_added_or_prolonged(bjorken, root):
    """Nobody there could give it back: what she has counts on, and what is added waits."""
    own = cast.assign(cast.person(), bjorken, Role.PROVIDER_ADMIN, Role.CASE_HANDLER, valid_to=cast.day(5))
    change_assignment(root, own, valid_to=cast.day(300))
    assert now(own).counting_roles == set(own.roles)
    change_assignment(root, own, roles=[*own.roles, Role.APPROVER, Role.DOCUMENT_EDITOR])
    assert now(own).counting_roles == {*own.roles, Role.DOCUMENT_EDITOR}
    assert now(own).suspended_roles == [Role.APPROVER]
    # What had ended is another matter.
    Assignment.objects.filter(pk=own.pk).update(is_active=False)
    change_assignment(root, now(own), is_active="on")
    assert not now(own).counting_roles & GUARDED


def test_no_to_a_role_of_somebody_known_takes_the_role_and_leaves_the_rest(petra, root, bjorken):
    nurse = cast.assign(cast.person(given_name="Nora"), bjorken, Role.READER)
    change_assignment(root, nurse, roles=[Role.READER, Role.CASE_HANDLER])
    answer_as(petra, nurse, "roles")
    assert (now(nurse).roles, now(nurse).is_active, now(nurse).suspended_at) == ([Role.READER], True, None)
    # Where it is in doubt who it is, there is no such answer.
    change_assignment(root, now(nurse), roles=[Role.READER, Role.CASE_HANDLER])
    change_person(root, nurse.user, email="angripare@annan.example")
    answer_as(petra, nurse, "roles")
    assert now(nurse).suspended_at


def test_no_ends_the_assignment(petra, jonas, root):
    change_person(root, jonas.user, email="angripare@annan.example")
    answer_as(petra, jonas, "no")
    assert not now(jonas).is_active
    assert answer_as(petra, jonas).status_code == 302
    assert not now(jonas).is_active


def test_a_yes_is_given_once(petra, jonas, root):
    change_person(root, jonas.user, email="ny@annan.example")
    answer_as(petra, jonas)
    with pytest.raises(refused.NotAllowed):
        guarding.confirm(jonas, by=cast.reader(petra))


def test_the_person_sees_that_roles_wait(petra, jonas, root):
    change_person(root, jonas.user, email="ny@annan.example")
    page = cast.sign_in(Client(), User.objects.get(pk=jonas.user_id)).get("/konto/uppdrag/").content.decode()
    assert "hos Hälsocentralen Björken har bekräftat det" in page


def test_who_runs_the_server_has_a_way_out_that_leaves_a_trace(jonas, root):
    suspend(jonas)
    said = io.StringIO()
    address, provider = jonas.user.email, jonas.provider.name
    call_command("confirm_role", address, provider, reason="Ringde verksamhetschefen.", stdout=said)
    assert now(jonas).suspended_at is None
    assert AuditEvent.objects.get(action="role_confirmed").reason == "Ringde verksamhetschefen."
    with pytest.raises(CommandError, match="No role of that person waits"):
        call_command("confirm_role", address, provider, reason="x")


def test_a_system_reader_is_no_administrator_of_anybody(jonas):
    assert not guarding.may_confirm(Reader(kind="system", door="job"), jonas)
