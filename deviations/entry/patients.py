"""A patient's identity number on its way in: typed in a field of its own, kept in a record of its own."""

from __future__ import annotations

from typing import Any

from django import forms

from core.identity.patients import parse_patient_number, patient_hash
from deviations.models import Party, PatientIdentity


class PatientNumberField(forms.CharField):
    """A patient's identity number, in one form; empty where it is not asked for."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 30)
        # SECURITY: no browser keeps it for the next patient.
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        return parse_patient_number(typed) if typed else ""


def keep(party: Party, number: str, *, written_by: str, at: Any) -> PatientIdentity:
    """The part's identity, new or in place of the one it had; `number` in one form."""
    values = {
        "number": number,
        "number_hash": patient_hash(number, provider_id=party.provider_id),
        "written_by": written_by,
        "written_at": at,
    }
    return PatientIdentity.objects.update_or_create(party=party, defaults=values)[0]
