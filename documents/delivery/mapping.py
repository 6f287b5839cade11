"""A mapping tells how a management system names things: its columns, its states, its rights, its dates. A small TOML
file, ready for two kinds of export or a source's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

FOLDER = Path(__file__).parent / "mappings"
READY = ("centuri", "dublin_core")
FACTS = (
    "number", "version", "title", "type", "state", "approved", "approver", "valid_from", "valid_to", "file", "rights",
    "former_number", "keywords", "summary", "applies", "address",
)  # fmt: skip
NEEDED = ("number", "version", "title", "state")
STATES = ("published", "draft", "revoked")
RIGHTS = ("public", "regional", "private", "municipal", "closed")
# The kinds of providers that a document may apply to; `all` for each of them.
KINDS = ("regional", "private", "municipal")
APPLIES = (*KINDS, "all")
# How a source writes days that can be read in two ways; without it such a day is a fault, and never guessed.
SIX_DIGITS = ("yymmdd", "ddmmyy")
SLASHES = ("dmy", "mdy")


class BadMapping(Exception):
    """The mapping cannot be used. `str()` says which part, and how to mend it, in the active language."""


@dataclass(frozen=True)
class Mapping:
    """By fact the headings that it may have, by word the state and the right it means; all in small letters."""

    columns: dict[str, tuple[str, ...]]
    states: dict[str, str]
    rights: dict[str, str]
    applies: dict[str, str]
    # The kinds that a document applies to where its row tells nothing of that; the owner's own where it is empty.
    applies_unsaid: tuple[str, ...] = ()
    six_digits: str = ""
    slashes: str = ""

    def fact_of(self, heading: str) -> str:
        """The fact that a heading names; empty for none."""
        told = heading.strip().casefold()
        return next((fact for fact, headings in self.columns.items() if told in headings), "")

    def heading_of(self, fact: str) -> str:
        """How the source names a fact, for its faults."""
        return self.columns[fact][0] if self.columns.get(fact) else fact


def ready(name: str) -> Mapping:
    """One of READY."""
    return read((FOLDER / f"{name}.toml").read_text())


def read(text: str) -> Mapping:
    """A mapping from TOML. Raises BadMapping."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(_("This is no TOML: %s") % error) from error
    columns = {fact: _words(told, "columns", fact) for fact in FACTS}
    if unknown := set(_table(told, "columns")) - set(FACTS):
        raise BadMapping(_("There is no such fact: %s") % ", ".join(sorted(unknown)))
    if lacking := [fact for fact in NEEDED if not columns[fact]]:
        raise BadMapping(_("No column is told for: %s") % ", ".join(lacking))
    dates = _table(told, "dates")
    return Mapping(
        columns=columns,
        states=_meanings(told, "states", STATES),
        rights=_meanings(told, "rights", RIGHTS),
        applies=_meanings(told, "applies", APPLIES, but="unsaid"),
        applies_unsaid=_unsaid(told),
        six_digits=_one(dates, "six_digits", SIX_DIGITS),
        slashes=_one(dates, "slashes", SLASHES),
    )


def _table(told: Table[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise BadMapping(_("“%s” is to be a table, as [%s].") % (name, name))
    return found


def _words(told: Table[str, Any], table: str, name: str) -> tuple[str, ...]:
    found = _table(told, table).get(name, [])
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise BadMapping(_("“%s” in [%s] is to be a list of words.") % (name, table))
    return tuple(word.strip().casefold() for word in found)


def _meanings(told: Table[str, Any], table: str, names: tuple[str, ...], but: str = "") -> dict[str, str]:
    """By word, its meaning; a word with two meanings is a fault. `but`: a name in the table that is no meaning."""
    if unknown := set(_table(told, table)) - {*names, but}:
        raise BadMapping(_("There is no such part of [%(table)s]: %(names)s") % {
            "table": table, "names": ", ".join(sorted(unknown)),
        })  # fmt: skip
    found: dict[str, str] = {}
    for name in names:
        for word in _words(told, table, name):
            if word in found:
                raise BadMapping(_("“%s” in [%s] has two meanings.") % (word, table))
            found[word] = name
    return found


def _unsaid(told: Table[str, Any]) -> tuple[str, ...]:
    kinds = _words(told, "applies", "unsaid")
    if unknown := set(kinds) - set(KINDS):
        raise BadMapping(_("“unsaid” in [applies] names no such kind: %s") % ", ".join(sorted(unknown)))
    return kinds


def _one(dates: Table[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    found = dates.get(name, "")
    if found and found not in allowed:
        raise BadMapping(_("“%s” in [dates] is one of: %s") % (name, ", ".join(allowed)))
    return str(found)
