"""Parts that a page or a column has cut: paragraphs, tables, words. Which hyphens a word keeps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from core.sandbox.layout.blocks import Block
from core.sandbox.layout.cells import Table
from core.sandbox.layout.flow import is_ended, is_short
from core.sandbox.layout.sheet import LINE_END_HYPHENS, Word
from core.sandbox.letters import Box

HYPHENS = LINE_END_HYPHENS + "-\u2010"
_AND = {"och", "eller", "samt", "respektive", "and", "or", "till"}
# Points between a cell's edge and its words.
MOST_MARGIN = 6.0
# Two consonants that begin no word: l, m, n, r and twins before another.
_NO_BEGINNING = re.compile(r"([bcdfghjklmnpqrstvwxz])\1|[lmnr][bcdfghklmnpqrstvx]|[^aeiouyåäöé]+$")
_EDGES = re.compile(r"^\W+|\W+$")


def joined(blocks: list[Block]) -> list[Block]:
    """The blocks with those put together that only a new page or column has parted."""
    made: list[Block] = []
    notes: list[Block] = []
    for block in blocks:
        if block.kind == "note":
            notes.append(block)
            continue
        before = made[-1] if made else None
        if before is not None and _is_one_table(before, block):
            assert before.table is not None
            assert block.table is not None
            before.table.parts = before.table.parts or [(before.page, before.table.box)]
            before.table.parts += block.table.parts or [(block.page, block.table.box)]
            _append(before.table, block.table)
        elif before is not None and _is_one_paragraph(before, block):
            if block.page != before.turns[-1][1] if before.turns else block.page != before.page:
                before.turns.append((block.lines[0].words[0], block.page))
            before.lines += block.lines
            before.aside += block.aside
            before.right = block.right
        else:
            made.append(block)
    return made + notes


def _is_one_paragraph(before: Block, block: Block) -> bool:
    if before.kind not in ("paragraph", "item", "more") or block.kind != "paragraph":
        return False
    last, first = before.lines[-1], block.lines[0]
    # On one page only the next column, which begins higher up, can go on with it.
    if before.page == block.page and first.base >= last.base:
        return False
    if abs(last.size - first.size) > 0.08 * last.size or last.bold != first.bold:
        return False
    if last.text.endswith(tuple(HYPHENS)):
        return True
    if is_ended(last):
        return False
    return first.text[:1].islower() or not is_short(last, first, before.right)


def _is_one_table(before: Block, block: Block) -> bool:
    one, two = before.table, block.table
    if one is None or two is None or (block.page != before.page + 1 and block.page != before.page):
        return False
    if block.page == before.page and block.box[1] >= before.box[3] - 2:
        return False
    if not one.edges or len(one.edges) != len(two.edges):
        return False
    shift = one.edges[0] - two.edges[0]
    width = one.edges[-1] - one.edges[0]
    return all(abs(a - b - shift) < 0.03 * width + 3 for a, b in zip(one.edges, two.edges, strict=True))


def _said(table: Table, n: int) -> list[str]:
    return [" ".join(word.text for word in cell.words) for cell in table.rows[n]]


def _append(table: Table, more: Table) -> None:
    """Rows of the next page, without the header that is repeated there."""
    skip = 0
    while skip < min(table.heads, len(more.rows)) and _said(table, skip) == _said(more, skip):
        skip += 1
    if not skip and table.heads == 0 and more.rows and _said(more, 0) == _said(table, 0) and len(table.rows) > 1:
        skip = 1
    for row in more.rows[skip:]:
        for n, cell in enumerate(row):
            if cell.head and n:
                cell.head = False
    table.repeated += [word for row in more.rows[:skip] for cell in row for word in cell.words] + more.repeated
    table.rows += more.rows[skip:]
    table.is_sure = table.is_sure and more.is_sure


# --- Hyphens ------------------------------------------------------------------------------------------------


class Vocabulary:
    """The words that a document writes in one piece, and those it writes with a hyphen."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._seen: Counter[str] = Counter()
        for word in words:
            if not word.text.endswith(tuple(HYPHENS)):
                self._seen[_EDGES.sub("", word.text).lower()] += 1

    def join(self, first: str, rest: str) -> str:
        """Two parts of a word that a line's end has parted, as it is written. `first` ends with its hyphen."""
        stem = first[:-1]
        if first[-1] == "\u00ad" and not (rest[:1].isupper() or rest[:1].isdigit()):
            return stem + rest
        last = re.split(r"[\s/(]", stem)[-1]
        if not rest[:1].islower() or not last[-1:].isalpha() or not last[-1:].islower():
            # RUT-0099, EKG-elektroderna, Covid-19, S-kreatinin: a hyphen of the word's own.
            return f"{stem}-{rest}"
        whole = _EDGES.sub("", last + rest).lower()
        parted = _EDGES.sub("", f"{last}-{rest}").lower()
        if self._seen[parted] > self._seen[whole]:
            return f"{stem}-{rest}"
        return stem + rest

    def is_cut(self, first: Word, line: list[Word], cell: Box) -> bool:
        """Whether a word too long for its cell goes on in the next line, without a hyphen, as word processors do."""
        rest = line[0]
        if len(line) > 1 or len(first.text) < 6 or not first.text[-1].isalpha() or not rest.text[:1].islower():
            return False
        whole, end = _EDGES.sub("", first.text + rest.text).lower(), _EDGES.sub("", rest.text).lower()
        if self._seen[whole]:
            return True
        if cell[2] <= cell[0]:
            return len(end) == 1 and end not in "iå" and len(first.text) > 9
        # A word in the middle of its cell has as much room on either side of it, and that is no margin.
        margin = min(max(1.5, first.x0 - cell[0]), MOST_MARGIN)
        is_full = first.x1 + 0.7 * first.size > cell[2] - margin
        # A word may stand there in full; what no Swedish word begins with is the rest of one.
        return is_full and end not in _AND and (len(end) <= 2 or bool(_NO_BEGINNING.match(end)))


def is_open(following: str) -> bool:
    """A hyphen in the place of a part of a word that comes later: "vård- och omsorg"."""
    return _EDGES.sub("", following).lower() in _AND
