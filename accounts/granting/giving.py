"""Rights to administer: through Django admin, and over whose people. Django's permissions open the door; this decides.

SECURITY: nobody raises themselves; and a provider's administrators decide over their own provider alone.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import Assignment, Provider, User
from accounts.readers import Reader
from accounts.roles import Role

# Given by system administrators alone.
_PORTAL_WIDE = frozenset({Role.SYSTEM_ADMIN, Role.SAFETY_COORDINATOR, Role.FOLLOW_UP})


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


def refusal(by: Reader, *, to: User | None, provider: Provider, roles: Collection[str], before: Collection[str]) -> str:
    """Why `by` may not give these roles there (`before` are those the person has); empty where they may."""
    added = set(roles) - set(before)
    if to is not None and to.pk == by.user_id and added:
        return _("You cannot give yourself roles. Ask a colleague.")
    if administers(by):
        return ""
    if not administers_provider(by, provider.pk):
        return _("Only a system administrator, or an administrator of that provider, gives roles there.")
    if _PORTAL_WIDE & added:
        return _("That role is given by a system administrator.")
    return ""
