"""Markdown to readable HTML, with a document's headings, call-outs, tables and pictures. No Django here.

The result is safe to put in a page as it is: it has been through the sanitiser, and later additions
(`core.sandbox.html`) are markup of our own with escaped text.
"""

from __future__ import annotations

import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from core.sandbox import as_typed
from core.sandbox.html import finish
from core.sandbox.text import clean_text

_TAG_LIST = (
    "a blockquote br caption code dd del dl dt em h2 h3 h4 h5 h6 hr img li ol p pre s strong sub sup "
    "table tbody td tfoot th thead tr ul"
)
_TAGS = frozenset(_TAG_LIST.split())
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "loading"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
}
_NUMBER = re.compile(r"(?=[^/]*\d)[A-ZÅÄÖ]{2,8}-[0-9][0-9A-Za-z._-]*/?")


# How a text names a picture of its document, and where that is.
_PICTURE = re.compile(r"bild-([1-9][0-9]{0,5})")
_PICTURE_ADDRESS = re.compile(r"/dokument/[^/\\?#]+/bild/[1-9][0-9]{0,5}/")
_DOCUMENT_LINK = re.compile(rf"\[\[\s*({_NUMBER.pattern})\s*\]\]")


def _document_link(state: StateInline, silent: bool) -> bool:
    """`[[RUT-0412]]`: a link to the document of that number. SECURITY: never with its title, which not every reader of
    this text may see."""
    found = _DOCUMENT_LINK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": found[1]}
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _show_pictures(tokens: list[Token], number: str) -> None:
    """`![what it shows](bild-1)` is a picture of the document with this number; of any other picture only the words are
    shown: nothing is loaded from elsewhere."""
    for token in tokens:
        for child in token.children or ():
            if child.type != "image":
                continue
            found = _PICTURE.fullmatch(str(child.attrs.get("src", "")))
            if found and number:
                child.attrs = {"src": f"/dokument/{number}/bild/{found[1]}/", "alt": "", "loading": "lazy"}
            else:
                child.type, child.tag, child.children = "text", "", None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("link", "document_link", _document_link)
    as_typed.settle(parser)
    return parser


def render(body: str, number: str = "") -> str:
    """Markdown (CommonMark with tables; HTML in it is shown as text) to HTML that may be put in a page. `number` is the
    document's, whose pictures it may show.
    """
    parser = _parser()
    tokens = parser.parse(as_typed.with_all_cells(clean_text(body)))
    as_typed.numbered(tokens)
    for token in tokens:
        # The page's own heading is the only one of the first level.
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
    _show_pictures(tokens, number)
    return finish(_sanitise(parser.renderer.render(tokens, parser.options, {})))


def _sanitise(html: str) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return _href(value)
        if tag == "img":
            # SECURITY: written by `_show_pictures` alone; a picture from elsewhere would tell who reads.
            return value if attribute == "alt" or _PICTURE_ADDRESS.fullmatch(value) or value == "lazy" else None
        if attribute in ("start", "value"):
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
