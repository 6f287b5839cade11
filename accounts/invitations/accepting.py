"""An invitation is opened and accepted, by somebody new or as the person one is already."""

from __future__ import annotations

from django.contrib.auth.password_validation import password_changed
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import guarding, reach_of
from accounts.models import Assignment, Invitation, Provider, User
from accounts.models.invitations import digest
from accounts.notices import notify
from accounts.readers import SYSTEM, Reader, reader_for
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState

# The edition of the terms that are shown (templates/accounts/invitations/terms.html); kept with who accepted them.
TERMS = 1


def opened(token_digest: str) -> Invitation | None:
    """The invitation of a link that works: not used, not taken back, not too old, and its provider has access."""
    rows = Invitation.objects.open().filter(token_digest=token_digest).select_related("provider", "unit")
    found = rows.first()
    return found if found and not _gone(found) else None


def _gone(invitation: Invitation) -> bool:
    """The place that it offers is no longer there."""
    if invitation.unit and not invitation.unit.is_active:
        return True
    if invitation.valid_to and invitation.valid_to < clock.today():
        return True
    return not Provider.objects.with_access().filter(pk=invitation.provider_id).exists()


class HasAccount(WrongState):
    """Somebody has this address already, and accepts signed in as themselves."""


@transaction.atomic
def accept_as_new(token: str, *, given_name: str, family_name: str, password: str) -> tuple[User, Assignment]:
    """A person is made, with the address that the invitation was sent to, and gets the assignment. Raises Refused."""
    invitation = _locked(token)
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, given_name=given_name, family_name=family_name)
    except IntegrityError as error:
        words = _("You have an account with this address already. Sign in, and accept as yourself.")
        raise HasAccount(words) from error
    password_changed(password, user)
    return user, _accept(invitation, user)


@transaction.atomic
def accept_as(token: str, user: User) -> Assignment:
    """The person who is signed in gets one more assignment; at a place where they have one, the roles are added to it.
    Raises Refused."""
    return _accept(_locked(token), user)


def _locked(token: str) -> Invitation:
    # SECURITY: the row is locked, so that of two who use the link at once the second finds it used.
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("provider", "unit", "invited_by")
    invitation = rows.open().filter(token_digest=token).first()
    if invitation is None or _gone(invitation):
        raise WrongState(_("The link is no longer valid. Ask for a new one."))
    return invitation


def _accept(invitation: Invitation, user: User) -> Assignment:
    if invitation.invited_by_id == user.pk:
        raise NotAllowed(_("You cannot accept an invitation that you sent yourself."))
    before, after = _assignment_at(invitation, user), _assignment_at(invitation, user)
    if after is None or after.has_ended:
        after = after or Assignment(user=user, provider=invitation.provider, unit=invitation.unit)
        after.roles, after.is_active = list(invitation.roles), True
        after.is_paused, after.paused_to = False, None
        after.valid_from, after.valid_to = invitation.valid_from, invitation.valid_to
    else:
        # SECURITY: a pause, and the days of what holds already, are the administrators' to change.
        after.roles = sorted({*after.roles, *invitation.roles})
    after.title = invitation.title or after.title
    voucher = _voucher(invitation, user)  # before anything is saved
    after.save()
    guarding.doubt_change(before, after, voucher=voucher)
    invitation.accepted_at, invitation.accepted_by, invitation.assignment = clock.now(), user, after
    invitation.save(update_fields=["accepted_at", "accepted_by", "assignment"])
    if invitation.is_vouched and Role.SYSTEM_ADMIN in invitation.roles:
        # SECURITY: only whoever runs the server offers this role so (`manage.py start_region`).
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    audit.record(
        "invitation_accepted", by=reader_for(user, None), target_type="assignment", target_id=after.pk,
        invitation=invitation.pk, roles=after.roles, terms=TERMS,
    )  # fmt: skip
    _tell_inviter(invitation)
    after.refresh_from_db()
    return after


def _assignment_at(invitation: Invitation, user: User) -> Assignment | None:
    rows = Assignment.objects.filter(user=user, provider=invitation.provider, unit=invitation.unit)
    return rows.select_related("provider", "unit").first()


def _inviter(invitation: Invitation) -> Reader | None:
    """The one who invited, as they could still do it today."""
    own = Assignment.objects.current().filter(user=invitation.invited_by, provider=invitation.provider)
    for assignment in own.select_related("user", "provider", "unit"):
        reader = reader_for(assignment.user, assignment)
        if (reach := reach_of(reader)) and reach.covers(invitation.provider_id, invitation.unit_id):
            return reader
    return None


def _voucher(invitation: Invitation, user: User) -> guarding.Voucher:
    """SECURITY: the inviter vouches for the person at the address that they wrote, and while they could still give what
    they offered. Otherwise what is guarded waits for the provider's yes.
    """
    if invitation.is_vouched:
        # Named because there was no administrator: where there is one by now, that one says yes.
        is_late = Role.PROVIDER_ADMIN in invitation.roles and _is_administered(invitation)
        return guarding.Voucher(SYSTEM, None if is_late else invitation.provider_id)
    inviter = _inviter(invitation)
    if inviter is None or user.email != invitation.email.lower():
        return guarding.Voucher(SYSTEM, None)
    return guarding.voucher(inviter)


def _is_administered(invitation: Invitation) -> bool:
    """Somebody administers the provider as a whole today. Asked before the assignment is saved."""
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=invitation.provider, unit=None)
    return admins.exists()


def _tell_inviter(invitation: Invitation) -> None:
    """Once it is read in the list; no notice for each of a thousand."""
    if invitation.batch_id is None and (inviter := _inviter(invitation)):
        own = Assignment.objects.filter(pk=inviter.assignment_id)
        notify(own, kind="invitation_accepted", subject="", url=guarding.PAGE)


def digest_of(token: str) -> str:
    """How the link's token is kept in a session: as it is in the table, so that neither holds a link that works."""
    return digest(token)
