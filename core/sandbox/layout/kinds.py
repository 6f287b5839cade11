"""Which paragraphs are headings, and of what level; which are notes; which is the title."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import groupby, takewhile

from core.sandbox.layout.blocks import Block
from core.sandbox.layout.flow import GLUED, leads_to_page
from core.sandbox.layout.lines import BULLET

LARGER = 1.07
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\D")
_DOTS = re.compile(r"[.…·_]+")
_LEADER = re.compile(r"(?:[.…_]\s?){3,}\s*\d{1,3}$")
_CONTENTS = re.compile(r"innehåll(?:sförteckning)?:?|(?:table of )?contents:?", re.IGNORECASE)
_NOTE = re.compile(r"(\d{1,3}|[*†‡])")
MOST_LETTERS = 180
# More lines alike than this with nothing between them head nothing.
MOST_ON_END = 3


def settle(blocks: list[Block], body: float, pages: int) -> None:
    """Gives paragraphs their kinds, and headings their levels, in a document of so many pages. Text that the file
    itself has tagged is left alone.
    """
    _notes(blocks, body)
    is_mostly_bold = _bold_share(blocks) > 0.5
    for n, block in enumerate(blocks):
        if block.kind == "paragraph" and not block.is_tagged and _is_heading(block, body, is_mostly_bold, blocks, n):
            block.kind = "heading"
    _no_headings(blocks)
    title = _title(blocks, body)
    if title is not None:
        title.kind = "title"
    _contents(blocks, pages)
    _levels([block for block in blocks if block.kind == "heading" and not block.is_tagged])
    tagged = [block for block in blocks if block.kind == "heading" and block.is_tagged]
    depths = sorted({block.depth for block in tagged})
    for block in tagged:
        block.level = min(6, 2 + depths.index(block.depth))
    _without_leaps([block for block in blocks if block.kind == "heading"])


def _without_leaps(headings: list[Block]) -> None:
    """Each heading one level below the one it stands under: who moves by headings would look for those between."""
    over: list[int] = []
    for block in headings:
        while over and over[-1] >= block.level:
            over.pop()
        over.append(block.level)
        block.level = min(6, 1 + len(over))


def _no_headings(blocks: list[Block]) -> None:
    """Text that is too long to head anything, though it is tagged so; and many lines alike on end, as on a title
    page."""
    for block in blocks:
        if block.kind == "heading" and len(block.text) > MOST_LETTERS:
            block.kind = "paragraph"
    for style, run in groupby(blocks, lambda b: _style(b) if b.kind == "heading" and not b.is_tagged else None):
        alike = list(run)
        if style and len(alike) > MOST_ON_END and not any(_NUMBERED.match(block.text) for block in alike):
            for block in alike:
                block.kind = "paragraph"


def _bold_share(blocks: list[Block]) -> float:
    words = [word for block in blocks if block.kind in ("paragraph", "item") for word in block.words]
    return sum(len(w.text) for w in words if w.bold) / max(1, sum(len(w.text) for w in words))


def _is_heading(block: Block, body: float, is_mostly_bold: bool, blocks: list[Block], n: int) -> bool:
    text = block.text
    if len(block.lines) > 4 or len(text) > MOST_LETTERS or not any(map(str.isalpha, text)):
        return False
    if n + 1 == len(blocks) and len(blocks) > 1 and block.size < 1.3 * body:
        return False
    if block.size >= LARGER * body:
        return not text.endswith((".", ",", ";")) or block.size > 1.25 * body
    if not block.bold or is_mostly_bold or block.size < 0.93 * body:
        return False
    return len(block.lines) <= 2 and not text.endswith((".", ",", ";", ":"))


def _title(blocks: list[Block], body: float) -> Block | None:
    """The document's title: the largest heading, if it is the first and there is no other like it."""
    headings = [block for block in blocks if block.kind == "heading"]
    opening = blocks[0] if blocks else None
    if opening and opening.is_tagged and opening.kind == "paragraph" and opening.page == 1:
        # A title that is tagged as a paragraph, as word processors do.
        is_largest = opening.size > 1.3 * body and all(block.size < opening.size for block in headings)
        if is_largest:
            return opening
    first = next(iter(headings), None)
    if first is None or first.page != 1 or blocks.index(first) > 4:
        return None
    if first.is_tagged:
        others = [block.depth for block in headings[1:]]
        return first if others and first.depth < min(others) else None
    return first if all(block.size < 0.96 * first.size for block in headings[1:]) else None


def _levels(headings: list[Block]) -> None:
    numbers = [_NUMBERED.match(block.text) for block in headings]
    if len(headings) > 1 and sum(map(bool, numbers)) > 0.7 * len(headings):
        for block, number in zip(headings, numbers, strict=True):
            block.level = min(6, 2 + number[1].count(".")) if number else 2
        return
    styles = sorted({_style(block) for block in headings}, reverse=True)
    for block in headings:
        block.level = min(6, 2 + styles.index(_style(block)))


def _contents(blocks: list[Block], pages: int) -> None:
    """Lines of a list of contents: items that lead to their pages, without the dots and the numbers of those. Numbers
    that are no pages of the document, or that do not grow, are something else: doses, points, prices.
    """
    for block in blocks:
        if block.kind in ("paragraph", "item", "heading"):
            _part_dots(block)
    of_text = [block for block in blocks if block.kind in ("paragraph", "item", "heading")]
    found = [block for block in of_text if _leads(block)]
    if not found:
        found = _under_contents(
            [block for block in blocks if any(block is other for other in of_text) or block.kind == "title"]
        )
    numbers = [int(block.words[-1].text) for block in found]
    if len(found) < 3 or max(numbers) > pages or numbers != sorted(numbers):
        return
    for block in found:
        words = block.words
        number = words[-1].text
        kept = [word for word in words[:-1] if not _DOTS.fullmatch(word.text)]
        if not kept:
            continue  # the dots and the number alone: the end of a long line
        block.aside += [word for word in words if not any(word is other for other in kept)]
        kept[-1].text = re.sub(r"(?:\.\s?){3,}$|…+$", "", kept[-1].text) or kept[-1].text
        for word in kept:
            word.href = word.href or f"#sida-{number}"
        block.lines = [replace(block.lines[0], words=kept)]
        if block.kind != "item":
            block.kind, block.marker, block.indent = "item", BULLET, block.box[0]


def _part_dots(block: Block) -> None:
    """The dots after a word and the page's number are three words, though no blank parts them."""
    last = block.lines[-1]
    if glued := GLUED.fullmatch(last.words[-1].text):
        word, dots, number = glued.groups()
        pieces = last.words[-1].parted([text for text in (word, dots, number) if text])
        last.words[-1:] = [replace(piece, glued=False) for piece in pieces]


def _leads(block: Block) -> bool:
    words = block.words
    if len(block.lines) > 2 or len(words) < 2 or not re.fullmatch(r"\d{1,3}", words[-1].text):
        return False
    last = block.lines[-1]
    is_linked = [word.href.startswith("#sida-") for word in words]
    return all(is_linked) or (is_linked[0] and leads_to_page(last)) or bool(_LEADER.search(last.text))


def _under_contents(blocks: list[Block]) -> list[Block]:
    """Lines with a number far to the right and no dots before it: pages only under a heading that says so. Elsewhere
    the numbers may be points.
    """
    start = next((n for n, block in enumerate(blocks) if _CONTENTS.fullmatch(block.text)), None)
    if start is None:
        return []
    return list(takewhile(lambda block: leads_to_page(block.lines[-1]), blocks[start + 1 :]))


def _style(block: Block) -> tuple[float, bool]:
    return round(block.size), block.bold


def _notes(blocks: list[Block], body: float) -> None:
    """Notes: small, at the end of what stands on a page, each with its mark first."""
    by_page: Counter[int] = Counter()
    for block in reversed(blocks):
        if block.kind == "note":
            continue
        is_small = block.kind in ("paragraph", "item") and block.size < 0.9 * body
        if by_page[block.page] or not is_small:
            if block.kind != "table" or by_page[block.page]:
                by_page[block.page] = 1
            continue
        first, own = block.lines[0].words[0], block.lines[0].marker_word
        # A star marks an item, and a note too.
        marker = own.text if own is not None else block.marker
        if block.kind == "item" and _NOTE.fullmatch(marker.rstrip(".")):
            block.kind, block.marker = "note", marker.rstrip(".")
        elif _NOTE.fullmatch(first.text) and len(block.words) > 1:
            block.kind, block.marker = "note", first.text
            block.aside.append(first)
            block.lines[0].words = block.lines[0].words[1:]
        else:
            by_page[block.page] = 1
