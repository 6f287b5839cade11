"""A word processor's list of contents: where its lines lead is kept, and the pages of paper are not. No Django here."""

from __future__ import annotations

import re

# A line as Word's styles for it make one (`office`), and what ends it: a tabulator and a page's number.
LINE = "li.doc-toc"
_LINE = re.compile(r'<li class="doc-toc">((?:(?!<li|</li>|<ul).)*)', re.DOTALL)
_PAGE = re.compile(r"\t+(?:<[^>]*>)*\d{1,4}((?:</?\w[^>]*>)*)\s*$")


def without_pages(line: str) -> str:
    """A line without its page's number at the end, and with blanks where it had tabulators."""
    return re.sub(r"\t+", " ", _PAGE.sub(r"\1", line))


def settled(html: str) -> str:
    """Unfinished HTML of a Word document with such lines as items of a list, each without its page."""
    return _LINE.sub(lambda found: f"<li>{without_pages(found[1])}", html)
