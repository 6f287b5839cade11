"""A PDF read as a page: paragraphs, headings, lists, tables and notes in reading order, from tags or from places.

No Django here; runs in the confined process that reads files.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from core.sandbox.form_fields import Value
from core.sandbox.layout import claims, filled, flow, joining, kinds, links, running, struck, tagged, tags, written
from core.sandbox.layout.beside import take_captions
from core.sandbox.layout.blocks import Block
from core.sandbox.layout.cells import Table
from core.sandbox.layout.drawings import drawings, within
from core.sandbox.layout.frames import framed
from core.sandbox.layout.lines import rows
from core.sandbox.layout.sheet import Sheet, sheet
from core.sandbox.layout.tables import ruled
from core.sandbox.letters import Letters

# Seconds of work that may go to this in one file. A page that takes longer is shown as words.
SECONDS = 8.0
# No page that is written to be read has more words.
MAX_WORDS = 6000


@dataclass
class Reading:
    """The result of reading a document: `html`, not sanitised, and empty if nothing could be made of it.

    `pictured` counts tables that could not be rebuilt with certainty, `unkept` stretches of text that are not sure to
    say what the page does: both are shown as pictures. `fault` says where in this code it went wrong,
    or that it took too long; never anything of the file.
    """

    html: str = ""
    headings: list[str] = field(default_factory=list)
    title: str = ""
    pictured: int = 0
    unkept: int = 0
    fault: str = ""


class _TimeUp(Exception):
    pass


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raises `_TimeUp` in what runs longer on the processor than this. Only a process's first thread can be told so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Layout:
    """Looks at the pages of one document, one after the other, and then says what they are together."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._sheets: list[Sheet] = []
        self._trees: list[tags.Node | None] = []
        self._letters: list[Letters] = []
        self._left = SECONDS
        # Places of the struck letters in the text of the page that was looked at last.
        self.struck: frozenset[int] = frozenset()

    def look(self, page: Any, textpage: Any, own: Letters, values: list[Value]) -> tags.Node | None:
        """The page's tags. `own`: its letters, without those that are not seen; `values`: what its form shows."""
        import time

        tree: tags.Node | None = None
        started = time.process_time()
        self.struck = frozenset()
        try:
            with _within(self._left):
                tree = tags.tree(page)
                if self._left > 0:
                    made = sheet(page, textpage, len(self._sheets) + 1, own)
                    self.struck = struck.mark(page, textpage, made, own)
                    filled.fill(made, own, values)
                    links.follow(page, self._document, made)
                    if len(made.words) > MAX_WORDS:
                        self._left = 0.0
                    self._sheets.append(made)
                    self._trees.append(tree)
                    self._letters.append(own)
        except (_TimeUp, MemoryError):
            self._left = 0.0
        self._left -= time.process_time() - started
        return tree

    def read(self) -> Reading:
        """All that was looked at, as a page; an empty one where that took too long or could not be done."""
        if self._left <= 0:
            return Reading(fault="took too long")
        try:
            with _within(self._left):
                return read(self._sheets, self._trees, self._letters)
        except (_TimeUp, MemoryError):
            return Reading(fault="took too long")
        # A fault of ours on a file nobody thought of must not keep its words from being shown and found.
        except Exception as problem:
            frame = traceback.extract_tb(problem.__traceback__)[-1]
            return Reading(fault=f"{type(problem).__name__} {Path(frame.filename).name}:{frame.lineno}")


def read(sheets: list[Sheet], trees: list[tags.Node | None], pages: list[Letters]) -> Reading:
    """Facts that only all pages together tell. For each page: `trees` its tags, or None, and `pages` its letters."""
    body = running.body_size(sheets)
    taken = running.furniture(sheets, body, trees)
    beside = running.said(sheets, taken)
    furniture = [word for page, gone in zip(sheets, taken, strict=True) for word in page.words if id(word) in gone]
    vocabulary = joining.Vocabulary(word for page in sheets for word in page.words)
    pitch = flow.Pitch()
    if tagged.is_enough(sheets, trees, taken, body):
        blocks = tagged.blocks(sheets, trees, taken, pitch)
    else:
        blocks = _by_places(sheets, taken, pitch)
    if not blocks:
        return Reading()
    kinds.settle(blocks, body, len(pages))
    blocks = joining.joined(blocks)
    made, unkept = claims.settled(blocks, vocabulary, pages, furniture)
    return Reading(
        "\n".join(made) + written.beside(beside),
        [block.text for block in blocks if block.kind == "heading"],
        next((block.text for block in blocks if block.kind == "title"), ""),
        sum(block.table is not None and not block.table.is_sure for block in blocks),
        unkept,
    )


def _by_places(sheets: list[Sheet], taken: list[frozenset[int]], pitch: flow.Pitch) -> list[Block]:
    pages: list[tuple[Sheet, flow.Zones, list[Table]]] = []
    for page, furniture in zip(sheets, taken, strict=True):
        page.words = running.without(page, furniture)
        # Drawings first: their boxes and arrows would be taken for the lines of a table.
        drawn = drawings(page)
        page.figures = [(box, " ".join(row.line.text for row in rows(words))) for box, words in drawn]
        in_drawings = {id(word) for _, words in drawn for word in words}
        page.words = [word for word in page.words if id(word) not in in_drawings]
        tables = [table for table in ruled(page) if not any(within(table.box, box) for box, _ in drawn)]
        take_captions(page, tables)
        in_tables = {id(word) for table in tables for word in (*table.words, *table.caption)}
        boxes = [words for _, words in sorted(framed(page, tables), key=lambda found: found[0][1::-1])]
        by_themselves = in_tables | {id(word) for words in boxes for word in words}
        columns = flow.zones([word for word in page.words if id(word) not in by_themselves], page)
        for column in (*columns, *boxes):
            pitch.learn(rows(column, page.dots))
        pages.append((page, flow.Zones(columns, boxes), tables))
    return [block for page, zones, tables in pages for block in flow.read(page, zones, tables, pitch)]
