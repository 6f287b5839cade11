"""Each row of a file carried out by the register's own verbs, and its answer. A dry run is the same, taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agreement, CareUnit, Provider, ProviderContact
from accounts.readers import Reader
from accounts.register import agreements
from accounts.register_lists import rows as lists
from accounts.register_lists.rows import Kept, Wanted
from accounts.roles import Kind
from core.crypto import keyed_hash
from core.identity.numbers import OrgNumber
from core.refused import Refused, WrongState


class Outcome(models.TextChoices):
    """The answer to a row."""

    FAULT = "fault", gettext_lazy("Rejected")
    NEW = "new", gettext_lazy("New")
    CHANGED = "changed", gettext_lazy("Changed")
    SAME = "same", gettext_lazy("Unchanged")


@dataclass(frozen=True)
class Answer:
    """The answer to one row: the number of its line, how it is named, and in words what is wrong or done."""

    n: str
    about: str
    outcome: str
    told: list[str] = field(default_factory=list)


def mark(answers: Iterable[Answer]) -> str:
    """The answers as they are shown: they are carried out as they were seen, or not at all."""
    return hashlib.sha256(json.dumps([asdict(a) for a in answers], sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def try_out(rows: Iterable[Kept], *, by: Reader) -> list[Answer]:
    """The answers to these rows; nothing is changed. Raises Refused where `by` may not."""
    found = carry_out(rows, by=by)
    transaction.set_rollback(True)
    return found


def carry_out(rows: Iterable[Kept], *, by: Reader) -> list[Answer]:
    """Carries out each row by itself, in their order, and gives their answers: one that is wrong changes nothing, and
    the rest goes on. In the caller's transaction; the queries grow with the rows that change something."""
    agreements.asked(by)
    register = _Register()
    return [_answer(row, register, by) for row in rows]


def _answer(row: Kept, register: _Register, by: Reader) -> Answer:
    wanted, about = lists.wanted(row), lists.about(row)
    if wanted.faults:
        return Answer(row["n"], about, Outcome.FAULT, wanted.faults)
    carried = _Row(wanted, register, by)
    try:
        with transaction.atomic():
            carried.out()
    except agreements.Faulty as refusal:
        told = [_fault(name, words) for name, faults in refusal.faults.items() for words in faults]
        return Answer(row["n"], about, Outcome.FAULT, told)
    except Refused as refusal:
        return Answer(row["n"], about, Outcome.FAULT, [str(refusal)])
    register.learn(carried)
    outcome = Outcome.NEW if carried.made else Outcome.CHANGED if carried.changed else Outcome.SAME
    about = ", ".join(dict.fromkeys(filter(None, (carried.provider.name, *lists.names(row)))))
    return Answer(row["n"], about, outcome, [*carried.made, *carried.changed])


def _fault(name: str, words: str) -> str:
    label = lists.label(name)
    return f"{label}: {words}" if label else words


class _Register:
    """All that rows are compared with, read once: a region's register is some thousand rows."""

    def __init__(self) -> None:
        self.numbers: dict[str, Provider] = {}
        self.hsa_ids: dict[str, Provider] = {}
        self.names: dict[str, Provider] = {}
        self.units: dict[tuple[int, str], CareUnit] = {}
        self.unit_hsa_ids: dict[str, CareUnit] = {}
        self.agreements: dict[tuple[Any, ...], Agreement] = {}
        self.contacts: dict[tuple[int, str], ProviderContact] = {}
        for provider in Provider.objects.all():
            self._provider(provider)
        for unit in CareUnit.objects.select_related("provider"):
            self._unit(unit)
        for agreement in Agreement.objects.all():
            self._agreement(agreement)
        for contact in ProviderContact.objects.all():
            self.contacts[contact.provider_id, contact.name] = contact

    def _provider(self, provider: Provider) -> None:
        self.names[provider.name.casefold()] = provider
        if provider.org_number_hash:
            self.numbers[provider.org_number_hash] = provider
        if provider.hsa_id:
            self.hsa_ids[provider.hsa_id.upper()] = provider

    def _unit(self, unit: CareUnit) -> None:
        self.units[unit.provider_id, unit.name.casefold()] = unit
        if unit.hsa_id:
            self.unit_hsa_ids[unit.hsa_id.upper()] = unit

    def _agreement(self, agreement: Agreement) -> None:
        self.agreements[agreement.provider_id, agreement.principal_id, agreement.valid_from] = agreement

    def learn(self, row: _Row) -> None:
        """The rows that follow are compared with what this one did."""
        self._provider(row.provider)
        if row.unit:
            self._unit(row.unit)
        if row.agreement:
            self._agreement(row.agreement)
        if row.contact:
            self.contacts[row.provider.pk, row.contact.name] = row.contact


class _Row:
    """One row on its way into the register."""

    provider: Provider
    unit: CareUnit | None = None
    agreement: Agreement | None = None
    contact: ProviderContact | None = None

    def __init__(self, wanted: Wanted, register: _Register, by: Reader) -> None:
        self.wanted, self.register, self.by = wanted, register, by
        self.made: list[str] = []
        self.changed: list[str] = []

    def out(self) -> None:
        """Raises Refused; the savepoint around it takes back what was done."""
        found = self._found()
        if found is None:
            self._make()
        else:
            self.provider = found
            self._change()
            if self.wanted.agreement:
                self._agree()
        if self.wanted.unit:
            self._place()
        if self.wanted.contact:
            self._reach()

    def _found(self) -> Provider | None:
        """The provider that the row is of, by number, HSA-id, a unit's HSA-id and name; None for a new one."""
        told, register = self.wanted.provider, self.register
        number: OrgNumber | None = told.get("org_number")
        digest = keyed_hash(number.digits, purpose="org_number") if number else ""
        unit = register.unit_hsa_ids.get(self.wanted.unit.get("hsa_id", "").upper())
        by_key = [register.numbers.get(digest), register.hsa_ids.get(told.get("hsa_id", "").upper())]
        by_name = register.names.get(told.get("name", "").casefold())
        candidates = {p.pk: p for p in (*by_key, by_name) if p}
        if len(candidates) > 1:
            raise WrongState(_("The number, HSA-id and name belong to different providers. Correct the row."))
        found = next(iter(candidates.values()), None)
        if unit and found and unit.provider_id != found.pk:
            raise WrongState(_("The unit's HSA-id belongs to another provider."))
        if unit and not found and not told:
            found = register.names.get(unit.provider.name.casefold())
        if found and number and found.org_number_hash not in (None, digest):
            raise WrongState(_("The provider has another organisation number in the register."))
        if unit and not found:
            raise WrongState(_("The unit's HSA-id belongs to another provider."))
        return found

    def _make(self) -> None:
        told = dict(self.wanted.provider)
        number = told.pop("org_number", None)
        if not number and not told.get("hsa_id"):
            raise WrongState(_("Write the organisation number or the HSA-id, so that the row can be found again."))
        if not told.get("name"):
            raise WrongState(_("There is no such provider. Write its name and kind to add it."))
        if told.get("kind") in (None, Kind.REGIONAL):
            raise WrongState(_("There is no such provider. To add it, write its kind: privat, kommunal or annan."))
        agreed = self._agreed() if told["kind"] == Kind.PRIVATE else None
        facts = {**told, **({"org_number": number.digits} if number else {})}
        self.provider = agreements.make_provider(facts, agreed, by=self.by)
        self.made.append(_("New provider"))
        if agreed:
            self.agreement = self.provider.agreements.get()
        elif self.wanted.agreement:
            raise WrongState(_("Only private providers have agreements."))

    def _change(self) -> None:
        told = dict(self.wanted.provider)
        number: OrgNumber | None = told.pop("org_number", None)
        facts = {name: value for name, value in told.items() if getattr(self.provider, name) != value}
        if number and self.provider.org_number_hash is None:
            facts["org_number"] = number.digits
        if not facts:
            return
        before = self.provider
        self.provider = agreements.change_provider(before, facts, by=self.by)
        self._tell(before, facts)

    def _agreed(self) -> dict[str, Any]:
        """The facts of a new agreement, with its principal."""
        told = dict(self.wanted.agreement)
        if not told.get("principal") or not told.get("valid_from"):
            raise WrongState(_("A private provider has an agreement: write its principal and first day."))
        return {**told, "principal": self._principal(told["principal"])}

    def _principal(self, text: str) -> Provider:
        found = self.register.names.get(text.casefold()) or self.register.hsa_ids.get(text.upper())
        if found is None or found.kind not in (Kind.REGIONAL, Kind.MUNICIPAL):
            raise WrongState(_("“%s” is no principal. Write the name of the region or of a municipality.") % text)
        return found

    def _agree(self) -> None:
        facts = self._agreed()
        found = self.register.agreements.get((self.provider.pk, facts["principal"].pk, facts["valid_from"]))
        if found is None:
            self.agreement = agreements.add_agreement(self.provider, facts, by=self.by)
            self.made.append(_("New agreement"))
            return
        self.agreement = found
        written = {name: facts[name] for name in facts if name in ("reference", "valid_to")}
        told = {name: value for name, value in written.items() if getattr(found, name) != value}
        if "reference" in told:
            self.agreement = agreements.set_reference(found, told["reference"], by=self.by)
        if "valid_to" in told:
            shown = found.valid_to.isoformat() if found.valid_to else ""
            self.agreement = agreements.set_last_day(found, told["valid_to"], shown=shown, by=self.by)
        self._tell(found, told)

    def _place(self) -> None:
        told, register = self.wanted.unit, self.register
        found = register.unit_hsa_ids.get(told.get("hsa_id", "").upper())
        named = register.units.get((self.provider.pk, told.get("name", "").casefold()))
        if found and named and found.pk != named.pk:
            raise WrongState(_("The unit's HSA-id and name belong to different units. Correct the row."))
        found = found or named
        if found is None:
            if not told.get("name"):
                raise WrongState(_("There is no such unit. Write its name to add it."))
            self.unit = agreements.add_unit(self.provider, told, by=self.by)
            self.made.append(_("New unit: %s") % self.unit.name)
            return
        facts = {name: value for name, value in told.items() if getattr(found, name) != value}
        self.unit = agreements.change_unit(found, facts, by=self.by) if facts else found
        self._tell(found, facts)

    def _reach(self) -> None:
        told = self.wanted.contact
        if not told.get("name"):
            raise WrongState(_("Write the contact's name."))
        found = self.register.contacts.get((self.provider.pk, told["name"]))
        facts = {name: value for name, value in told.items() if found is None or getattr(found, name) != value}
        if not facts:
            return
        self.contact = agreements.write_contact(self.provider, told, by=self.by)
        if found is None:
            self.made.append(_("New contact: %s") % told["name"])
        else:
            self._tell(found, facts)

    def _tell(self, before: Any, facts: dict[str, Any]) -> None:
        """Each changed fact as it was and is. SECURITY: never a number, which may be a person's."""
        for name, value in facts.items():
            if name == "org_number":
                self.changed.append(_("Organisation number: written"))
                continue
            was = getattr(before, name)
            self.changed.append(f"{lists.label(name)}: {_shown(was)} → {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, Kind):
        return str(value.label)
    if value in Kind.values:
        return str(Kind(value).label)
    return "–" if value in (None, "") else str(value)
