"""Which documents a text names by their numbers, and which of them its reader may follow."""

from __future__ import annotations

import re
from html import unescape

from accounts.readers import Reader
from core.sandbox.html import heading_anchor
from documents.models import Document

_NUMBER = re.compile(r"(?<![\w/-])[A-ZÅÄÖ]{2,8}-[0-9](?:[0-9A-Za-z._-]*[0-9A-Za-z])?(?![\w-])")
# The place in the document, said just after its number: a page, or a heading (in quotes, or one word with a capital).
_PLACE = (
    r"(?:,?\s+\(?(?:sidan?|sid\.|s\.)\s*(?P<page>\d{1,3})(?!\d)|"
    r",?\s+(?:under\s+)?(?:avsnitt|avsnittet|rubriken|kapitlet)\s+"
    r"(?:[”\"](?P<quoted>[^”\"<]{2,80})[”\"]|(?P<word>[A-ZÅÄÖ][a-zåäöé]{2,40})))?"
)
_NAMED = re.compile(f"(?P<number>{_NUMBER.pattern}){_PLACE}")
_TAG = re.compile(r"(<[^>]*>)")
# More numbers than this in one text are a list, not references.
MOST = 500


def named(html: str) -> list[str]:
    """The numbers that the text of finished HTML names outside its links, each once; none where there are too many."""
    numbers = dict.fromkeys(number for part in _free(_TAG.split(html)).values() for number in _NUMBER.findall(part))
    return list(numbers) if len(numbers) <= MOST else []


def _free(parts: list[str]) -> dict[int, str]:
    """The pieces of text that stand in no link, by their place among the parts."""
    free, inside = {}, 0
    for n, part in enumerate(parts):
        if part.startswith("<"):
            inside += part.startswith(("<a ", "<a>"))
            inside -= part == "</a>"
        elif not inside and "-" in part:
            free[n] = part
    return free


def linked(html: str, reader: Reader, own: str = "") -> str:
    """Finished HTML with the numbers of documents made links, for those the reader may see; all others stay as words.
    A link leads to the page or the heading that is said with the number.

    `own`: the number of the document itself, which leads nowhere. A number in a link already is left alone.
    """
    parts = _TAG.split(html)
    free = _free(parts)
    numbers = {number for part in free.values() for number in _NUMBER.findall(part)} - {own}
    if not numbers or len(numbers) > MOST:
        return html
    # SECURITY: the question of visibility. A link to what one may not see would tell that it exists.
    known = set(Document.objects.visible_to(reader).filter(number__in=numbers).values_list("number", flat=True))
    if not known:
        return html

    def link(found: re.Match[str]) -> str:
        number = found["number"]
        return f'<a href="/dokument/{number}/{_place(found)}">{found[0]}</a>' if number in known else found[0]

    for n in free:
        parts[n] = _NAMED.sub(link, parts[n])
    return "".join(parts)


def _place(found: re.Match[str]) -> str:
    if found["page"]:
        return f"#sida-{int(found['page'])}"
    heading = found["quoted"] or found["word"]
    anchor = heading_anchor(unescape(heading)) if heading else ""
    return f"#{anchor}" if anchor else ""
