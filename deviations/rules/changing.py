"""A provider's rules for its cases, which its administrators change, with a trace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import administers_provider
from accounts.models import Agreement, Assignment, Provider
from accounts.readers import Reader, renewed
from accounts.roles import Kind, Role
from core import clock
from core.refused import Moved, NotAllowed
from deviations.closing import gates
from deviations.models import CaseRules, Oversight

NAMES = ("gates_off", "deeper_from", "analysis_from", "officer", "deputy", "yellow_days", "red_days")


def mark(rules: CaseRules) -> str:
    """The rules as they are shown."""
    shown = [sorted(value) if isinstance(value := getattr(rules, name), list) else value for name in NAMES]
    keys = [value.pk if isinstance(value, models.Model) else value for value in shown]
    keys.append(opened_to(rules.provider_id))
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:16]


def opened_to(provider_id: int) -> list[str]:
    """The names of the municipalities whose medically responsible read the provider's cases."""
    rows = Oversight.objects.filter(provider=provider_id).order_by("principal__name")
    return list(rows.values_list("principal__name", flat=True))


def principals(provider_id: int) -> list[tuple[str, bool]]:
    """The municipalities that the cases can be opened to, by name: those of an agreement today, and those that they are
    opened to already. Each with whether there is an agreement today.
    """
    today = clock.today()
    current = Agreement.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today)
    agreed = current.filter(provider=provider_id, principal__kind=Kind.MUNICIPAL)
    names = set(agreed.values_list("principal__name", flat=True))
    return [(name, name in names) for name in sorted(names | set(opened_to(provider_id)))]


def _open_to(provider: Provider, names: list[str]) -> bool:
    """Opens the cases to these, and closes them to all others. Gives whether that changed anything."""
    had = set(opened_to(provider.pk))
    if had == set(names):
        return False
    # SECURITY: whoever had no agreement when the page was sent is not opened to.
    agreed = {name for name, is_agreed in principals(provider.pk) if is_agreed}
    if set(names) - had - agreed:
        raise NotAllowed(_("There is no agreement with that municipality today."))
    Oversight.objects.filter(provider=provider).exclude(principal__name__in=names).delete()
    for principal in Provider.objects.filter(name__in=set(names) - had):
        Oversight.objects.create(provider=provider, principal=principal)
    return True


def holders(provider: Provider) -> models.QuerySet[Assignment]:
    """Those who can be named officer or deputy: who have the role for the whole provider today."""
    rows = Assignment.objects.with_role(Role.LEX_MARIA_OFFICER).filter(provider=provider, unit=None)
    return rows.select_related("user").order_by("user__family_name", "pk")


@transaction.atomic
def change(provider: Provider, facts: Mapping[str, Any], *, by: Reader, shown: str) -> list[str]:
    """Write the rules; gives the names of those that changed. `shown`: the `mark` decided on. Raises Refused."""
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    by = renewed(by)
    if not administers_provider(by, locked.pk):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    rules = gates.rules_of(locked)
    if mark(rules) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    named = {a.pk for a in (facts.get("officer"), facts.get("deputy")) if a is not None}
    # SECURITY: nobody becomes the officer by being named: the role was given, and waited for its yes.
    if named - set(holders(locked).values_list("pk", flat=True)):
        raise NotAllowed(_("Only who has the role of lex Maria officer here can be named."))
    changed = [name for name in NAMES if name in facts and getattr(rules, name) != facts[name]]
    for name in changed:
        setattr(rules, name, facts[name])
    if changed:
        rules.save()
    if "opened_to" in facts and _open_to(locked, facts["opened_to"]):
        changed.append("opened_to")
    if changed:
        audit.record("case_rules_changed", by=by, target_type="provider", target_id=locked.pk, fields=changed)
    return changed
