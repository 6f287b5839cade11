"""Another address to sign in with: asked for with the password, and so when both addresses have confirmed it."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import guarding
from accounts.models import AddressChange, AddressLink, User
from accounts.models.invitations import digest
from accounts.profile.jobs import email_address_link
from accounts.readers import Reader
from core import clock
from core.refused import NotAllowed, WrongState

HOURS = 24


def under_way(user_id: int) -> AddressChange | None:
    """The change that waits for its confirmations, if they can still come."""
    change = AddressChange.objects.filter(user=user_id, done_at=None).prefetch_related("links").first()
    return None if change is None or any(link.has_expired for link in change.links.all()) else change


@transaction.atomic
def ask(new_email: str, password: str, *, by: Reader) -> AddressChange:
    """A link goes to each of the two addresses; an earlier wish is forgotten. Raises Refused.

    SECURITY: the same whether somebody has the new address already.
    """
    user = User.objects.select_for_update().get(pk=by.user_id)
    if not user.check_password(password):
        raise NotAllowed(_("The password is wrong."))
    wanted = new_email.lower()
    if wanted == user.email:
        raise WrongState(_("This is your address already."))
    AddressChange.objects.filter(user=user, done_at=None).delete()
    change = AddressChange.objects.create(user=user, new_email=wanted)
    for email, is_new in ((user.email, False), (wanted, True)):
        expires = clock.now() + dt.timedelta(hours=HOURS)
        link = AddressLink(change=change, email=email, is_new=is_new, expires_at=expires)
        link.make_link()
        link.save()
        email_address_link.defer(link_id=link.pk)
    audit.record("address_change_asked", by=by, target_type="user", target_id=user.pk)
    return change


@transaction.atomic
def take_back(*, by: Reader) -> None:
    """The wish is forgotten; its links work no longer."""
    AddressChange.objects.filter(user=by.user_id, done_at=None).delete()


def opened(token_digest: str, user_id: int) -> AddressLink | None:
    """The person's own link, if it still works."""
    rows = AddressLink.objects.select_related("change").filter(token_digest=token_digest, change__user=user_id)
    return rows.filter(confirmed_at=None, change__done_at=None, expires_at__gt=clock.now()).first()


def digest_of(token: str) -> str:
    """How a link's token is kept in a session."""
    return digest(token)


@transaction.atomic
def confirm(token_digest: str, *, by: Reader) -> bool:
    """This address is the person's; True where both are now, and the address is changed. Raises Refused."""
    user = User.objects.select_for_update().get(pk=by.user_id)
    link = opened(token_digest, user.pk)
    if link is None:
        raise WrongState(_("The link is no longer valid. Ask for a new one."))
    link.confirmed_at = clock.now()
    link.save(update_fields=["confirmed_at"])
    if link.change.links.filter(confirmed_at=None).exists():
        return False
    _change(user, link.change, by)
    return True


def _change(user: User, change: AddressChange, by: Reader) -> None:
    former, user.email = user.email, change.new_email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise WrongState(_("That address cannot be used. Choose another.")) from error
    change.done_at = clock.now()
    change.save(update_fields=["done_at"])
    # SECURITY: allauth also sends sign-in links to the addresses that it remembers.
    EmailAddress.objects.filter(user=user, email__iexact=former).delete()
    audit.record("address_changed", by=by, target_type="user", target_id=user.pk)
    guarding.doubt_person(user, why=guarding.Why.ADDRESS, voucher=guarding.Voucher(by, None), by_oneself=True)
