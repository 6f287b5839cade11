"""A provider's own settings, which its administrators change, with a trace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider
from accounts.models import AuditEvent, Provider
from accounts.readers import Reader
from core.refused import Moved, NotAllowed, Refused

NAMES = (
    "email", "phone", "expected_people", "shows_handler_names", "demands_two_steps",
    "days_to_choose", "days_to_acknowledge", "days_to_answer", "days_to_feedback",
)  # fmt: skip
SHOWN = 20


class Faulty(Refused):
    """The settings cannot stand. `faults`: by field, what is wrong."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(words for told in faults.values() for words in told))
        self.faults = faults


def mark(provider: Provider) -> str:
    """The settings as they are shown."""
    return hashlib.sha256(repr([getattr(provider, name) for name in NAMES]).encode()).hexdigest()[:16]


@transaction.atomic
def change(provider: Provider, facts: Mapping[str, Any], *, by: Reader, shown: str) -> list[str]:
    """Write NAMES; gives the names of those that changed. `shown` is the `mark` that was decided on. Raises Refused."""
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    if not administers_provider(by, locked.pk):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if mark(locked) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    changed = [name for name in NAMES if name in facts and getattr(locked, name) != facts[name]]
    for name in changed:
        setattr(locked, name, facts[name])
    try:
        locked.full_clean()
    except ValidationError as error:
        raise Faulty(error.message_dict) from error
    if changed:
        locked.save(update_fields=changed)
        audit.record("settings_changed", by=by, target_type="provider", target_id=locked.pk, fields=changed)
    return changed


def trace(provider: Provider) -> list[tuple[AuditEvent, list[str]]]:
    """The latest changes of the settings: each event, and the names of what it changed."""
    events = AuditEvent.objects.filter(target_type="provider", target_id=str(provider.pk))
    found = events.filter(action__in=("settings_changed", "provider_changed")).order_by("-pk")[:SHOWN]
    return [(event, _labels(event.data.get("fields", ()))) for event in found]


def _labels(names: list[str]) -> list[str]:
    known = {field.name: str(field.verbose_name) for field in Provider._meta.concrete_fields}
    return [known[name] for name in names if name in known]
