"""A provider's units, which its administrators add and change. HSA-ids, and closing, are the region's register's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider
from accounts.models import CareUnit, Provider
from accounts.providers.settings import Faulty
from accounts.readers import Reader
from core.refused import NotAllowed

# The facts of a unit that its own provider writes.
NAMES = ("name", "place", "phone", "email")


def put(unit: CareUnit, facts: Mapping[str, Any], *, by: Reader) -> CareUnit:
    """Writes facts into a unit that is new, or locked by the caller; nothing is said where nothing changes. The caller
    has asked whether `by` may. Raises Faulty."""
    is_new = unit.pk is None
    changed = sorted(name for name, value in facts.items() if getattr(unit, name) != value)
    for name in changed:
        setattr(unit, name, facts[name])
    if not is_new and not changed:
        return unit
    try:
        unit.full_clean()
    except ValidationError as error:
        raise Faulty(error.message_dict) from error
    unit.save()
    told: dict[str, Any] = {"provider": unit.provider_id} if is_new else {"fields": changed}
    audit.record("unit_made" if is_new else "unit_changed", by=by, target_type="careunit", target_id=unit.pk, **told)
    return unit


def _own(by: Reader) -> Provider:
    if by.provider_id is None or not administers_provider(by, by.provider_id):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    return Provider.objects.select_for_update().get(pk=by.provider_id)


@transaction.atomic
def add(facts: Mapping[str, Any], *, by: Reader) -> CareUnit:
    """One more unit of one's own provider: NAMES. Raises Refused; Faulty names the fields."""
    return put(CareUnit(provider=_own(by)), {name: facts[name] for name in NAMES}, by=by)


@transaction.atomic
def change(unit: CareUnit, facts: Mapping[str, Any], *, by: Reader) -> CareUnit:
    """Other facts of a unit of one's own provider: NAMES. Raises Refused; Faulty names the fields."""
    locked = CareUnit.objects.select_for_update().filter(pk=unit.pk, provider=_own(by)).first()
    if locked is None:
        raise NotAllowed(_("Choose one of your own units."))
    return put(locked, {name: facts[name] for name in NAMES}, by=by)
