"""Boxes with a text of their own beside other text: "OBS!" in a frame at the side. Each is read by itself."""

from __future__ import annotations

from core.sandbox.layout.cells import Table
from core.sandbox.layout.lines import rows
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.letters import Box

# Points, and the largest part of the page.
LEAST_WIDTH, LEAST_HEIGHT, LARGEST = 50.0, 16.0, 0.6
# Fewer lines than this, in the box or beside it, are a field of a form and its label.
FEWEST_LINES = 2
# A box with fewer words on its lines is rather a column of a table.
FEWEST_IN_LINE = 2.0
# Points by which a letter may reach out of its box, and by which two lines of a table may differ in height.
EDGE, LEVEL = 1.0, 1.0
# The share of a box's lines at other heights than those beside it; a column of a table has fewer.
APART = 0.5


def framed(sheet: Sheet, tables: list[Table]) -> list[tuple[Box, list[Word]]]:
    """The boxes on the page that other text stands beside, each with its words; in no table and in no other box."""
    drawn = [box for box, _ in sheet.shapes]
    found: list[tuple[Box, list[Word]]] = []
    taken: set[int] = set()
    for box in sorted({*drawn, *sheet.shades}, key=lambda box: -_area(box)):
        width, height = box[2] - box[0], box[3] - box[1]
        if width < LEAST_WIDTH or height < LEAST_HEIGHT or _area(box) > LARGEST * sheet.width * sheet.height:
            continue
        if any(_overlap(box, table.box) for table in tables):
            continue
        inside = [word for word in sheet.words if _is_in(word, box) and id(word) not in taken]
        if inside and _stands_by_itself(sheet, box, inside, is_drawn=box not in sheet.shades):
            taken |= set(map(id, inside))
            found.append((box, inside))
    return found


def _stands_by_itself(sheet: Sheet, box: Box, inside: list[Word], *, is_drawn: bool) -> bool:
    own = set(map(id, inside))
    others = [word for word in sheet.words if id(word) not in own and not word.is_turned]
    if any(word.x0 < box[2] - EDGE and word.x1 > box[0] + EDGE and box[1] < word.middle < box[3] for word in others):
        return False
    beside = rows(word for word in others if box[1] < word.middle < box[3])
    lines = rows(inside)
    if min(len(lines), len(beside)) < FEWEST_LINES or len(inside) < FEWEST_IN_LINE * len(lines):
        return False
    apart = [all(abs(line.base - other.base) > LEVEL for other in beside) for line in lines]
    # The first lines of a row of a table are level.
    return is_drawn or (apart[0] and sum(apart) >= APART * len(lines))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_in(word: Word, box: Box) -> bool:
    is_within = box[0] - EDGE <= word.x0 and word.x1 <= box[2] + EDGE and box[1] <= word.middle <= box[3]
    return is_within and not word.is_turned


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
