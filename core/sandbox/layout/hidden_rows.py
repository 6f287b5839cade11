"""Whether cells hold rows and columns of their own, which no line and no tag shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from core.sandbox.layout.cells import Cell, Table
from core.sandbox.layout.lines import Line, parts_dose, rows
from core.sandbox.layout.sheet import LINE_END_HYPHENS, Word

HYPHENS = (*LINE_END_HYPHENS, "-", "\u2010")


def settle_lines(table: Table) -> None:
    """Rows and columns that no line and no tag shows, within cells: their lines are kept where each has its own beside
    it, and elsewhere the table is not sure.
    """
    for row in table.rows:
        if any(_holds_columns(cell) for cell in row):
            table.is_sure = False
        lines = {n: _lines(cell) for n, cell in enumerate(row)}
        entries = {n for n, own in lines.items() if _are_entries(own, row[n])}
        spaced = {n for n in entries if any(map(_is_spaced, pairwise(lines[n])))}
        beside = {n for n in entries if any(m != n and _abreast(lines[n], lines[m]) for m in entries)}
        # Blank lines in a cell make room for what stands beside them, be that text or not.
        beside |= {
            n for n in spaced if any(m != n and len(lines[m]) > 1 and _abreast(lines[n], lines[m]) for m in lines)
        }
        # A text beside those, with as many lines at the same heights, may be told apart as they are; or not.
        beside |= {n for n, own in lines.items() if len(own) > 1 and any(_abreast(own, lines[m]) for m in beside)}
        if len({len(lines[n]) for n in beside}) > 1:
            table.is_sure = False
        figures = [[line.base for line in own] for own in lines.values() if _are_figures(own)]
        if any(not _are_level(figures[0], other) for other in figures[1:]):
            table.is_sure = False
        for n in entries | beside:
            row[n].by_lines = True
            row[n].is_beside = n in beside and beside <= entries


def settle_turned(table: Table, words: Iterable[Word]) -> None:
    """Words that run up or down over a table's columns or beside its rows: whose they are only a picture shows."""
    x0, y0, x1, y1 = table.box
    table.turned = [
        word
        for word in words
        if word.is_turned and x0 <= (word.x0 + word.x1) / 2 <= x1 and y0 - 2 <= word.base <= y1 + 2
    ]
    table.is_sure = table.is_sure and not table.turned


def part_rows(table: Table) -> None:
    """Lines that stand beside one another become rows of their own, below the header: on a phone, and read aloud, they
    are then still beside one another.
    """
    for y in range(len(table.rows) - 1, table.heads - 1, -1):
        row = table.rows[y]
        lines = {n: _lines(cell) for n, cell in enumerate(row) if cell.is_beside and cell.down == 1}
        heights = [[line.base for line in own] for own in lines.values()]
        if len(lines) < 2 or not table.is_sure or any(not _are_level(heights[0], other) for other in heights[1:]):
            continue
        more = len(heights[0]) - 1
        for above, other in enumerate(table.rows[:y]):
            for cell in other:
                cell.down += more if above + cell.down > y else 0
        for n, cell in enumerate(row):
            cell.down += more if n not in lines else 0
        anew = [
            [replace(row[n], words=own[k].words, by_lines=False, is_beside=False) for n, own in lines.items()]
            for k in range(1, more + 1)
        ]
        for n, own in lines.items():
            row[n].words, row[n].by_lines = own[0].words, False
        table.rows[y + 1 : y + 1] = anew


def _are_figures(lines: list[Line]) -> bool:
    """Whether most of several lines hold numbers: doses and weights, each of which belongs to one beside it."""
    return len(lines) > 2 and sum(any(map(str.isdigit, line.text)) for line in lines) >= 0.6 * len(lines)


def _are_level(some: list[float], others: list[float]) -> bool:
    return len(some) == len(others) and all(abs(a - b) < 2 for a, b in zip(some, others, strict=True))


def _holds_columns(cell: Cell) -> bool:
    """Whether several lines of the cell are parted alike, as the cells of a table are."""
    parted = [len(row.pieces) for row in rows(cell.words) if len(row.pieces) > 2]
    return len(parted) > 1 and max(map(parted.count, parted)) > 1


def _lines(cell: Cell) -> list[Line]:
    """The cell's lines; none for a list, whose items have their own marks."""
    lines = [row.line for row in rows(cell.words)]
    return [] if any(line.marker for line in lines) else lines


def _are_entries(lines: list[Line], cell: Cell) -> bool:
    """Whether the lines were ended on purpose and not for want of room."""
    if len(lines) < 2:
        return False
    margin = max(4.0, min(line.x0 for line in lines) - cell.box[0])
    width = max(max(line.x1 - line.x0 for line in lines), cell.box[2] - cell.box[0] - 2 * margin)
    ended = [_is_ended(line, below, width) or _is_spaced((line, below)) for line, below in pairwise(lines)]
    return sum(ended) >= 0.7 * len(ended)


def _is_ended(line: Line, below: Line, width: float) -> bool:
    first = below.words[0]
    if parts_dose(line.text, below.text):
        return False
    return line.x1 - line.x0 + first.x1 - first.x0 + 0.4 * line.size < width and not line.text.endswith(HYPHENS)


def _is_spaced(lines: tuple[Line, Line]) -> bool:
    """Whether there is a blank line, or more, between the two."""
    above, below = lines
    return below.base - above.base > 1.9 * max(above.size, below.size)


def _abreast(lines: list[Line], others: list[Line]) -> bool:
    """Whether nearly every line of the fewer stands beside one of the others."""
    few, many = sorted((lines, others), key=len)
    return sum(any(abs(a.base - b.base) < 2 for b in many) for a in few) >= 0.8 * len(few)
