"""The shape of a table: cells in rows, and how sure it is that each stands where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.sandbox.layout.sheet import Word
from core.sandbox.letters import Box


@dataclass
class Cell:
    """Words of one cell, and the number of columns and rows that it reaches over."""

    words: list[Word] = field(default_factory=list)
    across: int = 1
    down: int = 1
    head: bool = False
    box: Box = (0, 0, 0, 0)
    # Its lines were ended on purpose, and are kept; they stand beside those of another cell.
    by_lines: bool = False
    is_beside: bool = False

    @property
    def bold(self) -> bool:
        return bool(self.words) and all(word.bold for word in self.words)


@dataclass
class Table:
    """Rows of cells; `heads` of them head the columns, from `edges` to edges. `turned`: words that run up or down."""

    rows: list[list[Cell]]
    box: Box
    edges: list[float] = field(default_factory=list)
    heads: int = 0
    is_sure: bool = True
    turned: list[Word] = field(default_factory=list)
    # Its place, part by part, when columns or pages part it: the page and the place on it.
    parts: list[tuple[int, Box]] = field(default_factory=list)
    # Words over it, where other tables stand beside it, each with its own.
    caption: list[Word] = field(default_factory=list)
    # Words of a header that the next page repeats.
    repeated: list[Word] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row]

    @property
    def words(self) -> list[Word]:
        return [word for cell in self.cells for word in cell.words]
