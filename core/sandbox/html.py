"""Readable HTML: what may be in it, and what makes it a page (ids, call-outs, tables that scroll). No Django here.

Every step takes time in proportion to the length of the text: a stranger's file is finished here too.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import nh3

from core.sandbox.text import clean_text, without_endless

_TAG_LIST = (
    "a blockquote br caption code dd del div dl dt em h2 h3 h4 h5 h6 hr li ol p pre s span strong sub sup "
    "table tbody td tfoot th thead tr u ul"
)
_TAGS = frozenset(_TAG_LIST.split())
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_ATTRIBUTES = {
    "a": {"href", "id"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "li": {"class", "id", "value"},
    "ol": {"class", "start", "type"},
    "p": {"class", "id"},
    "span": {"class", "id"},
    "table": {"class"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    **{tag: {"id"} for tag in _HEADINGS},
}
# The attributes that have one value or a few: what `finish` writes, and what a description of a picture stands in.
_VALUES = {
    ("span", "class"): {"doc-image", "doc-left-out", "doc-page", "doc-page doc-page--in"},
    ("p", "class"): {"doc-left-out", "doc-title"},
    ("li", "class"): {"doc-numbered"},
    ("ol", "class"): {"doc-notes"},
    ("ol", "type"): {"1", "a", "A", "i", "I"},
    ("div", "class"): {"scroll", "callout", "doc-running"},
    ("div", "tabindex"): {"0"},
    ("div", "role"): {"region"},
    ("table", "class"): {"table"},
}
_HREFS = ("https://", "http://", "mailto:", "tel:", "#doc-", "#sida-")
# The prefix keeps a heading of a document from taking the id of a part of the page.
_HEADING_ID = re.compile(r"s-[a-z0-9_-]{1,80}")
# The beginning of a page of the file, and the picture that stands there.
_PLACE_ID = re.compile(r"(?:sida|doc-figur)-[1-9][0-9]{0,3}")
_HEADING = re.compile(r"<h([2-6])(?: id=\"([^\"]*)\")?>(.*?)</h\1>", re.DOTALL)
_TITLE = re.compile(r"\A\s*<(p class=\"doc-title\"|h2[^>]*)>(.*?)</(?:p|h2)>", re.DOTALL)
_PAGE_MARK = re.compile(r"<span class=\"doc-page[a-z -]*\" id=\"sida-\d+\"></span>")
_PICTURE = re.compile(r'<img [^<>]*?\balt="([^"]*)"[^<>]*>')
# The mark of a note, and the way back from one to it.
NOTE_MARK = re.compile(r"<sup><a [^>]*>([^<]*)</a></sup>")
BACK = re.compile(r'<a [^>]*href="#doc-[^"]*"[^>]*>↑</a>')
_MOVED = re.compile(r"<(sup|sub)>([^<]{1,40})</\1>")
_STRUCK = re.compile(r"<(s|del)>((?:(?!</?(?:s|del|p|li|td|th|tr)\b).)*)</\1>", re.DOTALL)
_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−–()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎")
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"</(?:p|h[2-6]|li|tr|blockquote|dt|dd|caption|pre)>|<(?:br|hr)\s*/?>")
_TABLE_TAG = re.compile(r"<(/?)table(?:\s[^>]*)?>")
_QUOTE_TAG = re.compile(r"<(/?)blockquote>")
# Words that make a quotation a call-out.
_CALLOUT = re.compile(
    r"\s*<p>\s*(?:<strong>\s*(Viktigt|Observera|Varning)\s*:?\s*</strong>\s*:?|(Viktigt|Observera|Varning)\s*:)\s*"
)
_MAX_LABEL_CHARS = 120
# The blank between a number and its unit, within 10 000, and after a sign; in words alone, since no tag begins so.
_UNIT = re.compile(
    r"(?<=\d) (?=(?:[kmµn]?g|[mcdµ]?l|[mcdkµ]?m|[mµ]?mol|IE|E|kPa|mmHg|kcal|kJ|min|h|%|‰|°C|×)(?![\w-]))"
    r"|(?<=\d) (?=\d{3}(?!\d))"
    r"|(?<=[<>≤≥±×]) (?=\d)|(?<=&[lg]t;) (?=\d)"
)


@dataclass(frozen=True)
class Heading:
    """A heading of a text: its level (2 to 6), its id in the page, and its words."""

    level: int
    id: str
    text: str


def sanitise(html: str) -> str:
    """Readable HTML with nothing in it that runs, loads, styles, or takes the page's own ids.

    Links lead to the web, to an address or a number, or within the document (`#doc-…`, a page `#sida-…`); a link into
    somebody's file share leads nowhere for others and loses its address. A finished text stays so.
    """

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if allowed := _VALUES.get((tag, attribute)):
            return value if value in allowed else None
        if attribute == "id":
            if tag == "span":
                return value if _PLACE_ID.fullmatch(value) else None
            good = _HEADING_ID.fullmatch(value) if tag in _HEADINGS else value.startswith("doc-")
            return value if good else None
        if attribute == "href":
            return value if value.lower().startswith(_HREFS) else None
        if attribute in ("colspan", "rowspan", "start", "value"):
            return value if value.isascii() and value.isdigit() and len(value) <= 4 else None
        return value

    return nh3.clean(
        clean_text(html),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def finish(html: str) -> str:
    """Ids on headings, call-outs, and tables that scroll by themselves. `html` must be sanitised already.

    Used for Markdown and for what was read from a DOCX alike; the labels of tables are Swedish, as the text is.
    """
    return _scrolling_tables(_callouts(_heading_ids(html)))


def _heading_ids(html: str) -> str:
    used: set[str] = set()
    # The number each stem goes on from: a thousand equal headings must not try a thousand numbers each.
    reached: dict[str, int] = {}

    def with_id(match: re.Match[str]) -> str:
        stem = heading_anchor(words(match[3]))
        slug, n = stem, reached.get(stem, 1)
        while slug in used:
            n += 1
            slug = f"{stem}-{n}"
        reached[stem] = n
        used.add(slug)
        return f'<h{match[1]} id="{slug}">{match[3]}</h{match[1]}>'

    return _HEADING.sub(with_id, html)


def heading_anchor(text: str) -> str:
    """The id of a heading with these words, where it is the first such in its text."""
    return "s-" + (_slug(text)[:60].strip("-_") or "avsnitt")


def _slug(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only.lower())).strip("-_")


def _outermost(html: str, tag: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The beginning and end of each outermost element of a tag; one that is never closed is left alone."""
    depth = start = 0
    for match in tag.finditer(html):
        if not match[1]:
            if depth == 0:
                start = match.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield start, match.end()


def _with(html: str, changed: Iterable[tuple[int, int, str]]) -> str:
    """`html` with these spans, in order, written anew."""
    parts: list[str] = []
    done = 0
    for start, end, anew in changed:
        parts += (html[done:start], anew)
        done = end
    return "".join((*parts, html[done:]))


def _callouts(html: str) -> str:
    def found() -> Iterator[tuple[int, int, str]]:
        for start, end in _outermost(html, _QUOTE_TAG):
            inner = html[start + len("<blockquote>") : end - len("</blockquote>")]
            if word := _CALLOUT.match(inner):
                said = f"<p><strong>{word[1] or word[2]}</strong></p><p>{inner[word.end() :]}"
                yield start, end, f'<div class="callout">{said}</div>'

    return _with(html, found())


def _scrolling_tables(html: str) -> str:
    def found() -> Iterator[tuple[int, int, str]]:
        titles = _HEADING.finditer(html)
        before, following = "", next(titles, None)
        times: Counter[str] = Counter()
        for start, end in _outermost(html, _TABLE_TAG):
            while following and following.end() <= start:
                # Cut, for it is written once more for every table that follows.
                before, following = words(following[3])[:_MAX_LABEL_CHARS], next(titles, None)
            times[before] += 1
            # Two under headings of the same words are told apart.
            name = "Tabell" if times[before] == 1 else f"Tabell {times[before]}"
            label = f"{name}: {before}" if before else name
            table = _TABLE_TAG.sub('<table class="table">', html[start:end], count=1)
            open_ = f'<div class="scroll" tabindex="0" role="region" aria-label="{entities.escape(label)}">'
            yield start, end, f"{open_}{table}</div>"

    return _with(html, found())


def has_headless_table(html: str) -> bool:
    """Whether a table of several rows has no cell that heads a column or a row."""
    tables = (html[start:end] for start, end in _outermost(html, _TABLE_TAG))
    return any("<th" not in table and table.count("<tr") > 1 for table in tables)


def kept_together(html: str) -> str:
    """Finished HTML in which no line ends between a number and its unit or sign, or within a number."""
    return _UNIT.sub("\u00a0", html)


def without_title(html: str, title: str) -> str:
    """The text without its first words where those are the title, which the page has as its own."""
    found = _TITLE.search(html)
    if not found or _compared(words(found[2])) != _compared(title):
        return html
    # The beginning of the first page stays; the title's words go.
    anchors = "".join(_PAGE_MARK.findall(found[2]))
    return html[: found.start()] + (f"<p>{anchors}</p>" if anchors else "") + html[found.end() :]


def _compared(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def words(html: str) -> str:
    """The words of a piece of HTML, on one line."""
    return " ".join(entities.unescape(_TAG.sub(" ", spoken(html))).split())


def spoken(html: str) -> str:
    """HTML with what raised, lowered and struck letters mean in the words themselves: 10⁹, H₂O, [struket: 10 mg]. Words
    alone would say 109, and give the struck dose with the one that stands.
    """

    def moved(found: re.Match[str]) -> str:
        table, mark = (_RAISED, "^") if found[1] == "sup" else (_LOWERED, "_")
        said = entities.unescape(found[2])
        shown = said.translate(table)
        # Letters that have no raised form keep a mark: a^min.
        return shown if not set(shown) & set(said) - {" "} else f"{mark}{found[2]}"

    return _STRUCK.sub(r"[struket: \2]", _MOVED.sub(moved, html)) if "<s" in html or "<del>" in html else html


def headings(html: str, *, deepest: int = 2) -> list[Heading]:
    """The headings of finished HTML, down to a level, in order."""
    return [
        Heading(int(level), slug, words(text))
        for level, slug, text in _HEADING.findall(html)
        if int(level) <= deepest and slug
    ]


def plain(html: str) -> str:
    """The words of HTML as plain text, a line for each block: for searching and for snippets."""
    said = spoken(NOTE_MARK.sub(r" [\1] ", BACK.sub("", html)))
    said = _PICTURE.sub(r"\1", said.replace("</td>", " ").replace("</th>", " "))
    text = entities.unescape(_TAG.sub("", _BLOCK_END.sub("\n", said)))
    lines = (" ".join(part.split()) for part in text.splitlines())
    return without_endless("\n".join(line for line in lines if line))
