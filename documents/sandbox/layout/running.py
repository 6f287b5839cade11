"""What runs along the pages, and is no part of the text: headers, footers, the numbers of pages."""

from __future__ import annotations

import re
from collections import Counter

from documents.sandbox.layout.lines import Row, rows
from documents.sandbox.layout.sheet import Sheet, Word
from documents.sandbox.layout.tags import Node

# Only so many rows at either edge of a page can be furniture, and only in this part of its height.
EDGE_ROWS = 4
EDGE = 0.13
_NUMBER = re.compile(
    r"(?:sida|sid|page|s\.)?\s*[-–(]?\s*#\s*[-–)]?\s*(?:(?:av|of|/)\s*#|\(\s*#\s*\))?[\s.]*", re.IGNORECASE
)
_HAS_NUMBER = re.compile(r"\b(?:sida|sid|page)\s*#|#\s*\(\s*#\s*\)|#\s*(?:av|of)\s*#|^#\s*/\s*#$", re.IGNORECASE)


def _shape(row: Row) -> str:
    return re.sub(r"\d+", "#", row.line.text if len(row.pieces) == 1 else "  ".join(piece.text for piece in row.pieces))


def _edges(sheet: Sheet) -> tuple[list[Row], list[Row]]:
    """The rows at the upper edge, from the top, and those at the lower, from the bottom."""
    words = [word for word in sheet.words if not word.is_turned]
    top = rows(w for w in words if w.base < EDGE * sheet.height)
    bottom = rows(w for w in words if w.base > (1 - EDGE) * sheet.height)
    return top[:EDGE_ROWS], bottom[::-1][:EDGE_ROWS]


def furniture(sheets: list[Sheet], body: float, trees: list[Node | None]) -> list[frozenset[int]]:
    """For each page the ids of its words that are furniture. `body`: the size of the running text.

    What no other page repeats is none where the file has tagged it as text, but for the numbers of pages.
    """
    edges = [_edges(sheet) for sheet in sheets]
    seen: Counter[tuple[str, int, int]] = Counter()
    for top, bottom in edges:
        for side, edge in enumerate((top, bottom)):
            for key in {(_shape(row), side, near) for row in edge for near in _near(row)}:
                seen[key] += 1
    enough = max(2, 0.3 * len(sheets)) if len(sheets) > 2 else 2
    made = []
    for sheet, (top, bottom), tree in zip(sheets, edges, trees, strict=True):
        taken: set[int] = set()
        tagged = frozenset(tree.marks()) if tree else frozenset[int]()
        for side, edge in enumerate((top, bottom)):
            rest = _rest(sheet, side, edge)
            for n, row in enumerate(edge):
                repeated = any(seen[_shape(row), side, near] >= enough for near in _near(row))
                following = edge[n + 1] if n + 1 < len(edge) else rest
                is_text = all(word.mark in tagged for word in row.words)
                if repeated or _is_alone(row, following, side, sheet, body, n, is_text=is_text):
                    taken |= {id(word) for word in row.words}
                    taken |= _markers(sheet, row)
                else:
                    break
        taken |= {id(word) for word in sheet.words if word.is_artifact}
        made.append(frozenset(taken))
    return made


def _near(row: Row) -> tuple[int, int]:
    return round(row.base / 4), round(row.base / 4 + 0.5)


def _rest(sheet: Sheet, side: int, edge: list[Row]) -> Row | None:
    if not edge:
        return None
    last = edge[-1].base
    words = [w for w in sheet.words if (w.base > last + 2 if side == 0 else w.base < last - 2) and not w.is_turned]
    found = rows(words)
    return (found[0] if side == 0 else found[-1]) if found else None


def _markers(sheet: Sheet, row: Row) -> set[int]:
    """Words of the row that were taken for a list's marker: a dash, a number."""
    if not any(piece.marker for piece in row.pieces):
        return set()
    return {id(w) for w in sheet.words if abs(w.base - row.base) < 0.3 * row.size}


def _is_alone(row: Row, following: Row | None, side: int, sheet: Sheet, body: float, n: int, *, is_text: bool) -> bool:
    """Furniture of a page that no other page repeats: set apart, and small, or in pieces, or a page's number."""
    gap = abs((following.base if following else sheet.height / 2) - row.base)
    shape = _shape(row)
    small = row.size < 0.92 * body
    apart = gap > 2.0 * body
    if _NUMBER.fullmatch(shape.strip()) and (apart or small):
        return True
    if _HAS_NUMBER.search(shape) and apart and len(shape) < 120:
        return True
    if not apart or is_text:
        return False
    spread = len(row.pieces) > 1 and any(
        b.x0 - a.x1 > 0.2 * sheet.width for a, b in zip(row.pieces, row.pieces[1:], strict=False)
    )
    if spread and row.size <= 1.02 * body and not all(piece.bold for piece in row.pieces):
        return True
    is_note = any(word.is_raised for word in row.words[:1])
    if side == 0:
        return small and len(row.line.text) < 120
    return small and not is_note and len(row.line.text) < 120 and n == 0 and row.base > 0.92 * sheet.height


def body_size(sheets: list[Sheet]) -> float:
    """The size that most letters of the document have."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for word in sheet.words:
            sizes[round(word.size * 4) / 4] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def without(sheet: Sheet, taken: frozenset[int]) -> list[Word]:
    return [word for word in sheet.words if id(word) not in taken]
