"""A provider's only administrator has lost their second step: one agreement manager vouches, another confirms.

SECURITY: a provider that has another administrator, or a person who administers the portal, is helped otherwise. The
password stays, and a new second step is set up at the next sign-in before anything else.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import guarding, held, manages_agreements
from accounts.models import Assignment, LostSecondStep, Provider
from accounts.notices import notify
from accounts.readers import Reader
from accounts.register.firsts import PAGE
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState

OWN_PAGE = "/konto/2fa/"


def waiting(provider: Provider) -> LostSecondStep | None:
    """The one that waits for the second's yes."""
    rows = LostSecondStep.objects.filter(assignment__provider=provider, confirmed_at=None, withdrawn_at=None)
    return rows.select_related("assignment__user").first()


def lone_administrator(provider: Provider) -> Assignment | None:
    """The provider's only administrator, where they have a second step and do not administer the portal."""
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=provider, unit=None)
    found = list(admins.select_related("user", "provider").order_by("pk")[:2])
    if len({one.user_id for one in found}) != 1:
        return None
    one = found[0]
    if one.user.is_staff or one.user.is_superuser or not held.is_last(one, Role.PROVIDER_ADMIN):
        return None
    return one if Authenticator.objects.filter(user=one.user_id).exists() else None


@transaction.atomic
def vouch(provider: Provider, *, reason: str, by: Reader) -> LostSecondStep:
    """Say that the only administrator has lost their second step, and how one knows that it is they. Raises Refused."""
    _asked(by)
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    one = lone_administrator(locked)
    if one is None:
        raise WrongState(_("Another administrator of the provider does this, or the person has no second step."))
    if one.user_id == by.user_id:
        raise NotAllowed(_("You cannot vouch for yourself. Ask another administrator."))
    if waiting(locked):
        raise WrongState(_("Somebody has vouched already. Another agreement manager confirms."))
    if not reason.strip():
        raise WrongState(_("Write how you know that it is the person."))
    made = LostSecondStep.objects.create(
        assignment=one, reason=reason.strip()[:500], vouched_by_id=by.user_id, vouched_by_label=by.record_label
    )
    audit.record(
        "lost_step_vouched", by=by, target_type="user", target_id=one.user_id, reason=made.reason, assignment=one.pk
    )
    others = Assignment.objects.with_role(Role.AGREEMENT_MANAGER).exclude(user=by.user_id)
    notify(others, kind="lost_step_waits", subject="", url=f"{PAGE}{locked.key}/")
    return made


@transaction.atomic
def confirm(lost: LostSecondStep, *, by: Reader) -> Assignment:
    """The second's yes: the second step is taken away, and the person and the function mailbox are told. Raises
    Refused."""
    locked = _locked(lost, by)
    if locked.vouched_by_id == by.user_id:
        raise NotAllowed(_("You vouched for this person. Another agreement manager confirms."))
    provider = locked.assignment.provider
    one = lone_administrator(provider)
    if one is None or one.pk != locked.assignment_id or one.user_id == by.user_id:
        raise WrongState(_("Another administrator of the provider does this, or the person has no second step."))
    Authenticator.objects.filter(user=one.user_id).delete()
    locked.confirmed_by_id, locked.confirmed_by_label, locked.confirmed_at = by.user_id, by.record_label, clock.now()
    locked.save()
    audit.record(
        "removed_two_step", by=by, target_type="user", target_id=one.user_id, reason=locked.reason, assignment=one.pk
    )
    # SECURITY: the two vouch for this provider alone. At the person's others all that is guarded waits.
    guarding.doubt_person(one.user, why=guarding.Why.SECOND_STEP, voucher=guarding.Voucher(by, provider.pk))
    mailboxes = [(provider.pk, provider.email)] if provider.email else []
    notify([one], kind="second_step_removed", subject="", url=OWN_PAGE, mailboxes=mailboxes)
    return one


@transaction.atomic
def withdraw(lost: LostSecondStep, *, by: Reader) -> None:
    """The step stays after all: by any agreement manager. Raises Refused."""
    locked = _locked(lost, by)
    locked.withdrawn_at = clock.now()
    locked.save(update_fields=["withdrawn_at"])
    audit.record("lost_step_withdrawn", by=by, target_type="user", target_id=locked.assignment.user_id)


def _asked(by: Reader) -> None:
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))


def _locked(lost: LostSecondStep, by: Reader) -> LostSecondStep:
    _asked(by)
    Provider.objects.select_for_update().get(pk=lost.assignment.provider_id)
    rows = LostSecondStep.objects.select_related("assignment__user", "assignment__provider")
    locked = rows.select_for_update(of=("self",)).get(pk=lost.pk)
    if locked.confirmed_at or locked.withdrawn_at:
        raise WrongState(_("This has been answered already."))
    return locked
