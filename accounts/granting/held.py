"""An assignment that is decided on: as it was shown, locked, and whether anybody else has its roles."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.granting.giving import not_within, reach_of
from accounts.models import Assignment, Provider
from accounts.readers import Reader
from accounts.roles import Role
from core.refused import Moved, NotAllowed


def mark(assignment: Assignment) -> str:
    """The assignment as it is shown: what is decided is decided of this."""
    a = assignment
    roles, waiting = sorted(map(str, a.roles)), sorted(map(str, a.suspended_roles))
    days = (a.valid_from, a.valid_to, a.is_active, a.is_paused, a.paused_to)
    shown = (roles, waiting, a.unit_id, a.title, days)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def locked(assignment: Assignment, by: Reader, shown: str) -> Assignment:
    """The assignment as it stands, locked. Raises Moved where it is not as it was shown, NotAllowed where `by` may
    not."""
    # SECURITY: the provider is locked first, so that its last two administrators do not end each other at once.
    Provider.objects.select_for_update().get(pk=assignment.provider_id)
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("provider", "unit", "user")
    found = rows.get(pk=assignment.pk)
    if why := not_within(by, reach_of(by), found):
        raise NotAllowed(why)
    if mark(found) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    return found


def is_last(assignment: Assignment, role: str, until: dt.date | None = None) -> bool:
    """Whether nobody else would have this role there after `until` (None: from now on). An administrator administers
    the whole provider; a unit's handler is replaced by the unit's, or the whole provider's."""
    if role not in assignment.counting_roles or (role == Role.PROVIDER_ADMIN and assignment.unit_id is not None):
        return False
    there = Q(unit=None) | (Q(unit=assignment.unit_id) if assignment.unit_id else Q())
    others = Assignment.objects.filter(there, provider=assignment.provider_id).exclude(user=assignment.user_id)
    last_days = others.with_role(role).values_list("valid_to", flat=True)
    return not any(day is None or (until is not None and day > until) for day in last_days)
