"""How right a reading is, against what is known to be written: counts that are added up over the files.

Breaks of paragraphs, headings (their words, and the level within one), items of lists, the order of reading, cells
under their headers, words broken over a line, links; and how many running lines were left in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import pairwise, takewhile

from bench.reading.look import Look, feet, heads, numbers
from bench.reading.sources import Cell, Item, Source

_VOID = {"br", "hr", "img"}
_BLOCKS = {"p", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "blockquote", "div", "ul", "ol", "table"}
_VALUE = re.compile(
    r"(?:[<>≤≥±−–] ?)?\d+(?:[ .,:/–-]\d+)*(?: ?(?:%|[µm]?g|[µm]?l|mmol|IE|kPa|mmHg|kg|cm|mm|timmar?|dagar?|år)\b)?"
    r"|\b(?:inte|ej|aldrig|utan|ingen|inget|inga)\b"
)
MEASURES = ("breaks", "headings", "items", "order", "cells", "hyphens", "links")


@dataclass
class Score:
    """Found rightly, found in all, and there to be found; by measure."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    running: int = 0
    wrong_cells: list[str] = field(default_factory=list)
    # Numbers with their signs and units, and negating words, that are lost, glued or made up, outside tables.
    changed: list[str] = field(default_factory=list)
    pictured: int = 0
    missed: dict[str, list[str]] = field(default_factory=dict)

    def add(self, measure: str, found: Counter[str], true: Counter[str]) -> None:
        self.right[measure] += (found & true).total()
        self.found[measure] += found.total()
        self.true[measure] += true.total()
        self.missed[measure] = [f"- {text}" for text in true - found] + [f"+ {text}" for text in found - true]

    def __iadd__(self, other: Score) -> Score:
        self.right += other.right
        self.found += other.found
        self.true += other.true
        self.running += other.running
        self.wrong_cells += other.wrong_cells
        self.changed += other.changed
        self.pictured += other.pictured
        return self

    def f1(self, measure: str) -> float:
        both = self.found[measure] + self.true[measure]
        return 2 * self.right[measure] / both if both else 1.0

    def all(self) -> dict[str, float]:
        return {measure: round(self.f1(measure), 4) for measure in MEASURES}


@dataclass
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)

    def text(self, *, without: tuple[str, ...] = ()) -> str:
        parts = [
            c if isinstance(c, str) else "" if c.tag in without else "\n" if c.tag == "br" else c.text(without=without)
            for c in self.children
        ]
        return "".join(parts)

    def walk(self) -> Iterator[_Node]:
        yield self
        for child in self.children:
            if isinstance(child, _Node):
                yield from child.walk()


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = _Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {key: value or "" for key, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def _words(text: str) -> list[str]:
    return text.split()


def _line(text: str) -> str:
    return " ".join(text.split())


@dataclass
class _Read:
    """What a page says: its blocks of words, headings, items, cells, links, pictures in the place of tables."""

    blocks: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    pictured: int = 0


def _spread(rows: list[list[Cell]]) -> list[list[Cell | None]]:
    """The cell at each place of a table, merged cells at each of theirs."""
    grid: list[list[Cell | None]] = [[] for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while x < len(grid[y]) and grid[y][x] is not None:
                x += 1
            for b in range(y, min(y + cell.down, len(rows))):
                grid[b] += [None] * (x + cell.across - len(grid[b]))
                grid[b][x : x + cell.across] = [cell] * cell.across
            x += cell.across
    return grid


def cells(rows: list[list[Cell]]) -> Counter[str]:
    """Each cell below the header rows, with the headers above it and the first words of its row."""
    grid = _spread(rows)
    found: Counter[str] = Counter()
    seen: set[int] = set()
    headers = list(takewhile(lambda row: all(cell is None or cell.head for cell in row), grid))
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            if cell is None or y < len(headers) or id(cell) in seen or not cell.text.strip():
                continue
            seen.add(id(cell))
            above: list[str] = []
            for upper in headers[:y]:
                head = upper[x] if x < len(upper) else None
                if head is not None and head.head and _line(head.text) not in above:
                    above.append(_line(head.text))
            first = row[0]
            found[f"{' / '.join(above)} | {_line(first.text) if first else ''} | {_line(cell.text)}"] += 1
    return found


def _rows_of(table: _Node) -> list[list[Cell]]:
    rows = []
    for row in table.walk():
        if row.tag == "tr":
            rows.append(
                [
                    Cell(
                        cell.text(),
                        int(cell.attributes.get("colspan", 1)),
                        int(cell.attributes.get("rowspan", 1)),
                        cell.tag == "th",
                    )
                    for cell in row.children
                    if isinstance(cell, _Node) and cell.tag in ("td", "th")
                ]
            )
    return rows


def read(html: str) -> _Read:
    tree = _Tree()
    tree.feed(html)
    tree.close()
    made = _Read()
    _gather(tree.root, made)
    for node in tree.root.walk():
        if node.tag == "a" and node.attributes.get("href", "").startswith("http"):
            made.links[f"{_line(node.text())} > {node.attributes['href']}"] += 1
    return made


def _gather(node: _Node, made: _Read) -> None:
    loose: list[str] = []

    def flush() -> None:
        if text := _line("".join(loose)):
            made.blocks.append(text)
            if node.tag == "li" and not node.attributes.get("id", "").startswith("doc-not"):
                made.items.append(text)
            elif node.tag in ("h2", "h3", "h4", "h5", "h6"):
                made.headings.append((int(node.tag[1]), text))
        loose.clear()

    for child in node.children:
        if isinstance(child, str):
            loose.append(child)
        elif child.tag == "table":
            flush()
            made.cells += cells(_rows_of(child))
        elif child.attributes.get("class") in ("doc-crop", "doc-left-out"):
            flush()
            made.pictured += 1
        elif child.tag == "br":
            loose.append(" ")
        elif child.tag == "sup" or child.attributes.get("href", "").startswith("#doc-till"):
            continue
        elif child.tag in _BLOCKS or any(inner.tag in _BLOCKS for inner in child.walk()):
            flush()
            _gather(child, made)
        else:
            loose.append(child.text(without=("sup",)))
    flush()


def truth(source: Source, look: Look) -> _Read:
    made = _Read()

    def listed(items: list[Item]) -> None:
        for item in items:
            made.blocks.append(_line(item.text))
            made.items.append(_line(item.text))
            listed(item.items)

    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        if block.kind == "heading":
            made.headings.append((block.level + 1, _line(number + block.text)))
            made.blocks.append(_line(number + block.text))
        elif block.kind == "list":
            listed(block.items)
        elif block.kind == "table":
            made.cells += cells(block.rows)
        else:
            made.blocks.append(_line(block.text))
            for run in block.runs:
                if run.href:
                    made.links[f"{_line(run.text)} > {run.href}"] += 1
    return made


def judge(html: str, raw: list[str], source: Source, look: Look, *, has_notes: bool, has_links: bool) -> Score:
    """`raw`: the words of each page as the file has them, for the words that are broken over a line."""
    score = Score()
    # Headers and footers stand after the text, told as such.
    said, true = read(re.sub(r'<div class="doc-running">.*?</div>', "", html, flags=re.DOTALL)), truth(source, look)
    if has_notes:
        true.blocks += map(_line, source.notes)
    # The title stands on the page already; a reading that leaves it in has one heading too many.
    _breaks(score, said, true)
    levels = {text: level for level, text in true.headings}
    score.add(
        "headings",
        Counter(
            text if abs(level - levels.get(text, level)) <= 1 else f"{text} (h{level})" for level, text in said.headings
        ),
        Counter(text for _, text in true.headings),
    )
    score.add("items", Counter(said.items), Counter(true.items))
    # A cell that is not there is missed; a cell with other headers than its own is wrong, and can hurt somebody.
    score.add("cells", said.cells, true.cells)
    score.wrong_cells = sorted((said.cells - true.cells).elements())
    score.pictured = said.pictured
    score.changed = _changed(said, true)
    score.add("links", said.links, true.links if has_links else Counter())
    _hyphens(score, said, true, raw, source)
    left, right = heads(source, look)
    running = {_shape(text) for text in (left, right, f"{left} {right}", feet(source, look)) if text}
    for text in said.blocks:
        shape = _shape(text)
        is_number = re.fullmatch(r"(?:sida )?[-–]? ?# ?(?:av #|\(#\))? ?[-–]?", shape)
        is_foot = feet(source, look) and shape.startswith(_shape(feet(source, look)))
        score.running += bool(shape in running or is_number or is_foot)
    return score


def _changed(said: _Read, true: _Read) -> list[str]:
    ours, theirs = ((Counter(v for text in read.blocks for v in _VALUE.findall(text))) for read in (said, true))
    # A picture of a part of the page says its values too.
    lost = theirs - ours if not said.pictured else Counter[str]()
    return [f"- {value}" for value in lost] + [f"+ {value}" for value in ours - theirs]


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", _line(text).lower())


def _breaks(score: Score, said: _Read, true: _Read) -> None:
    ours = [word for block in said.blocks for word in _words(block)]
    theirs = [word for block in true.blocks for word in _words(block)]
    place: dict[int, int] = {}
    for match in SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks():
        for n in range(match.size):
            place[match.b + n] = match.a + n

    def ends(blocks: list[str]) -> Iterator[int]:
        at = 0
        for block in blocks:
            at += len(_words(block))
            yield at - 1

    found = Counter(
        f"{place.get(end, -end - 1)} {' '.join(ours[max(0, end - 3) : end + 2])}" for end in ends(said.blocks)
    )
    wanted = Counter(f"{end} {' '.join(theirs[max(0, end - 3) : end + 2])}" for end in ends(true.blocks))
    # Compared by place alone; the words are there for whoever looks into what was missed.
    score.add(
        "breaks",
        Counter(key.split()[0] for key in found.elements()),
        Counter(key.split()[0] for key in wanted.elements()),
    )
    by_place = {key.split()[0]: key for key in (*found, *wanted)}
    score.missed["breaks"] = [f"{note[:2]}{by_place[note[2:]]}" for note in score.missed["breaks"]]
    _order(score, ours, theirs)


def _order(score: Score, ours: list[str], theirs: list[str]) -> None:
    """How many neighbouring threes of words that are there once in both stand in their right order."""

    def threes(words: list[str]) -> dict[str, int]:
        all_ = [" ".join(words[n : n + 3]) for n in range(len(words) - 2)]
        once = Counter(all_)
        return {three: n for n, three in enumerate(all_) if once[three] == 1}

    mine, right = threes(ours), threes(theirs)
    shared = [mine[three] for three in right if three in mine]
    in_order = sum(a < b for a, b in pairwise(shared))
    score.right["order"] += in_order
    score.found["order"] += max(0, len(shared) - 1)
    score.true["order"] += max(0, len(shared) - 1)
    score.missed["order"] = [
        f"{b} after {a}"
        for (a, x), (b, y) in pairwise([(three, mine[three]) for three in right if three in mine])
        if x >= y
    ]


_BROKEN = re.compile(r"(\w[\w-]*)(?:[\x02\ufffe\u00ad]\s*|[-\u2010]\r?\n)(\w[\w-]*)")


def _hyphens(score: Score, said: _Read, true: _Read, raw: list[str], source: Source) -> None:
    """Words that the file breaks over a line: put together as they are written."""
    written = Counter(re.findall(r"[\w-]+", " ".join((*true.blocks, *source.notes))))
    read_ = Counter(re.findall(r"[\w-]+", " ".join(said.blocks)))
    wanted: Counter[str] = Counter()
    for page in raw:
        for first, rest in _BROKEN.findall(page):
            for word in (first + rest, f"{first}-{rest}"):
                if word in written:
                    wanted[word] = written[word]
    found = Counter({word: min(read_[word], times) for word, times in wanted.items()})
    score.add("hyphens", found, wanted)
