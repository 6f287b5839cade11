"""Where a second step is demanded, and where one views as another, every address is shut but those named here."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.urls import resolve

from accounts.granting.held import mark
from accounts.models import Assignment
from accounts.signin.middleware import TwoStepMiddleware
from accounts.viewing.seeing_as import OPEN as SEEN_AS_ANOTHER
from tests import cast as people
from tests.access import world as worlds
from tests.access.table import table

pytestmark = pytest.mark.django_db
SET_UP = "/konto/2fa/totp/activate/"
# What opens without the second step, written out by hand: by their addresses.
WITHOUT = {
    "konto/2fa/", SET_UP[1:], "konto/2fa/reauthenticate/", "konto/2fa/recovery-codes/",
    "konto/2fa/recovery-codes/generate/", "konto/2fa/recovery-codes/download/", "konto/login/", "konto/logout/",
    "konto/reauthenticate/", "konto/password/change/", "konto/password/reset/", "konto/password/reset/done/",
    "^konto/password/reset/key/", "konto/password/reset/key/done/", "konto/uppdrag/", "konto/visa-som/avsluta/",
    "sprak/", "tillganglighet/", "healthz", "readyz",
}  # fmt: skip


def name_of(address: str) -> str:
    return resolve(address.split("?")[0]).view_name


def test_every_address_waits_for_the_second_step_but_those_named(world: worlds.World, settings: LazySettings) -> None:
    """Roles were given and a handler confirmed at /konto/ by one who had not set it up."""
    settings.PORTAL_TWO_STEP_REQUIRED = True
    rows, opened = table(world), set()
    for role in ("admin", "editor", "provider_admin", "handler"):
        client = world.client(role)
        for pattern, (address, _expected) in rows.items():
            for answer in (client.get(address), client.post(address)):
                if answer.status_code == 302 and answer["Location"] == SET_UP:
                    continue
                opened.add(name_of(address))
                assert name_of(address) in TwoStepMiddleware.OPEN, (role, pattern)
            if pattern == "konto/logout/":
                client = world.client(role)
    spelled = {name_of(f"/{address.lstrip('^')}" + ("1-2/" if address.startswith("^") else "")) for address in WITHOUT}
    assert spelled == TwoStepMiddleware.OPEN
    assert opened <= spelled


def test_with_it_the_same_addresses_open(world: worlds.World, settings: LazySettings) -> None:
    settings.PORTAL_TWO_STEP_REQUIRED = True
    people.with_two_step(world.user("provider_admin"))
    assert world.client("provider_admin").get("/konto/var-verksamhet/").status_code == 200


def test_no_role_is_given_and_nobody_confirmed_without_it(world: worlds.World, settings: LazySettings) -> None:
    settings.PORTAL_TWO_STEP_REQUIRED = True
    client, nurse = world.client("provider_admin"), Assignment.objects.get(user=world.user("reader"))
    for address, data in (
        (f"/konto/var-verksamhet/person/{nurse.key}/", {"act": "change", "roles": ["approver"], "shown": mark(nurse)}),
        ("/konto/var-verksamhet/", {"assignment": nurse.pk, "answer": "yes"}),
    ):
        assert client.post(address, data)["Location"] == SET_UP
    assert Assignment.objects.get(pk=nurse.pk).roles == nurse.roles


def test_with_anothers_eyes_every_address_is_away_but_those_named(world: worlds.World) -> None:
    client = world.client("editor")
    assert client.post("/konto/visa-som/", {"as": "Region Fjällmark", "next": "/"}).status_code == 302
    for pattern, (address, _expected) in table(world).items():
        answer = client.get(address)
        assert answer.status_code == 404 or name_of(address) in SEEN_AS_ANOTHER, pattern
        if name_of(address) not in ("account_logout", "end_view_as"):
            assert client.post(address).status_code in (403, 302, 405) or name_of(address) == "language", pattern
            assert client.post(address).status_code == 403 or name_of(address) in SEEN_AS_ANOTHER, pattern
