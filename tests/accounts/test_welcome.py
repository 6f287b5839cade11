"""The mail with a link to choose a password: a welcome to whoever has never signed in, and said plainly to others."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests import cast

pytestmark = pytest.mark.django_db


def sent_to(user: User) -> tuple[str, str]:
    root = cast.sign_in(Client(), cast.superuser())
    root.post("/admin/accounts/user/", {"action": "send_links", "_selected_action": [user.pk]})
    message = mail.outbox[-1]
    assert message.to == [user.email]
    return message.subject, message.body


def test_a_new_person_is_welcomed_and_told_what_to_do():
    subject, body = sent_to(cast.person(given_name="Åsa"))
    assert "Välkommen: välj ditt lösenord" in subject
    assert body.startswith("Välkommen, Åsa.")
    assert "/password/reset/key/" in body
    for alarming in ("Återställning", "bortse", "begärt"):
        assert alarming not in subject + body


def test_whoever_has_signed_in_before_is_told_what_was_asked_and_what_to_do_if_it_was_not_they():
    user = cast.person()
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    subject, body = sent_to(user)
    assert "Välj ett nytt lösenord" in subject
    assert "Var det inte du" in body
    assert "Välkommen" not in body


def test_the_mail_is_in_the_persons_language():
    _subject, body = sent_to(cast.person(given_name="Ann", language="en"))
    assert body.startswith("Welcome, Ann.")
