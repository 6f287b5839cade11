"""Whether cells hold rows and columns of their own, which no line and no tag shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.sandbox.layout.lines import Line, rows

if TYPE_CHECKING:
    from documents.sandbox.layout.tables import Cell, Table


def settle_lines(table: Table) -> None:
    """Rows and columns that no line and no tag shows, within cells: their lines are kept where each has its own beside
    it, and elsewhere the table is not sure.
    """
    for row in table.rows:
        if any(_holds_columns(cell) for cell in row):
            table.is_sure = False
        found = [(cell, lines) for cell in row if (lines := _entries(cell))]
        beside = [(cell, lines) for cell, lines in found if any(o is not cell and _abreast(lines, p) for o, p in found)]
        if len({len(lines) for _, lines in beside}) > 1:
            table.is_sure = False
        for cell, _ in beside:
            cell.by_lines = True


def _holds_columns(cell: Cell) -> bool:
    """Whether several lines of the cell are parted alike, as the cells of a table are."""
    parted = [len(row.pieces) for row in rows(cell.words) if len(row.pieces) > 2]
    return len(parted) > 1 and max(map(parted.count, parted)) > 1


def _entries(cell: Cell) -> list[Line]:
    """The cell's lines, if they were ended on purpose and not for want of room; empty for a text, and for a list."""
    lines = [row.line for row in rows(cell.words)]
    if len(lines) < 2 or any(line.marker for line in lines):
        return []
    width = max(max(line.x1 - line.x0 for line in lines), cell.box[2] - cell.box[0] - 8)
    firsts = [line.words[0] for line in lines[1:]]
    ended = [
        line.x1 - line.x0 + first.x1 - first.x0 + 0.4 * line.size < width
        for line, first in zip(lines, firsts, strict=False)
    ]
    return lines if sum(ended) >= 0.7 * len(ended) else []


def _abreast(lines: list[Line], others: list[Line]) -> bool:
    """Whether nearly every line of the fewer stands beside one of the others."""
    few, many = sorted((lines, others), key=len)
    return sum(any(abs(a.base - b.base) < 2 for b in many) for a in few) >= 0.8 * len(few)
