"""The law of conservation for Word and OpenDocument: the words of each paragraph of a file stand on its page, together
and in their order. A paragraph that does not is named at its place.

It reads the file's own XML and shares nothing with what made the page. No Django here.
"""

from __future__ import annotations

import html as entities
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from core.sandbox.symbols import is_symbolic

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
# Parts that are taken away, and parts with a place of their own (`Paragraph`s within one another are judged by
# themselves).
_GONE = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sectPr")} | {
    f"{_MC}Choice", f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls",
    f"{_TEXT}hidden-text", f"{_TEXT}hidden-paragraph", f"{_TEXT}note-citation", f"{_TEXT}table-of-content",
}  # fmt: skip
_PARAGRAPHS = (f"{_W}p", f"{_TEXT}p", f"{_TEXT}h")
# The most letters between two pieces of a paragraph on the page: the number of a note, a sign.
_BETWEEN = 60
# The most places that are tried for the beginning of a paragraph.
_TRIED = 60
# Letters of a font of signs.
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_TAG = re.compile(r"<[^>]*>")
# An item's or a heading's number that was typed by hand stands as the list's own.
_MARKER = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3})*[.)]?|[A-Za-z][.)]|[•◦▪·–—*-])")
_MOST = 20
# Not with the words of the file: in a font of signs they are others than those that are seen.
_SAID = ' <span class="doc-left-out">Här står text i filen som inte visas på sidan.</span>'


def with_what_is_lost(path: str, html: str) -> tuple[str, int]:
    """The page with a sentence at the place of each paragraph that is not in it as the file has it; and how many."""
    if not html:
        return html, 0
    page = _Page(html)
    lost = [page.at for pieces in _paragraphs(path) if not page.holds(pieces)]
    for at in reversed(lost[:_MOST]):
        html = f"{html[:at]}{_SAID}{html[at:]}"
    return html, len(lost)


class _Page:
    """The letters of a page without blanks, each with its place in the HTML; `at` is the end of what was found last."""

    def __init__(self, html: str) -> None:
        letters: list[str] = []
        self._places: list[int] = []
        done = 0
        for tag in (*_TAG.finditer(html), None):
            end = tag.start() if tag else len(html)
            for found in re.finditer(r"&[#\w]+;|\S", html[done:end]):
                for letter in entities.unescape(found[0]):
                    if not letter.isspace():
                        letters.append(letter)
                        self._places.append(done + found.end())
            done = tag.end() if tag else end
        self._text = "".join(letters).casefold()
        # A paragraph is found by words that no other paragraph is found by.
        self._taken = bytearray(len(self._text))
        self._cursor = self.at = 0

    def holds(self, pieces: list[str]) -> bool:
        """Whether these stand one after the other, from what was found last on, or else anywhere."""
        for start in (self._cursor, 0):
            for wanted in (pieces, [_MARKER.sub("", pieces[0]), *pieces[1:]]):
                pieces_left = [piece for piece in wanted if piece]
                if not pieces_left:
                    return True
                if found := self._found(pieces_left, start):
                    for place, end in found:
                        self._taken[place:end] = b"\x01" * (end - place)
                    self._cursor = found[-1][1]
                    self.at = self._places[self._cursor - 1]
                    return True
        return False

    def _found(self, pieces: list[str], start: int) -> list[tuple[int, int]]:
        """From where to where each stands; nothing where they do not stand together, in letters not found before."""
        for _ in range(_TRIED):
            place = self._text.find(pieces[0], start)
            if place < 0:
                return []
            found = [(place, place + len(pieces[0]))]
            for piece in pieces[1:]:
                last = found[-1][1]
                following = self._text.find(piece, last, last + _BETWEEN + len(piece))
                if following < 0:
                    break
                found.append((following, following + len(piece)))
            is_whole = len(found) == len(pieces)
            if is_whole and not any(1 in self._taken[begins:ends] for begins, ends in found):
                return found
            start = place + 1
        return []


def _paragraphs(path: str) -> Iterator[list[str]]:
    """The pieces of words of each paragraph, without blanks, as they stand between tabs, breaks and signs."""
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        for name in ("word/document.xml", "content.xml"):
            if name in names:
                # SECURITY: `check_xml` has seen this part before; there is no DTD in it.
                try:
                    root = fromstring(package.read(name))
                except ParseError:
                    return
                signs = _styles_of_signs(root)
                for paragraph in _within(root):
                    words = _PRIVATE.sub("\n", "\n".join(_pieces(paragraph, signs))).split("\n")
                    pieces = ["".join(piece.split()).casefold() for piece in words]
                    if any(map(str.isalnum, "".join(pieces))):
                        yield [piece for piece in pieces if piece]


def _within(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in _GONE:
            continue
        if child.tag in _PARAGRAPHS:
            yield child
        yield from _within(child)


def _pieces(paragraph: Element, signs: frozenset[str]) -> list[str]:
    """`signs`: the styles whose letters are signs: those stand on the page as what they show."""
    made = [""]

    def gather(element: Element, *, is_odt: bool) -> None:
        for child in element:
            if child.tag in _GONE or child.tag in _PARAGRAPHS or _is_of_signs(child, signs):
                made.append("")
            elif child.tag == f"{_W}t":
                made[-1] += child.text or ""
            elif child.tag in (f"{_W}r", f"{_W}hyperlink", f"{_W}smartTag", f"{_W}ins", f"{_TEXT}span", f"{_TEXT}a"):
                made[-1] += (child.text or "") if is_odt else ""
                gather(child, is_odt=is_odt)
            elif not child.tag.startswith((f"{_W}bookmark", f"{_W}proofErr", f"{_W}lastRendered", f"{_TEXT}bookmark")):
                # Elements that hold words in a way of their own: they are words all the same.
                made.append((child.text or "") if child.tag.startswith(_TEXT) else "")
                gather(child, is_odt=is_odt)
                made.append("")
            if is_odt:
                made[-1] += child.tail or ""

    is_odt = paragraph.tag.startswith(_TEXT)
    made[-1] += (paragraph.text or "") if is_odt else ""
    gather(paragraph, is_odt=is_odt)
    return made


def _is_of_signs(run: Element, signs: frozenset[str]) -> bool:
    if run.get(f"{_TEXT}style-name") in signs:
        return True
    fonts = run.find(f"{_W}rPr/{_W}rFonts") if run.tag == f"{_W}r" else None
    return fonts is not None and any(map(is_symbolic, fonts.attrib.values()))


def _styles_of_signs(root: Element) -> frozenset[str]:
    """The names of an OpenDocument text's own styles whose letters are of a font of signs."""
    faces = {
        face.get(f"{_STYLE}name", "")
        for face in root.iter(f"{_STYLE}font-face")
        if any(map(is_symbolic, face.attrib.values()))
    }
    return frozenset(
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        for letters in style.iter(f"{_STYLE}text-properties")
        if any(value in faces or is_symbolic(value) for value in letters.attrib.values())
    )
