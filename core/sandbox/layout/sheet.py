"""The marks on a page of a PDF: words with their places, ruled lines, shaded areas, pictures, addresses to follow.

Places are in points from the upper left corner of the page as it is read, so y grows downwards. No Django here.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from core.sandbox.letters import Box, Letters, Turn

# A page with more drawn paths than this is a drawing; its lines rule no table.
MAX_PATHS = 4000
MAX_PIECES = 20_000
MAX_DEPTH = 4
# Thinner than this is a line, not an area.
LINE = 2.5
# Smaller than this both ways is a mark, not a part of a table.
DOT = 7.0
# The names of bold faces; LaTeX calls those of its own type BX.
_BOLD = ("bold", "black", "heavy", "demi", "cmbx", "sfbx", "lmssbx", "bx1", "bx8", "bx9")
# How PDFium tells of a hyphen at the end of a line, and what makers write there themselves.
LINE_END_HYPHENS = "\x02\ufffe\u00ad"


@dataclass(slots=True)
class Word:
    """Letters without a blank between them, of one look. `base` is the line they stand on, `size` their type's.

    `glued`: no blank before it. `mark`: the number of the marked content it belongs to, or -1. `is_artifact`: the file
    says that it is furniture of the page.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool = False
    italic: bool = False
    glued: bool = False
    mark: int = -1
    is_artifact: bool = False
    is_turned: bool = False
    href: str = ""
    is_raised: bool = False
    is_struck: bool = False
    # The page, and the places in its text of the first letter and the last.
    page: int = 0
    at: int = -1
    until: int = -1

    @property
    def top(self) -> float:
        return self.base - 0.75 * self.size

    @property
    def bottom(self) -> float:
        return self.base + 0.22 * self.size

    @property
    def middle(self) -> float:
        return self.base - 0.3 * self.size

    def parted(self, texts: list[str]) -> list[Word]:
        """The word in pieces that together are its text, each with the places of its own letters."""
        made: list[Word] = []
        at = self.at
        for n, text in enumerate(texts, start=1):
            until = self.until if n == len(texts) else at + len(text) - 1
            made.append(replace(self, text=text, at=at, until=until))
            at += len(text)
        return made


@dataclass(slots=True)
class Rule:
    """A straight line along (`x0` to `x1` at `y0`) or down the page (`y0` to `y1` at `x0`)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_across(self) -> bool:
        return self.x1 - self.x0 >= self.y1 - self.y0


@dataclass
class Sheet:
    """One page. `number` counts from 1."""

    number: int
    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    shades: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    # The reach of a drawing without words, by the marked content it belongs to.
    drawn: dict[int, Box] = field(default_factory=dict)
    # Drawings found among those, each with the words that stand in it.
    figures: list[tuple[Box, str]] = field(default_factory=list)
    # Everything drawn with lines and areas: how far it reaches, and whether it is more than upright and level.
    shapes: list[tuple[Box, bool]] = field(default_factory=list)
    # Small filled shapes: what some makers draw before the items of a list.
    dots: list[Box] = field(default_factory=list)


@dataclass(slots=True)
class _Look:
    """The look that all letters of one piece of text on the page share."""

    size: float
    bold: bool
    italic: bool
    mark: int
    is_artifact: bool
    is_turned: bool


def sheet(page: Any, textpage: Any, number: int, own: Letters) -> Sheet:
    """The page. `own`: its letters, without those that are not seen."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    made = Sheet(number, width, height)
    turn = Turn(page, pdfium)
    made.words = list(words(textpage, pdfium, turn, own, number))
    _paths(page, pdfium, turn, made)
    return made


def words(
    textpage: Any,
    pdfium: Any,
    turn: Turn,
    own: Letters,
    number: int,
    is_struck: Callable[[int, float, float], bool] | None = None,
) -> Iterator[Word]:
    """The words of page `number`. `is_struck` says it of the letter at a place, of its line and size."""
    looks: dict[int, _Look] = {}
    fonts: dict[int, tuple[bool, bool]] = {}
    box = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = (ctypes.byref(side) for side in box)
    x, y = ctypes.c_double(), ctypes.c_double()
    x_, y_ = ctypes.byref(x), ctypes.byref(y)
    raw = textpage.raw
    object_of = pdfium.FPDFText_GetTextObject
    box_of, origin_of = pdfium.FPDFText_GetCharBox, pdfium.FPDFText_GetCharOrigin
    letters: list[str] = []
    first = last = 0
    look: _Look | None = None
    held = 0
    base = 0.0
    glued = False
    struck = raised = False
    raised_places = own.raised

    def word() -> Word | None:
        assert look is not None
        if not box_of(raw, first, left, right, bottom, top):
            return None
        x0, _, x1, _ = turn.box(box[0].value, box[2].value, box[1].value, box[3].value)
        if last != first and box_of(raw, last, left, right, bottom, top):
            a0, _, a1, _ = turn.box(box[0].value, box[2].value, box[1].value, box[3].value)
            x0, x1 = min(x0, a0), max(x1, a1)
        return Word(
            "".join(letters), x0, x1, base, look.size, look.bold, look.italic, glued, look.mark,
            look.is_artifact, look.is_turned, is_raised=raised, is_struck=struck, page=number, at=first, until=last,
        )  # fmt: skip

    for place, letter in enumerate(own.signs):
        if not letter:
            continue
        if letter == " ":
            if letters:
                if (made := word()) is not None:
                    yield made
                letters = []
            glued = False
            continue
        if letter in LINE_END_HYPHENS and letters:
            # Some makers draw the hyphen by itself: it ends its word all the same.
            letters.append(letter)
            last = place
            if (made := word()) is not None:
                yield made
            letters, glued = [], False
            continue
        piece = object_of(raw, place)
        address = ctypes.addressof(piece.contents) if piece else 0
        if address != held or not letters:
            if address not in looks:
                looks[address] = _look(raw, place, piece, pdfium, fonts, turn)
            other = looks[address]
            origin_of(raw, place, x_, y_)
            at = turn.point(x.value, y.value)[1]
            is_apart = bool(letters) and _is_apart(raw, last, place, other.size, box_of, turn)
            if letters and (look != other or abs(at - base) > 0.1 * other.size or is_apart):
                if (made := word()) is not None:
                    yield made
                # A new line without a blank between: the hyphen before it is what joins.
                glued = abs(at - base) < other.size and not is_apart
                letters = []
            if not letters:
                look, base, first = other, at, place
            held = address
        if is_struck is not None and look is not None and is_struck(place, base, look.size) != struck:
            # Struck words and those put in their place never run together.
            if letters and (made := word()) is not None:
                yield made
            letters, first, glued, struck = [], place, False, not struck
        if (place in raised_places) != raised:
            # 10⁹: a figure of its own may be raised in a type of one size.
            if letters and (made := word()) is not None:
                yield made
                glued = True
            letters, first, raised = [], place, not raised
        letters.append(letter)
        last = place
    if letters and (made := word()) is not None:
        yield made


def _is_apart(raw: Any, last: int, place: int, size: float, box_of: Callable[..., Any], turn: Turn) -> bool:
    """Whether two letters stand so far apart that a blank must be meant between them."""
    a = [ctypes.c_double() for _ in range(4)]
    b = [ctypes.c_double() for _ in range(4)]
    if not box_of(raw, last, *map(ctypes.byref, a)) or not box_of(raw, place, *map(ctypes.byref, b)):
        return False
    end = turn.box(a[0].value, a[2].value, a[1].value, a[3].value)[2]
    start = turn.box(b[0].value, b[2].value, b[1].value, b[3].value)[0]
    return start - end > 0.5 * size or start < end - 2 * size


def _look(raw: Any, place: int, piece: Any, pdfium: Any, fonts: dict[int, tuple[bool, bool]], turn: Turn) -> _Look:
    matrix = pdfium.FS_MATRIX()
    size = pdfium.FPDFText_GetFontSize(raw, place)
    is_turned = turn.quarter != 0
    if pdfium.FPDFText_GetMatrix(raw, place, ctypes.byref(matrix)):
        size *= math.hypot(matrix.c, matrix.d)
        across, up = (matrix.a, matrix.b) if turn.quarter in (0, 2) else (matrix.b, matrix.a)
        is_turned = abs(up) > 0.2 * abs(across)
    if not math.isfinite(size) or not 0.5 < size < 500:
        size = 10.0
    bold = italic = artifact = False
    mark = -1
    if piece:
        mark = pdfium.FPDFPageObj_GetMarkedContentID(piece)
        artifact = _is_artifact(piece, pdfium)
        font = pdfium.FPDFTextObj_GetFont(piece)
        address = ctypes.addressof(font.contents) if font else 0
        if address not in fonts:
            fonts[address] = _face(font, pdfium) if font else (False, False)
        bold, italic = fonts[address]
    return _Look(round(size, 2), bold, italic, mark, artifact, is_turned)


def _face(font: Any, pdfium: Any) -> tuple[bool, bool]:
    buffer = ctypes.create_string_buffer(256)
    length = pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
    name = buffer.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "ignore").partition("+")[
        2
    ] or buffer.value.decode("utf-8", "ignore")
    lower = name.lower()
    bold = any(part in lower for part in _BOLD)
    if not bold and pdfium.FPDFFont_GetWeight(font) >= 600:
        bold = True
    return bold, "italic" in lower or "oblique" in lower


def _is_artifact(piece: Any, pdfium: Any) -> bool:
    count = pdfium.FPDFPageObj_CountMarks(piece)
    for n in range(min(max(count, 0), 20)):
        mark = pdfium.FPDFPageObj_GetMark(piece, n)
        buffer = (ctypes.c_ushort * 40)()
        length = ctypes.c_ulong()
        if mark and pdfium.FPDFPageObjMark_GetName(mark, buffer, 80, ctypes.byref(length)):
            name = bytes(buffer)[: max(0, min(length.value, 80) - 2)].decode("utf-16-le", "ignore")
            if name == "Artifact":
                return True
    return False


# --- Lines, areas and pictures ------------------------------------------------------------------------------

Matrix = tuple[float, float, float, float, float, float]
_AS_IT_IS: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    m, n, o, p, q, r = outer
    return a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r


def _matrix(piece: Any, pdfium: Any) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(piece, ctypes.byref(matrix)):
        return _AS_IT_IS
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _objects(page: Any, pdfium: Any) -> Iterator[tuple[Any, Matrix]]:
    """Everything drawn on the page, with what places it there: what stands in a form, too."""
    waiting: list[tuple[Any, Matrix, int]] = []
    left = MAX_PIECES
    for n in range(min(pdfium.FPDFPage_CountObjects(page), MAX_PIECES)):
        waiting.append((pdfium.FPDFPage_GetObject(page, n), _AS_IT_IS, 0))
    waiting.reverse()
    while waiting and left:
        piece, placed, depth = waiting.pop()
        left -= 1
        if not piece:
            continue
        if pdfium.FPDFPageObj_GetType(piece) == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            inner = _times(_matrix(piece, pdfium), placed)
            for n in range(min(max(pdfium.FPDFFormObj_CountObjects(piece), 0), left)):
                waiting.append((pdfium.FPDFFormObj_GetObject(piece, n), inner, depth + 1))
        else:
            yield piece, placed


def _paths(page: Any, pdfium: Any, turn: Turn, made: Sheet) -> None:
    paths = 0
    for piece, placed in _objects(page, pdfium):
        kind = pdfium.FPDFPageObj_GetType(piece)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
            continue
        box = _bounds(piece, placed, pdfium, turn)
        if box is None:
            continue
        if (mark := pdfium.FPDFPageObj_GetMarkedContentID(piece)) >= 0:
            a, b, c, d = made.drawn.get(mark, box)
            made.drawn[mark] = (min(a, box[0]), min(b, box[1]), max(c, box[2]), max(d, box[3]))
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            made.pictures.append(box)
            continue
        paths += 1
        if paths > MAX_PATHS:
            made.rules, made.shades, made.shapes = [], [], []
            return
        _path(piece, placed, box, pdfium, turn, made)


def _bounds(piece: Any, placed: Matrix, pdfium: Any, turn: Turn) -> Box | None:
    sides = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(piece, *map(ctypes.byref, sides)):
        return None
    left, bottom, right, top = (side.value for side in sides)
    x0, y0 = _placed(left, bottom, placed)
    x1, y1 = _placed(right, top, placed)
    return turn.box(x0, y0, x1, y1)


def _placed(x: float, y: float, m: Matrix) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _path(piece: Any, placed: Matrix, box: Box, pdfium: Any, turn: Turn, made: Sheet) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(piece, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    x0, y0, x1, y1 = box
    is_line = min(x1 - x0, y1 - y0) <= LINE
    segments = [] if is_line else list(_segments(piece, placed, pdfium, turn))
    straight = [Rule(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in segments]
    along = [rule for rule in straight if min(rule.x1 - rule.x0, rule.y1 - rule.y0) <= 0.5]
    made.shapes.append((box, len(along) < len(straight)))
    if 1 < x1 - x0 < DOT and 1 < y1 - y0 < DOT and 0.6 < (x1 - x0) / (y1 - y0) < 1.7:
        made.dots.append(box)
        return
    if y1 - y0 <= LINE and x1 - x0 > 2 * LINE:
        made.rules.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        return
    if x1 - x0 <= LINE and y1 - y0 > 2 * LINE:
        made.rules.append(Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
        return
    if x1 - x0 <= LINE:
        return
    if stroke.value:
        made.rules += [rule for rule in along if max(rule.x1 - rule.x0, rule.y1 - rule.y0) > 2]
    elif len(along) == len(straight) and len(along) in (3, 4, 5) and _is_dark(piece, pdfium):
        made.shades.append(box)
    elif len(along) == len(straight) and len(along) > 5:
        # Some makers draw a table's frame as one filled shape: an outline around an outline.
        made.rules += [rule for rule in along if max(rule.x1 - rule.x0, rule.y1 - rule.y0) > 2]


def _is_dark(piece: Any, pdfium: Any) -> bool:
    """Whether an area's colour is another than paper's."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    refs = map(ctypes.byref, (red, green, blue, alpha))
    if not pdfium.FPDFPageObj_GetFillColor(piece, *refs):
        return True
    return alpha.value > 10 and min(red.value, green.value, blue.value) < 252


def _segments(piece: Any, placed: Matrix, pdfium: Any, turn: Turn) -> Iterator[Box]:
    """The straight pieces of a path, from point to point; a curve counts as its chord."""
    matrix = _times(_matrix(piece, pdfium), placed)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = at = (0.0, 0.0)
    for n in range(min(max(pdfium.FPDFPath_CountSegments(piece), 0), 2000)):
        segment = pdfium.FPDFPath_GetPathSegment(piece, n)
        if not segment or not pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y)):
            continue
        point = turn.point(*_placed(x.value, y.value, matrix))
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield (*at, *point)
        else:
            yield (at[0], at[1], point[0] + 9.9, point[1] + 9.9)  # bent: never taken for a rule
        at = point
        if pdfium.FPDFPathSegment_GetClose(segment) and at != start:
            yield (*at, *start)
            at = start
