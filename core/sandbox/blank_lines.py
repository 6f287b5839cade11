"""Which blank lines of a word processor's text are kept: those in a cell that make room for lines beside it.

Writers press return until "every week" stands beside the dose it is meant for. Without the blank lines it would stand
beside another. No Django here.
"""

from __future__ import annotations

import re

_BLANK = "<p></p>"
_KEPT = "<p><br></p>"
_EMPTY = re.compile(r"<(p|h[1-6]|li|blockquote|strong|em)></\1>")
_ROW = re.compile(r"<tr>(?:(?!<tr>).)*?</tr>", re.DOTALL)
_CELL = re.compile(r"(<t[dh][^>]*>)(.*?)(</t[dh]>)", re.DOTALL)


def settled(html: str) -> tuple[str, bool]:
    """Unfinished HTML in which blank paragraphs are still there: without those that say nothing, and whether there were
    others.
    """
    kept = False

    def row(found: re.Match[str]) -> str:
        nonlocal kept
        cells = [(open_, without_last(text), close) for open_, text, close in _CELL.findall(found[0])]
        lines = [text.count("<p>") for _, text, _ in cells]
        beside = any(
            _BLANK in text and any(many > 1 for m, many in enumerate(lines) if m != n)
            for n, (_, text, _) in enumerate(cells)
        )
        kept = kept or beside
        anew = _KEPT if beside else ""
        return f"<tr>{''.join(open_ + text.replace(_BLANK, anew) + close for open_, text, close in cells)}</tr>"

    html = _ROW.sub(row, html)
    while (less := _EMPTY.sub("", html)) != html:
        html = less
    return html, kept


def without_last(text: str) -> str:
    """Without the blank lines at its end, which make room for nothing."""
    while text.rstrip().endswith(_BLANK):
        text = text.rstrip().removesuffix(_BLANK)
    return text
