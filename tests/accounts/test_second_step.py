"""Codes of the second step cannot be guessed: so many for each person and sign-in, and the person is told."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from accounts.models import AuditEvent, Notice, User
from accounts.signin import second_step
from tests import cast as people
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/konto/login/", "/konto/2fa/authenticate/"


def right_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def begin(user: User, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.post(LOGIN, {"login": user.email, "password": people.PASSWORD})
    assert answer["Location"] == CODE
    return client


def guess(client: Client, secret: str, times: int) -> list[int]:
    right = right_code(secret)
    wrong = [f"{n:06}" for n in range(100_000, 100_000 + times + 1) if f"{n:06}" != right][:times]
    return [client.post(CODE, {"code": code}).status_code for code in wrong]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_after_some_wrong_codes_the_right_one_opens_nothing_in_any_session(cast: Cast) -> None:
    secret = people.with_two_step(cast.maria)
    client = begin(cast.maria)
    assert guess(client, secret, 4) == [200] * 4
    assert not Notice.objects.filter(kind="second_step_guessed").exists()
    assert guess(client, secret, 1) == [200]
    # From the beginning: the password again, and in the new session no more tries either.
    assert client.post(CODE, {"code": right_code(secret)})["Location"].startswith(LOGIN)
    for other in (begin(cast.maria, client), begin(cast.maria)):
        answer = other.post(CODE, {"code": right_code(secret)})
        assert answer.status_code == 200
        assert not is_in(other)


def test_the_person_is_told_once_and_it_is_in_the_audit_log(cast: Cast) -> None:
    secret = people.with_two_step(cast.maria)
    for _ in range(3):
        guess(begin(cast.maria), secret, 3)
    told = Notice.objects.filter(kind="second_step_guessed")
    assert [n.user for n in told] == [cast.maria]
    page = people.sign_in(Client(), cast.maria).get("/konto/notiser/").content.decode()
    assert "/konto/password/change/" in page
    failed = AuditEvent.objects.filter(action="second_step_failed")
    assert {e.target_id for e in failed} == {str(cast.maria.pk)}
    assert failed.count() == second_step.WRONG
    assert not failed.filter(actor_id__isnull=False).exists()


def test_one_who_mistypes_gets_in_and_others_are_not_kept_waiting(cast: Cast) -> None:
    secret, other = people.with_two_step(cast.maria), people.with_two_step(cast.karin)
    client = begin(cast.maria)
    guess(client, secret, 4)
    assert client.post(CODE, {"code": right_code(secret)}).status_code == 302
    assert is_in(client)
    guess(begin(cast.maria), secret, 5)
    colleague = begin(cast.karin)
    colleague.post(CODE, {"code": right_code(other)})
    assert is_in(colleague)
