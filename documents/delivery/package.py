"""A delivery: a folder or a zip with files, and a table that tells of them (CSV, XLSX or JSON)."""

from __future__ import annotations

import io
import json
import stat
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.files import tables
from core.typed import visible

TABLE_ENDINGS = (".csv", ".xlsx", ".json")
MAX_FILES = 20_000
# A zip may unpack to so much in all, and once it is more than small to so many times its own size.
MAX_UNPACKED = 20 * 1024**3
MAX_RATIO, RATIO_FROM = 100, 50 * 1024**2
MAX_TABLE_BYTES = 50 * 1024 * 1024


class BadDelivery(Exception):
    """Nothing of the delivery can be looked at. `str()` says why, and how to mend it, in the active language."""


@dataclass(frozen=True)
class Row:
    """A row of the table: its number as its writer counts (from 1), its cells by heading, and what is odd about
    them ("formula", "merged") by heading."""

    number: int
    cells: dict[str, str]
    odd: dict[str, str] = field(default_factory=dict)


@dataclass
class Delivery:
    """`headings` in their order, `rows`, and the files by their names in NFC; opened by `open`."""

    headings: list[str]
    rows: list[Row]
    files: dict[str, Any]
    notes: list[str]
    _package: zipfile.ZipFile | None = None

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The file of this name, seekable."""
        where = self.files[name]
        if self._package is None:
            with open(where, "rb") as file:
                yield file
            return
        with self._package.open(where) as packed, tempfile.TemporaryFile() as file:
            # SECURITY: a zip tells its sizes itself; no more than is allowed is unpacked, whatever it tells.
            left = settings.PORTAL_MAX_FILE_BYTES + 1
            while left > 0 and (part := packed.read(min(1024 * 1024, left))):
                file.write(part)
                left -= len(part)
            file.seek(0)
            yield file


@contextmanager
def opened(path: Path) -> Iterator[Delivery]:
    """The delivery at a path. Raises BadDelivery."""
    if path.is_dir():
        yield _delivery(_folder(path), None)
        return
    if not path.is_file():
        raise BadDelivery(_("There is no folder and no zip file at %s.") % path)
    try:
        with zipfile.ZipFile(path) as package:
            yield _delivery(_zip(package, path.stat().st_size), package)
    except zipfile.BadZipFile as error:
        raise BadDelivery(_("%s is no zip file, or a damaged one.") % path.name) from error


def composed(name: str) -> str:
    """One name whatever way its letters are written: å as one sign or as two."""
    return unicodedata.normalize("NFC", name)


def _folder(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    inside = root.resolve()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            # SECURITY: a link may lead out of the folder.
            if not path.resolve().is_relative_to(inside):
                raise BadDelivery(_("%s leads out of the delivery.") % path.name)
            _put(found, path.relative_to(root).as_posix(), path)
    return found


def _zip(package: zipfile.ZipFile, packed: int) -> dict[str, Any]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise BadDelivery(_("The zip is locked with a password. Send it without one."))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(1, packed)):
        raise BadDelivery(_("The zip unpacks to far more than it holds. Pack it anew, or send it in parts."))
    found: dict[str, Any] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename)
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        # SECURITY: nothing is unpacked to a place that the zip names, and such a one is not trusted at all.
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename or is_link:
            raise BadDelivery(_("“%s” leads out of the delivery.") % entry.filename[:100])
        _put(found, entry.filename, entry)
    return found


def _put(found: dict[str, Any], name: str, where: Any) -> None:
    if len(found) >= MAX_FILES:
        raise BadDelivery(_("The delivery holds more than %d files. Send it in parts.") % MAX_FILES)
    if (told := composed(name)) in found:
        raise BadDelivery(_("“%s” is there twice, written with different signs.") % told[:100])
    found[told] = where


def _delivery(files: dict[str, Any], package: zipfile.ZipFile | None) -> Delivery:
    at_top = [name for name in files if "/" not in name and name.lower().endswith(TABLE_ENDINGS)]
    named = [name for name in at_top if name.lower().startswith("metadata.")] or at_top
    if not named:
        raise BadDelivery(
            _("No table tells of the files. Put metadata.csv, metadata.xlsx or metadata.json beside them.")
        )
    if len(named) > 1:
        raise BadDelivery(_("Several tables: %s. Name the right one metadata.") % ", ".join(sorted(named)[:5]))
    told = Delivery([], [], {name: where for name, where in files.items() if name != named[0]}, [], package)
    data = _table_bytes(named[0], files[named[0]], package)
    try:
        if named[0].lower().endswith(".json"):
            _read_json(told, data)
        else:
            _read_table(told, data)
    except tables.BadTable as error:
        raise BadDelivery(f"{named[0]}: {error}") from error
    if not told.rows:
        raise BadDelivery(_("%s holds no row.") % named[0])
    return told


def _table_bytes(name: str, where: Any, package: zipfile.ZipFile | None) -> bytes:
    with package.open(where) if package else open(where, "rb") as file:
        data = bytes(file.read(MAX_TABLE_BYTES + 1))
    if len(data) > MAX_TABLE_BYTES:
        raise BadDelivery(_("%s is larger than 50 MB. Send the delivery in parts.") % name)
    return data


def _read_table(told: Delivery, data: bytes) -> None:
    table = tables.read_bytes(data, most=MAX_FILES)
    if not table.rows:
        return
    told.headings = list(table.rows[0].cells)
    _once(told.headings)
    told.notes += table.notes
    for row in table.rows[1:]:
        cells = dict(zip(told.headings, row.cells, strict=False))
        odd = {told.headings[i]: kind for i, kind in row.odd.items() if i < len(told.headings)}
        told.rows.append(Row(row.number, {name: cell for name, cell in cells.items() if name}, odd))


def _once(headings: list[str]) -> None:
    twice = [name for name, n in Counter(name.casefold() for name in headings if name).items() if n > 1]
    if twice:
        raise BadDelivery(_("The table has several columns called %s.") % ", ".join(twice[:5]))


def _read_json(told: Delivery, data: bytes) -> None:
    """A list of objects, or one in `documents`; lists of words become words with commas between."""
    try:
        content = json.load(io.BytesIO(data))
    except (ValueError, RecursionError) as error:
        raise tables.BadTable(_("This is no JSON: %s") % str(error)[:200]) from error
    rows = content.get("documents") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise tables.BadTable(_("The JSON is to be a list of objects, or hold one in “documents”."))
    if len(rows) > MAX_FILES:
        raise tables.BadTable(_("The table has more than %d rows. Send it in parts.") % MAX_FILES)
    told.headings = list(dict.fromkeys(str(name) for row in rows for name in row))
    told.rows = [Row(n, {str(k): _cell(v) for k, v in row.items()}) for n, row in enumerate(rows, 1)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_cell(part) for part in value)
    return visible(str(value))
