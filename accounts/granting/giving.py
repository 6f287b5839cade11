"""Rights to administer: through Django admin, and over whose people. Django's permissions open the door; this decides.

SECURITY: nobody raises themselves; a provider's administrators decide over their own provider alone, and a unit's
manager over who reads and reports at the own unit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Assignment, CareUnit, Provider, User
from accounts.readers import Reader
from accounts.roles import OF_THE_UNIT, PORTAL_WIDE, Role, role_words, roles_for_kind


def administers(by: Reader) -> bool:
    """A system administrator through the admin, or the portal's own jobs and commands."""
    if by.kind == "system":
        return by.provider_id is None and by.door in ("job", "command")
    if by.door != "admin" or not by.is_staff or by.user_id is None:
        return False
    people = User.objects.filter(pk=by.user_id, is_active=True, is_staff=True)
    if people.filter(is_superuser=True).exists():
        return True
    return Assignment.objects.with_role(Role.SYSTEM_ADMIN).filter(pk=by.assignment_id, user=by.user_id).exists()


def administers_provider(by: Reader, provider_id: int | None) -> bool:
    """One of the provider's own administrators, with access today."""
    if by.assignment_id is None or provider_id is None or by.provider_id != provider_id:
        return False
    own = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(pk=by.assignment_id, user=by.user_id, unit=None)
    return own.filter(provider=provider_id).exists()


def manages_agreements(by: Reader) -> bool:
    """An agreement manager of the region, with access today.

    SECURITY: nobody who administers the portal: whoever makes a provider must not make its administrator alone.
    """
    if by.assignment_id is None or by.viewer is not None or by.is_staff:
        return False
    own = Assignment.objects.with_role(Role.AGREEMENT_MANAGER).filter(pk=by.assignment_id, user=by.user_id)
    return own.filter(user__is_staff=False).exclude(roles__contains=[Role.SYSTEM_ADMIN]).exists()


@dataclass(frozen=True)
class Reach:
    """Over whose people somebody decides: a provider's, or those of one of its units; and which roles they give."""

    provider_id: int
    unit_id: int | None
    gives: frozenset[str]

    @property
    def is_whole(self) -> bool:
        return self.unit_id is None

    @property
    def units(self) -> QuerySet[CareUnit]:
        """The units that people can be placed at."""
        units = CareUnit.objects.filter(provider=self.provider_id, is_active=True)
        return (units if self.is_whole else units.filter(pk=self.unit_id)).order_by("name")

    @property
    def people(self) -> Q:
        """The condition on assignments within reach."""
        whole = Q(provider=self.provider_id)
        return whole if self.is_whole else whole & Q(unit=self.unit_id)

    def covers(self, provider_id: int, unit_id: int | None) -> bool:
        return provider_id == self.provider_id and (self.is_whole or unit_id == self.unit_id)


def reach_of(by: Reader) -> Reach | None:
    """Over whose people this reader decides today; None for all others.

    SECURITY: asked of the database, under a verb's lock too: the request may have waited while access ended.
    """
    if by.assignment_id is None or by.provider_id is None or by.viewer is not None:
        return None
    own = Assignment.objects.with_role(Role.PROVIDER_ADMIN, Role.UNIT_MANAGER)
    found = own.filter(pk=by.assignment_id, user=by.user_id).select_related("provider").first()
    if found is None:
        return None
    there = roles_for_kind(found.provider.kind) - PORTAL_WIDE
    if Role.PROVIDER_ADMIN in found.counting_roles and found.unit_id is None:
        return Reach(found.provider_id, None, there)
    if Role.UNIT_MANAGER in found.counting_roles and found.unit_id is not None:
        return Reach(found.provider_id, found.unit_id, there & OF_THE_UNIT)
    return None


def not_within(by: Reader, reach: Reach | None, assignment: Assignment) -> str:
    """Why `by`, who decides over `reach`, may not change this assignment; empty where they may."""
    if reach is None or not reach.covers(assignment.provider_id, assignment.unit_id):
        return _("Only an administrator of that provider does this.")
    if beyond := set(assignment.roles) - reach.gives - (PORTAL_WIDE if reach.is_whole else frozenset()):
        return _("The person is %s as well. An administrator of your provider does this.") % role_words(sorted(beyond))
    return ""


def refusal(by: Reader, *, to: User | None, provider: Provider, roles: Collection[str], before: Collection[str]) -> str:
    """Why `by` may not give these roles there (`before` are those the person has); empty where they may."""
    added = set(roles) - set(before)
    if to is not None and to.pk == by.user_id and added:
        return _("You cannot give yourself roles. Ask a colleague.")
    if administers(by):
        return ""
    reach = reach_of(by)
    if reach is None or reach.provider_id != provider.pk:
        return _("Only a system administrator, or an administrator of that provider, gives roles there.")
    if PORTAL_WIDE & added:
        return _("That role is given by a system administrator.")
    if beyond := added - reach.gives:
        return _("You cannot give this role: %s. An administrator of your provider can.") % role_words(sorted(beyond))
    return ""
