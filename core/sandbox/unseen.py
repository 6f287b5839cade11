"""Text of a PDF page that nobody sees: white on white, or under a bar or a picture. It is in the file all the same.

A page is drawn, and a letter whose place in the drawing is all of one shade is not seen. No Django here.
"""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from typing import Any

from core.sandbox.letters import Letters

# Drawn at this many dots for each point: a letter of 8 points is then some 6 by 8 dots.
SCALE = 1.5
# Shades nearer to each other than this are one; a letter in light grey on white differs by more.
ONE_SHADE = 12
# Lighter than this is paper, not a bar.
PAPER = 200
# The fewest unseen letters of a word that are no accident of drawing.
FEWEST = 3
# Seconds of work that may go to this in one file; pages after that are taken as they are.
SECONDS = 6.0
MAX_PIXELS = 12_000_000
OUTSIDE = -1
_INVISIBLE = 3  # text that is laid over a scanned page, so that it can be searched: it is meant to be found


@dataclass(frozen=True)
class Unseen:
    """Places of letters (in the page's text) that are not seen: like the paper, under something, outside the page."""

    white: frozenset[int] = frozenset()
    covered: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()

    @property
    def all(self) -> frozenset[int]:
        return self.white | self.covered | self.outside


class Watch:
    """Looks through the pages of one file, until its time is up."""

    def __init__(self) -> None:
        self._left = SECONDS

    def look(self, page: Any, textpage: Any, own: Letters, *, has_picture: bool) -> Unseen:
        """The unseen parts of the page. Words laid unseen over a scanned picture are meant to be found: left alone."""
        if self._left <= 0:
            return Unseen()
        started = time.process_time()
        try:
            return _look(page, textpage, own, has_picture=has_picture)
        finally:
            self._left -= time.process_time() - started


def _look(page: Any, textpage: Any, own: Letters, *, has_picture: bool) -> Unseen:
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    if not 0 < width * height * SCALE * SCALE <= MAX_PIXELS:
        return Unseen()
    words = _words(textpage, own, pdfium, over_picture=has_picture)
    if not words:
        return Unseen()
    drawing = page.render(scale=SCALE, grayscale=True, may_draw_forms=True)
    try:
        shades = memoryview(drawing.buffer).cast("B")
        seen = _Drawing(shades, drawing.width, drawing.height, drawing.stride, page, textpage, pdfium)
        white: set[int] = set()
        covered: set[int] = set()
        outside: set[int] = set()
        for word in words:
            # The first letter speaks for its word; the others are asked only where it is not seen.
            if seen.shade(word[0]) is None:
                continue
            shades_of = [seen.shade(letter) for letter in word]
            plain = sorted(shade for shade in shades_of if shade is not None)
            if len(plain) == len(word):
                middle = plain[len(plain) // 2]
                where = outside if middle == OUTSIDE else white if middle >= PAPER else covered
                where.update(word)
        return Unseen(frozenset(white), frozenset(covered), frozenset(outside))
    finally:
        drawing.close()


def _words(textpage: Any, own: Letters, pdfium: Any, *, over_picture: bool) -> list[list[int]]:
    """Places of letters and digits, word by word; short words are left out."""
    words: list[list[int]] = [[]]
    for place, letter in enumerate(own.signs):
        if not letter.isalnum() or (over_picture and _is_meant_unseen(textpage, place, pdfium)):
            words.append([])
        else:
            words[-1].append(place)
    return [word for word in words if len(word) >= FEWEST]


def _is_meant_unseen(textpage: Any, place: int, pdfium: Any) -> bool:
    piece = pdfium.FPDFText_GetTextObject(textpage, place)
    return bool(piece) and pdfium.FPDFTextObj_GetTextRenderMode(piece) == _INVISIBLE


class _Drawing:
    def __init__(
        self, shades: memoryview, width: int, height: int, stride: int, page: Any, textpage: Any, pdfium: Any
    ) -> None:
        self._shades, self._width, self._height, self._stride = shades, width, height, stride
        self._page, self._raw, self._pdfium = page.raw, textpage.raw, pdfium
        # Made once: letters are asked for by the thousand.
        self._box = [ctypes.c_double() for _ in range(4)]
        self._sides = [ctypes.byref(side) for side in self._box]
        self._at = ctypes.c_int(), ctypes.c_int()
        self._to = tuple(map(ctypes.byref, self._at))

    def shade(self, place: int) -> int | None:
        """The one shade of a letter's place in the drawing, or OUTSIDE; None where there are several, or no place."""
        left, right, bottom, top = self._box
        if not self._pdfium.FPDFText_GetCharBox(self._raw, place, *self._sides):
            return None
        x0, y0 = self._dot(left.value, top.value)
        x1, y1 = self._dot(right.value, bottom.value)
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1) + 1, min(y0, y1), max(y0, y1) + 1
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, self._width), min(y1, self._height)
        if x1 <= x0 or y1 <= y0:
            return OUTSIDE
        if x1 - x0 < 2 or y1 - y0 < 2:
            return None
        low, high = 255, 0
        for y in range(y0, y1):
            row = bytes(self._shades[y * self._stride + x0 : y * self._stride + x1])
            low, high = min(low, min(row)), max(high, max(row))
            if high - low > ONE_SHADE:
                return None
        return (low + high) // 2

    def _dot(self, x: float, y: float) -> tuple[int, int]:
        self._pdfium.FPDF_PageToDevice(self._page, 0, 0, self._width, self._height, 0, x, y, *self._to)
        return self._at[0].value, self._at[1].value


def without(textpage: Any, unseen: frozenset[int], instead: dict[int, str]) -> str:
    """The page's text without the letters at those places, a blank in the place of each stretch of them; and with what
    is told `instead` of others.
    """
    parts, start, count = [], 0, textpage.count_chars()
    for place in sorted(unseen.union(instead)):
        if place > start:
            parts.append(textpage.get_text_range(start, place - start))
        if place in instead:
            parts.append(instead[place])
        elif place == start and (not parts or parts[-1] != " "):
            parts.append(" ")
        start = place + 1
    if start < count:
        parts.append(textpage.get_text_range(start, count - start))
    return "".join(parts)
