"""Nobody from outside gets at a provider's cases, approvals or administration: it waits until the provider says yes.

A system administrator sees no case content, nor by becoming somebody: whatever gives somebody a guarded role
(`roles.GUARDED`) there, or lets somebody else sign in as a person who has one or has reported, done by anyone but that
provider's own administrators, waits until another of them has said yes. An act of the person alone (a forgotten
password) suspends nothing. People who run the server or the database are another matter: docs/decisions/0012.

Roles that wait do not count; the others do. A person in doubt reads documents as before, and of what was reported only
that which came later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting.giving import administers_provider, reach_of
from accounts.models import Assignment, Draft, Provider, User
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import GUARDED, Role
from core import clock
from core.refused import NotAllowed

PAGE = "/konto/var-verksamhet/"
Why = Assignment.SuspendedWhy
# Whether a person has reported at a provider (keys of both): what there would be to read for somebody who came in as
# them. The app of cases adds it.
HAS_REPORTED: list[Callable[[int, int], bool]] = []


@dataclass(frozen=True)
class Voucher:
    """The one who acts, and the provider they could vouch for before they acted: the one whose administrator they
    were."""

    by: Reader
    provider_id: int | None


def voucher(by: Reader) -> Voucher:
    """SECURITY: ask before anything is saved: else a role that is given by the act vouches for itself."""
    return Voucher(by, by.provider_id if administers_provider(by, by.provider_id) else None)


@transaction.atomic
def doubt_person(person: User, *, why: str, voucher: Voucher, by_oneself: bool = False) -> list[Assignment]:
    """Somebody else may sign in as this person from now on: at each of their providers all that is guarded waits.

    `by_oneself`: the person did it, and showed who they are; where nobody could say yes, it goes on as before.
    """
    rows: Iterable[Assignment] = Assignment.objects.filter(user=person)
    if by_oneself:
        rows = [row for row in rows if confirmers(row).exists()]
    return _doubt(rows, why=why, voucher=voucher)


@transaction.atomic
def doubt_change(before: Assignment | None, after: Assignment, *, voucher: Voucher) -> list[Assignment]:
    """An assignment that was made, got more roles or reaches further than it did: what is guarded of that waits."""
    added = set(after.roles) - set(before.roles if before else ())
    if before and before.holds_today and not confirmers(after).exists():
        # Alone in a practice: whoever has it already keeps it, and nobody could give it back. Added roles wait.
        return _doubt([after], why=Why.GIVEN, voucher=voucher, only=added) if added else []
    if before is None or widens(before, after):
        return _doubt([after], why=Why.WIDENED if before else Why.GIVEN, voucher=voucher)
    return _doubt([after], why=Why.GIVEN, voucher=voucher, only=added) if added else []


def widens(before: Assignment, after: Assignment) -> bool:
    """Opened again, at another place, or for longer."""
    return bool(
        (after.is_active and not before.is_active)
        or before.unit_id != after.unit_id
        or (before.valid_to and (after.valid_to is None or after.valid_to > before.valid_to))
        or (before.valid_from and (after.valid_from is None or after.valid_from < before.valid_from))
    )


def _doubt(
    assignments: Iterable[Assignment], *, why: str, voucher: Voucher, only: set[str] | None = None
) -> list[Assignment]:
    """Suspends the guarded roles of these (those among `only`, where it is given), but for those whose provider the
    voucher administered, and lets earlier reports wait. Gives those suspended; told to those who can say yes.
    """
    suspended = []
    for assignment in assignments:
        if voucher.provider_id == assignment.provider_id:
            continue
        roles = GUARDED & set(assignment.roles if only is None else only)
        reports = only is None and _has_reported(assignment)
        if not roles and not reports:
            continue
        assignment.suspended_roles = sorted({*assignment.suspended_roles, *roles})
        if reports:
            assignment.reports_wait_from = clock.now()
        assignment.suspended_at, assignment.suspended_why = clock.now(), why
        assignment.suspended_by = voucher.by.record_label[:200]
        assignment.save(update_fields=COLUMNS)
        audit.record(
            "role_suspended", by=voucher.by, target_type="assignment", target_id=assignment.pk, why=why,
            roles=sorted(roles), reports=reports,
        )  # fmt: skip
        notify(confirmers(assignment), kind="role_suspended", subject="", url=PAGE)
        suspended.append(assignment)
    return suspended


def _has_reported(assignment: Assignment) -> bool:
    begun = Draft.objects.filter(user=assignment.user_id, assignment__provider=assignment.provider_id)
    if begun.filter(submitted_at=None).exists():
        return True
    return any(has(assignment.user_id, assignment.provider_id) for has in HAS_REPORTED)


COLUMNS = ["suspended_roles", "reports_wait_from", "suspended_at", "suspended_why", "suspended_by"]


def confirmers(assignment: Assignment) -> QuerySet[Assignment]:
    """Those who can say yes: the provider's administrators; if it has none, its handlers for the whole provider. Never
    the person, and nobody whose own role waits."""
    there = Assignment.objects.filter(provider=assignment.provider_id, unit=None).exclude(user=assignment.user_id)
    there = there.select_related("user")
    administrators = there.with_role(Role.PROVIDER_ADMIN)
    return administrators if administrators.exists() else there.with_role(Role.CASE_HANDLER)


def waiting(reader: Reader) -> list[Assignment]:
    """The assignments that wait for this reader's yes or no, oldest first."""
    if reader.provider_id is None:
        return []
    rows = Assignment.objects.filter(provider=reader.provider_id).exclude(suspended_at=None).filter(is_active=True)
    rows = rows.select_related("user", "provider", "unit").order_by("suspended_at")
    return [row for row in rows if may_confirm(reader, row)]


def may_open_page(reader: Reader) -> bool:
    """The page is for a provider's administrators and units' managers, and for those who stand in where it has no
    administrator."""
    if reader.provider_id is None:
        return False
    return bool(reach_of(reader) or waiting(reader))


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


@transaction.atomic
def take_away(assignment: Assignment, *, by: Reader) -> Assignment:
    """Say no to the roles that wait, of somebody who is known there: they are taken away, and the rest stays."""
    locked = _locked(assignment, by)
    if not may_take_away(locked):
        raise NotAllowed(_("The person would have no role left. End the assignment instead."))
    gone, locked.roles = locked.suspended_roles, sorted(locked.counting_roles)
    locked.save(update_fields=["roles"])
    _let_through(locked)
    audit.record("roles_taken_away", by=by, target_type="assignment", target_id=locked.pk, roles=gone)
    return locked


def may_take_away(assignment: Assignment) -> bool:
    """Whether what waits are roles alone, of somebody who has others: it is not in doubt who they are."""
    is_known = assignment.suspended_why == Why.GIVEN and not assignment.reports_wait_from
    return is_known and bool(assignment.counting_roles)


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
    assignment.suspended_roles, assignment.reports_wait_from = [], None
    assignment.suspended_at, assignment.suspended_why, assignment.suspended_by = None, "", ""
    assignment.save(update_fields=COLUMNS)


@transaction.atomic
def confirm_from_server(assignment: Assignment, *, by: Reader, reason: str) -> None:
    """The way out where nobody is left to ask, by one who runs the server: logged with a reason."""
    _let_through(assignment)
    audit.record("role_confirmed", by=by, target_type="assignment", target_id=assignment.pk, reason=reason)
