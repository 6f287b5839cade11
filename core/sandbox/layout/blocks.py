"""The parts of a page: paragraphs, headings, items of lists, tables, notes, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.sandbox.layout.cells import Table
from core.sandbox.layout.lines import Line
from core.sandbox.layout.sheet import Word
from core.sandbox.letters import Box


@dataclass
class Block:
    """`kind`: paragraph, heading, title, item, more (a paragraph more within an item), note, table, picture or unkept.

    An unkept part is text that is shown as a picture, since the words that were read may not say the same. `right`: how
    far lines may reach where it stands, so that it can be told whether a line was full. `indent`: where an item's
    marker stands. `level`: of a heading, 2 to 6. `alt`: what a picture shows. `is_tagged`: the file itself says what it
    is.
    """

    kind: str
    page: int
    lines: list[Line] = field(default_factory=list)
    right: float = 0.0
    marker: str = ""
    indent: float = 0.0
    level: int = 0
    table: Table | None = None
    alt: str = ""
    place: Box | None = None
    is_tagged: bool = False
    depth: int = 0
    # The pages it goes on to, each with its first word there.
    turns: list[tuple[Word, int]] = field(default_factory=list)
    # Words that are told in another way than as its text: an item's mark, a note's, the number of a page.
    aside: list[Word] = field(default_factory=list)

    @property
    def words(self) -> list[Word]:
        return [word for line in self.lines for word in line.words]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        return self.lines[0].size if self.lines else 0.0

    @property
    def bold(self) -> bool:
        return bool(self.lines) and all(line.bold for line in self.lines)

    @property
    def box(self) -> Box:
        if self.place is not None:
            return self.place
        if self.table is not None:
            return self.table.box
        return (
            min(line.x0 for line in self.lines),
            min(line.top for line in self.lines),
            max(line.x1 for line in self.lines),
            max(line.bottom for line in self.lines),
        )
