"""Text that runs along the pages, and is no part of the text: headers, footers, the numbers of pages."""

from __future__ import annotations

import itertools
import operator
import re
from collections import Counter

from core.sandbox.layout.lines import Row, rows
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.layout.tags import Node

# Only so many rows at either edge of a page can be furniture, and only in this part of its height.
EDGE_ROWS = 4
EDGE = 0.13
# Points from the edge of the text within which its first row, or its last, has all its words.
NEXT = 40.0
# A running row is at least so many times the size of the text from it.
APART = 1.6
_NUMBER = re.compile(
    r"(?:sida|sid|page|s\.)?\s*[-–(]?\s*#\s*[-–)]?\s*(?:(?:av|of|/)\s*#|\(\s*#\s*\))?[\s.]*", re.IGNORECASE
)
_HAS_NUMBER = re.compile(r"\b(?:sida|sid|page)\s*#|#\s*\(\s*#\s*\)|#\s*(?:av|of)\s*#|^#\s*/\s*#$", re.IGNORECASE)


_DATE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d\d?[./-]\d\d?[./-](?:\d\d){1,2}\b"
    r"|\b\d\d? (?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec)\w*\.? \d{4}\b",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\b(version|ver|utgåva|utg|revision|rev)(\.?\s*(?:nr\.?)?\s*:?\s*)\d+(?:\.\d+)*", re.IGNORECASE)
_PAGE = re.compile(
    r"(?P<before>\b(?:sida|sid|page|s\.)\s*[-–(]?\s*)(?P<named>\d{1,4})\b"
    r"(?P<all>\s*(?:\(\s*\d+\s*\)|(?:av|of|/)\s*\d+)|)"
    r"|\b(?P<of>\d{1,4})(?P<after>\s*(?:\(\s*\d+\s*\)|(?:av|of|/)\s*\d+))",
    re.IGNORECASE,
)
_BARE = re.compile(r"[-–]?\s*(\d{1,4})\s*[-–]?")


def _text(row: Row) -> list[str]:
    return [f"{piece.marker} {piece.text}".strip() for piece in row.pieces]


def _shape(row: Row) -> str:
    return re.sub(r"\d+", "#", "  ".join(piece.text for piece in row.pieces))


def _constant(row: Row, page: int) -> str:
    """The row but for what may differ from page to page: its number, dates and the version. A number of a page stands
    as its distance to the page it is on; a dose at the edge of two pages is then two rows.
    """

    def number(found: re.Match[str]) -> str:
        if found["named"]:
            return f"{found['before']}#{int(found['named']) - page}{found['all']}"
        return f"#{int(found['of']) - page}{found['after']}"

    made = []
    for text in _text(row):
        bare = _BARE.fullmatch(text)
        said = f"#{int(bare[1]) - page}" if bare else _PAGE.sub(number, _VERSION.sub(r"\1\2#", _DATE.sub("##", text)))
        made.append(said)
    return "  ".join(made)


def _edges(sheet: Sheet) -> tuple[list[Row], list[Row]]:
    """The rows at the upper edge, from the top, and those at the lower, from the bottom."""
    words = [word for word in sheet.words if not word.is_turned]
    top = rows(w for w in words if w.base < EDGE * sheet.height)
    bottom = rows(w for w in words if w.base > (1 - EDGE) * sheet.height)
    return top[:EDGE_ROWS], bottom[::-1][:EDGE_ROWS]


def furniture(sheets: list[Sheet], body: float, trees: list[Node | None]) -> list[frozenset[int]]:
    """For each page the ids of its words that are furniture: what is the same to the letter on most pages but for page
    number, dates and version, and stands apart from the text. `body`: the size of the running text.

    A line that no other page repeats is no running text if the file has tagged it as text, but for the numbers of
    pages.
    """
    edges = [_edges(sheet) for sheet in sheets]
    seen: dict[tuple[str, int, int], set[int]] = {}
    for page, both in enumerate(edges, start=1):
        for side, edge in enumerate(both):
            for row in edge:
                for near in _near(row):
                    seen.setdefault((_constant(row, page), side, near), set()).add(page)
    running = {key for key, pages in seen.items() if _is_on_most(pages, len(sheets))}
    made = []
    for page, (sheet, both, tree) in enumerate(zip(sheets, edges, trees, strict=True), start=1):
        taken: set[int] = set()
        tagged = frozenset(tree.marks()) if tree else frozenset[int]()
        for side, edge in enumerate(both):
            rest = _rest(sheet, side, edge)
            candidates: list[Row] = []
            last_apart = 0
            for n, row in enumerate(edge):
                following = edge[n + 1] if n + 1 < len(edge) else rest
                is_text = all(word.mark in tagged for word in row.words)
                repeated = any((_constant(row, page), side, near) in running for near in _near(row))
                if not repeated and not _is_alone(row, following, side, sheet, body, n, is_text=is_text):
                    break
                candidates.append(row)
                # A row that stands as close to the next as lines of one text do begins or ends that text.
                if not repeated or following is None or abs(following.base - row.base) > APART * max(body, row.size):
                    last_apart = n + 1
            for row in candidates[:last_apart]:
                taken |= {id(word) for word in row.words} | _markers(sheet, row)
        taken |= {id(word) for word in sheet.words if word.is_artifact}
        made.append(frozenset(taken))
    return made


def _is_on_most(pages: set[int], count: int) -> bool:
    """On more than half of all pages, or on nearly all left or all right ones; what the first page has may differ."""
    if len(pages) < 2:
        return False
    sides = [range(2, count + 1, 2), range(3, count + 1, 2)]
    return len(pages) > count / 2 or any(
        len(side) >= 2 and len(pages.intersection(side)) >= 0.8 * len(side) for side in sides
    )


def said(sheets: list[Sheet], taken: list[frozenset[int]]) -> list[tuple[int, str]]:
    """The furniture, each row once, in the order of its first page: 0 and the row that is on several pages, or the
    page and the row that is on that page alone. Left out are numbers of pages, and rows that the text has too.
    """
    pages_of = list(enumerate(zip(sheets, taken, strict=True), start=1))
    kept = [(page, word) for page, (sheet, gone) in pages_of for word in without(sheet, gone)]
    words_in_text = {word.text for _, word in kept}
    rows_in_text = {
        _constant(row, page)
        for page, words in itertools.groupby(kept, key=operator.itemgetter(0))
        for row in rows(word for _, word in words)
    }
    rows_of: dict[str, tuple[set[int], str, list[Word]]] = {}
    for page, (sheet, gone) in pages_of:
        for row in rows(word for word in sheet.words if id(word) in gone):
            text = " · ".join(filter(None, (_unnumbered(text, page) for text in _text(row))))
            if any(map(str.isalnum, text)) and _constant(row, page) not in rows_in_text:
                rows_of.setdefault(_VERSION.sub(r"\1\2#", _DATE.sub("##", text)), (set(), text, row.words))[0].add(page)
    found = []
    for pages, text, words in rows_of.values():
        # A table's header that the file repeats on each page is no text of its own.
        again = all(word.text in words_in_text and word.is_artifact for word in words)
        if not again or any(map(str.isdigit, text)):
            found.append((0 if len(pages) > 1 else min(pages), text))
    return found


def _unnumbered(text: str, page: int) -> str:
    """Without the number of the page, where it ends the text."""
    if _NUMBER.fullmatch(re.sub(r"\d+", "#", text).strip("•-– ")):
        return ""
    for found in _PAGE.finditer(text):
        if found.end() == len(text) and int(found["named"] or found["of"]) == page:
            return text[: found.start()].rstrip(" -–·|,")
    return text


def _near(row: Row) -> tuple[int, int]:
    return round(row.base / 4), round(row.base / 4 + 0.5)


def _rest(sheet: Sheet, side: int, edge: list[Row]) -> Row | None:
    if not edge:
        return None
    last = edge[-1].base
    words = [w for w in sheet.words if (w.base > last + 2 if side == 0 else w.base < last - 2) and not w.is_turned]
    if not words:
        return None
    # The row next to the edge is made of words near it.
    if side == 0:
        nearest = min(word.base for word in words)
        found = rows(word for word in words if word.base < nearest + NEXT) or rows(words)
        return found[0] if found else None
    nearest = max(word.base for word in words)
    found = rows(word for word in words if word.base > nearest - NEXT) or rows(words)
    return found[-1] if found else None


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
