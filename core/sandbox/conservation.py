"""The law of conservation: every letter that a PDF's page shows stands in what is made of it, in its own place.

It judges the reading by the page's own letters and by the finished HTML, and shares nothing with the code that made
that: it groups the letters by itself. A part that does not add up is reported, so that it can be shown as a picture. No
Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from core.sandbox.letters import Box, Letters
from core.sandbox.shown import RAISED, STRUCK, Cell, Shown, shown

# A page (from 1), and the first and last place of some of its letters.
Span = tuple[int, int, int]

# --- Lengths, in heights of the letters beside ----------------------------------------------------------------

# Two digits further apart than this are two numbers.
APART = 0.17
# A gap as wide as this in two lines, one below the other, parts what is not one text.
RIVER = 1.25
# Gaps between names of columns; those of a narrow column that is set to fill it are narrower.
NAMES = 1.6
# A letter lower than this is small: raised, lowered, or a mark.
SMALL = 0.86
# A line of a table is no further than this from the next.
STEP = 3.4
# Letters whose middles are nearer than this stand on one line.
LEVEL = 0.42
# The next column begins so far above the line before.
UP = 0.6
# A sign that marks an item has at least this room after it.
AFTER_MARK = 0.18

# --- Points ---------------------------------------------------------------------------------------------------

# Cells may reach so far into one another: slanted letters, and boxes that are wider than what is drawn.
SLACK = 2.0

_HYPHENS = frozenset("-\u2010\x02\ufffe\u00ad")
_MARKS = frozenset("•◦▪‣·○●■□▫➢➤►✓✔❖–—-*\u2010\uf0b7\uf0a7\uf0d8\uf0fc\uf02do")
# Put between two numbers, and in the place of a hyphen that ends a line. Neither is a blank to Python.
_BETWEEN, _BROKEN = "\x01", "\x02"
_NUMBER = re.compile(r"\d+")
_FILLED = re.compile(r"([_.…–-])\1{3,}")
_CROP = re.compile(r'id="doc-ruta-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)"')
_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd]")


@dataclass
class Part:
    """One part of what was made of a document: its HTML, and the letters it claims, cell by cell for a table and in
    one list for anything else. `aside` are letters that it says in another way: an item's mark, the number of a page.
    """

    html: str
    cells: list[list[Span]]
    aside: list[Span] = field(default_factory=list)
    is_table: bool = False


class _Letter(NamedTuple):
    sign: str
    page: int
    place: int
    x0: float
    top: float
    x1: float
    bottom: float
    is_raised: bool

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


def unkept(pages: list[Letters], parts: list[Part]) -> set[int]:
    """Which of the parts say something else than their letters do, by their place in the list."""
    said = shown((part.html, part.is_table) for part in parts)
    return {n for n, part in enumerate(parts) if not _is_kept(part, said[n], pages)} | _with_empty_places(parts, pages)


def unclaimed(pages: list[Letters], parts: list[Part], named: Iterable[Span]) -> list[tuple[int, Box]]:
    """Stretches of letters that no part claims and that are not `named` as left out: their page and their box."""
    taken: dict[int, set[int]] = {}
    for span in (*named, *(span for part in parts for spans in (*part.cells, part.aside) for span in spans)):
        taken.setdefault(span[0], set()).update(range(span[1], span[2] + 1))
    crops: dict[int, list[Box]] = {}
    for part in parts:
        for found in _CROP.finditer(part.html):
            at, left, top, right, bottom = map(int, found.groups())
            crops.setdefault(at, []).append((left, top, right, bottom))
    found_: list[tuple[int, Box]] = []
    for number, page in enumerate(pages, start=1):
        own, pictures = taken.get(number, set()), crops.get(number, [])
        lost = [
            _Letter(page.signs[place], number, place, *box, False)
            for place, box in page.boxes.items()
            if place not in own and page.signs[place] not in _MARKS and not _is_in_one(box, pictures)
        ]
        found_ += [(number, _around(letters)) for letters in _stretches(lost)]
    return found_


def _stretches(letters: list[_Letter]) -> Iterator[list[_Letter]]:
    held: list[_Letter] = []
    for letter in letters:
        if held and (letter.place - held[-1].place > 3 or abs(letter.middle - held[-1].middle) > 2 * letter.height):
            yield held
            held = []
        held.append(letter)
    if held:
        yield held


def _is_in_one(box: Box, boxes: list[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def _around(letters: list[_Letter]) -> Box:
    return (
        min(letter.x0 for letter in letters), min(letter.top for letter in letters),
        max(letter.x1 for letter in letters), max(letter.bottom for letter in letters),
    )  # fmt: skip


# --- One part -------------------------------------------------------------------------------------------------


def _is_kept(part: Part, said: Shown, pages: list[Letters]) -> bool:
    if not part.cells or not any(part.cells):
        return True
    if len(part.cells) != len(said.cells):
        return False
    cells = [_letters(spans, pages) for spans in part.cells]
    for letters, cell in zip(cells, said.cells, strict=True):
        rows = _lines(letters)
        drawn = _skeleton(rows)
        if _PRIVATE.search(drawn) or not _is_same(drawn, _of_html(cell.text)):
            return False
        if not part.is_table and _has_river(rows):
            return False
    if not all(_is_told(mark, said, len(pages)) for mark in _marks(_letters(part.aside, pages))):
        return False
    return not part.is_table or _is_in_order(list(zip(said.cells, cells, strict=True)))


def _marks(letters: list[_Letter]) -> Iterator[str]:
    """The letters that stand aside, in pieces without blanks, without the signs around a number."""
    for row in _lines(letters):
        held = row[0].sign
        for before, letter in pairwise(row):
            if letter.x0 - before.x1 > APART * letter.height:
                yield held.strip("().:")
                held = ""
            held += letter.sign
        yield held.strip("().:")


def _is_told(mark: str, said: Shown, pages: int) -> bool:
    """Whether the number or letter of an item, or of a note, is the one that is shown; or leads to a page of these."""
    if not any(map(str.isalnum, mark)) or mark in _MARKS or mark.casefold() in said.marks:
        return True
    return (
        said.leads and all(int(number) <= pages for number in _NUMBER.findall(mark)) and not any(map(str.isalpha, mark))
    )


def _letters(spans: list[Span], pages: list[Letters]) -> list[_Letter]:
    made = []
    for number, first, last in spans:
        page = pages[number - 1]
        boxes = page.boxes
        for place in range(first, last + 1):
            if (box := boxes.get(place)) is not None:
                made.append(_Letter(page.signs[place], number, place, *box, place in page.raised))
    return made


def _lines(letters: list[_Letter]) -> list[list[_Letter]]:
    """Letters as they were claimed, by the line they stand on and along it, column by column and page by page."""
    if not letters:
        return []
    rows = _as_they_come(letters)
    return rows or [row for stretch in _columns(letters) for row in _rows(stretch)]


def _as_they_come(letters: list[_Letter]) -> list[list[_Letter]]:
    """The same where all letters are as high and come line by line, from left to right: nearly always. Else nothing."""
    first = letters[0]
    height = first.bottom - first.top
    middle, page, right = first.top + height / 2, 0, 0.0
    least, most, level, up = SMALL * height, height / SMALL, LEVEL * height, UP * height
    rows: list[list[_Letter]] = []
    row: list[_Letter] = []
    for letter in letters:
        own = letter.bottom - letter.top
        if not least <= own <= most:
            return []
        rise = middle - (letter.top + own / 2)
        if letter.page != page or rise < -level or rise > up:
            row = [letter]
            rows.append(row)
            middle, page = letter.top + own / 2, letter.page
        elif rise > level or letter.x0 < right:
            return []
        else:
            row.append(letter)
        right = letter.x0
    return rows


def _columns(letters: list[_Letter]) -> Iterator[list[_Letter]]:
    """The letters as they were claimed, parted where they go on higher up: on the next page, or in the next column."""
    held: list[_Letter] = []
    lowest = 0.0
    for letter in letters:
        if held and (letter.page != held[-1].page or letter.middle < lowest - UP * letter.height):
            yield held
            held = []
        lowest = max(lowest, letter.middle) if held else letter.middle
        held.append(letter)
    if held:
        yield held


def _rows(letters: list[_Letter]) -> list[list[_Letter]]:
    """Letters by the line they stand on, from the top down, and along it. Small ones go with the line nearest."""
    heights = sorted(letter.height for letter in letters)
    usual = heights[len(heights) // 2]
    large = sorted((x for x in letters if x.height >= SMALL * usual), key=lambda x: x.middle)
    rows: list[list[_Letter]] = []
    middles: list[float] = []
    for letter in large:
        if middles and letter.middle - middles[-1] <= LEVEL * usual:
            rows[-1].append(letter)
        else:
            rows.append([letter])
            middles.append(letter.middle)
    for letter in letters:
        if letter.height < SMALL * usual:
            n = min(range(len(rows)), key=lambda n: abs(middles[n] - letter.middle))
            rows[n].append(letter)
    for row in rows:
        row.sort(key=lambda x: x.x0)
    return rows


def _skeleton(rows: list[list[_Letter]]) -> str:
    """The letters on these lines, without blanks but for those between numbers; raised digits are marked."""
    made: list[str] = []
    for row in rows:
        if made and made[-1][-1:].isdigit() and row[0].sign.isdigit():
            made.append(_BETWEEN)
        start = 0
        if row[0].sign in _MARKS and (len(row) == 1 or row[1].x0 - row[0].x1 > AFTER_MARK * row[1].height):
            start = 1
        before: _Letter | None = None
        for letter in row[start:]:
            if letter.is_raised:
                if before is not None and not before.is_raised:
                    made.append(RAISED)
            elif before is not None and _are_two_numbers(before, letter):
                made.append(_BETWEEN)
            made.append(letter.sign)
            before = letter
        if made and len(row) > start and made[-1] in _HYPHENS:
            made[-1] = _BROKEN
    return _FILLED.sub("", "".join(made))


def _are_two_numbers(before: _Letter, letter: _Letter) -> bool:
    if not (before.sign.isdigit() and letter.sign.isdigit()):
        return False
    return letter.x0 - before.x1 > APART * max(letter.height, before.height)


def _of_html(text: str) -> str:
    """The same of the text of a cell, with its blanks and with the marks of raised letters."""
    text = re.sub(rf"\s*{STRUCK}\s*", STRUCK, _FILLED.sub("", text))
    text = re.sub(r"(?<=\d)\s+(?=\d)", _BETWEEN, text)
    return re.sub(r"\s+", "", text)


def _is_same(drawn: str, said: str) -> bool:
    """Whether both say the same. A hyphen at a line's end may be gone, and a mark of an item; nothing else may."""
    if drawn == said:
        return True
    drawn, said = drawn.casefold(), said.casefold()
    a = b = 0
    while a < len(drawn) or b < len(said):
        one, two = drawn[a : a + 1], said[b : b + 1]
        if one == two:
            a, b = a + 1, b + 1
        elif one == _BROKEN:
            a, b = a + 1, b + (two in ("-", "\u2010"))
        elif two == STRUCK:
            # Letters put in the place of struck ones may touch them on the page.
            a, b = a + (one == _BETWEEN), b + 1
        elif one == "\u00ad":
            a += 1
        elif two == RAISED or (two and two in _MARKS and two != "o") or two == "\u00ad":
            b += 1
        else:
            return False
    return True


def _has_river(rows: list[list[_Letter]]) -> bool:
    """Whether two lines, one below the other, have a wide gap at the same place: two texts, or a table's columns. So it
    is where one of two lines has two gaps that are wider than those of a narrow column: names of columns.
    """
    gaps = [[(a.x1, b.x0) for a, b in pairwise(row) if b.x0 - a.x1 > RIVER * max(a.height, b.height)] for row in rows]
    if len(rows) == 2 and any(
        sum(b - a > NAMES * row[0].height for a, b in own) > 1 for row, own in zip(rows, gaps, strict=True)
    ):
        return True
    return any(a[0] < b[1] and b[0] < a[1] for above, below in pairwise(gaps) for a in above for b in below)


def _with_empty_places(parts: list[Part], pages: list[Letters]) -> set[int]:
    """Texts of one line that together are a table with an empty place: the values after it would stand for others."""
    found: set[int] = set()
    run: list[tuple[int, list[_Letter], int]] = []
    for n, part in enumerate([*parts, Part("", [])]):
        row = _only_line(part, pages)
        gaps = sum(b.x0 - a.x1 > RIVER * max(a.height, b.height) for a, b in pairwise(row))
        above = run[-1][1][0] if run else None
        if above is not None and gaps and _is_next(above, row[0]):
            run.append((n, row, gaps))
            continue
        counts = {count for _, _, count in run}
        if len(counts) > 1 and max(counts) > 1:
            found |= {place for place, _, _ in run}
        run = [(n, row, gaps)] if gaps else []
    return found


def _only_line(part: Part, pages: list[Letters]) -> list[_Letter]:
    """The letters of a text of one line; nothing of any other."""
    if len(part.cells) != 1 or part.is_table or not part.cells[0]:
        return []
    (page, first, _), (last_page, _, last) = part.cells[0][0], part.cells[0][-1]
    start, end = pages[page - 1].boxes.get(first), pages[last_page - 1].boxes.get(last)
    if page != last_page or start is None or end is None or end[1] > start[3]:
        return []
    rows = _lines(_letters(part.cells[0], pages))
    return rows[0] if len(rows) == 1 else []


def _is_next(above: _Letter, letter: _Letter) -> bool:
    return above.page == letter.page and 0 < letter.middle - above.middle < STEP * above.height


# --- A table's cells ------------------------------------------------------------------------------------------


def _is_in_order(cells: list[tuple[Cell, list[_Letter]]]) -> bool:
    """Whether each cell's letters stand beside those of its row's other cells, and under those of its column's."""
    rows: dict[int, list[tuple[Cell, int, Box]]] = {}
    for cell, letters in cells:
        pages = {letter.page for letter in letters}
        for page in pages:
            box = _around([letter for letter in letters if letter.page == page])
            rows.setdefault(cell.row, []).append((cell, page, box))
    # Rows that go on higher up stand in the next column of the page, or on the next page.
    stretch: list[tuple[int, int, Box]] = []
    before = (0, 0.0, 0.0)
    for _, row in sorted(rows.items()):
        page = row[0][1]
        own = [box for cell, at, box in row if at == page and cell.down == 1] or [row[0][2]]
        top, bottom = min(box[1] for box in own), max(box[3] for box in own)
        if page != before[0] or top < before[1] - 1:
            if not _are_columns(stretch):
                return False
            stretch = []
        elif top < before[2] - 0.4 * min(box[3] - box[1] for box in own):
            return False
        stretch += [(cell.column, cell.column + cell.across, box) for cell, at, box in row if at == page]
        before = page, top, bottom
    return _are_columns(stretch)


def _are_columns(boxes: list[tuple[int, int, Box]]) -> bool:
    """Whether what ends where another column begins, or before, stands to the left of it."""
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for first, end, (left, _, right, _) in boxes:
        starts[first] = min(left, starts.get(first, left))
        ends[end] = max(right, ends.get(end, right))
    return all(right <= left + SLACK for end, right in ends.items() for first, left in starts.items() if first >= end)
