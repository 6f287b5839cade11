"""The cuts of a text, so that an answer can be shown by itself: some sentences under one heading or on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core import markdown
from documents.models import Version

# The usual length of a passage, in characters; a sentence is never cut.
LENGTH = 350
MOST = 1500
_HEADING = re.compile(r'<h([2-6]) id="([^"]*)"[^>]*>(.*?)</h\1>', re.DOTALL)
_PAGE = re.compile(r'<span class="doc-page[a-z -]*" id="sida-(\d+)"></span>')
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-ZÅÄÖ0-9\"”])")


@dataclass(frozen=True)
class Piece:
    """Some sentences, and where they stand."""

    text: str
    heading: str = ""
    anchor: str = ""
    page: int | None = None


def pieces(version: Version, limit: int) -> list[Piece]:
    """The content of a version, in pieces, of at most `limit` characters of its text."""
    found: list[Piece] = []
    left = limit
    for section in _sections(version):
        for text in _cut(section.text[:left]):
            found.append(Piece(text, section.heading, section.anchor, section.page))
        left -= len(section.text)
        if left <= 0 or len(found) >= MOST:
            break
    return found[:MOST]


def _sections(version: Version) -> Iterator[Piece]:
    reading = version.read
    if not reading.html:
        pages = reading.text.split("\f")
        for number, text in enumerate(pages, 1):
            yield Piece(text, page=number)
        return
    before, *rest = _HEADING.split(reading.html)
    page: int | None = None
    for heading, anchor, html in [("", "", before), *_headed(rest)]:
        if begun := _PAGE.findall(heading):
            page = int(begun[-1])
        first, *marked = _PAGE.split(html)
        title = markdown.words(heading)[:300]
        yield Piece(markdown.plain(first), title, anchor[:200], page)
        # Text on a later page than its heading is found there.
        for begins, said in zip(marked[::2], marked[1::2], strict=True):
            page = int(begins)
            yield Piece(markdown.plain(said), title, "", page)
    if version.file and version.body:
        # Text written here is what is shown; the file's words are searched all the same.
        yield Piece(reading.text[len(markdown.plain(reading.html)) :])


def _headed(rest: list[str]) -> Iterator[tuple[str, str, str]]:
    for _level, anchor, heading, html in zip(*[iter(rest)] * 4, strict=True):
        yield heading, anchor, html


def _cut(text: str) -> Iterator[str]:
    """Into passages of whole sentences. A line is one by itself, unless it is short: a row of a list or of a table."""
    held: list[str] = []
    length = 0
    for line in text.splitlines():
        for sentence in _SENTENCE.split(line.strip()):
            if not sentence:
                continue
            if length + len(sentence) > LENGTH and held:
                yield "\n".join(held)
                held, length = [], 0
            held.append(sentence)
            length += len(sentence)
    if held:
        yield "\n".join(held)
