"""The verbs on a link for an account: made, taken back, written by, and looked at.

SECURITY: the link shows nothing of the case, of the provider or of who handed it over. It takes a text, and no more.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.readers import Reader
from core import clock
from core.refused import WrongState
from deviations.access.handlers import responsible
from deviations.investigation import acts as investigating
from deviations.investigation.kinds import KINDS
from deviations.models import OPEN, AccountLink, Investigation, Party
from deviations.verbs.locking import EVENTS, begin_own, event

EVENTS.update(
    account_link=gettext_lazy("A link for the patient's account was made"),
    account_received=gettext_lazy("An account came in by its link"),
)
LASTS = dt.timedelta(days=14)


@transaction.atomic
def make(party: Party, *, by: Reader) -> AccountLink:
    """A link that lasts 14 days, for the handler to hand over."""
    act = begin_own("account_link", party, by, states=OPEN)
    found = Investigation.objects.get_or_create(party=act.party, defaults={"begun_at": act.now})[0]
    link = AccountLink(investigation=found, made_by=act.by.person_name, made_at=act.now, expires_at=act.now + LASTS)
    link.token_digest = AccountLink.digest(link.token)
    link.save()
    event(act, act.party.state, is_own=True)
    return link


@transaction.atomic
def revoke(party: Party, link: AccountLink, *, by: Reader) -> None:
    """The link takes nothing from now on. A text that has come stays."""
    act = begin_own("account_link", party, by, states=OPEN)
    AccountLink.objects.filter(pk=link.pk, investigation__party=act.party, revoked_at=None).update(revoked_at=act.now)


def open_link(token: str) -> AccountLink | None:
    """The link of this token, if it can still be written by; None alike for one that has ended and one never made."""
    found = AccountLink.objects.filter(token_digest=AccountLink.digest(token)).first()
    return found if found and found.is_open else None


@transaction.atomic
def receive(token: str, *, teller: str, text: str) -> bool:
    """Keep the text until a handler looks at it. False where the link takes nothing any more."""
    row = AccountLink.objects.select_for_update().filter(token_digest=AccountLink.digest(token)).first()
    if row is None or not row.is_open:
        return False
    row.teller, row.text, row.received_at = teller, text, clock.now()
    row.save(update_fields=["teller", "text", "received_at"])
    party = Party.objects.select_related("case", "provider", "unit").get(investigation=row.investigation_id)
    url = f"{party.case.get_absolute_url()}utredning/"
    notices.notify(responsible(party), kind="account_received", subject=party.case.number, url=url)
    return True


@transaction.atomic
def take(party: Party, link: AccountLink, *, by: Reader) -> None:
    """The text becomes an account of the investigation. Raises WrongState where it has been looked at."""
    act = begin_own("account_received", party, by, states=OPEN)
    row = _to_look_at(act.party, link)
    kind = KINDS["berattelse"]
    values = {
        "teller": row.teller,
        "text": row.text,
        "told_on": clock.swedish(row.received_at).date(),  # type: ignore[arg-type]  # received
        "how": _("in writing, by a link"),
    }
    investigating.put(act.party, kind, values, by=act.by, shown=investigating.mark(None, kind))
    _looked_at(row)


@transaction.atomic
def put_aside(party: Party, link: AccountLink, *, by: Reader) -> None:
    """The text does not belong in the investigation, and is not kept."""
    act = begin_own("account_received", party, by, states=OPEN)
    _looked_at(_to_look_at(act.party, link))


def _to_look_at(party: Party, link: AccountLink) -> AccountLink:
    rows = AccountLink.objects.select_for_update().filter(pk=link.pk, investigation__party=party)
    row = rows.filter(received_at__isnull=False, looked_at=None).first()
    if row is None:
        raise WrongState(_("Somebody has looked at it already."))
    return row


def _looked_at(row: AccountLink) -> None:
    row.looked_at, row.text = clock.now(), ""
    row.save(update_fields=["looked_at", "text"])
