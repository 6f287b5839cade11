"""Providers, their units and their agreements: verbs of the region's agreement managers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import manages_agreements
from accounts.invitations import inviting
from accounts.models import Agreement, Assignment, CareUnit, Provider, ProviderContact
from accounts.providers import units
from accounts.providers.settings import Faulty
from accounts.readers import Reader
from accounts.roles import Kind, role_words, roles_for_kind
from core import clock
from core.refused import Moved, NotAllowed, WrongState

# The facts of a provider that are written here, besides its number and registered address.
FACTS = ("name", "kind", "hsa_id", "email", "phone", "expected_people")


def asked(by: Reader) -> None:
    """Raises NotAllowed for others than agreement managers."""
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))


def _checked(row: Any) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Faulty(error.message_dict) from error


def _put(provider: Provider, facts: Mapping[str, Any]) -> list[str]:
    """Write facts into a provider that is not saved yet; gives the names of those that changed."""
    changed = [name for name in FACTS if name in facts and getattr(provider, name) != facts[name]]
    for name in changed:
        setattr(provider, name, facts[name])
    if number := facts.get("org_number"):
        before = provider.org_number_hash
        provider.set_org_number(number)
        changed += ["org_number"] if before != provider.org_number_hash else []
    registered = facts["registered_email"].lower() if "registered_email" in facts else None
    if registered is not None and registered != provider.registered_email:
        provider.registered_email, provider.registered_email_at = registered, clock.now()
        changed.append("registered_email")
    return changed


@transaction.atomic
def make_provider(facts: Mapping[str, Any], agreement: Mapping[str, Any] | None, *, by: Reader) -> Provider:
    """A provider, and its agreement where its kind has one. `facts`: FACTS, `org_number` and `registered_email`;
    `agreement`: principal, reference, valid_from, valid_to. Raises Refused; Faulty names the fields.
    """
    asked(by)
    provider = Provider()
    try:
        _put(provider, facts)
    except ValidationError as error:
        raise Faulty(error.message_dict) from error
    _checked(provider)
    if provider.org_number_hash and Provider.objects.filter(org_number_hash=provider.org_number_hash).exists():
        raise Faulty({"org_number": [_("A provider with this number exists already. Search for it in the list.")]})
    provider.save()
    audit.record("provider_made", by=by, target_type="provider", target_id=provider.pk, kind=provider.kind)
    if provider.kind == Kind.PRIVATE:
        add_agreement(provider, agreement or {}, by=by)
    return provider


@transaction.atomic
def change_provider(provider: Provider, facts: Mapping[str, Any], *, by: Reader) -> Provider:
    """Other facts of a provider. Raises Refused; Faulty names the fields.

    A change of kind keeps the history, and is refused where agreements or roles contradict it.
    """
    asked(by)
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    before = locked.kind
    try:
        changed = _put(locked, facts)
    except ValidationError as error:
        raise Faulty(error.message_dict) from error
    _checked(locked)
    if locked.kind != before and (why := _contradicts(locked, before)):
        raise Faulty({"kind": [why]})
    if not changed:
        return locked
    locked.save()
    if "registered_email" in changed:
        # SECURITY: a link that went to a wrong address must not work when the address has been put right.
        inviting.forget_vouched(locked)
    audit.record("provider_changed", by=by, target_type="provider", target_id=locked.pk, fields=sorted(changed))
    return locked


def _contradicts(provider: Provider, before: str) -> str:
    """Why the kind cannot become that; empty where it can."""
    today = clock.today()
    if Kind.REGIONAL in (before, provider.kind):
        return _("The region stays the region.")
    current = Agreement.objects.filter(valid_to=None) | Agreement.objects.filter(valid_to__gte=today)
    if provider.kind != Kind.PRIVATE and current.filter(provider=provider).exists():
        return _("The provider has an agreement. End it first: only private providers have agreements.")
    if before == Kind.MUNICIPAL and current.filter(principal=provider).exists():
        return _("Others have agreements with this municipality. End them first.")
    held = {r for roles in _holding(provider) for r in roles}
    if beyond := held - roles_for_kind(provider.kind):
        return _("Somebody there has a role that this kind has not: %s. Take it away first.") % role_words(
            sorted(beyond)
        )
    return ""


def _holding(provider: Provider) -> list[list[str]]:
    rows = Assignment.objects.filter(provider=provider, is_active=True).exclude(valid_to__lt=clock.today())
    return list(rows.values_list("roles", flat=True))


@transaction.atomic
def add_agreement(provider: Provider, facts: Mapping[str, Any], *, by: Reader) -> Agreement:
    """One more agreement of a private provider. Raises Refused; Faulty names the fields."""
    asked(by)
    agreement = Agreement(provider=provider, **facts)
    _checked(agreement)
    agreement.save()
    audit.record("agreement_made", by=by, target_type="agreement", target_id=agreement.pk, provider=provider.pk)
    return agreement


@transaction.atomic
def set_last_day(agreement: Agreement, last_day: dt.date | None, *, shown: str, by: Reader) -> Agreement:
    """Prolong an agreement, or end it: its last day, None for until further notice. `shown`: the last day that was
    seen, as ISO has it, or empty. Raises Refused.
    """
    asked(by)
    locked = Agreement.objects.select_for_update(of=("self",)).select_related("provider", "principal")
    row = locked.get(pk=agreement.pk)
    if shown != (row.valid_to.isoformat() if row.valid_to else ""):
        raise Moved(_("Somebody has changed the agreement meanwhile. Look at it as it is now."))
    if last_day and last_day < clock.today():
        raise WrongState(_("The last day must not come before today."))
    before = row.valid_to
    row.valid_to = last_day
    _checked(row)
    row.save(update_fields=["valid_to"])
    told = {"before": before.isoformat() if before else "", "after": last_day.isoformat() if last_day else ""}
    audit.record("agreement_prolonged", by=by, target_type="agreement", target_id=row.pk, **told)
    return row


@transaction.atomic
def add_unit(provider: Provider, facts: Mapping[str, Any], *, by: Reader) -> CareUnit:
    """One more unit: name, hsa_id, place, phone, email. Raises Refused; Faulty names the fields."""
    asked(by)
    return units.put(CareUnit(provider=provider), facts, by=by)


@transaction.atomic
def change_unit(unit: CareUnit, facts: Mapping[str, Any], *, by: Reader) -> CareUnit:
    """Other facts of a unit. Raises Refused; Faulty names the fields."""
    asked(by)
    locked = CareUnit.objects.select_for_update().get(pk=unit.pk)
    return units.put(locked, facts, by=by)


def _write(row: Any, facts: Mapping[str, Any]) -> list[str]:
    """Saves the facts that are others than the row's; gives their names."""
    changed = sorted(name for name, value in facts.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, facts[name])
    if changed:
        _checked(row)
        row.save(update_fields=changed)
    return changed


@transaction.atomic
def set_reference(agreement: Agreement, reference: str, *, by: Reader) -> Agreement:
    """The agreement's number at its principal. Raises Refused."""
    asked(by)
    locked = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if _write(locked, {"reference": reference}):
        audit.record("agreement_renumbered", by=by, target_type="agreement", target_id=locked.pk)
    return locked


@transaction.atomic
def write_contact(provider: Provider, facts: Mapping[str, Any], *, by: Reader) -> ProviderContact:
    """A contact: name, function, phone, email; another of the same name is changed. Raises Refused; Faulty names the
    fields."""
    asked(by)
    Provider.objects.select_for_update().get(pk=provider.pk)
    contact = provider.contacts.filter(name=facts["name"]).first()
    if contact is None:
        contact = ProviderContact(provider=provider, **facts)
        _checked(contact)
        contact.save()
    elif not _write(contact, facts):
        return contact
    audit.record("contact_written", by=by, target_type="provider", target_id=provider.pk)
    return contact


@transaction.atomic
def remove_contact(contact: ProviderContact, *, by: Reader) -> None:
    """The contact is taken away. Raises Refused."""
    asked(by)
    contact.delete()
    audit.record("contact_removed", by=by, target_type="provider", target_id=contact.provider_id)


@transaction.atomic
def close_unit(unit: CareUnit, *, is_open: bool, by: Reader) -> CareUnit:
    """A unit is closed: its assignments give no access from the next request on; or opened again. Raises Refused."""
    asked(by)
    locked = CareUnit.objects.select_for_update().get(pk=unit.pk)
    locked.is_active = is_open
    locked.save(update_fields=["is_active"])
    audit.record(
        "unit_opened" if is_open else "unit_closed", by=by, target_type="careunit", target_id=locked.pk,
    )  # fmt: skip
    return locked
