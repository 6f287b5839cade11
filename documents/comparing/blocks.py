"""A version's page, block by block, as its comparison with another reads it: the words, and what gives them meaning.

A cell in another column, a link to elsewhere, a struck dose or another number before an item is another text, whatever
its words are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core.files import drawing
from documents.models import Version
from documents.reading import late_findings

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "li", "blockquote", "pre", "dt", "dd", "figcaption", "caption"}
_EMPHASIS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "u": "u", "code": "code"}
_RAISED = str.maketrans("0123456789+-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")
_LOWERED = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_PART = re.compile(r"doc-ruta-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)")

# A kind of fact, and what it says.
Fact = tuple[str, str]


@dataclass(frozen=True)
class Block:
    """A paragraph, an item, a table's row (its cells divided by bars) or a heading."""

    text: str
    is_heading: bool = False
    # Facts that its words do not say: its place, the merging of its cells, the targets of its links, its emphasis.
    facts: tuple[Fact, ...] = ()
    # Addresses, under that of the version's page, of the pictures of its file that stand in it.
    pictures: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """The same for two that differ in nothing but, perhaps, what their pictures show."""
        return self.text, self.facts, len(self.pictures)


@dataclass(frozen=True)
class PageBlocks:
    """The shown content of a version."""

    blocks: list[Block]
    # How many formulas and diagrams of its file stand there as a sentence alone.
    unshown: int = 0


def blocks_of(version: Version) -> PageBlocks:
    """Time grows with the text's length."""
    reading = version.read
    if late_findings.holds_back(version):
        return PageBlocks([])
    if reading.html:
        reader = _Reader()
        reader.feed(reading.html)
        reader.close()
        reader.end()
        return PageBlocks(reader.blocks, reader.unshown)
    texts = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n|\f", reading.text))
    return PageBlocks([Block(text) for text in texts if text])


def _number_in(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.unshown = 0
        self._said: list[str] = []
        self._facts: list[Fact] = []
        self._pictures: list[str] = []
        # Open lists, quotations and call-outs; of a list the number of its next first item, or "".
        self._within: list[tuple[str, str]] = []
        self._number = ""
        self._fresh_item = False
        self._tag = ""
        # Open inline elements: the tag, where its words begin, what it leads to.
        self._open: list[tuple[str, int, str]] = []
        self._rows = 0
        self._cells: list[str] = []
        self._cell_at = 0
        self._divs: list[bool] = []

    # Blocks ------------------------------------------------------------------------------------------------------
    def end(self) -> None:
        text = " ".join("".join(self._said).split())
        if text or self._pictures:
            where = [name for name, _start in self._within]
            tag = "li" if self._tag == "p" and self._fresh_item and where else self._tag
            facts = [("where", " ".join([*where, tag or "p"])), *self._facts]
            if self._number and tag in ("li", "p"):
                facts.append(("number", self._number))
            self.blocks.append(Block(text, tag in _HEADINGS, tuple(facts), tuple(self._pictures)))
            self._number, self._fresh_item = "", False
        self._said.clear()
        self._facts, self._pictures, self._tag = [], [], ""
        self._open = [(tag, 0, more) for tag, _start, more in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if self._rows:
            self._in_row(tag, told)
        elif tag in _BLOCKS or tag in ("ul", "ol", "dl", "tr", "hr", "div"):
            self._begin(tag, told)
        if tag == "br":
            self._said.append(" ")
        elif tag == "img":
            words = _("[Picture %(n)s: %(what)s]")
            self._said.append(f" {words % {'n': _number_in(told.get('src') or ''), 'what': told.get('alt') or '–'}} ")
        elif tag in _EMPHASIS or tag in ("a", "s", "del", "sup", "sub"):
            self._open.append((tag, len(self._said), told.get("href") or ""))
        elif tag == "span" and told.get("class") in ("doc-image", "doc-left-out"):
            self._figure(told)
        elif tag == "p" and (part := _PART.fullmatch(told.get("id") or "")):
            page, *sides = part.groups()
            query = urlencode({"bredd": drawing.WIDTHS[1], "ruta": ",".join(sides)})
            self._pictures.append(f"sida/{page}/?{query}")

    def _begin(self, tag: str, told: dict[str, str | None]) -> None:
        self.end()
        self._tag = tag
        if tag == "div":
            kind = {"callout": "callout", "doc-running": "running"}.get(told.get("class") or "")
            self._divs.append(bool(kind))
            if kind:
                self._within.append((kind, ""))
        elif tag in ("ul", "ol", "blockquote", "dl"):
            number = " ".join(filter(None, (told.get("start") or "1", told.get("type"))))
            self._within.append((tag, number if tag == "ol" else ""))
        elif tag == "li":
            self._fresh_item = True
            if told.get("value"):
                self._number = told["value"] or ""
            elif self._within and self._within[-1][1]:
                self._number = self._within[-1][1]
                self._within[-1] = (self._within[-1][0], "")
        elif tag == "tr":
            self._rows, self._cells = 1, []
        elif tag == "hr":
            self._said.append("―")
            self.end()

    def _in_row(self, tag: str, told: dict[str, str | None]) -> None:
        if tag == "tr":
            self._rows += 1
        elif tag in ("td", "th") and self._rows == 1:
            self._cell_ends()
            spans = "×".join((told.get(name) or "1") for name in ("colspan", "rowspan"))
            self._cells.append(tag if spans == "1×1" else f"{tag} {spans}")
        elif tag in ("td", "th"):
            self._said.append(" | ")
        elif tag in _BLOCKS:
            self._said.append(" ")

    def _cell_ends(self) -> None:
        if self._cells:
            if not "".join(self._said[self._cell_at :]).strip():
                self._said.append(_("[empty]"))
            self._said.append(" | ")
        self._cell_at = len(self._said)

    def _row_ends(self) -> None:
        if self._cells:
            self._cell_ends()
            self._said.pop()
        if any(" " in cell for cell in self._cells) or "th" in self._cells:
            self._facts.append(("cells", ", ".join(self._cells)))
        self._rows, self._tag = 0, "tr"
        self.end()

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._inline_ends(*self._open.pop())
        elif tag == "span" and self._open and self._open[-1][0] == "figure":
            self._open.pop()
            self._said.append("] ")
        if self._rows:
            if tag == "tr" and self._rows == 1:
                self._row_ends()
            elif tag == "tr":
                self._rows -= 1
            return
        if tag in _BLOCKS or tag in ("ul", "ol", "dl"):
            self.end()
        if tag in ("ul", "ol", "blockquote", "dl") and self._within:
            self._within.pop()
        elif tag == "div" and self._divs and self._divs.pop():
            self.end()
            self._within.pop()

    # Within a block ----------------------------------------------------------------------------------------------
    def _inline_ends(self, tag: str, start: int, more: str) -> None:
        words = " ".join("".join(self._said[start:]).split())
        if not words:
            return
        if tag in ("s", "del"):
            self._said[start:] = [_("[struck: %s]") % words, " "]
        elif tag in ("sup", "sub"):
            table, sign = (_RAISED, "^") if tag == "sup" else (_LOWERED, "_")
            moved = words.translate(table)
            self._said[start:] = [moved if not set(moved) & set(words) else f"{sign}{words}"]
        elif tag == "a":
            if more and not more.startswith("#"):
                self._facts.append(("link", f"{words} → {more}"))
        else:
            self._facts.append((_EMPHASIS[tag], words))

    def _figure(self, told: dict[str, str | None]) -> None:
        if told.get("class") == "doc-image":
            self._pictures.append(f"figur/{(told.get('id') or '').rpartition('-')[2]}/")
            self._said.append(" " + _("[Picture: "))
        else:
            self.unshown += 1
            self._said.append(" [")
        self._open.append(("figure", len(self._said), ""))

    def handle_data(self, data: str) -> None:
        self._said.append(data)
