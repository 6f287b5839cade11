"""The pages of a version's file as pictures: which there are, which parts the text shows, and what is shown first."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from core.files import drawing
from core.files.types import CONTENT_TYPES
from documents.models import Document, Version

# How a reader's choice between text and pages is remembered, in their browser alone.
COOKIE = "visa"
TEXT, PAGES = "text", "sidor"
_FIGURE = re.compile(r'<span class="doc-image" id="doc-figur-(\d+)">([^<]*)</span>')
# Points of the file to dots of the page.
DOTS = 1.33
COOKIE_SECONDS = 365 * 86400
_PART = re.compile(r'<p class="doc-left-out" id="doc-ruta-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)">(.*?)</p>')


@dataclass(frozen=True)
class PageImage:
    """One page as a picture: its number, and its addresses at both widths."""

    number: int
    src: str
    large: str


def count(version: Version) -> int:
    """How many pages can be drawn; 0 where the file is none with pages."""
    if not version.file or version.file_type != CONTENT_TYPES["pdf"]:
        return 0
    return version.read.pages or 0


def images(version: Version, address: str) -> list[PageImage]:
    """`address`: that of the version's page, with the slash at its end."""
    small, large = drawing.WIDTHS
    return [
        PageImage(n, f"{address}sida/{n}/?bredd={small}", f"{address}sida/{n}/?bredd={large}")
        for n in range(1, count(version) + 1)
    ]


def parts(version: Version) -> set[tuple[int, ...]]:
    """Parts of pages that the version's text shows as pictures: the page, and left, top, right, bottom in points."""
    return {tuple(int(side) for side in found.groups()[:5]) for found in _PART.finditer(version.read.html)}


def asked(request: HttpRequest, version: Version, page: int) -> tuple[int, tuple[int, int, int, int] | None] | None:
    """The width and part that are asked for; None where there is no such picture of the version."""
    width = request.GET.get("bredd", str(drawing.WIDTHS[0]))
    if not 1 <= page <= count(version) or width not in map(str, drawing.WIDTHS):
        return None
    part = request.GET.get("ruta", "")
    if not part:
        return int(width), None
    # Only what the text shows: any other part would be one more picture to draw and keep.
    if not re.fullmatch(r"\d{1,5}(?:,\d{1,5}){3}", part):
        return None
    left, top, right, bottom = (int(side) for side in part.split(","))
    if (page, left, top, right, bottom) not in parts(version):
        return None
    return int(width), (left, top, right, bottom)


def figures(version: Version) -> set[int]:
    """The numbers of the pictures in the version's file that its text shows."""
    return {int(found[1]) for found in _FIGURE.finditer(version.read.html)}


def with_pictures(html: str, version: Version, address: str) -> str:
    """A version's finished HTML with its pictures, and with what could not be read as words as its part of the page."""
    if not version.file or version.body:
        return html

    def picture(found: re.Match[str]) -> str:
        # SECURITY: words of a file go into an attribute.
        alt = entities.escape(entities.unescape(found[2]))
        return f'<img src="{address}figur/{found[1]}/" alt="{alt}" loading="lazy">'

    html = _FIGURE.sub(picture, html)
    return _with_parts(html, address) if count(version) else html


def _with_parts(html: str, address: str) -> str:

    def picture(found: re.Match[str]) -> str:
        page, left, top, right, bottom = (int(side) for side in found.groups()[:5])
        query = urlencode({"bredd": drawing.WIDTHS[1], "ruta": f"{left},{top},{right},{bottom}"})
        words = entities.escape(entities.unescape(re.sub(r"<[^>]*>", "", found[6])))
        # At the size it has in the file; it scrolls by itself where the screen is narrower.
        size = f'width="{round((right - left) * DOTS)}" height="{round((bottom - top) * DOTS)}"'
        shown = f'<img src="{address}sida/{page}/?{entities.escape(query)}" {size} loading="lazy" alt="{words}">'
        around = f'<div class="scroll" tabindex="0" role="region" aria-label="{words}">{shown}</div>'
        return f'<figure class="doc-crop">{around}<figcaption>{found[6]}</figcaption></figure>'

    return _PART.sub(picture, html)


def shows_pages(request: HttpRequest, document: Document, version: Version) -> bool:
    """Whether pages are shown, and not the text: asked for now, chosen before, or set by the editor."""
    if not count(version):
        return False
    if not version.read.html and not version.read.text.strip():
        return True
    chosen = request.GET.get("visa") or request.COOKIES.get(COOKIE, "")
    if chosen in (TEXT, PAGES):
        return chosen == PAGES
    return document.pages_first
