"""Which letters of the pages each block claims to tell, and what is done where its words tell something else."""

from __future__ import annotations

from collections.abc import Iterable

from core.sandbox import conservation
from core.sandbox.conservation import Part, Span
from core.sandbox.layout.blocks import Block
from core.sandbox.layout.flow import insert
from core.sandbox.layout.joining import Vocabulary
from core.sandbox.layout.sheet import Word
from core.sandbox.layout.written import fragments
from core.sandbox.letters import Box, Letters

# Points between a picture and letters in no block that are shown with it.
NEAR = 14.0


def settled(
    blocks: list[Block], vocabulary: Vocabulary, pages: list[Letters], furniture: list[Word]
) -> tuple[list[str], int]:
    """The HTML of the document, block by block, with pictures of the blocks that do not say what their letters do, and
    of letters that are in no block; and how many stretches of text those are. A table is only marked, as not sure.

    `furniture`: words that stand beside the text.
    """
    told = fragments(blocks, vocabulary, len(pages))
    parts = [_part(block, html) for block, html in told]
    count = 0
    unkept = conservation.unkept(pages, parts)
    for n in unkept:
        block = told[n][0]
        assert block is not None
        if block.table is not None:
            block.table.is_sure = False
            continue
        at = next(place for place, other in enumerate(blocks) if other is block)
        blocks[at : at + 1] = _pictures(block)
        count += 1
    _merge(blocks)
    repeated = [word for block in blocks if block.table is not None for word in block.table.repeated]
    if unkept:
        told = fragments(blocks, vocabulary, len(pages))
        parts = [_part(block, html) for block, html in told]
    lost = conservation.unclaimed(pages, parts, _spans([*furniture, *repeated]))
    for page, box in lost:
        if not _is_taken_in(blocks, page, box):
            _place(blocks, Block("unkept", page, place=box))
            count += 1
    if lost:
        told = fragments(blocks, vocabulary, len(pages))
    return [html for _, html in told], count


def _part(block: Block | None, html: str) -> Part:
    if block is None or block.kind in ("picture", "unkept"):
        return Part(html, [])
    if block.table is not None:
        cells = [cell.words for cell in block.table.cells] if block.table.is_sure else []
        return Part(html, [_spans(words) for words in cells], is_table=True)
    markers = [line.marker_word for line in block.lines if line.marker_word is not None]
    words = block.words
    if 'class="doc-numbered"' in html:
        return Part(html, [_spans([*markers, *block.aside, *words])])
    return Part(html, [_spans(words)], _spans([*markers, *block.aside]))


def _spans(words: Iterable[Word]) -> list[Span]:
    return [(word.page, word.at, word.until) for word in words if word.at >= 0]


def _pictures(block: Block) -> list[Block]:
    """A picture of the block for each page it is on."""
    boxes: dict[int, Box] = {}
    markers = [line.marker_word for line in block.lines if line.marker_word is not None]
    for word in (*block.words, *markers, *block.aside):
        x0, y0, x1, y1 = boxes.get(word.page, (word.x0, word.top, word.x1, word.bottom))
        boxes[word.page] = min(x0, word.x0), min(y0, word.top), max(x1, word.x1), max(y1, word.bottom)
    return [Block("unkept", page, place=box) for page, box in sorted(boxes.items())]


def _merge(blocks: list[Block]) -> None:
    """Makes one picture of those that stand close below one another."""
    for n in range(len(blocks) - 1, 0, -1):
        above, below = blocks[n - 1], blocks[n]
        if above.kind == below.kind == "unkept" and above.page == below.page and _are_near(above.box, below.box):
            above.place = _union(above.box, below.box)
            del blocks[n]


def _union(one: Box, two: Box) -> Box:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])


def _is_taken_in(blocks: list[Block], page: int, box: Box) -> bool:
    """Whether letters stand so near a part that is shown as a picture that they become a part of it."""
    for block in blocks:
        table = block.table
        if (table is None and block.kind not in ("picture", "unkept")) or (table is not None and table.is_sure):
            continue
        parts = table.parts or [(block.page, table.box)] if table is not None else [(block.page, block.box)]
        for n, (at, own) in enumerate(parts):
            if at != page or not _are_near(own, box):
                continue
            whole = _union(own, box)
            if table is not None:
                table.parts = [*parts[:n], (at, whole), *parts[n + 1 :]]
            else:
                block.place = whole
            return True
    return False


def _are_near(one: Box, two: Box) -> bool:
    return one[0] - NEAR < two[2] and two[0] < one[2] + NEAR and one[1] - NEAR < two[3] and two[1] < one[3] + NEAR


def _place(blocks: list[Block], block: Block) -> None:
    """Puts a block among those of its page, or after those of the pages before it."""
    own = [other for other in blocks if other.page == block.page and other.kind != "note"]
    first = next((n for n, other in enumerate(blocks) if other.page >= block.page or other.kind == "note"), len(blocks))
    insert(own, block)
    blocks[first : first + len(own) - 1] = own
