"""A provider's first administrator, and the one of a provider that has lost its last: two agreement managers say yes.

SECURITY: one names, another confirms, and neither administers the portal (0012). The link goes to the provider's
registered address; accepting it is the provider's own yes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import manages_agreements
from accounts.invitations import inviting
from accounts.models import Assignment, FirstAdministrator, Invitation, Provider
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import PORTAL_WIDE, Role, roles_for_kind
from core import clock
from core.refused import Moved, NotAllowed, WrongState

PAGE = "/konto/avtal/"
# A registered address younger than this is looked at twice.
NEW_ADDRESS_DAYS = 30


def has_administrator(provider: Provider) -> bool:
    """Somebody administers the provider as a whole today."""
    return Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=provider, unit=None).exists()


def roles_to_name(kind: str) -> list[Role]:
    """The roles that a first administrator can have besides: all of them, in a practice of one."""
    return [role for role in Role if role in roles_for_kind(kind) - PORTAL_WIDE - {Role.UNIT_MANAGER}]


def waiting(provider: Provider) -> FirstAdministrator | None:
    """The one who is named and waits for the second's yes."""
    return FirstAdministrator.objects.filter(provider=provider, confirmed_at=None, withdrawn_at=None).first()


def under_way(provider: Provider) -> Invitation | None:
    """The invitation that two have said yes to, and that nobody has accepted yet."""
    return Invitation.objects.open().filter(provider=provider, is_vouched=True).first()


def is_new_address(provider: Provider) -> bool:
    since = provider.registered_email_at
    return since is None or since > clock.now() - dt.timedelta(days=NEW_ADDRESS_DAYS)


def why_not_named(provider: Provider) -> str:
    """Why nobody can be named there now; empty where somebody can."""
    if has_administrator(provider):
        return _("The provider has an administrator, who names the others.")
    if not provider.registered_email:
        return _("Write the provider's registered address first: the invitation goes there.")
    if not Provider.objects.with_access().filter(pk=provider.pk).exists():
        return _("The provider has no agreement today. Write one first.")
    if waiting(provider):
        return _("Somebody is named already, and waits for the second agreement manager.")
    if under_way(provider):
        return _("An invitation is under way.")
    return ""


@transaction.atomic
def name(provider: Provider, *, roles: Collection[str], title: str, by: Reader) -> FirstAdministrator:
    """Name the first administrator: whoever reads the registered address. Raises Refused."""
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    if why := why_not_named(locked):
        raise WrongState(why)
    given = sorted({Role.READER.value, Role.PROVIDER_ADMIN.value, *roles})
    if set(given) - set(roles_to_name(locked.kind)):
        raise NotAllowed(_("That role is not given so."))
    made = FirstAdministrator.objects.create(
        provider=locked, email=locked.registered_email, roles=given, title=title,
        named_by_id=by.user_id, named_by_label=by.record_label,
    )  # fmt: skip
    audit.record("first_administrator_named", by=by, target_type="provider", target_id=locked.pk, roles=given)
    others = Assignment.objects.with_role(Role.AGREEMENT_MANAGER).exclude(user=by.user_id)
    notify(others, kind="first_administrator_waits", subject="", url=f"{PAGE}{locked.key}/")
    return made


def _locked(first: FirstAdministrator, by: Reader) -> FirstAdministrator:
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))
    Provider.objects.select_for_update().get(pk=first.provider_id)
    locked = FirstAdministrator.objects.select_related("provider").select_for_update(of=("self",)).get(pk=first.pk)
    if locked.confirmed_at or locked.withdrawn_at:
        raise WrongState(_("This has been answered already."))
    return locked


@transaction.atomic
def confirm(first: FirstAdministrator, *, shown: str, looked_at_address: bool, by: Reader) -> Invitation:
    """The second's yes: the invitation goes to the registered address, and the function mailbox is told. Raises
    Refused. `shown`: the address that was seen; `looked_at_address`: the second says that a new one is right.
    """
    locked = _locked(first, by)
    provider = locked.provider
    if locked.named_by_id == by.user_id:
        raise NotAllowed(_("You named this person. Another agreement manager confirms."))
    if not shown == locked.email == provider.registered_email:
        raise Moved(_("The registered address has been changed meanwhile. Name the administrator anew."))
    if is_new_address(provider) and not looked_at_address:
        raise WrongState(_("The address is new. Ask the provider whether it is right, and say so."))
    if has_administrator(provider):
        raise WrongState(_("The provider has an administrator, who names the others."))
    wish = inviting.Wish(locked.email, None, tuple(locked.roles), title=locked.title)
    invitation = inviting.invite_vouched(wish, provider, by=by)
    inviting.send(invitation)
    locked.confirmed_by_id, locked.confirmed_by_label = by.user_id, by.record_label
    locked.confirmed_at, locked.invitation = clock.now(), invitation
    locked.save()
    audit.record("first_administrator_confirmed", by=by, target_type="provider", target_id=provider.pk)
    if provider.email:
        mailboxes = [(provider.pk, provider.email)]
        notify([], kind="first_administrator_invited", subject="", url="/", mailboxes=mailboxes)
    return invitation


@transaction.atomic
def withdraw(first: FirstAdministrator, *, by: Reader) -> None:
    """Nobody is named after all: by either of the two. Raises Refused."""
    locked = _locked(first, by)
    locked.withdrawn_at = clock.now()
    locked.save(update_fields=["withdrawn_at"])
    audit.record("first_administrator_withdrawn", by=by, target_type="provider", target_id=locked.provider_id)


@transaction.atomic
def send_again(invitation: Invitation, *, by: Reader) -> Invitation:
    """A fresh link to the same address; two have said yes to it already. Raises Refused."""
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("provider").get(pk=invitation.pk)
    if not locked.is_vouched or locked.accepted_at or locked.withdrawn_at:
        raise WrongState(_("This has been answered already."))
    if locked.email != locked.provider.registered_email or has_administrator(locked.provider):
        raise Moved(_("The registered address has been changed meanwhile. Name the administrator anew."))
    return inviting.renew(locked, by=by)
