"""A lost second step: those who decide over the person vouch that it is they, and it is set up anew."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import guarding, not_within, reach_of
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from core.refused import NotAllowed, WrongState

PAGE = "/konto/2fa/"


def why_not(assignment: Assignment, by: Reader) -> str:
    """Why `by` may not vouch for this person's second step; empty where they may."""
    if assignment.user_id == by.user_id:
        return _("You cannot vouch for yourself. Ask another administrator.")
    if assignment.user.is_staff or assignment.user.is_superuser:
        # SECURITY: by such an account one could reach every provider.
        return _("The person administers the portal. Another system administrator does this.")
    return not_within(by, reach_of(by), assignment)


@transaction.atomic
def remove(assignment: Assignment, *, reason: str, by: Reader) -> Assignment:
    """Take the second step away from the person, who is told. Raises Refused. `reason`: how `by` knows that it is they.

    At the person's other providers, all that is guarded waits for their yes (`guarding.doubt_person`). A new one
    is set up at the next sign-in before anything else, where it is demanded.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("provider", "unit", "user")
    locked = rows.get(pk=assignment.pk)
    if why := why_not(locked, by):
        raise NotAllowed(why)
    if not locked.holds_today:
        raise WrongState(_("The assignment has ended already."))
    if not reason.strip():
        raise WrongState(_("Write how you know that it is the person."))
    voucher = guarding.voucher(by)
    gone, _what = Authenticator.objects.filter(user=locked.user_id).delete()
    if not gone:
        raise WrongState(_("The person has no second step."))
    audit.record(
        "removed_two_step", by=by, target_type="user", target_id=locked.user_id, reason=reason.strip()[:500],
        assignment=locked.pk,
    )  # fmt: skip
    guarding.doubt_person(locked.user, why=guarding.Why.SECOND_STEP, voucher=voucher)
    notify([locked], kind="second_step_removed", subject="", url=PAGE)
    return locked
