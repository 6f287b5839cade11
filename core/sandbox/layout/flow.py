"""Rows to blocks, in the order they are read: columns first, then paragraphs, items and headings in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from core.sandbox.layout.beside import are_beside
from core.sandbox.layout.blocks import Block
from core.sandbox.layout.cells import Table
from core.sandbox.layout.lines import Line, Row, parts_dose, rows
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.layout.tables import aligned
from core.sandbox.letters import Box

# The distance, in usual steps, beyond which two lines are two paragraphs.
APART = 1.22
FEWEST_IN_COLUMN = 3
# The end of a line of a list of contents without a blank in it: a word, or none, dots, and the page's number.
GLUED = re.compile(r"(.*?[^.…_])?([.…_]{4,})(\d{1,3})")
MOST_COLUMNS = 4
# Words that end no sentence and no heading, and want a number.
_BEFORE_NUMBERS = re.compile(
    "under|över|än|minst|högst|max|cirka|ca|ungefär|av|på|till|från|mellan|efter|inom|per|var|om|med|och|eller|i|är"
)


class Pitch:
    """How far apart lines of a size are within a paragraph, in one document."""

    def __init__(self) -> None:
        self._gaps: dict[float, Counter[float]] = {}

    def learn(self, flow: list[Row]) -> None:
        for above, below in pairwise(flow):
            gap, size = below.base - above.base, below.size
            if abs(above.size - size) < 0.3 and 0.9 * size < gap < 2.1 * size:
                self._gaps.setdefault(round(size * 2) / 2, Counter())[round(gap * 4) / 4] += 1

    def of(self, size: float) -> float:
        """The smallest step that is usual for the size."""
        gaps = self._gaps.get(round(size * 2) / 2)
        if not gaps:
            return 1.42 * size
        usual = max(2, 0.12 * gaps.total())
        return min((gap for gap, times in gaps.items() if times >= usual), default=min(max(gaps), 1.42 * size))


@dataclass
class Zones:
    """A page's words in groups: its columns in the order they are read, and boxes at the side."""

    columns: list[list[Word]]
    boxes: list[list[Word]] = field(default_factory=list)


def read(sheet: Sheet, zones: Zones, taken: list[Table], pitch: Pitch) -> list[Block]:
    """The page's blocks in reading order, with the `taken` tables and its pictures."""
    made: list[Block] = []
    for words in zones.columns:
        made += column(words, sheet, pitch)
    for words in reversed(zones.boxes):
        own = column(words, sheet, pitch)
        at = _place_of_box(made, own[0].box)
        made[at:at] = own
    before: Block | None = None
    for table in taken:
        block = Block("table", sheet.number, table=table)
        if before is not None and before.table is not None and are_beside(before.table, table):
            at = 1 + next(n for n, other in enumerate(made) if other is before)
            made.insert(at, block)
        else:
            at = insert(made, block)
        made[at:at] = paragraphs([row.line for row in rows(table.caption)], sheet.number, table.box[2], pitch)
        before = block
    for picture in _pictures(sheet):
        insert(made, picture)
    in_tables = {id(word) for table in taken for word in table.turned}
    if turned := [word for word in sheet.words if word.is_turned and id(word) not in in_tables]:
        made.append(Block("paragraph", sheet.number, [Line(turned)], right=sheet.width))
    return made


# --- Columns ------------------------------------------------------------------------------------------------


def zones(words: list[Word], sheet: Sheet, depth: int = 0) -> list[list[Word]]:
    """The words in groups that are read one after the other, each of one column. Turned words are in none."""
    words = [word for word in words if not word.is_turned]
    if not words:
        return []
    flow = rows(words, sheet.dots)
    gutter = _gutter(flow) if depth < MOST_COLUMNS else None
    if gutter is None:
        return [words]
    left, right, first, last = gutter
    middle = (left + right) / 2
    at = {id(word): n for n, row in enumerate(flow) for word in row.words}
    before: list[Word] = []
    inside: list[Word] = []
    after: list[Word] = []
    for word in words:
        # A marker that was taken out of its row belongs to the row at its height.
        n = at.get(id(word), -1)
        n = n if n >= 0 else min(range(len(flow)), key=lambda n: abs(flow[n].base - word.base))
        (before if n < first else after if n > last else inside).append(word)
    sides = [w for w in inside if w.x1 <= middle], [w for w in inside if w.x1 > middle]
    return [
        *zones(before, sheet, depth + 1),
        *zones(sides[0], sheet, depth + 1),
        *zones(sides[1], sheet, depth + 1),
        *zones(after, sheet, depth + 1),
    ]


def _gutter(flow: list[Row]) -> tuple[float, float, int, int] | None:
    """The gap between two columns of text: from where to where across, and its first and last row."""
    gaps: list[tuple[float, float, int]] = []
    for n, row in enumerate(flow):
        for a, b in pairwise(row.pieces):
            if b.x0 - a.x1 > 0.9 * row.size:
                # A marker taken out of a piece stands in the gap before it.
                gaps.append((a.x1, min(b.x0, b.marker_x) if b.marker else b.x0, n))
    candidates: dict[tuple[float, float], int] = {}
    for _, x, _ in gaps[:400]:
        over = [gap for gap in gaps if gap[0] < x <= gap[1]]
        left, right = max(gap[0] for gap in over), min(gap[1] for gap in over)
        if right - left > 5 and len(over) >= FEWEST_IN_COLUMN:
            candidates[left, right] = len(over)
    # Columns whose lines stand at other heights have no row in two pieces; but many lines begin at the same place.
    starts = Counter(round(piece.x0) for row in flow for piece in row.pieces)
    edge = min(starts, default=0) + 60
    for x, _ in starts.most_common(6):
        times = starts[x - 1] + starts[x] + starts[x + 1]
        if x > edge and times >= 2 * FEWEST_IN_COLUMN:
            candidates.setdefault((x - 7.0, x - 1.5), times)
    for left, right in sorted(candidates, key=lambda gap: -candidates[gap])[:6]:
        if found := _columns_at(flow, left, right):
            return found
    return None


def _columns_at(flow: list[Row], left: float, right: float) -> tuple[float, float, int, int] | None:
    """Two columns of text with this gap between them, if the rows are such."""
    middle = (left + right) / 2
    open_ = [all(not (w.x0 < middle < w.x1) for w in row.words) for row in flow]
    for start, end in _runs(open_):
        beside = [n for n in range(start, end) if flow[n].x1 > middle]
        if len(beside) < FEWEST_IN_COLUMN:
            continue
        if sum(flow[n].x0 < middle for n in range(beside[0], beside[-1] + 1)) < FEWEST_IN_COLUMN:
            continue
        first, last = beside[0], beside[-1]
        while first > start and flow[first].base - flow[first - 1].base < 1.5 * flow[first].size:
            first -= 1
        # Text that goes on in the left column below the end of the right one; not a heading for what follows.
        rest = flow[last + 1 : end]
        left = max((w.x1 for row in flow[first : last + 1] for w in row.words if w.x1 <= middle), default=left)
        if len(rest) > 2 and max(row.x1 for row in rest) > left - 0.12 * (left - min(row.x0 for row in rest)):
            last = end - 1
        while last + 1 < end and _belongs(flow, last, middle):
            last += 1
        if _is_text(flow[first : last + 1], middle):
            return left, right, first, last
    return None


def _runs(open_: list[bool]) -> Iterable[tuple[int, int]]:
    start = None
    for n, is_open in enumerate([*open_, False]):
        if is_open and start is None:
            start = n
        elif not is_open and start is not None:
            yield start, n
            start = None


def _belongs(flow: list[Row], last: int, middle: float) -> bool:
    row, before = flow[last + 1], flow[last]
    line = row.line
    if line.bold or row.size > 1.08 * before.size:
        return False
    return row.base - before.base < 2.3 * row.size


def _is_text(region: list[Row], middle: float) -> bool:
    """Columns of running text: most lines hold several words on either side."""
    breaks: list[set[int]] = []
    for is_left in (True, False):
        side = rows(w for row in region for w in row.words if (w.x1 <= middle) == is_left)
        if len(side) < FEWEST_IN_COLUMN or sum(len(row.words) for row in side) / len(side) < 2.8:
            return False
        left, right = min(row.x0 for row in side), max(row.x1 for row in side)
        fills = sorted((row.x1 - left) / (right - left) for row in side)
        if fills[len(fills) // 2] < 0.7 or sum(len(row.pieces) > 1 for row in side) > 0.25 * len(side):
            return False
        gaps = [below.base - above.base for above, below in pairwise(side)]
        usual = sorted(gaps)[len(gaps) // 3]
        breaks.append({round(below.base / 3) for below, gap in zip(side[1:], gaps, strict=True) if gap > 1.25 * usual})
    # A table with long texts in its cells has its gaps at the same heights on both sides; columns of text have not.
    shared = sum(any(n + d in breaks[1] for d in (-1, 0, 1)) for n in breaks[0])
    return not (shared >= 2 and shared >= 0.75 * max(map(len, breaks)))


# --- Paragraphs ---------------------------------------------------------------------------------------------


def column(words: list[Word], sheet: Sheet, pitch: Pitch) -> list[Block]:
    """Blocks of one column: its paragraphs and items, and tables without upright lines."""
    flow = rows(words, sheet.dots)
    made: list[Block] = []
    at = 0
    right = max(row.x1 for row in flow)
    for start, end, table in aligned(flow, sheet):
        made += paragraphs([row.line for row in flow[at:start]], sheet.number, right, pitch)
        made.append(Block("table", sheet.number, table=table))
        at = end
    return made + paragraphs([row.line for row in flow[at:]], sheet.number, right, pitch)


def paragraphs(lines: list[Line], page: int, right: float, pitch: Pitch) -> list[Block]:
    """Lines of one column, as paragraphs and items. `right`: how far its lines reach."""
    made: list[Block] = []
    left = min((line.x0 for line in lines if not line.marker), default=0.0)
    for line in lines:
        block = made[-1] if made else None
        if block is not None and line.marker_word is not None and _is_in_sentence(block, line, right, pitch):
            line.words.insert(0, line.marker_word)
            line.marker, line.marker_word = "", None
            block.lines.append(line)
            continue
        if block is not None and not line.marker and _goes_on(block, line, left, right, pitch):
            block.lines.append(line)
            continue
        kind = "item" if line.marker else "paragraph"
        indent = line.marker_x if line.marker else line.x0
        if block is not None and not line.marker and _is_more(block, line, pitch):
            kind, indent = "more", block.indent
        made.append(Block(kind, page, [line], right, line.marker, indent))
    return made


def _is_in_sentence(block: Block, line: Line, right: float, pitch: Pitch) -> bool:
    """Whether a number that could mark an item belongs to the sentence above: "frekvensen är under / 10. Halvera"."""
    number = line.marker.rstrip(".)")
    above = block.lines[-1]
    if block.kind != "paragraph" or not number.isdigit() or number == "1" or is_ended(above):
        return False
    is_like = abs(above.size - line.size) < 0.05 * line.size and above.bold == line.bold
    is_below = abs(line.marker_x - above.x0) < 2 and line.base - above.base <= APART * pitch.of(line.size)
    is_open = bool(_BEFORE_NUMBERS.fullmatch(above.words[-1].text)) or not is_short(above, line, right)
    return is_like and is_below and is_open


def _is_more(block: Block, line: Line, pitch: Pitch) -> bool:
    """Whether a paragraph stands within the item above it: set in as the item's own words are."""
    if block.kind not in ("item", "more") or abs(line.size - block.size) > 0.05 * line.size or line.bold:
        return False
    is_set_in = abs(line.x0 - block.lines[0].x0) < 2 and line.x0 > block.indent + 4
    return is_set_in and line.base - block.lines[-1].base < 2.4 * pitch.of(line.size)


def _goes_on(block: Block, line: Line, left: float, right: float, pitch: Pitch) -> bool:
    """Whether a line belongs to the paragraph or item above it."""
    above = block.lines[-1]
    size = line.size
    if abs(above.size - size) > 0.08 * size or (above.bold != line.bold and not _is_mixed(above, line)):
        return False
    if leads_to_page(above):
        return False
    gap = line.base - above.base
    if gap > APART * pitch.of(size) or gap < 0.3 * size:
        return False
    if block.kind in ("item", "more"):
        if line.x0 < block.lines[0].x0 - 1.2 * size and line.x0 > block.indent + 2:
            return False
        if line.x0 <= block.indent + 2 and is_short(above, line, right):
            return False
        return not (line.x0 < block.indent - 2)
    if len(block.lines) >= 1 and line.x0 > above.x0 + 0.8 * size:
        # A first line set in; or the second line of what hangs, or of what is centred.
        if not (above is block.lines[0] and line.x0 - above.x0 > 3 * size) and is_ended(above):
            return False
        if len(block.lines) > 1 and abs(above.x0 - left) < 2:
            return False
    return not is_short(above, line, right)


def leads_to_page(line: Line) -> bool:
    """A line of a list of contents: words, dots or a wide gap, and a page's number."""
    if GLUED.fullmatch(line.words[-1].text):
        return True
    if len(line.words) < 2 or not re.fullmatch(r"\d{1,3}", line.words[-1].text):
        return False
    before = line.words[-2]
    is_dotted = bool(re.search(r"[.…]{3,}|(?:\. ){3,}", line.text))
    return is_dotted or line.words[-1].x0 - before.x1 > 3 * line.size


def _is_mixed(above: Line, line: Line) -> bool:
    """A paragraph that begins in bold, or holds a bold word that fills a short last line."""
    return not above.bold and line.bold and len(line.words) <= 2


def is_ended(line: Line) -> bool:
    return line.text.rstrip("”\"') ").endswith((".", "!", "?", ":", ";"))


def is_short(line: Line, following: Line, right: float) -> bool:
    """Whether the next line's first word would have had room: then the line was ended on purpose."""
    first = following.words[0]
    if first.text[:1].isdigit() and _BEFORE_NUMBERS.fullmatch(line.words[-1].text):
        return False
    if parts_dose(line.text, following.text):
        return False
    width = first.x1 - first.x0 + 0.3 * line.size
    room = right - line.x1 - width
    slack = 0.9 * line.size if is_ended(line) or not first.text[:1].islower() else 4.5 * line.size
    return room > slack and not line.text.endswith(("-", "\x02", "\ufffe", "\u00ad"))


# --- Tables and pictures between them -----------------------------------------------------------------------


def insert(made: list[Block], block: Block) -> int:
    """Puts a block after the last one above it that stands in the same column; its place."""
    place = max((n for n, other in enumerate(made, start=1) if _is_above(other.box, block.box)), default=0)
    made.insert(place, block)
    return place


def _is_above(other: Box, box: Box) -> bool:
    """Whether something stands over a box, in its column."""
    x0, y0, x1, _ = box
    a0, b0, a1, b1 = other
    overlaps = min(x1, a1) - max(x0, a0) > 0.2 * min(x1 - x0, a1 - a0)
    return overlaps and (b0 + b1) / 2 <= y0 + 2


def _place_of_box(made: list[Block], box: Box) -> int:
    """The place of a box at the side: after what stands over it, or else after all that stands higher."""
    over = [n for n, other in enumerate(made, start=1) if _is_above(other.box, box)]
    higher = [n for n, other in enumerate(made, start=1) if (other.box[1] + other.box[3]) / 2 <= box[1]]
    return max(over or higher, default=0)


def _pictures(sheet: Sheet) -> list[Block]:
    """Pictures that are large enough to say something, not the page as a whole."""
    found = []
    for x0, y0, x1, y1 in sheet.pictures[:50]:
        width, height = x1 - x0, y1 - y0
        if width > 50 and height > 40 and width * height < 0.8 * sheet.width * sheet.height:
            found.append(Block("picture", sheet.number, place=(x0, y0, x1, y1)))
    # Words within a drawing are told with it, in the order of their lines.
    for box, words in sheet.figures:
        found.append(Block("picture", sheet.number, place=box, alt=f"I figuren: {words}" if words else ""))
    return found
