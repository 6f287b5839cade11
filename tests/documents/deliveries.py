"""Deliveries as management systems send them: good rows, and rows with one planted fault each."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from tests.core import makers

# By fact, the heading of each kind of export.
CENTURI = {
    "number": "Dokumentnummer", "version": "Utgåva", "title": "Titel", "type": "Dokumenttyp", "state": "Status",
    "approved": "Fastställd", "approver": "Fastställare", "valid_from": "Giltig fr o m", "valid_to": "Giltig t o m",
    "file": "Fil", "rights": "Behörighet", "applies": "Gäller för", "former_number": "Tidigare nummer",
    "address": "Adress",
}  # fmt: skip
DUBLIN = {
    "number": "identifier", "version": "version", "title": "title", "type": "type.record", "state": "status",
    "approved": "date.issued", "approver": "acceptedby", "valid_from": "date.validfrom", "valid_to": "date.validto",
    "file": "source.origin", "rights": "rights.accessrights", "applies": "audience", "former_number": "relation.replaces",
    "address": "relation.url",
}  # fmt: skip
STATES = {"centuri": "Fastställd", "dublin_core": "beslutad"}
DRAFTS = {"centuri": "Arbetsmaterial", "dublin_core": "arbetsmaterial"}
RIGHTS = {"centuri": "Internet", "dublin_core": "Internet"}


@dataclass
class Made:
    """A delivery: rows of facts, files by name, and the planted faults as (line, fact)."""

    kind: str
    headings: dict[str, str]
    rows: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    planted: set[tuple[int, str]] = field(default_factory=set)
    # The number of the first row: after a line of headings, or none.
    first_line: int = 2

    def good(self, **facts: str) -> dict[str, str]:
        n = len(self.rows) + 1
        name = f"rutin-{n}.{'docx' if self.kind == 'dublin_core' else 'pdf'}"
        row = {
            "number": f"RUT-{7000 + n}", "version": "3", "title": f"Rutin nummer {n}", "type": "Rutin",
            "state": STATES[self.kind], "approved": "2026-03-01", "approver": "Chefläkaren", "valid_from": "2026-03-01",
            "valid_to": "2028-03-01", "file": name, "rights": RIGHTS[self.kind],
            "applies": "Alla vårdgivare", "former_number": "", "address": "", **facts,
        }  # fmt: skip
        self.files[name] = WORD if self.kind == "dublin_core" else PDF
        self.rows.append(row)
        return row

    def bad(self, fact: str, **facts: str) -> dict[str, str]:
        """A row whose one fault is in the column of `fact`."""
        row = self.good(**facts)
        self.planted.add((len(self.rows) - 1 + self.first_line, fact))
        return row

    def table(self) -> list[list[str]]:
        return [list(self.headings.values()), *([row[fact] for fact in self.headings] for row in self.rows)]

    def csv(self, *, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(self.table())
        return out.getvalue().encode(encoding)

    def json(self) -> bytes:
        rows = [{heading: row[fact] for fact, heading in self.headings.items()} for row in self.rows]
        return json.dumps({"documents": rows}, ensure_ascii=False).encode()

    def xlsx(self, change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None] = lambda _sheet: None) -> bytes:
        book, out = openpyxl.Workbook(), io.BytesIO()
        for row in self.table():
            book.active.append(row)
        change(book.active)
        book.save(out)
        return out.getvalue()

    def folder(self, root: Path, name: str, table: bytes) -> Path:
        root.mkdir(exist_ok=True)
        (root / name).write_bytes(table)
        for path, content in self.files.items():
            (root / path).write_bytes(content)
        return root

    def zip(self, path: Path, name: str, table: bytes) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr(name, table)
            for inside, content in self.files.items():
                package.writestr(inside, content)
        return path


PDF, WORD = makers.plain_pdf(), makers.word()


def with_thirty_faults(kind: str, headings: dict[str, str], first_line: int) -> Made:
    """Good rows, and thirty planted faults of known kinds, each in a row of its own."""
    made = Made(kind, headings, first_line=first_line)
    ending = "docx" if kind == "dublin_core" else "pdf"
    for _n in range(5):
        made.good()
    for text in ("", "RUT 7/1", "utan siffra", "-7001", "R" * 39 + "12"):
        made.bad("number", number=text)
    for number in ("DUB-1", "DUB-1", "dub-2", "DUB-2"):
        made.bad("number", number=number)
    made.bad("version", version="")
    made.bad("title", title="")
    for state in ("", "Kanske"):
        made.bad("state", state=state)
    made.bad("type", type="Sång")
    for text in ("260301", "1/3 2026", "2026-13-01", "i går", "46082", "310226"):
        made.bad("approved", approved=text)
    for text in ("2/4 2026", "40000", "2026-02-30"):
        made.bad("valid_from", valid_from=text)
    made.bad("valid_to", valid_to="2025-01-01")
    for name in ("finns-inte.pdf", "../ut.pdf", ""):
        made.bad("file", file=name)
    row = made.bad("file")
    made.files[row["file"]] = b"MZ" + b"\0" * 500
    row = made.bad("file")
    made.files[row["file"]] = b""
    row = made.bad("file", file=f"fel.{ending}")
    made.files[f"fel.{ending}"] = makers.png()
    return made
