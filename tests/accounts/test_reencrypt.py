"""Keys are changed while people work: nothing is lost, and the old key opens nothing afterwards."""

from __future__ import annotations

import base64
import io

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from accounts.forms import drafts
from accounts.models import Draft, Provider
from tests import cast

pytestmark = pytest.mark.django_db
OLD, NEW, STRANGE = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def kept(reader, text: str) -> Draft:
    ticket = drafts.keep(drafts.ticket_for(reader, "deviation"), {"what": [text]}).ticket
    return Draft.objects.get(token=ticket.token)


@pytest.fixture
def stored(settings):
    """One of each encrypted thing, under the old key."""
    settings.PORTAL_ENCRYPTION_KEYS = [OLD]
    trader = Provider(kind="private", name="Fotvård Öberg")
    trader.set_org_number(cast.SOLE_TRADER)
    trader.save()
    person = cast.person()
    draft = kept(cast.reader(cast.assign(person, trader)), "Fel styrka")
    cast.with_two_step(person)
    return trader, draft, person


def secrets_of(trader, draft, person):
    """What the application reads of them."""
    totp = Authenticator.objects.get(user=person, type="totp")
    return (
        Provider.objects.get(pk=trader.pk).org_number_personal,
        Draft.objects.get(pk=draft.pk).payload,
        get_adapter().decrypt(totp.data["secret"]),
    )


def reencrypt() -> str:
    said = io.StringIO()
    call_command("reencrypt", stdout=said)
    return said.getvalue()


def test_all_is_read_with_the_new_key_alone(stored, settings) -> None:
    before, touched = secrets_of(*stored), Draft.objects.get(pk=stored[1].pk).updated_at
    settings.PORTAL_ENCRYPTION_KEYS = [NEW, OLD]
    said = reencrypt()
    assert "accounts_provider: 1\n" in said
    assert "accounts_draft: 1\n" in said
    settings.PORTAL_ENCRYPTION_KEYS = [NEW]
    assert secrets_of(*stored) == before
    assert Draft.objects.get(pk=stored[1].pk).updated_at == touched
    assert reencrypt() == said


def test_a_row_that_no_key_opens_is_told_and_stops_nothing_else(stored, settings) -> None:
    settings.PORTAL_ENCRYPTION_KEYS = [STRANGE]
    other = kept(cast.reader(cast.assign()), "annat")
    settings.PORTAL_ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=rf"1 rows .*accounts_draft {other.pk}\. Put the key back"):
        reencrypt()
    settings.PORTAL_ENCRYPTION_KEYS = [NEW]
    assert secrets_of(*stored)[1] == {"what": ["Fel styrka"]}
