"""The rows of a file for the register: each names a provider, and may carry its facts, a unit, an agreement, a contact.

A row's cells stand under headings, in any order; an empty cell changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.roles import Kind
from core.files.tables import Table
from core.identity.numbers import InvalidNumber, parse_org_number
from core.refused import WrongState
from core.typed import read_day

# The columns, with the headings that each may have; the first is the one of the file to fill in.
HEADINGS: dict[str, tuple[str, ...]] = {
    "org_number": ("organisationsnummer", "orgnr", "org.nr", "orgnummer", "organisation number"),
    "name": ("vårdgivare", "vårdgivarens namn", "provider"),
    "kind": ("slag", "kind"),
    "hsa_id": ("vårdgivarens hsa-id", "provider's hsa-id"),
    "registered_email": ("registrerad adress", "registered address"),
    "email": ("funktionsbrevlåda", "brevlåda", "function mailbox"),
    "phone": ("telefon", "telephone"),
    "expected_people": ("väntade personer", "förväntade personer", "antal personer", "expected people"),
    "unit.name": ("enhet", "enhetsnamn", "enhetens namn", "unit"),
    "unit.hsa_id": ("enhetens hsa-id", "enhets hsa-id", "unit's hsa-id"),
    "unit.place": ("ort", "postort", "place"),
    "unit.phone": ("enhetens telefon", "unit's telephone"),
    "unit.email": ("enhetens brevlåda", "unit's mailbox"),
    "agreement.principal": ("huvudman", "beställare", "principal"),
    "agreement.reference": ("avtal", "avtalsnummer", "diarienummer", "reference"),
    "agreement.valid_from": ("från", "fr.o.m.", "avtal från", "from"),
    "agreement.valid_to": ("till", "till och med", "t.o.m.", "avtal till", "to"),
    "contact.name": ("kontakt", "kontaktperson", "contact"),
    "contact.function": ("kontaktens funktion", "contact's function"),
    "contact.phone": ("kontaktens telefon", "contact's telephone"),
    "contact.email": ("kontaktens adress", "kontaktens e-post", "contact's address"),
}
LABELS = {
    "org_number": gettext_lazy("Organisation number"),
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Kind"),
    "hsa_id": gettext_lazy("HSA-id"),
    "registered_email": gettext_lazy("Registered address"),
    "email": gettext_lazy("Function mailbox"),
    "phone": gettext_lazy("Telephone"),
    "expected_people": gettext_lazy("Expected people"),
    "place": gettext_lazy("Place"),
    "function": gettext_lazy("Function"),
    "principal": gettext_lazy("Principal"),
    "reference": gettext_lazy("Reference"),
    "valid_from": gettext_lazy("From"),
    "valid_to": gettext_lazy("To and including"),
}
# "HSA-id" alone is the unit's where the row names a unit, else the provider's.
_EITHER = "hsa-id"
_COLUMN_OF = {heading: column for column, headings in HEADINGS.items() for heading in headings} | {_EITHER: _EITHER}
_OPEN_END = ("tills vidare", "until further notice")
PARTS = ("unit", "agreement", "contact")

# A row as it is kept: the number of its line (`n`), what is odd about it, and the text of each column.
Kept = dict[str, str]


@dataclass
class Wanted:
    """The facts of a row: of the provider, and of a unit, an agreement and a contact of it; empty where it says
    none. `faults`: what is wrong with a cell, in words."""

    provider: dict[str, Any] = field(default_factory=dict)
    unit: dict[str, Any] = field(default_factory=dict)
    agreement: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def kept(table: Table) -> list[Kept]:
    """The rows of a table by column. Raises WrongState where its first row names none of the columns needed."""
    if not table.rows:
        raise WrongState(_("The file holds no row."))
    columns = _columns(table.rows[0].cells)
    if not {"org_number", "hsa_id", "name", _EITHER, "unit.hsa_id"} & set(columns.values()):
        raise WrongState(
            _("The first row must hold headings, one of them the organisation number, HSA-id or the provider.")
        )
    found = []
    for row in table.rows[1:]:
        cells = {column: row.cells[i][:300] for i, column in columns.items() if i < len(row.cells) and row.cells[i]}
        odd = [kind for i, kind in row.odd.items() if i in columns]
        if cells or odd:
            found.append({"n": str(row.number), **cells, **({"odd": odd[0]} if odd else {})})
    if not found:
        raise WrongState(_("The file holds headings, and no row below them."))
    return found


def unknown(table: Table) -> list[str]:
    """The headings of a table that are no column: they are passed over, which is said."""
    return [cell for cell in table.rows[0].cells if cell and cell.casefold() not in _COLUMN_OF] if table.rows else []


def _columns(cells: Sequence[str]) -> dict[int, str]:
    return {i: _COLUMN_OF[cell.casefold()] for i, cell in enumerate(cells) if cell.casefold() in _COLUMN_OF}


def label(name: str) -> str:
    return str(LABELS.get(name.rpartition(".")[2], ""))


def names(row: Kept) -> list[str]:
    return [row[name] for name in ("name", "unit.name", "contact.name") if row.get(name)]


def about(row: Kept) -> str:
    """How a row is named in its answer. SECURITY: never by its number, which may be a person's."""
    return ", ".join(names(row)) or row.get("hsa_id") or row.get("unit.hsa_id") or row.get(_EITHER, "")


def wanted(row: Kept) -> Wanted:
    """The facts of a row, each of its type."""
    told = Wanted()
    if odd := row.get("odd"):
        told.faults.append(
            _("The row holds merged cells. Part them in the spreadsheet.")
            if odd == "merged"
            else _("The row holds a formula. Paste its value in the spreadsheet.")
        )
        return told
    row = dict(row)
    if either := row.pop(_EITHER, ""):
        row.setdefault("unit.hsa_id" if row.get("unit.name") else "hsa_id", either)
    for column, text in row.items():
        part, dot, name = column.rpartition(".")
        if column in HEADINGS:
            facts = getattr(told, part) if dot else told.provider
            try:
                facts[name] = _value(name, text)
            except (ValueError, InvalidNumber) as error:
                told.faults.append(f"{label(name)}: {error}")
    return told


def _value(name: str, text: str) -> Any:
    """The value of a cell. Raises ValueError or InvalidNumber, in words."""
    if name == "org_number":
        return parse_org_number(text)
    if name == "kind":
        if found := _kinds().get(text.casefold()):
            return found
        raise ValueError(_("“%s” is no kind of provider. Write privat, kommunal or annan.") % text)
    if name == "expected_people":
        if text.isdecimal() and int(text) <= 200_000:
            return int(text)
        raise ValueError(_("Write a number, like 40."))
    if name in ("valid_from", "valid_to"):
        return _day(text, may_be_open=name == "valid_to")
    return text.lower() if name in ("email", "registered_email") else text


def _day(text: str, *, may_be_open: bool) -> dt.date | None:
    if may_be_open and text.casefold() in _OPEN_END:
        return None
    return read_day(text)


@cache
def _kinds() -> dict[str, Kind]:
    names = {kind.value: kind for kind in Kind}
    names |= {"privat": Kind.PRIVATE, "kommunal": Kind.MUNICIPAL, "kommun": Kind.MUNICIPAL, "annan": Kind.OTHER}
    names |= {"region": Kind.REGIONAL, "övrig": Kind.OTHER}
    for language in ("sv", "en"):
        with override(language):
            names |= {str(kind.label).casefold(): kind for kind in Kind}
    return names
