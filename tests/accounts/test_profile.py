"""A person's own page: their facts, and the places where they are signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Assignment, AuditEvent, User
from accounts.profile import oneself
from accounts.roles import Role
from tests import cast
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/konto/profil/"


@pytest.fixture
def sara() -> Assignment:
    return cast.assign(cast.person(given_name="Sara", family_name="Ek"), cast.private(), Role.READER, title="läkare")


def signed_in(user: User) -> Client:
    """By the form, as people do."""
    browser = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/145.0"})
    browser.post("/konto/login/", {"login": user.email, "password": PASSWORD})
    return browser


FACTS = {
    "given_name": "Sara", "family_name": "Ek", "title": "läkare", "phone": "", "language": "", "email_pace": "at_once",
}  # fmt: skip


def test_ones_own_facts_are_changed_and_logged(sara):
    there = signed_in(sara.user)
    sent = {
        **FACTS,
        "family_name": "Åkerö",
        "title": "överläkare",
        "phone": "010-1",
        "language": "en",
        "email_pace": "daily",
    }
    page = there.post(PAGE, sent, follow=True)
    assert "My profile" in page.content.decode()
    user = User.objects.get(pk=sara.user_id)
    assert (user.family_name, user.phone, user.language, user.email_pace) == ("Åkerö", "010-1", "en", "daily")
    assert Assignment.objects.get(pk=sara.pk).title == "överläkare"
    assert AuditEvent.objects.get(action="profile_changed").data == {"fields": ["family_name", "phone", "language"]}
    assert AuditEvent.objects.filter(action="title_changed", target_id=str(sara.pk)).count() == 1
    there.post(PAGE, sent)
    assert AuditEvent.objects.filter(action__in=("profile_changed", "title_changed")).count() == 2


def test_neither_address_role_nor_another_person_is_changed_here(sara):
    other = cast.assign(None, sara.provider, Role.READER, title="chef")
    there = signed_in(sara.user)
    there.post(PAGE, {**FACTS, "email": "x@y.example", "roles": "provider_admin", "user": other.user_id, "title": "x"})
    user = User.objects.get(pk=sara.user_id)
    assert user.email == sara.user.email
    assert Assignment.objects.get(pk=sara.pk).roles == [Role.READER]
    assert Assignment.objects.get(pk=other.pk).title == "chef"


@pytest.mark.parametrize(
    ("sent", "words"),
    [({"given_name": " "}, "Skriv ditt namn"), ({"language": "x"}, "giltigt"), ({"email_pace": "x"}, "giltigt")],
)
def test_bad_input_is_told_and_changes_nothing(sara, sent, words):
    answer = signed_in(sara.user).post(PAGE, {**FACTS, "phone": "010-1", **sent})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.get(pk=sara.user_id).phone == ""


def test_the_others_are_signed_out_and_this_one_is_not(sara):
    here, elsewhere, forgotten = (signed_in(sara.user) for _ in range(3))
    colleague = signed_in(cast.assign(None, sara.provider, Role.READER).user)
    page = here.get(PAGE).content.decode()
    assert page.count("Firefox, Windows") == 3
    here.post(PAGE, {"act": "sign_out"})
    assert here.get(PAGE).status_code == 200
    assert colleague.get(PAGE).status_code == 200
    for gone in (elsewhere, forgotten):
        assert gone.get(PAGE).status_code == 302
    assert here.get(PAGE).content.decode().count("Firefox, Windows") == 1


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        ("curl/8", "curl/8"),
    ],
)
def test_a_device_is_told_in_words(user_agent, words):
    assert oneself.device(user_agent) == words


def test_without_an_assignment_there_is_a_profile_too():
    user = cast.person()
    page = cast.sign_in(Client(), user).get(PAGE).content.decode()
    assert user.email in page
    assert 'name="title"' not in page
