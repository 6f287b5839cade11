"""Each row of a delivery made into a document that could be taken in, or into its faults: by line, column and remedy.

Nothing is changed and nothing is guessed. A bad row is told of, and the rest goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from core import clock
from core.files.types import RejectedFile, inspect_upload
from documents.delivery.addresses import kept_form
from documents.delivery.days import read_day
from documents.delivery.mapping import KINDS, RIGHTS, Mapping
from documents.delivery.package import Delivery, Row, composed
from documents.models import DocumentType
from documents.models.documents import NUMBER

_DAYS = ("approved", "valid_from", "valid_to")
# As many signs as the portal keeps of each.
_LONGEST = {"title": 250, "version": 40, "approver": 200, "summary": 500, "former_number": 40}
_NUMBER = re.compile(NUMBER)


@dataclass(frozen=True)
class Fault:
    """Something that has to be mended: in which line and column of the table, and how."""

    line: int
    column: str
    words: str


@dataclass
class Wanted:
    """A row that can be taken in. `state` is one of `mapping.STATES`; `rights` those that the source proposes, or none
    where they are missing or contradict each other: it then comes in closed."""

    line: int
    number: str
    version: str
    title: str
    type_code: str
    state: str
    approver: str
    summary: str
    keywords: list[str]
    rights: list[str]
    former_number: str
    days: dict[str, dt.date]
    # The kinds of providers that it applies to; empty where neither row nor mapping tells.
    applies: list[str] = field(default_factory=list)
    # Its addresses elsewhere, in the form that is kept.
    addresses: list[str] = field(default_factory=list)
    file: str = ""
    sha256: str = ""

    @property
    def is_held_back(self) -> bool:
        return not self.rights


@dataclass
class Looked:
    """A delivery that has been looked through."""

    wanted: list[Wanted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # By fact, the heading that tells it.
    columns: dict[str, str] = field(default_factory=dict)
    # Headings that are no column, and files that no row names.
    unread: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    # The numbers of all rows, in small letters, with faults or without; None where a row's number cannot be told, so
    # that nobody knows which documents the delivery leaves out.
    numbers: set[str] | None = None


def look_through(delivery: Delivery, mapping: Mapping, *, step: Callable[[], None] = lambda: None) -> Looked:
    """All rows of a delivery. `step` is called after each."""
    told, facts = Looked(), {name: fact for name in delivery.headings if (fact := mapping.fact_of(name))}
    told.unread = [name for name in delivery.headings if name and name not in facts]
    if lacking := [fact for fact in ("number", "version", "title", "state") if fact not in facts.values()]:
        words = _("The column is missing. Add it, or tell in the mapping how the source names it.")
        told.faults += [Fault(1, mapping.heading_of(fact), words) for fact in lacking]
        return told
    look = _Looking(delivery, mapping, facts)
    told.columns = look.columns
    untold = False
    for row in delivery.rows:
        wanted, faults = look.at(row)
        told.faults += faults
        untold |= any(fault.column == look.columns["number"] for fault in faults)
        if wanted and not faults:
            told.wanted.append(wanted)
        step()
    told.unnamed = sorted(set(delivery.files) - look.named)
    if not untold:
        told.numbers = {row.cells.get(look.columns["number"], "").strip().lower() for row in delivery.rows}
    return told


class _Looking:
    """One delivery on its way through: what its other rows tell is asked of each."""

    def __init__(self, delivery: Delivery, mapping: Mapping, facts: dict[str, str]) -> None:
        self.delivery, self.mapping, self.facts = delivery, mapping, facts
        self.columns = {fact: name for name, fact in facts.items()}
        self.named: set[str] = set()
        self.types = {t.code.casefold(): t.code for t in DocumentType.objects.all()}
        self.types |= {t.name_sv.casefold(): t.code for t in DocumentType.objects.all()}
        numbers = [row.cells.get(self.columns["number"], "") for row in delivery.rows]
        self.times = Counter(number.casefold() for number in numbers)
        self.spellings = {key: {n for n in numbers if n.casefold() == key} for key in self.times if self.times[key] > 1}
        padded = {len(n) for n in numbers if n.isdigit() and n.startswith("0")}
        self.width = max(padded, default=0)
        files = [composed(row.cells.get(self.columns.get("file", ""), "")) for row in delivery.rows]
        self.file_times = Counter(name for name in files if name)

    def at(self, row: Row) -> tuple[Wanted | None, list[Fault]]:
        faults: list[Fault] = []

        def fault(fact: str, words: str) -> None:
            faults.append(Fault(row.number, self.columns.get(fact, self.mapping.heading_of(fact)), words))

        told = {fact: row.cells.get(name, "").strip() for name, fact in self.facts.items()}
        for name, kind in row.odd.items():
            if name in self.facts:
                fault(self.facts[name], _odd(kind))
        odd = {self.facts[name] for name in row.odd if name in self.facts}
        if "number" not in odd and (why := self._number(told["number"])):
            fault("number", why)
        for fact in {"version", "title"} - odd:
            if not told[fact]:
                fault(fact, _("The cell is empty."))
        for fact, most in _LONGEST.items():
            if len(told.get(fact, "")) > most:
                fault(fact, _("The cell holds more than %d signs. Shorten it.") % most)
        state = self.mapping.states.get(told["state"].casefold(), "")
        if not state and "state" not in odd:
            fault("state", _("“%s” is no state of this mapping. Add it there.") % told["state"])
        days = self._days(told, odd, fault)
        if state == "published" and not told.get("approved") and "approved" not in odd:
            fault("approved", _("A document that applies has a day when it was approved. Tell it."))
        type_code, applies = self._type(told, fault), self._applies(told.get("applies", ""), fault)
        addresses = self._addresses(told.get("address", ""), fault)
        sha256 = self._file(told.get("file", ""), state, fault) if "file" not in odd else ""
        if faults:
            return None, faults
        return Wanted(
            line=row.number, number=told["number"], version=told["version"], title=told["title"],
            type_code=type_code, state=state, approver=told.get("approver", ""), summary=told.get("summary", ""),
            keywords=_words(told.get("keywords", "")), rights=self._rights(told.get("rights", "")),
            former_number=told.get("former_number", ""), days=days, applies=applies,
            addresses=addresses,
            file=composed(told.get("file", "")), sha256=sha256,
        ), []  # fmt: skip

    def _number(self, number: str) -> str:
        """The fault of a document's number; empty where there is none."""
        if not number:
            return _("The cell is empty.")
        if not _NUMBER.fullmatch(number) or not any(sign.isdigit() for sign in number) or len(number) > 40:
            return _("Use letters, digits, full stops and hyphens.")
        if number.isdigit() and len(number) < self.width:
            words = _("Leading zeros seem to have been lost: others have %d digits. Format the column as text.")
            return words % self.width
        if self.times[number.casefold()] > 1:
            spelt = self.spellings[number.casefold()]
            if len(spelt) > 1:
                return _("%s differ in capitals alone. Give each a number of its own.") % ", ".join(sorted(spelt))
            return _("The number is on several rows. Leave one.")
        return ""

    def _days(self, told: dict[str, str], odd: set[str], fault: Callable[[str, str], None]) -> dict[str, dt.date]:
        found: dict[str, dt.date] = {}
        for fact in _DAYS:
            if told.get(fact) and fact not in odd:
                try:
                    found[fact] = read_day(told[fact], self.mapping)
                except ValueError as error:
                    fault(fact, str(error))
        if "approved" in found and found["approved"] > clock.today():
            fault("approved", _("%s has not come yet.") % found["approved"].isoformat())
        first, last = found.get("valid_from"), found.get("valid_to")
        if first and last and last < first:
            fault("valid_to", _("The last day must not come before the first."))
        return found

    def _type(self, told: dict[str, str], fault: Callable[[str, str], None]) -> str:
        """By the column, or else by the beginning of the number."""
        if name := told.get("type", ""):
            if code := self.types.get(name.casefold()):
                return code
            fault("type", _("“%s” is no document type here.") % name)
        return self.types.get(re.split(r"[-. ]", told["number"])[0].casefold(), "")

    def _applies(self, written: str, fault: Callable[[str, str], None]) -> list[str]:
        """The kinds of providers that it applies to."""
        found = {word: self.mapping.applies.get(word.casefold(), "") for word in _words(written)}
        for word, kind in found.items():
            if not kind:
                fault("applies", _("“%s” is no kind of provider in this mapping. Add it there.") % word)
        told = KINDS if "all" in found.values() else tuple(found.values()) or self.mapping.applies_unsaid
        return [kind for kind in KINDS if kind in told]

    def _addresses(self, written: str, fault: Callable[[str, str], None]) -> list[str]:
        found = []
        for address in written.split():
            try:
                kept = kept_form(address)
            except ValueError:
                kept = ""
            if kept:
                found.append(kept)
            else:
                fault("address", _("“%s” is no address of a page or file.") % address[:100])
        return sorted(set(found))

    def _file(self, written: str, state: str, fault: Callable[[str, str], None]) -> str:
        """The digest of the row's file. Empty where it names none."""
        name = composed(written)
        if not name:
            if state == "published":
                fault("file", _("A document that applies has a file. Name it."))
            return ""
        if name not in self.delivery.files:
            words = _("There is no file “%s” in the delivery.") % name[:100]
            fault("file", _("The name leads out of the delivery.") if ".." in name or name.startswith("/") else words)
            return ""
        self.named.add(name)
        if self.file_times[name] > 1:
            fault("file", _("Several rows name this file."))
            return ""
        try:
            with self.delivery.open(name) as file:
                inspect_upload(file, name=name.rpartition("/")[2], max_bytes=settings.PORTAL_MAX_FILE_BYTES)
                file.seek(0)
                return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        except RejectedFile as rejected:
            fault("file", rejected.message)
            return ""

    def _rights(self, written: str) -> list[str]:
        """The kinds of readers that the source proposes; none where it tells none, an unknown one, or a contradiction.

        SECURITY: a proposal. Visibility is decided here, and what is unclear comes in closed.
        """
        words = _words(written)
        found = {self.mapping.rights.get(word.casefold(), "?") for word in words}
        if not found or "?" in found or ("closed" in found and len(found) > 1):
            return []
        return [right for right in RIGHTS if right in found]


def _odd(kind: str) -> str:
    return (
        _("The row holds merged cells. Part them in the spreadsheet.")
        if kind == "merged"
        else _("The row holds a formula. Paste its value in the spreadsheet.")
    )


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[,;|]", text) if (word := part.strip()[:60])]


def sums(looked: Looked) -> Iterable[tuple[str, int]]:
    """The report's counts, in words."""
    return (
        (_("Rows without faults"), len(looked.wanted)),
        (_("Held back: rights missing or contradictory"), sum(w.is_held_back for w in looked.wanted)),
        (_("Revoked by the source"), sum(w.state == "revoked" for w in looked.wanted)),
        (_("Faults"), len(looked.faults)),
    )
