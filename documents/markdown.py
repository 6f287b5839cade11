"""Written text to readable HTML: Markdown and what a DOCX said, with the same headings, call-outs and tables.

What comes out is safe to put in a page as it is: it has been through the sanitiser, and what is added
afterwards is markup of our own with escaped text.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass
from functools import cache

import nh3
from django.utils import translation
from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from documents.sandbox.text import clean_text

_TAG_LIST = (
    "a blockquote br caption code dd del dl dt em h2 h3 h4 h5 h6 hr li ol p pre s strong sub sup "
    "table tbody td tfoot th thead tr ul"
)
_TAGS = frozenset(_TAG_LIST.split())
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "td": {"class"}, "th": {"class"}}
_NUMBER = re.compile(r"(?=[^/]*\d)[A-ZÅÄÖ]{2,8}-[0-9][0-9A-Za-z._-]*/?")
_HEADING = re.compile(r"<h([2-6])(?: id=\"([^\"]*)\")?>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"</(?:p|h[2-6]|li|tr|blockquote|dt|dd|caption|pre)>|<(?:br|hr)\s*/?>")
_TABLE_TAG = re.compile(r"<(/?)table(?:\s[^>]*)?>")
_QUOTE_TAG = re.compile(r"<(/?)blockquote>")
# Words that make a quotation a call-out.
_CALLOUT = re.compile(r"\s*<p>\s*<strong>\s*(Viktigt|Observera|Varning)\s*:?\s*</strong>\s*:?\s*")


@dataclass(frozen=True)
class Heading:
    """A heading of a text: its level (2 to 6), its id in the page, and its words."""

    level: int
    id: str
    text: str


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def render(body: str) -> str:
    """Markdown (CommonMark with tables; HTML in it is shown as text) to HTML that may be put in a page."""
    parser = _parser()
    tokens = parser.parse(clean_text(body))
    for token in tokens:
        # The page's own heading is the only one of the first level.
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
    return finish(_sanitise(parser.renderer.render(tokens, parser.options, {})))


def _sanitise(html: str) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return _href(value)
        if attribute == "start":
            return value if value.isascii() and value.isdigit() and len(value) <= 4 else None
        return value if (attribute, value) == ("class", "n") else None

    return nh3.clean(
        # Columns of figures: no inline styles may stay, so the alignment becomes a class.
        html.replace('style="text-align:right"', 'class="n"'),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def _href(value: str) -> str | None:
    """The address of a link, or None: the web, mail and telephone, this portal's own paths, or a document's
    number.
    """
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return f"/dokument/{value.rstrip('/')}/"
    # SECURITY: `//host` and `/\host` lead out of the portal while they look like paths of it.
    if value.startswith("#") or (value.startswith("/") and value[1:2] not in ("/", "\\")):
        return value
    return value if value.lower().startswith(("https://", "http://", "mailto:", "tel:")) else None


def finish(html: str) -> str:
    """Ids on headings, call-outs, and tables that scroll by themselves. `html` must be sanitised already.

    Used for Markdown and for what was read from a DOCX alike; the labels of tables are Swedish, as the text
    is.
    """
    return _scrolling_tables(_callouts(_heading_ids(html)))


def _heading_ids(html: str) -> str:
    used: set[str] = set()

    def with_id(match: re.Match[str]) -> str:
        # The prefix keeps a heading of a document from taking the id of a part of the page.
        stem = "s-" + (slugify(_words(match[3]))[:60].strip("-") or "avsnitt")
        slug, n = stem, 1
        while slug in used:
            n += 1
            slug = f"{stem}-{n}"
        used.add(slug)
        return f'<h{match[1]} id="{slug}">{match[3]}</h{match[1]}>'

    return _HEADING.sub(with_id, html)


def _outermost(html: str, tag: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where each outermost element of a tag begins and ends; what is never closed is left alone."""
    found, depth, start = [], 0, 0
    for match in tag.finditer(html):
        if not match[1]:
            if depth == 0:
                start = match.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                found.append((start, match.end()))
    return found


def _callouts(html: str) -> str:
    for start, end in reversed(_outermost(html, _QUOTE_TAG)):
        inner = html[start + len("<blockquote>") : end - len("</blockquote>")]
        if word := _CALLOUT.match(inner):
            body = "<p>" + inner[word.end() :]
            html = (
                html[:start]
                + f'<div class="callout"><p><strong>{escape(word[1])}</strong></p>{body}</div>'
                + html[end:]
            )
    return html


def _scrolling_tables(html: str) -> str:
    spots = _outermost(html, _TABLE_TAG)
    for start, end in reversed(spots):
        before = _HEADING.findall(html[:start])
        with translation.override("sv"):
            label = _("Table: %s") % _words(before[-1][2]) if before else _("Table")
        table = _TABLE_TAG.sub('<table class="table">', html[start:end], count=1)
        html = (
            f'{html[:start]}<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
            f"{table}</div>{html[end:]}"
        )
    return html


def _words(html: str) -> str:
    return " ".join(entities.unescape(_TAG.sub(" ", html)).split())


def headings(html: str, *, deepest: int = 2) -> list[Heading]:
    """The headings of finished HTML, down to a level, in order."""
    return [
        Heading(int(level), slug, _words(text))
        for level, slug, text in _HEADING.findall(html)
        if int(level) <= deepest and slug
    ]


def plain(html: str) -> str:
    """The words of HTML as plain text, a line for each block: for searching and for snippets."""
    text = entities.unescape(_TAG.sub("", _BLOCK_END.sub("\n", html.replace("</td>", " ").replace("</th>", " "))))
    return "\n".join(line for line in (" ".join(part.split()) for part in text.splitlines()) if line)
