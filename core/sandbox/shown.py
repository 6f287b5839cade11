"""The content that a page's HTML shows, part by part: its words, cell by cell, and the numbers that its lists count by.

Read as a browser shows it, for whoever judges it; it shares nothing with what writes it. No Django here.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# Put before raised letters, and at the ends of struck ones. Neither is a blank to Python.
RAISED, STRUCK = "\x03", "\x04"
_TOKEN = re.compile(r"<(/?)(\w+)([^>]*)>|([^<]+)")
_NAMED = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Cell:
    text: str = ""
    row: int = 0
    across: int = 1
    down: int = 1
    column: int = 0


@dataclass
class Shown:
    """The content of one part: its cells, the marks of its items and notes, whether it leads to a page."""

    cells: list[Cell] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    leads: bool = False


def shown(parts: Iterable[tuple[str, bool]]) -> list[Shown]:
    """The content of each part, as a browser shows it: with the numbers of lists, which may go on from one part to the
    next. A part is its HTML, and whether it is a table.
    """
    counters: list[list[str | int]] = []  # of the lists that are open: how each counts, and its next number
    return [_Reader(counters).read(html, is_table=is_table) for html, is_table in parts]


def _counted(kind: str, number: int) -> str:
    """How a browser shows an item's number, in small letters. `kind`: 1, a or i."""
    if kind == "a" and 1 <= number <= 26:
        return chr(ord("a") + number - 1)
    if kind != "i" or not 1 <= number < 40:
        return str(number)
    ones = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
    return "x" * (number // 10) + ones[number % 10]


class _Reader:
    """Reads the HTML of one part. Its tags are whole, as the writer makes them."""

    def __init__(self, counters: list[list[str | int]]) -> None:
        self._counters = counters
        self._made = Shown()
        self._texts: list[list[str]] = []
        self._row = -1
        self._hanging: dict[tuple[int, int], bool] = {}
        self._is_back = False

    def read(self, html: str, *, is_table: bool) -> Shown:
        if not is_table:
            self._open(Cell())
        for slash, tag, attributes, text in _TOKEN.findall(html):
            if text:
                if self._texts and not self._is_back:
                    self._texts[-1].append(entities.unescape(text))
            elif slash:
                self._end(tag)
            else:
                self._begin(tag, dict(_NAMED.findall(attributes)))
        for cell, texts in zip(self._made.cells, self._texts, strict=True):
            cell.text = "".join(texts)
        return self._made

    def _open(self, cell: Cell) -> None:
        self._made.cells.append(cell)
        self._texts.append([])

    def _begin(self, tag: str, told: dict[str, str]) -> None:
        if tag in ("ol", "ul"):
            kind = told.get("type", "1") if tag == "ol" else ""
            self._counters.append([kind, int(told.get("start", 1))])
        elif tag == "li":
            self._item(told)
        elif tag == "tr":
            self._row += 1
        elif tag in ("td", "th"):
            self._cell(int(told.get("colspan", 1)), int(told.get("rowspan", 1)))
        elif tag == "sup" and self._texts:
            self._texts[-1].append(RAISED)
        elif tag == "s" and self._texts:
            self._texts[-1].append(STRUCK)
        elif tag == "a":
            href = told.get("href", "")
            self._is_back = href.startswith("#doc-till-")
            if href.startswith("#sida-"):
                self._made.leads = True
        elif tag in ("br", "p", "span", "h2", "h3", "h4", "h5", "h6") and self._texts:
            self._texts[-1].append(" ")

    def _end(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self._counters.pop()
        elif tag == "a":
            self._is_back = False
        elif tag == "s" and self._texts:
            self._texts[-1].append(STRUCK)

    def _item(self, told: dict[str, str]) -> None:
        counter = self._counters[-1]
        number = int(told.get("value", counter[1]))
        counter[1] = number + 1
        if counter[0] and told.get("class") != "doc-numbered":
            self._made.marks.add(_counted(str(counter[0]).casefold(), number))

    def _cell(self, across: int, down: int) -> None:
        column = 0
        while (self._row, column) in self._hanging:
            column += 1
        for x in range(column, column + across):
            for y in range(self._row, self._row + down):
                self._hanging[y, x] = True
        self._open(Cell("", self._row, across, down, column))
