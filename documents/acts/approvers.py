"""Approvers of a provider, as the database has them at this moment."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import Role


def approvers_at(provider_id: int) -> QuerySet[Assignment]:
    """Those who approve for the provider today."""
    return Assignment.objects.with_role(Role.APPROVER).filter(provider=provider_id)


def approves_now(by: Reader, provider_id: int) -> bool:
    """Whether the reader approves for the provider. SECURITY: asked of their assignment at this very moment."""
    return approvers_at(provider_id).filter(pk=by.assignment_id, user=by.user_id).exists()
