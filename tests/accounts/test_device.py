"""The key of what is kept on a device: the person's own, the same each time, and nobody else's."""

from __future__ import annotations

import base64
import time

import pytest
from django.test import Client

from accounts.forms import drafts
from accounts.readers import reader_for
from accounts.roles import Role
from tests import cast

pytestmark = pytest.mark.django_db
KEY = "/konto/enhetsnyckel/"


def test_a_person_has_one_key_and_another_person_another():
    one, other = cast.assign().user, cast.assign().user
    told = [cast.sign_in(Client(), user).get(KEY).json() for user in (one, one, other)]
    assert told[0] == told[1]
    assert told[0] != told[2]
    assert told[0]["person"] != told[2]["person"]
    assert len(base64.b64decode(told[0]["key"])) == 32
    assert str(one.pk) != told[0]["person"]


def test_the_key_is_for_who_is_signed_in_and_is_not_kept_by_browsers():
    assert Client().get(KEY).status_code == 302
    answer = cast.sign_in(Client(), cast.assign().user).get(KEY)
    assert "no-store" in answer["Cache-Control"]
    assert cast.sign_in(Client(), cast.assign().user).post(KEY).status_code == 405


def test_pages_name_the_person_to_their_device_and_nobody_to_a_strangers():
    user = cast.assign().user
    client = cast.sign_in(Client(), user)
    tag = client.get(KEY).json()["person"]
    assert f'data-person="{tag}"' in client.get("/").content.decode()
    assert "data-person" not in Client().get("/").content.decode()


def test_the_portal_says_whether_it_has_the_text():
    assignment = cast.assign(None, None, Role.REPORTER)
    reader, client = reader_for(assignment.user, assignment), cast.sign_in(Client(), assignment.user)
    ticket = drafts.ticket_for(reader, "deviation")
    now = int(time.time() * 1000)

    def arrived(at: object, token: object = ticket):
        answer = client.get("/konto/utkast/deviation/lage/", {"token": str(token), "at": at})
        return answer.json().get("arrived") if answer.status_code == 200 else answer.status_code

    assert arrived(now) is False
    drafts.keep(ticket, {"description": ["Listan saknades."]})
    assert arrived(now) is True
    assert arrived(now + 3_600_000) is False
    for odd in ("", "x", "9" * 20, "-1"):
        assert arrived(odd) is False
    assert arrived(now, "x") == 404
    other = cast.sign_in(Client(), cast.assign().user)
    assert other.get("/konto/utkast/deviation/lage/", {"token": str(ticket), "at": now}).status_code == 404
