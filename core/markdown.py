"""Written text to readable HTML, within bounds of time and size whatever was written; and what was read, to text.

A text as people write them is rendered here. One that is long, or holds such runs of brackets as make a parser look
through it again and again, is rendered in the confined process that reads files, with a limit of its own.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from core.files import extraction
from core.sandbox import written_text
from core.sandbox.as_markdown import LeftOut, Taken, taken
from core.sandbox.html import Heading, headings, plain, without_title, words

__all__ = ["Heading", "LeftOut", "Taken", "TooHeavy", "headings", "plain", "render", "taken", "without_title", "words"]

# Longer texts take more than a moment.
MAX_CHARS_HERE = 60_000
# Letters times signs that open something, of one paragraph: measured at most 16 ns each, so a third of a second.
MAX_COST_HERE = 20_000_000
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_OPENING = re.compile(r"[\[(<\"]")


class TooHeavy(Exception):
    """The text could not be rendered within its limits. `str()` says what to do, in the active language."""


def render(body: str, number: str = "") -> str:
    """Markdown (CommonMark with tables; HTML in it is shown as text) to HTML that may be put in a page. `number` is the
    document's, whose pictures it may show. Raises TooHeavy. Up to some seconds for a long text: not under a lock.
    """
    if is_light(body):
        return written_text.render(body, number)
    try:
        return extraction.render_text(body, number)
    except extraction.ExtractionFailed as failure:
        words = _("The text takes too long to show. Somewhere a sign such as [ stands thousands of times: take it out.")
        if failure.is_passing:
            words = _("The server is busy just now and could not show the text. Try again in a moment.")
        raise TooHeavy(words) from None


def is_light(body: str) -> bool:
    """Whether the text is sure to be rendered in a moment."""
    if len(body) > MAX_CHARS_HERE:
        return False
    cost = sum(len(part) * len(_OPENING.findall(part)) for part in _PARAGRAPHS.split(body.replace("\r", "")))
    return cost <= MAX_COST_HERE
