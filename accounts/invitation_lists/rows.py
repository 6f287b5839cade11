"""A list of people to invite: from a table to rows by column, and from each row to an offer or to what is wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.granting import Reach
from accounts.invitations import inviting
from accounts.models import CareUnit
from accounts.roles import OF_THE_UNIT, Role
from core.files.tables import Row, Table
from core.typed import read_day

COLUMNS = ("email", "name", "unit", "roles", "title", "valid_from", "valid_to")
# The headings that a column may have, in Swedish and English.
HEADINGS = {
    "email": ("adress", "e-post", "epost", "e-postadress", "mejl", "mejladress", "mail", "e-mail", "email", "address"),
    "name": ("namn", "name", "för- och efternamn"),
    "given_name": ("förnamn", "given name", "first name"),
    "family_name": ("efternamn", "family name", "last name"),
    "unit": ("enhet", "unit", "arbetsplats"),
    "roles": ("roll", "roller", "role", "roles"),
    "title": ("titel", "title", "befattning", "yrke"),
    "valid_from": ("från", "from", "fr.o.m.", "startdag", "start"),
    "valid_to": ("till", "to", "till och med", "t.o.m.", "slutdag", "slut", "until"),
}
_COLUMN_OF = {heading: column for column, headings in HEADINGS.items() for heading in headings}
_ROLE_WORDS = {
    "handläggare": Role.CASE_HANDLER, "administratör": Role.PROVIDER_ADMIN, "admin": Role.PROVIDER_ADMIN,
    "chef": Role.UNIT_MANAGER, "rapportör": Role.REPORTER, "läsare": Role.READER,
}  # fmt: skip
_WITH_NAME = re.compile(r"^\s*\"?(?P<name>[^<\"]*?)\"?\s*<(?P<email>[^<>]+)>\s*$")

# A row as it is kept: its place in the list (`id`), the number of its line (`n`), and the text of each column.
Kept = dict[str, str]


def kept(table: Table) -> list[Kept]:
    """The rows of a table by column: by its headings where its first row is one, else in the order of COLUMNS. Roles
    stand in as many cells as they like where nothing heads them. A line of several addresses is as many rows.
    """
    if not table.rows:
        return []
    columns = _columns(table.rows[0].cells)
    rows = table.rows[1:] if columns else table.rows
    found: list[Kept] = []
    for row in rows:
        found += [_kept(row, columns)] if columns or _addresses(row) < 2 else _several(row)
    return [{"id": str(i), **row} for i, row in enumerate(found)]


def _columns(cells: Sequence[str]) -> dict[int, str]:
    named = {i: _COLUMN_OF[cell.casefold()] for i, cell in enumerate(cells) if cell.casefold() in _COLUMN_OF}
    return named if named and not any("@" in cell for cell in cells) else {}


def _addresses(row: Row) -> int:
    return sum("@" in cell for cell in row.cells)


def _several(row: Row) -> list[Kept]:
    return [_named({"n": str(row.number), "email": cell}) for cell in row.cells if cell]


def _kept(row: Row, columns: Mapping[int, str]) -> Kept:
    entry: Kept = {"n": str(row.number)}
    if row.odd:
        entry["odd"] = next(iter(row.odd.values()))
    if columns:
        for i, column in columns.items():
            if i < len(row.cells) and row.cells[i]:
                entry[column] = f"{entry[column]}, {row.cells[i]}" if column in entry else row.cells[i]
        names = [entry.pop(name, "") for name in ("given_name", "family_name")]
        if any(names):
            entry["name"] = " ".join(filter(None, names))
        return _named(entry)
    cells = list(row.cells)
    if "@" not in cells[0]:
        # The name stands first, or the address is missing.
        second = cells[1:2] if len(cells) > 1 and "@" in cells[1] else []
        cells = [*(second or [""]), cells[0], *cells[1 + len(second) :]]
    entry |= {name: cell for name, cell in zip(COLUMNS[:3], cells, strict=False) if cell}
    rest = cells[3:]
    roles = rest[:1]
    while len(roles) < len(rest) and rest[len(roles)] and not _roles(rest[len(roles)])[1]:
        roles.append(rest[len(roles)])
    rest = rest[len(roles) :]
    entry["roles"] = ", ".join(filter(None, roles))
    entry |= {name: cell for name, cell in zip(COLUMNS[4:], rest, strict=False) if cell}
    return _named(entry)


def _named(entry: Kept) -> Kept:
    """ "Anna Ny <anna@…>" is a name and an address."""
    if match := _WITH_NAME.match(entry.get("email", "")):
        entry["email"] = match["email"].strip()
        if match["name"]:
            entry.setdefault("name", match["name"])
    return {name: value[:300] for name, value in entry.items() if value}


@dataclass(frozen=True)
class Fault:
    """Something of a row that has to be mended: in which column, and what to do, in the active language."""

    column: str
    words: str


@dataclass
class Answer:
    """The answer to one row: an offer that can be sent, what is wrong with it, or why it is passed over."""

    row: Kept
    wish: inviting.Wish | None = None
    faults: list[Fault] = field(default_factory=list)
    told: str = ""

    @property
    def number(self) -> str:
        return self.row["n"]

    @property
    def as_written(self) -> str:
        return "; ".join(self.row[name] for name in COLUMNS if self.row.get(name))

    @property
    def is_ready(self) -> bool:
        return self.wish is not None and not self.told

    @property
    def is_skipped(self) -> bool:
        return self.row.get("skip") == "1"


def answers(rows: Iterable[Kept], reach: Reach) -> list[Answer]:
    """An answer for each row, in their order. Three queries, however many rows."""
    units = {unit.name.casefold(): unit for unit in reach.units}
    found = [_answer(row, reach, units) for row in rows]
    there = inviting.known([a.wish for a in found if a.wish], reach)
    first: dict[tuple[str, int | None], str] = {}
    for answer in found:
        if answer.wish is None:
            continue
        if place := first.get(answer.wish.place):
            answer.told = _("The same as row %s. Counted once.") % place
        else:
            first[answer.wish.place] = answer.number
            answer.told = there.get(answer.wish.place, "")
    return found


def mark(found: Iterable[Answer]) -> str:
    """The offers that are ready, as they are shown: they are sent as they were seen, or not at all."""
    told = [(a.wish.place, a.wish.roles, a.wish.valid_from, a.wish.valid_to) for a in found if a.wish and not a.told]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _answer(row: Kept, reach: Reach, units: Mapping[str, CareUnit]) -> Answer:
    answer = Answer(row)
    if row.get("skip") == "1":
        answer.told = _("Skipped.")
        return answer
    if odd := row.get("odd"):
        words = {
            "formula": _("The row holds a formula. Paste its value in the spreadsheet, or write the address here."),
            "merged": _("The row holds merged cells. Part them in the spreadsheet, or write what is missing here."),
        }
        answer.faults.append(Fault("email", words.get(odd, "")))
        return answer
    email = _email(row.get("email", ""), answer)
    unit = _unit(row.get("unit", ""), reach, units, answer)
    roles, unknown = _roles(row.get("roles", ""))
    if unknown:
        answer.faults.append(Fault("roles", _("“%s” is no role here. Choose another.") % unknown))
    first, last = (_day(row.get(name, ""), name, answer) for name in ("valid_from", "valid_to"))
    if answer.faults:
        return answer
    given, _space, family = row.get("name", "").partition(" ")
    roles = roles or tuple(str(r) for r in Role if r in OF_THE_UNIT & reach.gives)
    wish = inviting.Wish(email, unit, roles, row.get("title", "")[:100], given[:100], family.strip()[:100], first, last)
    if words_why := inviting.why_not(wish, reach):
        column = "valid_to" if first or last else "unit" if Role.UNIT_MANAGER in roles and not unit else "roles"
        answer.faults.append(Fault(column, words_why))
        return answer
    answer.wish = wish
    return answer


def _email(text: str, answer: Answer) -> str:
    email = text.lower()
    if not email:
        answer.faults.append(Fault("email", _("The address is missing. Write it, or skip the row.")))
        return ""
    try:
        validate_email(email)
    except ValidationError:
        words = _("This is no e-mail address. Write it like anna@clinic.example.")
        if " " in email:
            words = _("A blank in the address. Did you mean %s?") % _without_blanks(email)
        answer.faults.append(Fault("email", words))
    if len(email) > 254:
        answer.faults.append(Fault("email", _("The address is too long.")))
    return email


def _without_blanks(email: str) -> str:
    name, _at, host = email.partition("@")
    return f"{'.'.join(name.split())}@{''.join(host.split())}"


def _unit(text: str, reach: Reach, units: Mapping[str, CareUnit], answer: Answer) -> CareUnit | None:
    wanted = text.casefold()
    if not reach.is_whole and not wanted:
        return next(iter(units.values()), None)
    if reach.is_whole and wanted in ("", "-", "hela verksamheten", "alla", "the whole provider"):
        return None
    if wanted in units:
        return units[wanted]
    answer.faults.append(Fault("unit", _("“%s” is no unit of yours. Choose a unit.") % text))
    return None


@cache
def _role_names() -> dict[str, Role]:
    names = {role.value: role for role in Role} | dict(_ROLE_WORDS)
    for language in ("sv", "en"):
        with override(language):
            names |= {str(role.label).casefold(): role for role in Role}
    return names


def _roles(text: str) -> tuple[tuple[str, ...], str]:
    """The roles that a cell names, and the first word of it that is none."""
    names, found = _role_names(), []
    for word in re.split(r"[,+/&;]|\boch\b|\band\b", text):
        name = " ".join(word.casefold().split())
        if not name:
            continue
        if name not in names:
            return (), word.strip()
        found.append(names[name].value)
    return tuple(dict.fromkeys(found)), ""


def _day(text: str, column: str, answer: Answer) -> dt.date | None:
    try:
        return read_day(text) if text else None
    except ValueError as error:
        answer.faults.append(Fault(column, str(error)))
        return None
