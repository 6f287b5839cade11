"""Places at which a written text will be read otherwise than it looks: the writer is told of each line.

Nothing is changed by it. Marks that can be read as they were typed are (`sandbox/as_typed.py`); this is about the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext, gettext_lazy

# The most that are told at a time.
MOST = 8
# A line longer than this was broken for want of room, and goes on in the next.
SHORT = 60
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_NAMES = "b|i|u|em|strong|sub|sup|br|p|span|div|font|table|tr|td|th|ul|ol|li|h[1-6]"
_TAG = re.compile(rf"</?(?:{_NAMES})\b[^<>\n]*>", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}[.)])\s")
_DASHES = re.compile(r"\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
# A line that begins something of its own: a list, a heading, a quotation, a table, a line across.
_OWN = re.compile(r"\s*(?:[-+*•] |\d{1,4}[.)] |#{1,6} |>|\||[-*_=]{3,}\s*$|!\[)")
_ENDED = re.compile(r"(?:[.!?:;,]|  |\\)$")
_AS_IT_STANDS = gettext_lazy("%(tag)s is shown as it stands. Write **bold**, *slanted* or ~~struck~~ instead.")
_AS_ONE = gettext_lazy(
    "This line and the next are read as one. Leave an empty line between them, or make a list of them."
)
_AS_CODE = gettext_lazy("A line that is set in by four blanks is shown as code. Take the blanks away.")


@dataclass(frozen=True)
class Oddity:
    """`line`: from 1. `said`: how it will be read, and what to write instead."""

    line: int
    said: str


def oddities(body: str) -> list[Oddity]:
    """The first MOST of them, from the top. Time grows with the length of the text."""
    found: list[Oddity] = []
    for oddity in _all(body):
        found.append(oddity)
        if len(found) == MOST:
            break
    return found


def _all(body: str) -> Iterator[Oddity]:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_fenced = in_table = in_list = False
    before = ""
    for number, (line, following) in enumerate(pairwise([*lines, ""]), start=1):
        if _FENCE.match(line):
            is_fenced = not is_fenced
        if is_fenced:
            continue
        is_set_in = line.startswith((" ", "\t"))
        if line.strip() and not is_set_in:
            in_list = bool(_ITEM.match(line))
        if tag := _TAG.search(line):
            yield Oddity(number, str(_AS_IT_STANDS) % {"tag": tag[0]})
        is_row = line.count("|") > 1
        if is_row and following.count("|") > 1 and not in_table and not _DASHES.fullmatch(following):
            yield Oddity(number, gettext("This is no table without a line of dashes under its header: | --- | --- |"))
        in_table = is_row or (in_table and "|" in line)
        if re.match(r"(?: {4}|\t)\S", line) and not before.strip() and not in_list:
            yield Oddity(number, str(_AS_CODE))
        if _runs_on(line, following):
            yield Oddity(number, str(_AS_ONE))
        before = line


def _runs_on(line: str, following: str) -> bool:
    """Whether two short lines look like two while they are written: the first is not ended, the next begins anew."""
    if not line.strip() or not following.strip() or len(line) > SHORT or _ENDED.search(line):
        return False
    if any(_OWN.match(one) or "|" in one or one.startswith((" ", "\t")) for one in (line, following)):
        return False
    first = following.strip()[0]
    return first.isupper() or first.isdigit()
