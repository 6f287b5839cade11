"""Marks that a writer has made by hand although the program has a style: headings in bold, lists with typed dashes."""

from __future__ import annotations

import re

# Longer than this is a sentence that matters, not a heading.
MOST_LETTERS = 90
_HEADING = re.compile(r"<h[1-6][ >]")
_BOLD_LINE = re.compile(r"<p><strong>([^<]+)</strong></p>(?=\s*<(?:p|ul|ol|table)[ >])")
_DASHED = re.compile(r"(?:<p>[-–•·*]\s+(?:(?!</?p>|</?table|<br).)+</p>\s*){2,}", re.DOTALL)
_DASH = re.compile(r"<p>[-–•·*]\s+(.*?)</p>", re.DOTALL)


def understood(html: str) -> str:
    """Unfinished HTML of a word processor's text with such lines as the headings and lists they are meant to be.

    A line in bold is a heading only where the text has no heading by style, for then its writer knew of those.
    """
    html = _DASHED.sub(
        lambda found: f"<ul>{''.join(f'<li>{item}</li>' for item in _DASH.findall(found[0]))}</ul>", html
    )
    if _HEADING.search(html):
        return html

    def heading(found: re.Match[str]) -> str:
        words = found[1].strip()
        is_one = (
            len(words) <= MOST_LETTERS and any(map(str.isalpha, words)) and not words.endswith((".", ",", ";", ":"))
        )
        return f"<h2>{words}</h2>" if is_one else found[0]

    # Not in the cells of tables, where bold means that they head others.
    parts = re.split(r"(<table>.*?</table>)", html, flags=re.DOTALL)
    return "".join(part if part.startswith("<table>") else _BOLD_LINE.sub(heading, part) for part in parts)
