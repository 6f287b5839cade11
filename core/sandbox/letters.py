"""The letters of a PDF's page as the file draws them: each with its place in the text and its box. Nothing is grouped.

Places are in points from the upper left corner of the page as it is read, so y grows downwards. No Django here.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]
# Stands for a letter that the file draws and does not name.
UNNAMED = "\ufffd"
_DIGITS = frozenset("0123456789")
_MINUS = frozenset("-−–")
_TOLD = str.maketrans("0123456789-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻")
# In heights of the letter before: so far above its line a digit is raised, and so near it must stand.
_RAISED, _TOUCH, _NEAR = 0.2, 0.2, 0.35


class Turn:
    """From the places in the file to places from the page's upper left corner, as it is turned to be read."""

    def __init__(self, page: Any, pdfium: Any) -> None:
        box = [ctypes.c_float() for _ in range(4)]
        left, bottom, right, top = box
        refs = [ctypes.byref(side) for side in box]
        if not pdfium.FPDFPage_GetCropBox(page, *refs) and not pdfium.FPDFPage_GetMediaBox(page, *refs):
            right.value, top.value = page.get_size()
        self._left, self._right = sorted((left.value, right.value))
        self._bottom, self._top = sorted((bottom.value, top.value))
        self.quarter = page.get_rotation() // 90 % 4

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.quarter == 0:
            return x - self._left, self._top - y
        if self.quarter == 1:
            return y - self._bottom, x - self._left
        if self.quarter == 2:
            return self._right - x, y - self._bottom
        return self._top - y, self._right - x

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        if self.quarter == 0 and x0 <= x1 and y0 <= y1:
            return x0 - self._left, self._top - y1, x1 - self._left, self._top - y0
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


@dataclass(slots=True)
class Letters:
    """One page's: `signs` has an entry for each place of its text, a blank where nothing is drawn; `boxes` those of
    the places where something is. A box is as wide as the letter and its room, and as high as its type.

    A letter that the file gives in two halves stands at the place of the second; at that of the first is nothing.
    `raised`: places of digits that stand higher than the letter before them, by a smaller type or by a figure of their
    own, and of a minus before such a digit: 10⁹, 10⁻³.
    """

    signs: list[str]
    boxes: dict[int, Box]
    raised: set[int] = field(default_factory=set)

    def told(self) -> dict[int, str]:
        """The plain-text form of raised letters, by their places."""
        return {place: self.signs[place].translate(_TOLD) for place in self.raised}

    def add(self, text: str, box: Box) -> tuple[int, int]:
        """Puts a word in a box that the page shows and its text has not; the places of its first letter and last."""
        first, step = len(self.signs), (box[2] - box[0]) / max(len(text), 1)
        for n, sign in enumerate(text):
            self.signs.append(sign)
            self.boxes[first + n] = (box[0] + n * step, box[1], box[0] + (n + 1) * step, box[3])
        return first, len(self.signs) - 1

    def hide(self, places: frozenset[int]) -> None:
        """Takes letters that are not seen away."""
        for place in places:
            self.signs[place] = " "
            self.boxes.pop(place, None)
            self.raised.discard(place)


def letters(page: Any, textpage: Any) -> Letters:
    """All letters of the page, seen or not."""
    import pypdfium2.raw as pdfium

    turn = Turn(page, pdfium)
    signs = _signs(textpage, pdfium)
    rect = pdfium.FS_RECTF()
    there = ctypes.byref(rect)
    raw, box_of, turned = textpage.raw, pdfium.FPDFText_GetLooseCharBox, turn.box
    boxes: dict[int, Box] = {}
    for place, sign in enumerate(signs):
        if sign == " " or not sign or not box_of(raw, place, there):
            continue
        box = turned(rect.left, rect.bottom, rect.right, rect.top)
        if box[2] > box[0] and box[3] > box[1]:
            boxes[place] = box
        elif sign == UNNAMED:
            signs[place] = " "
    return Letters(signs, boxes, _raised(textpage, pdfium, turn, signs, boxes))


def _raised(textpage: Any, pdfium: Any, turn: Turn, signs: list[str], boxes: dict[int, Box]) -> set[int]:
    """The foot of a digit that stands above the line of the letter just before it."""
    found: set[int] = set()
    x, y = ctypes.c_double(), ctypes.c_double()
    sides = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = sides
    refs = [ctypes.byref(side) for side in sides]
    base = 0.0
    for place, sign in enumerate(signs):
        if sign not in _DIGITS or place not in boxes:
            continue
        start = place - 1 if place and signs[place - 1] in _MINUS else place
        before, own = boxes.get(start - 1), boxes.get(start)
        if before is None or own is None or not signs[start - 1].isalnum():
            continue
        height = before[3] - before[1]
        if not -_TOUCH * height < own[0] - before[2] < _NEAR * height:
            continue
        if start - 1 not in found:
            pdfium.FPDFText_GetCharOrigin(textpage.raw, start - 1, ctypes.byref(x), ctypes.byref(y))
            base = turn.point(x.value, y.value)[1]
        if pdfium.FPDFText_GetCharBox(textpage.raw, place, *refs):
            foot = turn.box(left.value, bottom.value, right.value, top.value)[3]
            if base - foot > _RAISED * height:
                found.update((start, place))
    return found


def _signs(textpage: Any, pdfium: Any) -> list[str]:
    raw, letter_of = textpage.raw, pdfium.FPDFText_GetUnicode
    codes = [letter_of(raw, place) for place in range(textpage.count_chars())]
    made = [chr(code) if 32 < code < 0xD800 else _other(code) for code in codes]
    for place, code in enumerate(codes):
        if 0xDC00 <= code < 0xE000:
            high = codes[place - 1] if place else 0
            is_whole = 0xD800 <= high < 0xDC00
            made[place] = chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)) if is_whole else " "
    return [" " if sign.isspace() else sign for sign in made]


def _other(code: int) -> str:
    if code == 0:
        return UNNAMED
    if 0xD800 <= code < 0xDC00:
        return ""
    return chr(code) if code < 0xD800 or 0xE000 <= code < 0x110000 else " "
