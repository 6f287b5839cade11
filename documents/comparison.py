"""What differs between two versions of a document, in words: added, struck, changed, under which heading.

Compared is what readers are shown: the text written in the portal or read from the file. Differences are found as
Ratcliff and Obershelp's matching finds them (Python's `difflib`), first among paragraphs and then among the words of
those that changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from documents.models import Version

# Longer than this is not compared to its end: the page says so.
MAX_CHARS = 300_000
# Paragraphs with more words are told whole, before and after.
MAX_WORDS = 1_500
# How alike two paragraphs are (0 to 1) for the one to be the other, changed.
ALIKE = 0.4
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "li", "tr", "blockquote", "pre", "dt", "dd", "figcaption"}
# A word or a sign, with the blanks after it.
_WORDS = re.compile(r"(?:\w+|[^\w\s])\s*")


@dataclass(frozen=True)
class Block:
    """A paragraph, an item, a table's row (its cells divided by bars) or a heading."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Piece:
    """Some words: "same", "added" or "struck"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Entry:
    """A paragraph as it is in both, or what became of it: "same", "added", "struck" or "changed"."""

    kind: str
    pieces: tuple[Piece, ...]
    # Which of the changes it is, from 1; 0 for what is the same.
    ordinal: int = 0


@dataclass(frozen=True)
class Section:
    heading: str
    entries: list[Entry]

    @property
    def changes(self) -> int:
        return sum(entry.kind != "same" for entry in self.entries)


@dataclass(frozen=True)
class Comparison:
    sections: list[Section]
    # One of the texts was too long to be compared to its end.
    is_cut: bool

    @property
    def changes(self) -> int:
        return sum(section.changes for section in self.sections)

    @property
    def changed_sections(self) -> list[Section]:
        return [section for section in self.sections if section.changes]


def _ordinal(attributes: dict[str, str | None]) -> str:
    return (attributes.get("src") or "").rstrip("/").rpartition("/")[2]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._said: list[str] = []

    def _end(self, tag: str = "") -> None:
        text = " ".join("".join(self._said).split())
        self._said.clear()
        if text:
            self.blocks.append(Block(text, tag in _HEADINGS))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end()
        elif tag in ("td", "th") and "".join(self._said).strip():
            self._said.append(" | ")
        elif tag == "br":
            self._said.append(" ")
        elif tag == "img":
            told = dict(attrs)
            words = _("[Picture %(n)s: %(what)s]") % {"n": _ordinal(told), "what": told.get("alt") or "–"}
            self._said.append(f" {words} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end(tag)

    def handle_data(self, data: str) -> None:
        self._said.append(data)


def blocks_of(version: Version) -> tuple[list[Block], bool]:
    """What is shown of a version, paragraph by paragraph, and whether it was cut."""
    reading = version.read
    if reading.html:
        reader = _Reader()
        reader.feed(reading.html[:MAX_CHARS])
        reader.close()
        reader._end()
        return reader.blocks, len(reading.html) > MAX_CHARS
    paragraphs = re.split(r"\n\s*\n|\f", reading.text[:MAX_CHARS])
    texts = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return [Block(text) for text in texts if text], len(reading.text) > MAX_CHARS


def compare(older: Version, newer: Version) -> Comparison:
    """From the older to the newer. Time grows with the texts' length, not with how different they are."""
    before, cut_before = blocks_of(older)
    after, cut_after = blocks_of(newer)
    sections = [Section("", [])]
    ordinal = 0
    for kind, heading, pieces in _entries(before, after):
        if heading is not None:
            sections.append(Section(heading, []))
        if kind != "same":
            ordinal += 1
        if heading is None or kind != "same":
            sections[-1].entries.append(Entry(kind, pieces, ordinal if kind != "same" else 0))
    return Comparison([s for s in sections if s.entries], cut_before or cut_after)


def _entries(before: list[Block], after: list[Block]) -> Iterator[tuple[str, str | None, tuple[Piece, ...]]]:
    """Kind, the heading that begins with it (None for none), and its words."""
    matcher = SequenceMatcher(None, [b.text for b in before], [b.text for b in after])
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        if how == "equal":
            for block in after[j1:j2]:
                yield "same", block.text if block.is_heading else None, (Piece("same", block.text),)
            continue
        for old, new in _paired(before[i1:i2], after[j1:j2]):
            if old is None and new is not None:
                yield "added", new.text if new.is_heading else None, (Piece("added", new.text),)
            elif new is None and old is not None:
                yield "struck", None, (Piece("struck", old.text),)
            elif old and new:
                yield "changed", new.text if new.is_heading else None, tuple(_words(old.text, new.text))


def _paired(before: list[Block], after: list[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """Which paragraph became which, in order: each the first of those left that is like it."""
    taken, others = 0, [Counter(new.text.split()) for new in after]
    for old in before:
        own = Counter(old.text.split())
        # Looked for among a few: what has moved far is told as struck and added.
        near = range(taken, min(taken + 8, len(after)))
        found = next((j for j in near if old.is_heading == after[j].is_heading and _alike(own, others[j])), None)
        if found is None:
            yield old, None
            continue
        for new in after[taken:found]:
            yield None, new
        yield old, after[found]
        taken = found + 1
    for new in after[taken:]:
        yield None, new


def _alike(own: Counter[str], other: Counter[str]) -> bool:
    """By the share of words in common (Dice's coefficient), whatever their order."""
    return 2 * (own & other).total() >= ALIKE * (own.total() + other.total())


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > MAX_WORDS:
        yield from (Piece("struck", old), Piece("added", new))
        return
    for how, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if how == "equal":
            yield Piece("same", "".join(before[i1:i2]))
            continue
        if struck := "".join(before[i1:i2]).strip():
            yield Piece("struck", struck)
        if added := "".join(after[j1:j2]).strip():
            yield Piece("added", added)
