"""A patient's identity number: personnummer, samordningsnummer or a reserve number of a care system."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from personnummer import personnummer

from core import crypto
from core.identity.numbers import InvalidNumber

_RESERVE = re.compile(r"(?=.*[A-Z])[0-9A-Z]{8,20}")


def parse_patient_number(text: str) -> str:
    """The number in one form: twelve digits, or a reserve number in capitals without blanks. Raises InvalidNumber,
    which never repeats it.

    Sources: SKV 704 and 707. A reserve number has a letter in it; of its form no more is asked.
    """
    number = re.sub(r"[\s]", "", text or "").upper()
    plain = number.replace("-", "").replace("+", "")
    if _RESERVE.fullmatch(plain):
        return plain
    try:
        # The day plus 60 (samordningsnummer) is taken too.
        return str(personnummer.parse(number).format(True))
    except Exception:
        raise InvalidNumber(
            _("This is no identity number. Check the digits: year, month, day and four digits, as 19121212-1212."),
            code="patient_number",
        ) from None


def patient_hash(number: str, *, provider_id: int) -> str:
    """The keyed hash that a number is found again by, within one provider alone."""
    return crypto.keyed_hash(number, purpose=f"patient.{provider_id}")
