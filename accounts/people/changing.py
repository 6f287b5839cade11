"""Changes of a person's work for a provider: verbs of its administrators and its units' managers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import guarding, held, reach_of, refusal
from accounts.models import Assignment, CareUnit
from accounts.notices import notify
from accounts.people import leaving
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState

ASSIGNMENTS = "/konto/uppdrag/"


def _keeps_an_administrator(locked: Assignment, until: dt.date | None = None) -> None:
    """Raises WrongState where nobody would administer the provider after `until` (None: from now on)."""
    if held.is_last(locked, Role.PROVIDER_ADMIN, until):
        raise WrongState(
            _("This is the last administrator of %s. Name another first, with no last day.") % locked.provider.name
        )


@transaction.atomic
def change(
    assignment: Assignment,
    *,
    unit: CareUnit | None,
    title: str,
    roles: Collection[str],
    by: Reader,
    shown: str,
) -> Assignment:
    """Unit, title and roles; of the roles those that `by` gives, and the others stay. Told to the person.

    `shown` is the `held.mark` that was decided on. Raises Refused, and nothing is changed.
    """
    locked = held.locked(assignment, by, shown)
    reach = reach_of(by)
    assert reach
    voucher, before = guarding.voucher(by), Assignment.objects.get(pk=locked.pk)
    locked.roles = sorted({r for r in locked.roles if r not in reach.gives} | (set(roles) & reach.gives))
    locked.unit, locked.title = unit, title
    if Role.UNIT_MANAGER in locked.roles and unit is None:
        raise WrongState(_("A unit manager manages one unit. Choose it."))
    if not locked.roles:
        raise WrongState(_("The person would have no role left. End the assignment instead."))
    if unit and not reach.units.filter(pk=unit.pk).exists() and unit.pk != before.unit_id:
        raise NotAllowed(_("Choose one of your own units."))
    if not reach.covers(locked.provider_id, locked.unit_id):
        raise NotAllowed(_("Choose one of your own units."))
    if why := refusal(by, to=locked.user, provider=locked.provider, roles=locked.roles, before=before.roles):
        raise NotAllowed(why)
    if locked.user_id == by.user_id and guarding.widens(before, locked):
        raise NotAllowed(_("You cannot widen your own assignment. Ask a colleague."))
    if Role.PROVIDER_ADMIN not in locked.roles or locked.unit_id is not None:
        _keeps_an_administrator(before)
    if held.mark(before) == held.mark(locked):
        return locked
    if _stands_already(locked):
        raise WrongState(_("The person has an assignment there already. End one of them."))
    locked.suspended_roles = [r for r in locked.suspended_roles if r in locked.roles]
    if locked.suspended_at and not locked.suspended_roles and not locked.reports_wait_from:
        locked.suspended_at, locked.suspended_why, locked.suspended_by = None, "", ""
    _checked(locked)
    locked.save()
    guarding.doubt_change(before, locked, voucher=voucher)
    _write_change(before, locked, by)
    return locked


def _checked(locked: Assignment) -> None:
    try:
        locked.full_clean()
    except ValidationError as error:
        raise WrongState(" ".join(error.messages)) from error


def _stands_already(locked: Assignment) -> bool:
    same = Assignment.objects.filter(user=locked.user_id, provider=locked.provider_id, unit=locked.unit_id)
    return same.exclude(pk=locked.pk).exists()


def _write_change(before: Assignment, after: Assignment, by: Reader) -> None:
    facts: dict[str, Any] = {"target_type": "assignment", "target_id": after.pk}
    if set(before.roles) != set(after.roles):
        audit.record("roles_changed", by=by, before=sorted(before.roles), after=after.roles, **facts)
    if before.unit_id != after.unit_id:
        audit.record("assignment_moved", by=by, before=before.unit_id, after=after.unit_id, **facts)
    if before.title != after.title:
        audit.record("title_changed", by=by, **facts)
    if after.user_id != by.user_id:
        notify([after], kind="roles_changed", subject="", url=ASSIGNMENTS)


@transaction.atomic
def end(
    assignment: Assignment,
    *,
    last_day: dt.date | None,
    by: Reader,
    shown: str,
    left: str = "",
    heirs: Mapping[str, str] | None = None,
) -> Assignment:
    """The assignment ends: now (`last_day` None), and its next request at any door is a stranger's; or after the
    Swedish day `last_day`, of which the person is told. Whatever hangs on it is handed over now, in either case: `left`
    is the `leaving.mark` of what was shown, `heirs` who takes over what (`leaving.hand_over`). Raises Refused.
    """
    locked, today = held.locked(assignment, by, shown), clock.today()
    if locked.has_ended:
        raise WrongState(_("The assignment has ended already."))
    if last_day and last_day < max(today, locked.valid_from or today):
        raise WrongState(_("The last day must not come before today, nor before the first."))
    if last_day and locked.user_id == by.user_id and locked.valid_to and last_day > locked.valid_to:
        raise NotAllowed(_("You cannot widen your own assignment. Ask a colleague."))
    _keeps_an_administrator(locked, last_day)
    handed_over = leaving.hand_over(locked, heirs or {}, shown=left, by=by)
    if last_day is None:
        locked.is_active = False
    else:
        locked.valid_to = last_day
    locked.save(update_fields=["is_active", "valid_to"])
    facts: dict[str, Any] = {"last_day": last_day.isoformat() if last_day else "", "handed_over": handed_over}
    audit.record("assignment_ended", by=by, target_type="assignment", target_id=locked.pk, **facts)
    if last_day and locked.user_id != by.user_id:
        notify([locked], kind="assignment_ends", subject="", url=ASSIGNMENTS)
    return locked


@transaction.atomic
def pause(assignment: Assignment, *, until: dt.date | None, by: Reader, shown: str) -> Assignment:
    """No access from the next request on, to and including the Swedish day `until`; None: until it is taken up again.
    Raises Refused."""
    locked = held.locked(assignment, by, shown)
    if locked.has_ended:
        raise WrongState(_("The assignment has ended already."))
    if until and until < clock.today():
        raise WrongState(_("The pause must not end before today."))
    _keeps_an_administrator(locked)
    locked.is_paused, locked.paused_to = True, until
    locked.save(update_fields=["is_paused", "paused_to"])
    told = until.isoformat() if until else ""
    audit.record("assignment_paused", by=by, target_type="assignment", target_id=locked.pk, last_day=told)
    return locked


@transaction.atomic
def resume(assignment: Assignment, *, by: Reader, shown: str) -> Assignment:
    """The pause is over from the next request on. Raises Refused."""
    locked = held.locked(assignment, by, shown)
    _not_oneself(locked, by)
    if not locked.is_paused:
        raise WrongState(_("The assignment is not paused."))
    locked.is_paused, locked.paused_to = False, None
    locked.save(update_fields=["is_paused", "paused_to"])
    audit.record("assignment_resumed", by=by, target_type="assignment", target_id=locked.pk)
    return locked


@transaction.atomic
def reopen(assignment: Assignment, *, by: Reader, shown: str) -> Assignment:
    """An assignment that has ended, or is to end, goes on until further notice, with the roles it had. Raises
    Refused."""
    locked = held.locked(assignment, by, shown)
    _not_oneself(locked, by)
    if not locked.has_ended and locked.valid_to is None:
        raise WrongState(_("The assignment has no last day."))
    voucher, before = guarding.voucher(by), Assignment.objects.get(pk=locked.pk)
    locked.is_active, locked.valid_to = True, None
    locked.is_paused, locked.paused_to = False, None
    _checked(locked)
    locked.save()
    guarding.doubt_change(before, locked, voucher=voucher)
    audit.record("assignment_reopened", by=by, target_type="assignment", target_id=locked.pk)
    return locked


def _not_oneself(locked: Assignment, by: Reader) -> None:
    if locked.user_id == by.user_id:
        raise NotAllowed(_("You cannot widen your own assignment. Ask a colleague."))
