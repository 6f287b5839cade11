"""Drawings made of lines and shapes, such as flow charts: what they hold is a part of them, and no running text."""

from __future__ import annotations

from core.sandbox.layout.lines import rows
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.letters import Box

# Shapes nearer to each other than this, in points, are parts of one drawing.
NEAR = 12.0
FEWEST, MOST = 6, 800
# A frame around a text has round corners, too; an arrow or a curve is what no frame and no table has several of.
FEWEST_BENT = 2
LEAST_WIDTH, LEAST_HEIGHT, LARGEST = 110.0, 70.0, 0.6
# The number of words from which a line is running text: then the shapes are only around it.
WORDS_IN_LINE, MOST_WORDS = 9, 120


def drawings(sheet: Sheet) -> list[tuple[Box, list[Word]]]:
    """The drawings' places on the page, each with the words that stand in it."""
    shapes = sheet.shapes
    if not FEWEST <= len(shapes) <= MOST:
        return []
    found = []
    for group in _groups(shapes):
        box = _around([shape for shape, _ in group])
        width, height = box[2] - box[0], box[3] - box[1]
        if len(group) < FEWEST or sum(bent for _, bent in group) < FEWEST_BENT:
            continue
        if width < LEAST_WIDTH or height < LEAST_HEIGHT or width * height > LARGEST * sheet.width * sheet.height:
            continue
        inside = [word for word in sheet.words if within((word.x0, word.top, word.x1, word.bottom), box)]
        lines = rows(inside)
        if len(inside) > MOST_WORDS or any(len(piece.words) >= WORDS_IN_LINE for row in lines for piece in row.pieces):
            continue
        found.append((box, inside))
    return found


def within(shape: Box, box: Box) -> bool:
    """Whether the middle of something is in a box."""
    x, y = (shape[0] + shape[2]) / 2, (shape[1] + shape[3]) / 2
    return box[0] - 3 <= x <= box[2] + 3 and box[1] - 3 <= y <= box[3] + 3


def _around(boxes: list[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _groups(shapes: list[tuple[Box, bool]]) -> list[list[tuple[Box, bool]]]:
    """Shapes that stand near one another, group by group."""
    left = list(range(len(shapes)))
    groups = []
    while left:
        group, reached = [], [left.pop()]
        while reached:
            n = reached.pop()
            group.append(shapes[n])
            a = shapes[n][0]
            near = [
                m
                for m in left
                if shapes[m][0][0] < a[2] + NEAR
                and a[0] < shapes[m][0][2] + NEAR
                and shapes[m][0][1] < a[3] + NEAR
                and a[1] < shapes[m][0][3] + NEAR
            ]
            reached += near
            taken = set(near)
            left = [m for m in left if m not in taken]
        groups.append(group)
    return groups
