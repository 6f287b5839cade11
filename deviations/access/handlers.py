"""Handlers of a part of a case, and places that can be sent one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Assignment, CareUnit, Provider
from accounts.roles import Kind
from deviations.models import Party
from deviations.predicate import handling

RECEIVER_KINDS = (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL)


def handlers_of(party: Party) -> QuerySet[Assignment]:
    """The current assignments that handle this part, each with its person."""
    return handling(party.provider_id, party.unit_id).select_related("user")


def responsible(party: Party) -> Iterable[Assignment]:
    """The part's handler where there is one with access, else all who could be."""
    found = list(handlers_of(party))
    own = [a for a in found if a.user_id == party.handler_id]
    return own or found


def may_receive(provider: Provider, unit: CareUnit | None) -> bool:
    """Whether a case can be sent there today."""
    return Provider.objects.with_access().filter(pk=provider.pk, kind__in=RECEIVER_KINDS).exists() and (
        unit is None or (unit.provider_id == provider.pk and unit.is_active)
    )
