"""Invitations are made, sent anew and taken back: verbs of a provider's administrators and its units' managers.

Nothing here tells whether an address has an account: it is asked only of the own people, whom the inviter sees anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import formats
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import Reach, reach_of
from accounts.invitations.jobs import email_invitation
from accounts.models import Assignment, CareUnit, Invitation, InvitationList, Provider
from accounts.readers import Reader
from accounts.roles import Role, role_words
from core import clock
from core.refused import NotAllowed, WrongState

DAYS = 14


@dataclass(frozen=True)
class Wish:
    """One person to invite: an address, and what they are offered."""

    email: str
    unit: CareUnit | None
    roles: tuple[str, ...]
    title: str = ""
    given_name: str = ""
    family_name: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def place(self) -> tuple[str, int | None]:
        """An address is invited once to each place."""
        return self.email.lower(), self.unit.pk if self.unit else None


def why_not(wish: Wish, reach: Reach) -> str:
    """Why this cannot be offered by one who decides over `reach`, whoever it is offered to; empty where it can."""
    where = (wish.unit.provider_id, wish.unit.pk) if wish.unit else (reach.provider_id, None)
    if not reach.covers(*where):
        return _("Choose one of your own units.")
    if beyond := set(wish.roles) - reach.gives:
        return _("You cannot give this role: %s.") % role_words(sorted(beyond))
    if not wish.roles:
        return _("Choose at least one role.")
    if Role.UNIT_MANAGER in wish.roles and wish.unit is None:
        return _("A unit manager manages one unit. Choose it.")
    if wish.valid_to and wish.valid_to < clock.today():
        return _("The last day has passed.")
    if wish.valid_from and wish.valid_to and wish.valid_to < wish.valid_from:
        return _("The last day must not come before the first.")
    return ""


def known(wishes: Iterable[Wish], reach: Reach) -> dict[tuple[str, int | None], str]:
    """By place, in words, those who are there already or have an invitation under way. Two queries.

    SECURITY: only of what the inviter may see: the people and invitations within reach.
    """
    emails = {wish.email.lower() for wish in wishes}
    found: dict[tuple[str, int | None], str] = {}
    pending = Invitation.objects.open().filter(reach.people).annotate(address=Lower("email"))
    for address, unit, at in pending.filter(address__in=emails).values_list("address", "unit", "created_at"):
        day = formats.date_format(clock.swedish(at), "j F")
        found[address, unit] = _("Invited already, %s. Not sent again.") % day
    there = Assignment.objects.filter(reach.people, user__email__in=emails, is_active=True)
    for row in there.select_related("user").only("user__email", "unit_id", "is_active", "valid_to"):
        if not row.has_ended:
            found[row.user.email, row.unit_id] = _("Works here already. Change the roles on the person's page.")
    return found


@transaction.atomic
def invite(wishes: Sequence[Wish], *, by: Reader, batch: InvitationList | None = None) -> list[Invitation]:
    """An invitation for each, and its e-mail by the queue; whoever is there or invited already is passed over. All or
    nothing. Raises NotAllowed where one of them cannot be offered by `by`.
    """
    reach = reach_of(by)
    if reach is None:
        raise NotAllowed(_("Only an administrator of that provider does this."))
    # SECURITY: two who invite the same address at once are told of each other, and it is invited once.
    Provider.objects.select_for_update().get(pk=reach.provider_id)
    for wish in wishes:
        if why := why_not(wish, reach):
            raise NotAllowed(why)
    passed_over = known(wishes, reach)
    wanted = list({w.place: w for w in reversed(wishes) if w.place not in passed_over}.values())[::-1]
    _put_away_expired(wanted, reach.provider_id)
    made = Invitation.objects.bulk_create([_of(wish, reach, by, batch) for wish in wanted])
    for invitation in made:
        facts: dict[str, Any] = {"roles": invitation.roles, "unit": invitation.unit_id, "invitation": invitation.pk}
        audit.record("invited", by=by, target_type="invitation", target_id=invitation.key, **facts)
    _send(made)
    return made


@transaction.atomic
def invite_vouched(wish: Wish, provider: Provider, *, by: Reader) -> Invitation:
    """An invitation whose roles count when it is accepted, without another's yes. No e-mail is sent.

    SECURITY: for `accounts.register.firsts` alone, where two have said yes or whoever runs the server has.
    """
    Provider.objects.select_for_update().get(pk=provider.pk)
    same = Invitation.objects.under_way().filter(provider=provider, unit=wish.unit, email=wish.email.lower())
    same.update(withdrawn_at=clock.now())
    invitation = _of(wish, Reach(provider.pk, None, frozenset()), by, None)
    invitation.is_vouched = True
    invitation.save()
    facts: dict[str, Any] = {"roles": invitation.roles, "invitation": invitation.pk, "vouched": True}
    audit.record("invited", by=by, target_type="invitation", target_id=invitation.key, **facts)
    return invitation


def forget_vouched(provider: Provider) -> int:
    """Vouched invitations that nobody has accepted work no longer; gives how many they were."""
    rows = Invitation.objects.under_way().filter(provider=provider, is_vouched=True)
    return rows.update(withdrawn_at=clock.now())


def send(invitation: Invitation) -> None:
    """Its e-mail goes out by the queue, in the caller's transaction."""
    _send([invitation])


def _of(wish: Wish, reach: Reach, by: Reader, batch: InvitationList | None) -> Invitation:
    invitation = Invitation(
        provider_id=reach.provider_id,
        unit=wish.unit,
        email=wish.email.lower(),
        given_name=wish.given_name,
        family_name=wish.family_name,
        roles=sorted(wish.roles),
        title=wish.title,
        valid_from=wish.valid_from,
        valid_to=wish.valid_to,
        invited_by_id=by.user_id,
        invited_by_label=by.record_label,
        batch=batch,
        expires_at=clock.now() + dt.timedelta(days=DAYS),
    )
    invitation.make_link()
    return invitation


def _put_away_expired(wishes: Iterable[Wish], provider_id: int) -> None:
    """An invitation whose days have passed makes way for a new one."""
    emails = {wish.email.lower() for wish in wishes}
    old = Invitation.objects.under_way().filter(provider=provider_id, email__in=emails, expires_at__lte=clock.now())
    places = {wish.place for wish in wishes}
    keys = [row.pk for row in old if (row.email, row.unit_id) in places]
    Invitation.objects.filter(pk__in=keys).update(withdrawn_at=clock.now())


def _send(invitations: Iterable[Invitation]) -> None:
    jobs: list[dict[str, Any]] = [{"invitation_id": row.pk, "sending": row.sending} for row in invitations]
    if jobs:
        email_invitation.batch_defer(*jobs)


def _locked(invitation: Invitation, by: Reader) -> Invitation:
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("provider", "unit").get(pk=invitation.pk)
    reach = reach_of(by)
    if reach is None or not reach.covers(locked.provider_id, locked.unit_id):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if locked.accepted_at:
        raise WrongState(_("The invitation has been accepted meanwhile."))
    if locked.withdrawn_at:
        raise WrongState(_("The invitation has been taken back already."))
    if beyond := set(locked.roles) - reach.gives:
        raise NotAllowed(_("You cannot give this role: %s.") % role_words(sorted(beyond)))
    return locked


@transaction.atomic
def send_again(invitation: Invitation, *, by: Reader) -> Invitation:
    """A fresh link for fourteen days more; the former works no longer. Raises Refused."""
    return renew(_locked(invitation, by), by=by)


def renew(locked: Invitation, *, by: Reader) -> Invitation:
    """A fresh link for a locked invitation. The caller has asked whether `by` may."""
    locked.make_link()
    locked.expires_at = clock.now() + dt.timedelta(days=DAYS)
    locked.sending += 1
    locked.emailed_at, locked.emails_in_flight = None, 0
    locked.save()
    audit.record("invitation_sent_again", by=by, target_type="invitation", target_id=locked.key, invitation=locked.pk)
    _send([locked])
    return locked


@transaction.atomic
def take_back(invitation: Invitation, *, by: Reader) -> Invitation:
    """The link works no longer, from the next click on. Raises Refused."""
    locked = _locked(invitation, by)
    locked.withdrawn_at, locked.withdrawn_by_label = clock.now(), by.record_label
    locked.save(update_fields=["withdrawn_at", "withdrawn_by_label"])
    audit.record("invitation_taken_back", by=by, target_type="invitation", target_id=locked.key, invitation=locked.pk)
    return locked
