"""Signing in, by allauth's real pages: what opens, what stays shut, and who must take a second step."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import TWO_STEP_ROLES, Kind, Role, roles_for_kind
from core import crypto, limits
from documents.models import MissingDocument
from tests import cast

pytestmark = pytest.mark.django_db
LOGIN = "/konto/login/"


def log_in(client: Client, email: str, password: str = cast.PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_right_password_opens_whatever_the_case_of_the_address(client):
    user = cast.person(email="sara.lindqvist@vard.example")
    response = log_in(client, "Sara.Lindqvist@VARD.example")
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert signed_in(client)
    event = AuditEvent.objects.get(action="signed_in")
    assert (event.actor_id, event.door) == (user.pk, "portal")


def test_a_wrong_password_opens_nothing_and_tells_nothing(client):
    known = cast.person(language="en")
    answers = []
    for address in (known.email, "nobody@vard.example"):
        response = log_in(client, address, "fel lösenord helt och hållet")
        assert response.status_code == 200
        answers.append(str(response.context["form"].non_field_errors()))
    assert answers[0] == answers[1]
    assert not signed_in(client)


def test_a_failed_sign_in_is_logged_without_what_was_typed(client):
    log_in(client, "hemligt-losenord@vard.example", "hemligt-losenord")
    event = AuditEvent.objects.get(action="sign_in_failed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM accounts_auditevent row WHERE id = %s", [event.pk])
        assert "hemligt" not in cursor.fetchone()[0]


def test_an_inactive_person_is_not_let_in_and_is_put_out_at_once(client):
    user = cast.person()
    log_in(client, user.email)
    assert client.get(reverse("assignments")).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(reverse("assignments")).status_code == 302
    fresh = Client()
    log_in(fresh, user.email)
    assert not signed_in(fresh)


def test_nobody_signs_up_by_themselves(client):
    page = reverse("account_signup")
    before = User.objects.count()
    client.get(page)
    client.post(page, {"email": "ny@vard.example", "password1": cast.PASSWORD, "password2": cast.PASSWORD})
    assert User.objects.count() == before
    assert not signed_in(client)
    assert "password1" not in client.get(page).content.decode()


def test_signing_out_takes_a_form_and_is_logged(client):
    user = cast.person()
    log_in(client, user.email)
    client.get(reverse("account_logout"))
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)
    assert AuditEvent.objects.filter(action="signed_out", actor=user).exists()


def test_a_password_is_at_least_twelve_characters_and_no_common_one(client):
    user = cast.person()
    log_in(client, user.email)
    for bad in ("kort", "123456789012", "password1234"):
        client.post(
            reverse("account_change_password"),
            {"oldpassword": cast.PASSWORD, "password1": bad, "password2": bad},
        )
        user.refresh_from_db()
        assert user.check_password(cast.PASSWORD)


OTHER_PROCESS = """
import django
django.setup()
from django.test import Client
response = Client().post("/konto/login/", {"login": %r, "password": %r})
print("status", response.status_code, "_auth_user_id" in response.client.session)
"""


@pytest.mark.django_db(transaction=True)
def test_too_many_attempts_are_stopped_in_every_process():
    """The count lies in the shared cache: a second server process is as shut as the first."""
    cache.clear()
    try:
        user = cast.person()
        for _ in range(6):
            log_in(Client(), user.email, "fel lösenord helt och hållet")
        client = Client()
        log_in(client, user.email)
        assert not signed_in(client)

        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        done = subprocess.run(
            [sys.executable, "-c", OTHER_PROCESS % (user.email, cast.PASSWORD)],
            env={**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "portal.settings"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert "status 200 False" in done.stdout

        cache.clear()
        log_in(client, user.email)
        assert signed_in(client)
    finally:
        # The cache's table is no model's, so the flush after a transactional test leaves it.
        cache.clear()


def test_an_authenticator_app_is_set_up_encrypted_and_asked_for(client):
    user = cast.person()
    log_in(client, user.email)
    page = reverse("mfa_activate_totp")
    # A fresh proof that it is the person, and not somebody at a screen left open.
    assert client.get(page)["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    assert client.get(page).status_code == 200
    secret = client.session["mfa.totp.secret"]

    client.post(page, {"code": "000000" if code_for(secret) != "000000" else "111111"})
    assert not Authenticator.objects.exists()
    client.post(page, {"code": code_for(secret)})
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    assert stored != secret
    assert crypto.decrypt(stored) == secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, ' ') FROM mfa_authenticator row")
        assert secret not in cursor.fetchone()[0]

    cache.clear()  # a code works once; this is the same half minute
    fresh = Client()
    response = log_in(fresh, user.email)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert not signed_in(fresh)
    fresh.post(reverse("mfa_authenticate"), {"code": "12"})
    assert not signed_in(fresh)
    fresh.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert signed_in(fresh)


# Who must take a second step --------------------------------------------------------------------------------
def demanded(client: Client, path: str = "/uppgifter/") -> bool:
    response = client.get(path)
    sent_on = response.status_code == 302 and response["Location"] == reverse("mfa_activate_totp")
    assert sent_on or response.status_code in (200, 302, 404, 405)
    return sent_on


def kind_with(role: str) -> str:
    return next(kind for kind in (Kind.PRIVATE, Kind.REGIONAL, Kind.MUNICIPAL) if role in roles_for_kind(kind))


@pytest.mark.parametrize("role", Role.values)
def test_roles_that_open_sensitive_things_demand_a_second_step(client, settings, role):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    provider = {
        Kind.PRIVATE: cast.private,
        Kind.REGIONAL: cast.region,
        Kind.MUNICIPAL: cast.municipality,
    }[kind_with(role)]()
    user = cast.person()
    cast.assign(user, provider, role)
    cast.sign_in(client, user)
    assert demanded(client) is (role in TWO_STEP_ROLES)
    cast.with_two_step(user)
    assert not demanded(client)
    settings.PORTAL_TWO_STEP_REQUIRED = False
    Authenticator.objects.all().delete()
    assert not demanded(client)


def test_staff_must_and_readers_reporters_and_the_public_need_not(client, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    assert not demanded(Client())
    reporter = cast.person()
    cast.assign(reporter, cast.private(), Role.READER, Role.REPORTER)
    assert not demanded(cast.sign_in(Client(), reporter))
    assert demanded(cast.sign_in(client, cast.person(is_staff=True)))


@pytest.mark.parametrize("path", ["/", "/dokument/", "/avvikelser/", "/admin/", "/admin/accounts/user/", "/uppgifter/"])
def test_every_door_waits_for_the_second_step(client, settings, path):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    assert demanded(cast.sign_in(client, cast.superuser()), path)


def test_a_post_waits_too(client, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    cast.sign_in(client, cast.superuser())
    before = User.objects.count()
    response = client.post(reverse("admin:accounts_user_add"), {"email": "ny@vard.example"})
    assert response["Location"] == reverse("mfa_activate_totp")
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "path", ["/konto/uppdrag/", "/konto/2fa/totp/activate/", "/konto/logout/", "/tillganglighet/", "/healthz"]
)
def test_what_one_needs_to_set_it_up_stays_open(client, settings, path):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    assert not demanded(cast.sign_in(client, cast.superuser()), path)


def test_the_demand_follows_the_assignment_one_works_under(client, settings):
    settings.PORTAL_TWO_STEP_REQUIRED = True
    user = cast.person()
    cast.assign(user, cast.private("Alen AB"), Role.READER)
    handler = cast.assign(user, cast.private("Björken AB"), Role.CASE_HANDLER)
    cast.sign_in(client, user)
    assert not demanded(client)
    client.post(reverse("assignments"), {"assignment": handler.pk})
    assert demanded(client)


# How often --------------------------------------------------------------------------------------------------
def try_sign_in(client, email: str, password: str = "fel lösenord", *, address: str = "192.0.2.1"):
    return client.post("/konto/login/", {"login": email, "password": password}, REMOTE_ADDR=address)


def is_in(answer) -> bool:
    return answer.status_code == 302


@pytest.fixture
def no_counts(db):
    cache.clear()
    yield
    cache.clear()


def test_wrong_passwords_for_an_account_are_stopped_at_that_address_only(no_counts):
    nurse = cast.assign().user
    for _ in range(5):
        assert not is_in(try_sign_in(Client(), nurse.email, address="198.51.100.7"))
    stopped = try_sign_in(Client(), nurse.email.upper(), cast.PASSWORD, address="198.51.100.7")
    assert not is_in(stopped)
    assert is_in(try_sign_in(Client(), nurse.email, cast.PASSWORD))


def test_right_sign_ins_from_one_address_are_not_limited(no_counts):
    nurse = cast.assign().user
    assert all(is_in(try_sign_in(Client(), nurse.email, cast.PASSWORD)) for _ in range(40))


def test_an_address_with_very_many_wrong_passwords_has_one_try_for_each_account(no_counts, monkeypatch):
    monkeypatch.setattr(limits, "WRONG_PASSWORDS_BY_ADDRESS", "3/10m/ip")
    nurse = cast.assign().user
    for n in range(3):
        try_sign_in(Client(), f"okand{n}@vard.example")
    assert is_in(try_sign_in(Client(), nurse.email, cast.PASSWORD))
    assert not is_in(try_sign_in(Client(), "okand9@vard.example"))
    other = cast.assign().user
    assert not is_in(try_sign_in(Client(), other.email))
    assert not is_in(try_sign_in(Client(), other.email, cast.PASSWORD))
    assert is_in(try_sign_in(Client(), nurse.email, cast.PASSWORD))


def test_a_form_open_to_nobody_is_limited_by_address_and_in_all(no_counts, monkeypatch):
    monkeypatch.setattr(limits, "OPEN_FORM", "3/10m/ip,7/h/key")

    def ask(address: str) -> int:
        data = {"what": "Rutin för älgbett"}
        return Client().post("/saknas/", data, REMOTE_ADDR=address).status_code

    assert [ask("192.0.2.1") for _ in range(4)] == [302, 302, 302, 429]
    assert [ask("192.0.2.2") for _ in range(4)] == [302, 302, 302, 429]
    assert [ask("192.0.2.3") for _ in range(2)] == [302, 429]
    person = cast.sign_in(Client(), cast.assign().user)
    assert person.post("/saknas/", {"what": "Rutin för älgbett"}, REMOTE_ADDR="192.0.2.1").status_code == 302
    assert MissingDocument.objects.count() == 8
