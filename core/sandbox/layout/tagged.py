"""The text as a PDF's own tags say it is: followed if they hold headings, and nearly all of the words."""

from __future__ import annotations

from itertools import pairwise

from core.sandbox.layout import flow
from core.sandbox.layout.blocks import Block
from core.sandbox.layout.cells import Cell, Table
from core.sandbox.layout.hidden_rows import part_rows, settle_lines
from core.sandbox.layout.lines import BULLET, Line, is_marker, rows
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.layout.tables import find_heads, ruled
from core.sandbox.layout.tags import Node
from core.sandbox.letters import Box

# The share of words that must be tagged for the tags to be followed, furniture left out.
ENOUGH = 0.92
_HEADINGS = {"Title": 1, "H": 2, **{f"H{n}": n for n in range(1, 7)}}
_GROUPS = frozenset(
    (
        "Document",
        "DocumentFragment",
        "Part",
        "Art",
        "Sect",
        "Div",
        "NonStruct",
        "Private",
        "TOC",
        "TOCI",
        "Index",
        "Aside",
    )
)
_PARAGRAPHS = frozenset(["P", "TOCI", "Caption", "BlockQuote", "Quote", "Code", "Formula"])


def is_enough(sheets: list[Sheet], trees: list[Node | None], taken: list[frozenset[int]], body: float) -> bool:
    """Whether the tags tell what the text is made of, and hold nearly all words that are no furniture."""
    kinds = {node.kind for tree_ in trees if tree_ for node in tree_.walk()}
    if not kinds & _HEADINGS.keys() and (
        not kinds & {"Table", "L", "Figure"} or _stands_out(sheets, trees, taken, body)
    ):
        return False
    tagged = every = 0
    for sheet, tree_, furniture in zip(sheets, trees, taken, strict=True):
        marks = frozenset(tree_.marks()) if tree_ else frozenset[int]()
        for word in sheet.words:
            if id(word) not in furniture:
                every += 1
                tagged += word.mark in marks
    return every > 0 and tagged / every >= ENOUGH


def _stands_out(sheets: list[Sheet], trees: list[Node | None], taken: list[frozenset[int]], body: float) -> bool:
    """Whether something outside the tables looks like a heading, though no heading is tagged."""
    for sheet, tree_, furniture in zip(sheets, trees, taken, strict=True):
        tables = [node for node in tree_.walk() if node.kind == "Table"] if tree_ else []
        inside = {mark for node in tables for mark in node.marks()}
        for word in sheet.words:
            if id(word) not in furniture and word.mark not in inside and (word.bold or word.size > 1.12 * body):
                return True
    return False


def blocks(
    sheets: list[Sheet], trees: list[Node | None], taken: list[frozenset[int]], pitch: flow.Pitch
) -> list[Block]:
    made: list[Block] = []
    for sheet, tree_, furniture in zip(sheets, trees, taken, strict=True):
        sheet.words = [word for word in sheet.words if id(word) not in furniture]
        page = _Page(sheet, tree_, pitch)
        loose = [word for word in sheet.words if word.mark not in page.marks]
        for block in flow.read(_only(sheet, loose), flow.Zones(flow.zones(loose, sheet)), [], pitch):
            flow.insert(page.made, block)
        made += page.made
    _nest(made)
    return made


def _only(sheet: Sheet, words: list[Word]) -> Sheet:
    return Sheet(sheet.number, sheet.width, sheet.height, words)


def _nest(made: list[Block]) -> None:
    """An item's indent tells its level if the file tags no list within another; elsewhere the tags do."""
    items = [block for block in made if block.kind == "item" and block.is_tagged]
    if any(block.depth > 1 for block in items):
        for block in items:
            block.indent = 1000.0 * block.depth


class _Page:
    """The blocks of one page, as its tags have them."""

    def __init__(self, sheet: Sheet, tree_: Node | None, pitch: flow.Pitch) -> None:
        self.made: list[Block] = []
        self._sheet, self._pitch = sheet, pitch
        self._right = max((word.x1 for word in sheet.words), default=sheet.width)
        self.marks = frozenset(tree_.marks()) if tree_ else frozenset[int]()
        self._by_mark: dict[int, list[Word]] = {}
        for word in sheet.words:
            if word.mark in self.marks:
                self._by_mark.setdefault(word.mark, []).append(word)
        self._ruled: list[Table] | None = None
        if tree_:
            self._visit(tree_, 0)
        self._find_rows()

    def _find_rows(self) -> None:
        """Paragraphs that are the rows of a table, parted by tabs: where they stand is all that tells it."""
        start = 0
        while start < len(self.made):
            end = start
            while end < len(self.made) and _is_row(self.made[end]):
                end += 1
            if end - start > 1:
                words = [word for block in self.made[start:end] for word in block.words]
                found = flow.column(words, self._sheet, self._pitch)
                if any(block.table for block in found):
                    for block in found:
                        block.is_tagged = True
                    self.made[start:end] = found
                    end = start + len(found)
            start = max(end, start + 1)

    def _visit(self, node: Node, depth: int) -> None:
        if node.kind in _HEADINGS:
            self._text("heading", node, level=max(2, _HEADINGS[node.kind]), tag_level=_HEADINGS[node.kind])
        elif node.kind in _PARAGRAPHS:
            self._text("paragraph", node)
        elif node.kind == "L":
            for kid in node.kids:
                if isinstance(kid, Node):
                    self._item(kid, depth + 1)
        elif node.kind == "Table":
            self._table(node)
        elif node.kind == "Figure":
            self._figure(node)
        elif node.kind == "Note":
            self._note(node)
        elif node.kind in _GROUPS or any(_is_block(kid) for kid in node.kids):
            self._group(node, depth)
        else:
            self._text("paragraph", node)

    def _group(self, node: Node, depth: int) -> None:
        """Blocks, and words that stand between them in no block of their own."""
        loose = Node("P")
        for kid in node.kids:
            if isinstance(kid, int) or not _is_block(kid):
                loose.kids.append(kid)
                continue
            self._flush(loose)
            self._visit(kid, depth)
        self._flush(loose)

    def _flush(self, loose: Node) -> None:
        if not loose.kids:
            return
        notes: list[Node] = []
        inner: list[Node] = []
        words = self._words(loose, notes, inner)
        loose.kids = []
        # Words in no paragraph of their own: where they stand tells what they are.
        for zone in flow.zones(words, self._sheet):
            self._pitch.learn(rows(zone))
            for block in flow.column(zone, self._sheet, self._pitch):
                # The file tags its headings: what it has not tagged as one is none.
                block.is_tagged = True
                self.made.append(block)
        for kid in (*inner, *notes):
            self._visit(kid, 0)

    def _words(self, node: Node, notes: list[Node], blocks_: list[Node]) -> list[Word]:
        """Words of an element and of those within it, without notes and blocks of their own, which are handed back."""
        found: list[Word] = []
        for kid in node.kids:
            if isinstance(kid, int):
                found += self._by_mark.pop(kid, [])
            elif kid.kind in ("Note", "FENote"):
                notes.append(kid)
            elif kid.kind in ("L", "Table", "Figure"):
                blocks_.append(kid)
            else:
                found += self._words(kid, notes, blocks_)
        return found

    def _text(self, kind: str, node: Node, level: int = 0, tag_level: int = 0) -> None:
        notes: list[Node] = []
        inner: list[Node] = []
        lines = in_lines(self._words(node, notes, inner))
        if lines:
            block = Block(kind, self._sheet.number, lines, self._right, level=level, is_tagged=True, depth=tag_level)
            self.made.append(block)
        for kid in (*inner, *notes):
            self._visit(kid, 0)

    def _note(self, node: Node) -> None:
        lines = in_lines(self._words(node, [], []))
        if not lines:
            return
        block = Block("note", self._sheet.number, lines, self._right, is_tagged=True)
        first = lines[0].words[0]
        if len(block.words) > 1 and len(first.text) <= 3:
            block.marker = first.text.rstrip(".")
            block.aside.append(lines[0].words.pop(0))
        block.lines = [line for line in lines if line.words]
        self.made.append(block)

    def _item(self, node: Node, depth: int) -> None:
        if node.kind == "L":
            # A list within a list, straight in it.
            self._visit(node, depth)
            return
        notes: list[Node] = []
        inner: list[Node] = []
        label = [
            w for kid in node.kids if isinstance(kid, Node) and kid.kind == "Lbl" for w in self._words(kid, [], [])
        ]
        lines = in_lines(self._words(node, notes, inner))
        marker = "".join(word.text for word in label)
        if label and not is_marker(marker) and (len(marker) > 3 or marker.isalpha()):
            # The explained words in a list of explanations.
            lines, marker, label = [*in_lines(label), *lines], "", []
        elif lines and not marker:
            first = lines[0].words[0]
            if is_marker(first.text) and len(lines[0].words) > 1:
                marker = first.text
                label = [lines[0].words.pop(0)]
        if lines:
            at = lines[0].x0
            shown = marker if marker[:1].isalnum() and len(marker) < 8 else BULLET
            block = Block("item", self._sheet.number, lines, self._right, shown, at, is_tagged=True, depth=depth)
            block.aside += label
            self.made.append(block)
        for kid in (*inner, *notes):
            self._visit(kid, depth)

    def _figure(self, node: Node) -> None:
        inner = [kid for kid in node.kids if isinstance(kid, Node) and _is_block(kid)]
        # Words straight in a figure are a part of its drawing; a caption or a table in it is text.
        drawn = self._words(Node("Figure", [kid for kid in node.kids if kid not in inner]), [], [])
        if node.alt or drawn or not inner:
            boxes = [self._sheet.drawn[mark] for mark in node.marks() if mark in self._sheet.drawn]
            boxes += [(word.x0, word.top, word.x1, word.bottom) for word in drawn]
            y = self.made[-1].box[3] if self.made else 0.0
            place = (0.0, y, 0.0, y)
            if boxes:
                place = (
                    min(box[0] for box in boxes), min(box[1] for box in boxes),
                    max(box[2] for box in boxes), max(box[3] for box in boxes),
                )  # fmt: skip
            self.made.append(Block("picture", self._sheet.number, alt=node.alt, place=place, is_tagged=True))
        for kid in inner:
            self._visit(kid, 0)

    def _table(self, node: Node) -> None:
        for kid in node.kids:
            if isinstance(kid, Node) and kid.kind == "Caption":
                self._text("paragraph", kid)
        lines = [row for row in node.walk() if row.kind == "TR"]
        table = Table([], (0, 0, 0, 0))
        for row in lines:
            cells = [kid for kid in row.kids if isinstance(kid, Node) and kid.kind in ("TH", "TD")]
            made = [Cell(self._words(kid, [], []), kid.across, kid.down, kid.kind == "TH") for kid in cells]
            inner = [kid for kid in cells if any(part.kind == "Table" for part in kid.walk())]
            table.is_sure = table.is_sure and not inner
            table.rows.append(made)
        table.rows = [row for row in table.rows if row]
        words = table.words
        if not words:
            return
        table.box = _around(words)
        parts = _parts(table)
        if len(parts) > 1:
            table.parts = [(self._sheet.number, _around(_words_of(part))) for part in parts]
        columns = _width(table)
        self._give_boxes(table)
        drawn = self._drawn(table) if columns is None else None
        if columns is None and drawn is None and _fill(table):
            columns = _width(table)
            # An empty place in a header: what stands beside it may reach over it, and no tag tells that.
            table.is_sure = table.is_sure and all(cell.words for cell in table.rows[0][1:] if cell.head)
        if drawn is not None:
            table = drawn
        elif columns is None:
            table.is_sure = False
        elif any(cell.head for cell in table.cells):
            heads = 0
            while heads < len(table.rows) and all(cell.head for cell in table.rows[heads]):
                heads += 1
            table.heads = min(heads, len(table.rows) - 1)
            table.edges = _edges(table, columns)
        else:
            find_heads(table, self._sheet.shades)
            table.edges = _edges(table, columns)
        settle_lines(table)
        part_rows(table)
        self.made.append(Block("table", self._sheet.number, table=table, is_tagged=True))

    def _give_boxes(self, table: Table) -> None:
        """How wide each cell is, where lines are drawn around it."""
        if self._ruled is None:
            self._ruled = ruled(self._sheet)
        boxes = {id(word): cell.box for other in self._ruled for cell in other.cells for word in cell.words}
        for cell in table.cells:
            if cell.words:
                cell.box = boxes.get(id(cell.words[0]), cell.box)

    def _drawn(self, table: Table) -> Table | None:
        """The table with the same words that lines make, for where the rows do not add up by their tags: what reaches
        over several columns or rows is seen there, as word processors tag no such thing.
        """
        wanted = {id(word) for word in table.words}
        for other in self._ruled or []:
            if {id(word) for word in other.words} == wanted:
                other.is_sure = table.is_sure and other.is_sure
                return other
        return None


def _is_row(block: Block) -> bool:
    """Whether a paragraph is in pieces with wide gaps between them, on every one of its lines."""
    if block.kind != "paragraph" or not block.is_tagged:
        return False
    found = rows(block.words)
    return bool(found) and all(len(row.pieces) > 1 for row in found)


def _is_block(kid: Node | int) -> bool:
    if isinstance(kid, int):
        return False
    return (
        kid.kind in _HEADINGS
        or kid.kind in _PARAGRAPHS
        or kid.kind in ("L", "Table", "Figure", "Note")
        or (kid.kind in _GROUPS and any(_is_block(inner) for inner in kid.kids))
    )


def _width(table: Table) -> int | None:
    """How many columns all rows have, with what reaches over several; None where they do not agree."""
    hanging: list[int] = []
    width = None
    for row in table.rows:
        total = sum(cell.across for cell in row) + len([left for left in hanging if left > 0])
        hanging = [left - 1 for left in hanging if left > 1]
        hanging += [cell.down - 1 for cell in row for _ in range(cell.across) if cell.down > 1]
        if width is None:
            width = total
        if total != width:
            return None
    return width


def _fill(table: Table) -> bool:
    """PDFium tells of no empty cell: its place is seen from where the others of its row begin. False where not."""
    if any(cell.across > 1 or cell.down > 1 for cell in table.cells):
        return False
    columns = max(map(len, table.rows))
    starts: list[float] = []
    # How far to the right each row's part of the table stands: another column of the page is further away.
    lefts = [_around(_words_of(part))[0] for part in _parts(table) for _ in part]
    for left, row in zip(lefts, table.rows, strict=True):
        if len(row) == columns:
            now = [min(word.x0 for word in cell.words) - left if cell.words else 1e9 for cell in row]
            starts = [min(a, b) for a, b in zip(starts, now, strict=True)] if starts else now
    if any(a >= b - 2 for a, b in pairwise(starts)) or starts[-1] > 1e8:
        return False
    for n, row in enumerate(table.rows):
        filled = [Cell() for _ in range(columns)]
        for cell in row:
            if not cell.words:
                continue
            x = min(word.x0 for word in cell.words) - lefts[n]
            at = max((i for i, start in enumerate(starts) if start <= x + 3), default=0)
            if filled[at].words:
                return False
            filled[at] = cell
        head = bool(row) and all(cell.head for cell in row)
        for cell in filled:
            cell.head = cell.head or head
        table.rows[n] = filled
    return True


def _around(words: list[Word]) -> Box:
    if not words:
        return (0.0, 0.0, 0.0, 0.0)
    return (
        min(word.x0 for word in words), min(word.top for word in words),
        max(word.x1 for word in words), max(word.bottom for word in words),
    )  # fmt: skip


def _words_of(rows_: list[list[Cell]]) -> list[Word]:
    return [word for row in rows_ for cell in row for word in cell.words]


def _parts(table: Table) -> list[list[list[Cell]]]:
    """The table's rows by the columns of the page they stand in: a row further up than the last begins one."""
    made: list[list[list[Cell]]] = []
    last = 0.0
    for row in table.rows:
        tops = [word.base for cell in row for word in cell.words]
        if not made or (tops and min(tops) < last - 20):
            made.append([])
        made[-1].append(row)
        last = max(tops, default=last)
    return made


def _edges(table: Table, columns: int) -> list[float]:
    """The beginnings of the columns, as the words of a row with a cell for each of them tell; and the end of the
    last."""
    for row in table.rows:
        if len(row) == columns and all(cell.words for cell in row):
            return [*(min(word.x0 for word in cell.words) for cell in row), table.box[2]]
    return [table.box[0] + n * (table.box[2] - table.box[0]) / columns for n in range(columns + 1)]


def in_lines(words: list[Word]) -> list[Line]:
    """Words in their own order, as lines: a new one where the letters stand on another line."""
    lines: list[Line] = []
    for word in words:
        last = lines[-1] if lines else None
        if last is not None:
            size = max(w.size for w in last.words)
            rise = last.words[0].base - word.base if not last.words[0].is_raised else 0.0
            is_mark = word.size < 0.85 * size and 0.1 * size < rise < 0.7 * size and len(word.text) <= 4
            if is_mark:
                word.is_raised = True
            before = last.words[-1]
            base = before.base if not before.is_raised else last.base
            if is_mark or abs(word.base - base) < 0.4 * size:
                last.words.append(word)
                continue
        lines.append(Line([word]))
    return lines
