"""Which words of a PDF's page lead where. No Django here."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from typing import Any

from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.letters import Box, Turn

MAX_LINKS = 2000


def follow(page: Any, document: Any, made: Sheet) -> None:
    """Gives the words under each link of the page its address."""
    import pypdfium2.raw as pdfium

    turn = Turn(page, pdfium)
    place, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    beyond: list[Word] = []
    for _ in range(MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, ctypes.byref(place), ctypes.byref(link)):
            break
        href = _address(link, document, pdfium)
        if not href:
            continue
        for x0, y0, x1, y1 in _areas(link, pdfium, turn):
            for word in made.words:
                if x0 - 1 <= (word.x0 + word.x1) / 2 <= x1 + 1 and y0 - 1 <= word.middle <= y1 + 1:
                    word.href = href
                    if word.x1 - x1 > 0.5:
                        beyond.append(word)
    for word in beyond:
        _without_stop(made.words, word)


def _without_stop(words: list[Word], word: Word) -> None:
    """The stop after an address is no part of it, though the file has both as one word."""
    stem = word.text.rstrip(".,;:!?)”»")
    if not stem or stem == word.text:
        return
    first, rest = word.parted([stem, word.text[len(stem) :]])
    stop = replace(rest, href="", glued=True)
    word.x1 = stop.x0 = word.x1 - (word.x1 - word.x0) * len(stop.text) / len(word.text) / 2
    word.text, word.until = stem, first.until
    words.insert(next(n for n, other in enumerate(words) if other is word) + 1, stop)


def _areas(link: Any, pdfium: Any, turn: Turn) -> list[Box]:
    count = pdfium.FPDFLink_CountQuadPoints(link)
    found = []
    for n in range(min(max(count, 0), 50)):
        quad = pdfium.FS_QUADPOINTSF()
        if pdfium.FPDFLink_GetQuadPoints(link, n, ctypes.byref(quad)):
            xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            found.append(turn.box(min(xs), min(ys), max(xs), max(ys)))
    if not found:
        rect = pdfium.FS_RECTF()
        if pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
            found.append(turn.box(rect.left, rect.bottom, rect.right, rect.top))
    return found


def _address(link: Any, document: Any, pdfium: Any) -> str:
    action = pdfium.FPDFLink_GetAction(link)
    if action and pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_URI:
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        if not 1 < size < 3000:
            return ""
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        return buffer.value.decode("utf-8", "ignore")
    target = pdfium.FPDFLink_GetDest(document, link)
    if not target and action and pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_GOTO:
        target = pdfium.FPDFAction_GetDest(document, action)
    if target:
        index = pdfium.FPDFDest_GetDestPageIndex(document, target)
        if index >= 0:
            return f"#sida-{index + 1}"
    return ""
