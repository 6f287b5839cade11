"""Words to lines: what stands on one line together, where it has gaps, and what marks an item of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter

from core.sandbox.layout.sheet import Word
from core.sandbox.letters import Box

# The widest gap within a piece of a line, in sizes of the type.
PIECE_GAP = 0.95
_BULLET = re.compile(r"[•◦▪‣·○●■□▫➢➤►✓✔❖\uf0b7\uf0a7\uf0d8\uf0fc–—*-]|\uf02d")
_NUMBERED = re.compile(r"(\d{1,3}|[a-zA-Z]|[ivx]{1,4}|[IVX]{1,4})[.)]")
_BARE = re.compile(r"\d{1,2}")
BULLET = "•"
_BEFORE_END, _AFTER_END = re.compile(r"(?:(?:^|\D)0,|\d[–-])$"), re.compile(r"\d")
_UNIT = re.compile(r"(?:[kmµn]?g|[mcd]?l|mmol|mol|IE|E|kPa|mmHg|%|ml/h|mg/kg)(?:/\w+)*[.,;]?(?:\s|$)")


@dataclass
class Line:
    """Words on one line, from left to right. `marker`: what stood before an item of a list, taken out of them."""

    words: list[Word]
    marker: str = ""
    marker_x: float = 0.0
    # The marker as it stood, where it is a word of the page.
    marker_word: Word | None = None

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def size(self) -> float:
        """The size that most of its letters have."""
        sizes: dict[float, int] = {}
        for word in self.words:
            sizes[word.size] = sizes.get(word.size, 0) + len(word.text)
        return max(sizes, key=lambda size: (sizes[size], size))

    @property
    def base(self) -> float:
        return max((word.base for word in self.words if not word.is_raised), default=self.words[0].base)

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def bold(self) -> bool:
        return all(word.bold for word in self.words if not word.is_raised)

    @property
    def text(self) -> str:
        return "".join(("" if word.glued or n == 0 else " ") + word.text for n, word in enumerate(self.words))

    @property
    def box(self) -> Box:
        return self.x0, self.top, self.x1, self.bottom


@dataclass
class Row:
    """All that stands at one height: one piece, or several with gaps between."""

    pieces: list[Line] = field(default_factory=list)

    @property
    def words(self) -> list[Word]:
        return [word for piece in self.pieces for word in piece.words]

    @property
    def line(self) -> Line:
        """All of it as one line. Only what marks its first piece marks an item; in another it is a word."""
        first, *rest = self.pieces
        words = list(first.words)
        for piece in rest:
            words += [piece.marker_word, *piece.words] if piece.marker_word is not None else piece.words
        return Line(words, first.marker, first.marker_x, first.marker_word)

    @property
    def top(self) -> float:
        return min(piece.top for piece in self.pieces)

    @property
    def base(self) -> float:
        return max(piece.base for piece in self.pieces)

    @property
    def size(self) -> float:
        return max(piece.size for piece in self.pieces)

    @property
    def x0(self) -> float:
        return min(piece.x0 for piece in self.pieces)

    @property
    def x1(self) -> float:
        return max(piece.x1 for piece in self.pieces)


def rows(words: Iterable[Word], dots: Iterable[Box] = ()) -> list[Row]:
    """The words as rows from the top down, each cut where there are gaps."""
    made = [Row(_pieces(line)) for line in _lines(list(words))]
    for row in made:
        _take_markers(row, dots)
    return [row for row in made if row.pieces]


def _lines(words: list[Word]) -> list[list[Word]]:
    """Words whose letters stand on the same line. A raised mark goes with the word it is glued to or stands before."""
    lines: list[list[Word]] = []
    bases: list[float] = []
    sizes: list[float] = []
    for word in sorted(words, key=attrgetter("base")):
        base, size = word.base, word.size
        for n in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
            if abs(bases[n] - base) <= 0.25 * min(size, sizes[n]):
                lines[n].append(word)
                sizes[n] = max(size, sizes[n])
                break
        else:
            lines.append([word])
            bases.append(base)
            sizes.append(size)
    kept: list[list[Word]] = []
    for n, line in enumerate(lines):
        if len(line) == 1 and _BULLET.fullmatch(line[0].text) and (beside := _beside(line[0], n, lines, bases)):
            beside.append(line[0])
            continue
        # A line of nothing but small marks belongs to the line just below it: a note's number, an exponent.
        below = lines[n + 1] if n + 1 < len(lines) else None
        if below is not None and all(len(w.text) <= 4 for w in line):
            size = sizes[n + 1]
            near = bases[n + 1] - bases[n] < 0.6 * size and all(w.size < 0.85 * size for w in line)
            touching = all(any(-1 <= w.x0 - o.x1 < size or -1 <= o.x0 - w.x1 < size for o in below) for w in line)
            if near and touching:
                for word in line:
                    word.is_raised = True
                below.extend(line)
                continue
        kept.append(line)
    for line in kept:
        line.sort(key=attrgetter("x0"))
    return kept


def _beside(bullet: Word, n: int, lines: list[list[Word]], bases: list[float]) -> list[Word] | None:
    """The line that a bullet by itself stands before: bullets of another typeface often stand lower, or higher."""
    for near in (n + 1, n - 1):
        if 0 <= near < len(lines):
            first = min(lines[near], key=lambda w: w.x0)
            is_level = abs(bases[near] - bases[n]) < 0.6 * first.size
            if is_level and bullet.x1 <= first.x0 < bullet.x1 + 4 * first.size:
                return lines[near]
    return None


def _pieces(words: list[Word]) -> list[Line]:
    made = [Line([words[0]])]
    for before, word in pairwise(words):
        if word.x0 - before.x1 > PIECE_GAP * max(before.size, word.size):
            made.append(Line([word]))
        else:
            made[-1].words.append(word)
    return made


def _take_markers(row: Row, dots: Iterable[Box]) -> None:
    """Moves a bullet or an item's number from the words to the piece it begins."""
    if len(row.pieces) == 2 and _is_heading_number(*row.pieces):
        row.pieces = [Line(row.words)]
        return
    kept: list[Line] = []
    for n, piece in enumerate(row.pieces):
        first = piece.words[0]
        alone = len(piece.words) == 1
        before = kept[-1] if kept else None
        if before is not None and not before.words:
            # The marker stood by itself: what follows is its item.
            piece.marker, piece.marker_x, piece.marker_word = before.marker, before.marker_x, before.marker_word
            kept[-1] = piece
            continue
        gap = (piece.words[1].x0 - first.x1) / first.size if not alone else 9.0
        after = piece.words[1:] or (
            row.pieces[row.pieces.index(piece) + 1].words if piece is not row.pieces[-1] else []
        )
        is_bare = bool(_BARE.fullmatch(first.text)) and gap > 0.6 and not piece.bold and after[:1] != []
        is_bare = is_bare and after[0].text[:1].isupper()
        if _BULLET.fullmatch(first.text) or (first.text == "o" and gap > 0.6):
            marker = BULLET
        elif (_NUMBERED.fullmatch(first.text) and gap > 0.1) or is_bare:
            marker = first.text
        else:
            marker = ""
        if marker and not first.is_raised and (not alone or piece is not row.pieces[-1]):
            # A number in a cell of its own is no marker: only what begins a row, with its words near, is one.
            following = row.pieces[n + 1] if alone else None
            if following is None or following.x0 - first.x1 < 3.2 * first.size:
                piece.marker, piece.marker_x, piece.marker_word = marker, first.x0, first
                piece.words = piece.words[1:]
        kept.append(piece)
    row.pieces = [piece for piece in kept if piece.words]
    for piece in row.pieces:
        if piece.marker:
            continue
        for x0, y0, x1, y1 in dots:
            if y0 > piece.top - 1 and y1 < piece.bottom + 1 and 0 < piece.x0 - x1 < 2.5 * piece.size:
                piece.marker, piece.marker_x = BULLET, x0


def _is_heading_number(number: Line, words: Line) -> bool:
    """A heading's number set apart from its words: one line, and no row of a table."""
    near = words.x0 - number.x1 < 3.5 * words.size
    return near and number.bold and words.bold and bool(re.fullmatch(r"[A-Z]?\d{0,2}(?:\.\d{1,2})*\.?", number.text))


def parts_number(above: str, below: str) -> bool:
    """Whether a line's end stands within a number: 0,/5 mg, 10/000 IE, 5–/10 mg. A comma after another number than
    nought may end a member of a list.
    """
    is_thousands = above[-1:].isdigit() and re.match(r"000\b", below) is not None
    return is_thousands or bool(_BEFORE_END.search(above) and _AFTER_END.match(below))


def parts_dose(above: str, below: str) -> bool:
    """The same, or between a number and its unit."""
    return parts_number(above, below) or (above[-1:].isdigit() and _UNIT.match(below) is not None)


def is_marker(text: str) -> bool:
    """Whether a word by itself marks an item of a list: a bullet, a number or letter with its stop."""
    return bool(_BULLET.fullmatch(text) or _NUMBERED.fullmatch(text))


def spans(intervals: Iterable[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Intervals put together where less than `gap` parts them, from left to right."""
    made: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if made and start - made[-1][1] < gap:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made
