"""Charts as SVG of our own: a drawing with a title and a description, whose values stand in a table beside it.

No library: those that draw in the browser need scripts and styles in the page, which our policy forbids, and ours has
classes alone, so that dark, print and forced colours follow the style sheet. Each line has its own stroke and its own
mark, so that nobody needs colours to tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.formats import number_format

WIDTH, HEIGHT = 780, 326
LEFT, RIGHT, TOP, BOTTOM = 60, 656, 40, 280
FIRST, LAST = 70, 642
# The least distance between the names at the ends of lines.
LINE = 24
# By look: the dashes of the stroke, and the mark.
LOOKS = {"ring": "", "square": "12 6", "triangle": "3 6", "own": ""}


@dataclass(frozen=True)
class Series:
    """One line: its name as it stands at its end, a value for each label (None where there is none), its look."""

    name: str
    values: Sequence[float | None]
    look: str = "ring"


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    look: str

    @property
    def path(self) -> str:
        """The mark, for looks that are drawn as a path."""
        x, y = _n(self.x), self.y
        if self.look == "triangle":
            return f"M{x} {_n(y - 7)}l7 12h-14z"
        return f"M{x} {_n(y - 7)}l7 7-7 7-7-7z"

    @property
    def left(self) -> str:
        return _n(self.x - 5)

    @property
    def top(self) -> str:
        return _n(self.y - 5)


@dataclass(frozen=True)
class Line:
    name: str
    dashes: str
    is_own: bool
    # Stretches without gaps, as points of a polyline.
    stretches: list[str]
    points: list[Point]
    name_y: float


@dataclass(frozen=True)
class LineChart:
    """`title` and `description` are read aloud in its place; `labels` stand below, one for each value. `aim`: a value
    that is drawn as a line, with the words `aim_words`. `key` tells charts of one page apart. Counts are drawn
    `from_nought`, so that a small change does not look like a large one.
    """

    key: str
    title: str
    description: str
    labels: Sequence[str]
    series: Sequence[Series]
    aim: float | None = None
    aim_words: str = ""
    from_nought: bool = False
    lowest: float = field(default=0, init=False)
    highest: float = field(default=100, init=False)

    def __post_init__(self) -> None:
        known = [v for one in self.series for v in one.values if v is not None] + ([self.aim] if self.aim else [])
        low, high = (min(known), max(known)) if known else (0, 100)
        low, high = (0, max(high, 4)) if self.from_nought else (low, high)
        step = _step(high - low)
        object.__setattr__(self, "lowest", math.floor(low / step) * step if high > low else low - step)
        object.__setattr__(self, "highest", math.ceil(high / step) * step)

    @property
    def starts_at_nought(self) -> bool:
        return self.lowest <= 0

    def x(self, place: int) -> float:
        return FIRST + (LAST - FIRST) * place / max(1, len(self.labels) - 1)

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.lowest) / ((self.highest - self.lowest) or 1)

    @property
    def grid(self) -> list[tuple[str, str, str]]:
        """For each line of the grid: its height, that of its number, the number. Without the aim's."""
        step = _step(self.highest - self.lowest)
        n = round((self.highest - self.lowest) / step)
        values = [self.lowest + step * i for i in range(n + 1)]
        return [(_n(self.y(v)), _n(self.y(v) + 5), _told(v)) for v in values if v != self.aim]

    @property
    def aim_y(self) -> tuple[str, str, str, str] | None:
        """The aim's line: its height, that of its number and its words, and the number."""
        if self.aim is None:
            return None
        y = self.y(self.aim)
        return _n(y), _n(y + 5), _n(y - 14), _told(self.aim)

    @property
    def below(self) -> list[tuple[str, str]]:
        return [(_n(self.x(i)), label) for i, label in enumerate(self.labels)]

    @property
    def lines(self) -> list[Line]:
        heights = self._name_heights()
        return [self._line(one, heights[i]) for i, one in enumerate(self.series)]

    def _line(self, one: Series, name_y: float) -> Line:
        stretches: list[list[str]] = [[]]
        points = []
        for place, value in enumerate(one.values):
            if value is None:
                stretches.append([])
                continue
            x, y = self.x(place), self.y(value)
            stretches[-1].append(f"{_n(x)},{_n(y)}")
            points.append(Point(x, y, one.look))
        drawn = [" ".join(stretch) for stretch in stretches if len(stretch) > 1]
        return Line(one.name, LOOKS[one.look], one.look == "own", drawn, points, name_y)

    def _name_heights(self) -> list[float]:
        """The names at the ends of the lines, moved apart so that none lies on another."""
        ends = [next((v for v in reversed(one.values) if v is not None), self.lowest) for one in self.series]
        wanted = sorted(((self.y(v) + 5, i) for i, v in enumerate(ends)))
        placed: dict[int, float] = {}
        last: float = TOP - LINE
        for y, i in wanted:
            last = max(y, last + LINE)
            placed[i] = last
        over = max(0.0, last - BOTTOM - 10)
        return [placed[i] - over for i in range(len(self.series))]


def _step(span: float) -> float:
    """A round distance between the lines of a grid, for about four of them."""
    if span <= 0:
        return 1
    size: float = 10 ** math.floor(math.log10(span / 4)) if span >= 4 else 1
    return next(size * n for n in (1, 2, 5, 10) if span / (size * n) <= 5)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _told(value: float) -> str:
    """A number to be read, in the active language."""
    return number_format(Decimal(_n(value)))


# Bars -----------------------------------------------------------------------------------------------------------
BAR, GAP, NAME = 20, 4, 26
# The longest bar ends here, so that its number finds room.
BARS_END = 720


@dataclass(frozen=True)
class Bar:
    y: int
    width: str
    number_x: str
    value: int
    look: str

    @property
    def text_y(self) -> int:
        return self.y + BAR - 5


@dataclass(frozen=True)
class BarChart:
    """Some counts for each row: `measures` are their names, `rows` pairs of a name and a count for each measure. The
    first measure is drawn filled, the second hollow.
    """

    key: str
    title: str
    description: str
    measures: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]

    @property
    def row_height(self) -> int:
        return NAME + len(self.measures) * (BAR + GAP) + 12

    @property
    def height(self) -> int:
        return self.row_height * len(self.rows) + 4

    @property
    def legend(self) -> list[tuple[str, str]]:
        return list(zip(("full", "hollow"), self.measures, strict=False))

    @property
    def drawn(self) -> list[tuple[str, int, list[Bar]]]:
        """Each row: its name, the height of it, and its bars. A count of nought is a number without a bar."""
        most = max((n for _name, counts in self.rows for n in counts), default=0) or 1
        found = []
        for place, (name, counts) in enumerate(self.rows):
            top = place * self.row_height
            bars = []
            for n, count in enumerate(counts):
                width = (BARS_END - 4) * count / most
                y = top + NAME + n * (BAR + GAP)
                bars.append(Bar(y, _n(width), _n(4 + width + 8), count, ("full", "hollow")[n]))
            found.append((name, top + 18, bars))
        return found
