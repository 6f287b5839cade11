"""Nobody from outside becomes a provider's handler: roles are suspended until the provider has said yes.

A system administrator sees no case content, nor by becoming somebody: whatever lets somebody else sign in as a person
with a guarded role (`roles.GUARDED`), done by anyone but that provider's own administrators, suspends those roles there
until another administrator of that provider has said yes. What the person does alone (a forgotten password) suspends
nothing. Who runs server or database is another matter: docs/decisions/0012.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit, clock
from accounts.granting import administers_provider
from accounts.models import Assignment, Provider, User
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import GUARDED, Role

PAGE = "/konto/var-verksamhet/"
Why = Assignment.SuspendedWhy


class NotAllowed(Exception):
    """This one may not say yes or no here. `str()` says why, in the active language."""


def guarded_of(person: User) -> QuerySet[Assignment]:
    """The person's assignments with guarded roles, whether they give access today or not."""
    return Assignment.objects.filter(user=person, roles__overlap=list(GUARDED))


@transaction.atomic
def doubt(assignments: Iterable[Assignment], *, why: str, by: Reader) -> list[Assignment]:
    """Suspend the guarded roles of these, but for those whose provider `by` administers. Gives those suspended.

    Told to those who can say yes. The first person with a guarded role that a provider has ever had is let through:
    there is nothing yet to guard, and nobody to ask.
    """
    suspended = []
    for assignment in assignments:
        if not GUARDED & set(assignment.roles) or administers_provider(by, assignment.provider_id):
            continue
        if _is_first(assignment):
            continue
        assignment.suspended_at, assignment.suspended_why = clock.now(), why
        assignment.suspended_by = by.record_label[:200]
        assignment.save(update_fields=["suspended_at", "suspended_why", "suspended_by"])
        audit.record("role_suspended", by=by, target_type="assignment", target_id=assignment.pk, why=why)
        notify(confirmers(assignment), kind="role_suspended", subject="", url=PAGE)
        suspended.append(assignment)
    return suspended


def _is_first(assignment: Assignment) -> bool:
    """Whether this provider has never had anybody else with a guarded role, by the rows' history too."""
    others = Q(provider=assignment.provider_id, roles__overlap=list(GUARDED))
    history = apps.get_model("accounts", "AssignmentEvent")
    now = Assignment.objects.filter(others).exclude(pk=assignment.pk)
    return not now.exists() and not history.objects.filter(others).exclude(pgh_obj_id=assignment.pk).exists()


def confirmers(assignment: Assignment) -> QuerySet[Assignment]:
    """Who can say yes: the provider's administrators; where it has none, its handlers for the whole provider. Never
    the person, and nobody whose own role waits."""
    there = Assignment.objects.current().filter(provider=assignment.provider_id, unit=None, suspended_at=None)
    there = there.exclude(user=assignment.user_id).select_related("user")
    administrators = there.filter(roles__contains=[Role.PROVIDER_ADMIN])
    if administrators.exists():
        return administrators
    return there.filter(roles__contains=[Role.CASE_HANDLER])


def waiting(reader: Reader) -> list[Assignment]:
    """What waits for this reader's yes or no, oldest first."""
    if reader.provider_id is None:
        return []
    rows = Assignment.objects.filter(provider=reader.provider_id).exclude(suspended_at=None).filter(is_active=True)
    rows = rows.select_related("user", "provider", "unit").order_by("suspended_at")
    return [row for row in rows if may_confirm(reader, row)]


def may_open_page(reader: Reader) -> bool:
    """The page is for a provider's administrators, and for those who stand in where it has none."""
    if reader.provider_id is None:
        return False
    if administers_provider(reader, reader.provider_id):
        return True
    return bool(waiting(reader))


def may_confirm(reader: Reader, assignment: Assignment) -> bool:
    return confirmers(assignment).filter(pk=reader.assignment_id, user=reader.user_id).exists()


@transaction.atomic
def confirm(assignment: Assignment, *, by: Reader) -> Assignment:
    """Say that it is the right person: the roles count again."""
    locked = _locked(assignment, by)
    _let_through(locked)
    audit.record("role_confirmed", by=by, target_type="assignment", target_id=locked.pk)
    return locked


@transaction.atomic
def reject(assignment: Assignment, *, by: Reader) -> Assignment:
    """Say that it is not: the assignment ends."""
    locked = _locked(assignment, by)
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    audit.record("role_rejected", by=by, target_type="assignment", target_id=locked.pk)
    return locked


def _locked(assignment: Assignment, by: Reader) -> Assignment:
    # SECURITY: the provider is locked too, so that two who wait do not confirm each other at once.
    Provider.objects.select_for_update().get(pk=assignment.provider_id)
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("user").get(pk=assignment.pk)
    if not may_confirm(by, locked):
        raise NotAllowed(_("Only another administrator of the same care provider can answer this."))
    if locked.suspended_at is None or not locked.is_active:
        raise NotAllowed(_("This has been answered already."))
    return locked


def _let_through(assignment: Assignment) -> None:
    assignment.suspended_at, assignment.suspended_why, assignment.suspended_by = None, "", ""
    assignment.save(update_fields=["suspended_at", "suspended_why", "suspended_by"])


@transaction.atomic
def confirm_from_server(assignment: Assignment, *, by: Reader, reason: str) -> None:
    """The way out where nobody is left to ask, by one who runs the server: logged with a reason."""
    _let_through(assignment)
    audit.record("role_confirmed", by=by, target_type="assignment", target_id=assignment.pk, reason=reason)
