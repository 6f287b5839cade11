"""A table that somebody pasted or chose as a file: rows of cells, and what is odd about them.

Semicolons, tabs and commas part the cells of a text, whichever fits; a spreadsheet is read in the confined process.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from core.files.extraction import ExtractionFailed, read_sheet
from core.files.packages import BadPackage, inspect_package
from core.typed import visible

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 40
_BETWEEN = "\t;,"


class BadTable(Exception):
    """The file cannot be taken as a table. `str()` says why and what to do, in the active language."""


@dataclass(frozen=True)
class Row:
    """One row: its number as its writer counts (from 1), its cells, and "formula" or "merged" by column."""

    number: int
    cells: tuple[str, ...]
    odd: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows that hold something. `notes`: sentences about how it was read."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_text(text: str, notes: tuple[str, ...] = (), most: int = MAX_ROWS) -> Table:
    """Each line is a row. Raises BadTable for more than `most` of them."""
    between = _parting(text)
    reader = csv.reader(io.StringIO(text), delimiter=between) if between else ([line] for line in text.splitlines())
    rows = []
    try:
        for number, cells in enumerate(reader, 1):
            told = tuple(map(visible, cells[:MAX_COLUMNS]))
            if any(told):
                rows.append(Row(number, told))
    except csv.Error as error:
        raise BadTable(_("The table cannot be read. Save it as CSV or XLSX again.")) from error
    return Table(_few(rows, most), notes)


def _parting(text: str) -> str:
    """The sign that parts cells: the one that stands in most lines; none where none does."""
    lines = [line for line in text.splitlines() if line.strip()][:200]
    counts = {sign: sum(sign in line for line in lines) for sign in _BETWEEN}
    best = max(_BETWEEN, key=lambda sign: counts[sign])
    return best if counts[best] else ""


def _few(rows: list[Row], most: int) -> tuple[Row, ...]:
    if len(rows) > most:
        raise BadTable(_("The table has more than %d rows. Send it in parts.") % most)
    return tuple(rows)


def read_file(upload: UploadedFile) -> Table:
    """A CSV file in UTF-8, UTF-16 or Windows-1252, or an XLSX file. Raises BadTable."""
    if (upload.size or 0) > MAX_BYTES:
        raise BadTable(_("The file is larger than 5 MB. Send it in parts."))
    return read_bytes(upload.read())


def read_bytes(data: bytes, most: int = MAX_ROWS) -> Table:
    """The same of a file's content, of whatever size; `most` rows. Raises BadTable."""
    if not data.strip():
        raise BadTable(_("The file is empty."))
    if data.startswith(b"PK"):
        return _read_xlsx(data, most)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadTable(_("This is an older Excel file. Save it as XLSX or CSV."))
    text, notes = _decoded(data)
    if "\x00" in text:
        raise BadTable(_("This is no CSV or XLSX file."))
    return read_text(text, notes, most)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = _("The file is in Windows' own letters, and was read as such. Look at å, ä and ö.")
        return data.decode("cp1252", "replace"), (note,)


def _read_xlsx(data: bytes, most: int) -> Table:
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        path = Path(folder) / "table.xlsx"
        path.write_bytes(data)
        try:
            with path.open("rb") as file:
                inspect_package(file)
            with zipfile.ZipFile(path) as package:
                if not any(name.startswith("xl/") for name in package.namelist()):
                    raise BadTable(_("This is no CSV or XLSX file."))
            answer = read_sheet(path, rows=most + 1)
        except BadPackage as error:
            raise BadTable(_("The file cannot be read: it is damaged, locked, or holds more than a table.")) from error
        except ExtractionFailed as error:
            raise BadTable(error.message) from error
    return _table(answer, most)


def _table(answer: dict[str, Any], most: int) -> Table:
    """SECURITY: the answer comes from a process that met a stranger's file: only its shape is trusted."""
    odd: dict[int, dict[int, str]] = {}
    for entry in answer.get("odd") or []:
        if isinstance(entry, list) and len(entry) == 3 and entry[2] in ("formula", "merged"):
            odd.setdefault(int(entry[0]), {})[int(entry[1])] = entry[2]
    rows = []
    for index, cells in enumerate(answer.get("rows") or []):
        told = tuple(visible(str(cell)) for cell in cells[:MAX_COLUMNS])
        if any(told) or index in odd:
            rows.append(Row(index + 1, told, odd.get(index, {})))
    notes = (_("Only the first sheet was read; others hold something too."),) if answer.get("other_sheets") else ()
    return Table(_few(rows, most), notes)
