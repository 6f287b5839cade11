"""Tables: from their ruled lines, or from what is aligned under one another.

A table of which it cannot be told which cell stands under which header is not guessed at: `is_sure` is false, and its
part of the page is shown as it is.
"""

from __future__ import annotations

import re
from itertools import pairwise

from core.sandbox.layout.cells import Cell, Table
from core.sandbox.layout.hidden_rows import part_rows, settle_lines, settle_turned
from core.sandbox.layout.lines import Line, Row, spans
from core.sandbox.layout.sheet import Rule, Sheet, Word
from core.sandbox.letters import Box

# Lines nearer than this are one, and lines that end nearer than this touch.
NEAR = 2.2
TOUCH = 3.5
MOST_CELLS = 3000
# Sizes of the type: how far one row of a table may stand from the next, and how near two names in its header.
MOST_STEP, LEAST_BETWEEN = 3.4, 0.4
# More lines than this that might touch one another are a drawing.
MOST_PAIRS = 60_000

_Span = tuple[float, float]
# The words of each line by the column they stand in.
_Lines = list[dict[int, list[Word]]]


# --- Ruled --------------------------------------------------------------------------------------------------


def _merged(rules: list[Rule], *, across: bool) -> list[Rule]:
    """Pieces of one line put together."""
    made: list[Rule] = []
    key = (lambda r: (r.y0, r.x0)) if across else (lambda r: (r.x0, r.y0))
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=key):
        at = rule.y0 if across else rule.x0
        if groups and at - (groups[-1][0].y0 if across else groups[-1][0].x0) < NEAR:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    for group in groups:
        at = sum((r.y0 if across else r.x0) for r in group) / len(group)
        for start, end in spans([(r.x0, r.x1) if across else (r.y0, r.y1) for r in group], TOUCH):
            made.append(Rule(start, at, end, at) if across else Rule(at, start, at, end))
    return made


def _touch(h: Rule, v: Rule) -> bool:
    return h.x0 - TOUCH <= v.x0 <= h.x1 + TOUCH and v.y0 - TOUCH <= h.y0 <= v.y1 + TOUCH


def _with_ends(steps: list[float], first: float, last: float, least: float) -> list[float]:
    """The steps with the ends that lines reach beyond them: a table is often open at its sides."""
    if not steps:
        return steps
    before, after = [first] * (steps[0] - first > least), [last] * (last - steps[-1] > least)
    return [*before, *steps, *after]


def _together(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Lines along and down the page that touch one another, group by group."""
    left = set(range(len(down)))
    waiting_across = set(range(len(across)))
    groups = []
    while left:
        new_down, new_across = {left.pop()}, set[int]()
        reached = set(new_down)
        while reached:
            touching = {a for a in waiting_across if any(_touch(across[a], down[d]) for d in reached)}
            waiting_across -= touching
            new_across |= touching
            reached = {d for d in left if any(_touch(across[a], down[d]) for a in touching)}
            left -= reached
            new_down |= reached
        groups.append(([across[a] for a in new_across], [down[d] for d in new_down]))
    return groups


def _steps(places: list[float]) -> list[float]:
    made: list[float] = []
    for place in sorted(places):
        if not made or place - made[-1] > TOUCH:
            made.append(place)
    return made


def ruled(sheet: Sheet) -> list[Table]:
    """The page's tables that lines make, from the top down; a box around a text is none."""
    across = _merged([r for r in sheet.rules if r.is_across], across=True)
    down = _merged([r for r in sheet.rules if not r.is_across and r.y1 - r.y0 > 4], across=False)
    found: list[Table] = []
    if len(across) * len(down) > MOST_PAIRS:
        return found
    for along, upright in _together(across, down):
        xs, ys = _steps([r.x0 for r in upright]), _steps([r.y0 for r in along])
        if along:
            xs = _with_ends(xs, min(r.x0 for r in along), max(r.x1 for r in along), 12)
        if upright:
            ys = _with_ends(ys, min(r.y0 for r in upright), max(r.y1 for r in upright), 8)
        n, m = len(xs) - 1, len(ys) - 1
        if n < 2 or m < 1 or n * m > MOST_CELLS:
            continue
        table = _grid(sheet, xs, ys, along, upright)
        if table is not None:
            found.append(table)
    for inner in list(found):
        if around := [table for table in found if table is not inner and _is_inside(inner.box, table.box)]:
            # A table in a cell of another: the two together are shown as they are.
            around[0].is_sure = False
            found.remove(inner)
    return sorted(found, key=lambda table: (table.box[1], table.box[0]))


def _is_inside(box: Box, other: Box) -> bool:
    return other[0] - 1 < box[0] and other[1] - 1 < box[1] and box[2] < other[2] + 1 and box[3] < other[3] + 1


def _grid(sheet: Sheet, xs: list[float], ys: list[float], along: list[Rule], upright: list[Rule]) -> Table | None:
    # An upright line that ends between two others parts what is above its end from what is below, without a line there.
    ends = [
        (y, r)
        for r in upright
        for y in (r.y0, r.y1)
        if ys[0] + 8 < y < ys[-1] - 8 and min(abs(y - at) for at in ys) > 6
    ]
    for y, _ in ends:
        if min(abs(y - at) for at in ys) > 6:
            ys = sorted([*ys, y])
    n, m = len(xs) - 1, len(ys) - 1
    owner = {(y, x): (y, x) for y in range(m) for x in range(n)}

    def walled(y: int, x: int, *, below: bool) -> bool:
        if below:
            middle = (xs[x] + xs[x + 1]) / 2
            if any(abs(y_ - ys[y + 1]) < 6 and min(abs(r.x0 - xs[x]), abs(r.x0 - xs[x + 1])) < TOUCH for y_, r in ends):
                return True
            return any(abs(r.y0 - ys[y + 1]) < TOUCH and r.x0 <= middle <= r.x1 for r in along)
        middle = (ys[y] + ys[y + 1]) / 2
        return any(abs(r.x0 - xs[x + 1]) < TOUCH and r.y0 <= middle <= r.y1 for r in upright)

    def find(place: tuple[int, int]) -> tuple[int, int]:
        while owner[place] != place:
            place = owner[place]
        return place

    for y in range(m):
        for x in range(n):
            if x + 1 < n and not walled(y, x, below=False):
                owner[max(find((y, x)), find((y, x + 1)))] = min(find((y, x)), find((y, x + 1)))
            if y + 1 < m and not walled(y, x, below=True):
                owner[max(find((y, x)), find((y + 1, x)))] = min(find((y, x)), find((y + 1, x)))
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place in owner:
        groups.setdefault(find(place), []).append(place)
    table = Table([[] for _ in range(m)], (xs[0], ys[0], xs[-1], ys[-1]), xs)
    table.is_sure = not any(_is_half_drawn(xs, ys, y, x, upright) for y in range(m) for x in range(n + 1))
    places: dict[tuple[int, int], Cell] = {}
    for (y, x), members in sorted(groups.items()):
        y_end, x_end = max(p[0] for p in members) + 1, max(p[1] for p in members) + 1
        if len(members) != (y_end - y) * (x_end - x):
            table.is_sure = False
        cell = Cell([], x_end - x, y_end - y, box=(xs[x], ys[y], xs[x_end], ys[y_end]))
        table.rows[y].append(cell)
        places.update(dict.fromkeys(members, cell))
    settle_turned(table, sheet.words)
    for word in sheet.words:
        middle = (word.x0 + word.x1) / 2
        if not (xs[0] <= middle <= xs[-1] and ys[0] <= word.middle <= ys[-1]) or word.is_turned:
            continue
        x = next(i for i in range(n) if middle <= xs[i + 1] + 0.001)
        y = next(i for i in range(m) if word.middle <= ys[i + 1] + 0.001)
        cell = places[y, x]
        cell.words.append(word)
        if word.x0 < cell.box[0] - 3 or word.x1 > cell.box[2] + 3:
            table.is_sure = False
    if sum(bool(cell.words) for cell in table.cells) < 2:
        return None
    if all(len(row) <= 1 for row in table.rows):
        return None
    settle_lines(table)
    find_heads(table, sheet.shades)
    part_rows(table)
    return table


def _is_half_drawn(xs: list[float], ys: list[float], y: int, x: int, upright: list[Rule]) -> bool:
    """Whether a line goes along only a part of a row's height: then it is no wall of a cell, but of something else."""
    top, bottom = ys[y], ys[y + 1]
    at = [r for r in upright if abs(r.x0 - xs[x]) < TOUCH]
    covered = sum(max(0.0, min(r.y1, bottom) - max(r.y0, top)) for r in at)
    return 0.25 < covered / (bottom - top) < 0.75


def find_heads(table: Table, shades: list[Box]) -> None:
    """Which rows head the columns, and whether the first column heads the rows: by bold letters, or by a shade."""
    from_above: list[bool] = []
    reach = 0
    width = sum(cell.across for cell in table.rows[0])
    for y, row in enumerate(table.rows):
        filled = [cell for cell in row if cell.words]
        bold = bool(filled) and all(cell.bold for cell in filled)
        shaded = bool(filled) and all(_is_shaded(cell, shades) for cell in filled)
        # A line of its own over a part of the table heads the rows below it, and no column.
        is_part = y > 0 and filled == row[:1] and sum(cell.across for cell in row) == width
        from_above.append(not is_part and (bold or shaded or (not filled and y < reach)))
        reach = max([reach, *(y + cell.down for cell in row)])
    heads = 0
    while heads < len(from_above) and from_above[heads]:
        heads += 1
    if heads == len(table.rows):
        heads = 1 if len(table.rows) > 1 and not all(cell.bold for cell in table.rows[-1] if cell.words) else 0
    # Cells that reach out of the header rows would head nothing.
    while heads and any(y + cell.down > heads for y, row in enumerate(table.rows[:heads]) for cell in row):
        heads -= 1
    mark_heads(table, heads)


def mark_heads(table: Table, heads: int) -> None:
    table.heads = heads
    for row in table.rows[:heads]:
        for cell in row:
            cell.head = True
    body = table.rows[heads:]
    firsts = [row[0] for row in body if row and row[0].words]
    others = [cell for row in body for cell in row[1:] if cell.words]
    if firsts and others and all(cell.bold for cell in firsts) and not any(cell.bold for cell in others):
        for cell in firsts:
            cell.head = True


def _is_shaded(cell: Cell, shades: list[Box]) -> bool:
    if not cell.words:
        return False
    x = (cell.words[0].x0 + cell.words[0].x1) / 2
    y = cell.words[0].middle
    return any(s[0] <= x <= s[2] and s[1] <= y <= s[3] and s[3] - s[1] < 60 for s in shades)


# --- Aligned ------------------------------------------------------------------------------------------------


def aligned(flow: list[Row], sheet: Sheet) -> list[tuple[int, int, Table]]:
    """Tables without upright lines among these rows: from which row to which (not with it), and the table."""
    found: list[tuple[int, int, Table]] = []
    start = 0
    while start < len(flow):
        if len(flow[start].pieces) < 2:
            start += 1
            continue
        end = _reach(flow, start)
        table = _from_rows(flow[start:end], sheet)
        if table is not None:
            is_free = start > 0 and (not found or found[-1][1] < start)
            header = _in_columns(flow[start - 1], table, flow[start]) if is_free else None
            if header is not None and (headed := _from_rows([header, *flow[start:end]], sheet)) is not None:
                start, table = start - 1, headed
            found.append((start, end, table))
            start = end
        else:
            start = max(end, start + 1) if end - start > 3 else start + 1
    return found


def _in_columns(row: Row, table: Table, below: Row) -> Row | None:
    """A line of bold words over a table, parted where its columns are: names of columns as wide as those stand close.
    None where it is no header.
    """
    words = row.line.words
    if row.line.marker or table.heads or not row.line.bold or below.line.bold:
        return None
    if below.base - row.base > MOST_STEP * max(row.size, below.size):
        return None
    pieces = [Line(words[:1])]
    for before, word in pairwise(words):
        if word.x0 - before.x1 > LEAST_BETWEEN * row.size:
            pieces.append(Line([]))
        pieces[-1].words.append(word)
    columns = list(pairwise(table.edges))
    if len(pieces) != len(columns):
        return None
    over = all(min(piece.x1, right) > max(piece.x0, left) for piece, (left, right) in zip(pieces, columns, strict=True))
    return Row(pieces) if over else None


def _reach(flow: list[Row], start: int) -> int:
    """How far a table that begins with this row may go: rows in pieces, and what is aligned with those."""
    starts: list[float] = [piece.x0 for piece in flow[start].pieces]
    end = last = start + 1
    while end < len(flow):
        row, before = flow[end], flow[end - 1]
        gap = row.base - before.base
        if gap > MOST_STEP * max(row.size, before.size):
            break
        if any(piece.marker == "•" for piece in row.pieces[:1]) and len(row.pieces) == 1:
            break
        if len(row.pieces) > 1:
            starts += [piece.x0 for piece in row.pieces]
            end += 1
            last = end
            continue
        piece = row.pieces[0]
        columns = sorted({round(x) for x in starts})
        at = next((i for i, x in enumerate(columns) if abs(piece.x0 - x) < 3), None)
        if at is None:
            break
        beyond = [x for x in columns if x > columns[at] + 6]
        if beyond and piece.x1 > beyond[0] - 1:
            break
        if not beyond and at == 0:
            break
        end += 1
    # A last row with one piece at the far left is rather the text that follows.
    while end > last and _is_text_again(flow, end - 1, min(starts)):
        end -= 1
    return end


def _is_text_again(flow: list[Row], n: int, left: float) -> bool:
    row = flow[n]
    return row.pieces[0].x0 <= left + 3 and row.base - flow[n - 1].base > 1.6 * row.size


def _columns(region: list[Row]) -> list[_Span]:
    """The places of the columns: a stretch that no word of any row covers parts them."""
    size = min(row.size for row in region)
    many = [row for row in region if len(row.pieces) > 1]
    full = max(len(row.pieces) for row in many)
    wide = [(word.x0, word.x1) for row in region for word in row.words]
    found = spans(wide, 0.62 * size)
    if len(found) < full:
        # Something reaches over several columns: a header, perhaps.
        below = [row for n, row in enumerate(region) if n > 1]
        if below:
            found = spans([(w.x0, w.x1) for row in below for w in row.words], 0.62 * size)
    return found


def _is_prose(region: list[Row], columns: list[_Span]) -> bool:
    """Whether these are columns of running text and not of a table: every line filled, and full of words."""
    if len(columns) not in (2, 3):
        return False
    for left, right in columns:
        lines = [[w for w in row.words if left - 1 <= w.x0 <= right + 1] for row in region]
        lines = [words for words in lines if words]
        if not lines:
            return False
        width = right - left
        fill = sum((max(w.x1 for w in words) - min(w.x0 for w in words)) / width for words in lines) / len(lines)
        count = sum(map(len, lines)) / len(lines)
        if fill < 0.68 or count < 3.4 or len(lines) < 3:
            return False
    return True


def _is_justified(region: list[Row]) -> bool:
    """Lines of a narrow column that is set to fill it have gaps too; but all reach from edge to edge."""
    left, right = min(row.x0 for row in region), max(row.x1 for row in region)
    return sum(row.x1 > right - 1.5 and row.x0 < left + 2 for row in region) >= 0.75 * len(region)


def _leads_to_pages(region: list[Row]) -> bool:
    """Whether these are lines of a list of contents: each with a page's number last, and a link to it or dots before.
    Numbers alone tell nothing: they may be points.
    """
    lines = [row.line for row in region]
    leading = [
        line
        for line in lines
        if re.fullmatch(r"\d{1,3}", line.words[-1].text)
        and (line.words[0].href.startswith("#sida-") or re.search(r"(?:[.…]\s?){4,}", line.text))
    ]
    return len(leading) > 2 and len(leading) >= 0.7 * len(lines)


def _from_rows(region: list[Row], sheet: Sheet) -> Table | None:
    several = sum(len(row.pieces) > 1 for row in region)
    if len(region) < 2:
        return None
    is_headed = all(piece.bold for piece in region[0].pieces) and not any(piece.bold for piece in region[1].pieces[-1:])
    if several < (2 if is_headed else 3) or _is_justified(region) or _leads_to_pages(region):
        return None
    columns = _columns(region)
    if len(columns) < 2 or len(columns) * len(region) > MOST_CELLS or _is_prose(region, columns):
        return None
    cells: _Lines = []
    is_sure = True
    for row in region:
        line: dict[int, list[Word]] = {}
        for piece in row.pieces:
            if piece.marker:
                is_sure = False
        for word in row.words:
            at = [n for n, (left, right) in enumerate(columns) if word.x0 >= left - 1.5 and word.x1 <= right + 1.5]
            if len(at) != 1:
                is_sure = False
                at = at[:1] or [0]
            line.setdefault(at[0], []).append(word)
        cells.append(line)
    breaks = _row_breaks(region, cells, sheet, columns)
    if breaks is None:
        is_sure = False
        breaks = list(range(len(region)))
    box = (columns[0][0], region[0].top, columns[-1][1], region[-1].base + 0.3 * region[-1].size)
    table = Table(
        [], box, [columns[0][0], *[(a[1] + b[0]) / 2 for a, b in pairwise(columns)], columns[-1][1]], is_sure=is_sure
    )
    for start, end in pairwise([*breaks, len(region)]):
        width = range(len(columns))
        table.rows.append([Cell([w for line in cells[start:end] for w in line.get(n, [])]) for n in width])
    if len(table.rows) < 2:
        return None
    filled = sum(bool(cell.words) for cell in table.cells) / len(table.cells)
    if filled < 0.5:
        table.is_sure = False
    settle_lines(table)
    find_heads(table, sheet.shades)
    for header in table.rows[: table.heads]:
        # An empty place in a header: what stands beside or over it may reach over it, and that is not seen.
        if any(not cell.words for cell in header[1:]):
            table.is_sure = False
    part_rows(table)
    return table


def _row_breaks(region: list[Row], cells: _Lines, sheet: Sheet, columns: list[_Span]) -> list[int] | None:
    """The lines that begin a row of the table, or None where it cannot be told."""
    bands = _bands(region, sheet, columns)
    breaks: list[int] = []
    for start, end in pairwise([*bands, len(region)]):
        inner = _breaks_within(region, cells, start, end, by_lines=len(bands) > 2 and end - start <= 4)
        if inner is None:
            return None
        breaks += inner
    return breaks


def _bands(region: list[Row], sheet: Sheet, columns: list[_Span]) -> list[int]:
    """The first line below each ruled line that goes through the table."""
    left, right = columns[0][0], columns[-1][1]
    lines = _merged([r for r in sheet.rules if r.is_across], across=True)
    through = [r.y0 for r in lines if r.x0 < left + 15 and r.x1 > right - 0.35 * (right - left)]
    found = [0]
    for n, (above, below) in enumerate(pairwise(region), 1):
        if any(above.base - 0.1 * above.size < y < below.base - 0.5 * below.size for y in through):
            found.append(n)
    return found


def _breaks_within(region: list[Row], cells: _Lines, start: int, end: int, *, by_lines: bool) -> list[int] | None:
    if end - start == 1:
        return [start]
    full = max(len(line) for line in cells)
    if by_lines:
        # Ruled between all rows: what stands between two lines is one row.
        return [start]
    gaps = [b.base - a.base for a, b in pairwise(region[start:end])]
    ordered = sorted(gaps)
    step, at = max(((b / max(a, 0.1), n) for n, (a, b) in enumerate(pairwise(ordered))), default=(1.0, 0))
    if step > 1.18 and ordered[at] < 1.75 * region[start].size:
        limit = (ordered[at] + ordered[at + 1]) / 2
        return [start, *[start + n + 1 for n, gap in enumerate(gaps) if gap > limit]]
    goes_on = [_goes_on(cells[n]) for n in range(start, end)]
    if any(goes_on):
        # All lines are equally far apart. Small letters first in every cell of a line: it goes on from the one above.
        clear = all(_begins(cells[n]) and 0 in cells[n] for n in range(start, end) if not goes_on[n - start])
        if goes_on[0] or not clear:
            return None
        return [n for n in range(start, end) if not goes_on[n - start]]
    if all(0 in line and len(line) >= max(2, full - 1) for line in cells[start:end]):
        return list(range(start, end))
    return None


def _goes_on(line: dict[int, list[Word]]) -> bool:
    return all(words[0].text[:1].islower() for words in line.values())


def _begins(line: dict[int, list[Word]]) -> bool:
    return not any(words[0].text[:1].islower() for words in line.values())
