"""Tables that stand side by side, each under words of its own."""

from __future__ import annotations

from core.sandbox.layout.cells import Table
from core.sandbox.layout.lines import Line, rows
from core.sandbox.layout.sheet import Sheet

# Points over the tables within which a line of words heads each of them, and by which a word may reach beyond its own.
MOST_OVER, REACH = 24.0, 3.5


def are_beside(one: Table, two: Table) -> bool:
    """Whether two tables stand side by side."""
    shared = min(one.box[3], two.box[3]) - max(one.box[1], two.box[1])
    lower = min(one.box[3] - one.box[1], two.box[3] - two.box[1])
    return shared > 0.5 * lower and (one.box[2] <= two.box[0] or two.box[2] <= one.box[0])


def take_captions(sheet: Sheet, tables: list[Table]) -> None:
    """Gives tables that stand side by side the words of the line over them: each those that stand over it."""
    for table in tables:
        group = [other for other in tables if other is table or are_beside(other, table)]
        if len(group) < 2 or table.caption:
            continue
        top = min(other.box[1] for other in group)
        over = rows(word for word in sheet.words if top - MOST_OVER < word.base < top + 1 and not word.is_turned)
        for row in over[-1:]:
            owners = [[n for n, other in enumerate(group) if _is_over(piece, other)] for piece in row.pieces]
            if len(row.pieces) > 1 and all(len(own) == 1 for own in owners) and len({own[0] for own in owners}) > 1:
                for piece, own in zip(row.pieces, owners, strict=True):
                    marker = [piece.marker_word] if piece.marker_word is not None else []
                    group[own[0]].caption += [*marker, *piece.words]


def _is_over(piece: Line, table: Table) -> bool:
    return table.box[0] - REACH <= piece.x0 and piece.x1 <= table.box[2] + REACH
