"""Tables that a writer has made with the tabulator: line under line, each with as many parts. No Django here.

HTML knows no tabulator: it would make a string of words of them, in which nobody can tell which dose is whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>|<br|<table|<li).)*)</p>", re.DOTALL)
_TABS = re.compile(r"\t+")
_MARKED = re.compile(r"<(/?)(strong|em|a|s|sup|sub)\b[^>]*>")
_ALL_BOLD = re.compile(r"<strong>((?:(?!</?strong>).)*)</strong>", re.DOTALL)
FEWEST = 3
# The replacement of a tabulator outside tables: wide, so that the parts do not run together.
WIDE = "\u2003"
_UNSURE = "I raderna ovan visar bara filen vad som står under vad: platser i dem är tomma."


def as_tables(html: str) -> str:
    """Unfinished HTML with such lines as tables, where it is sure what stands under what; elsewhere their parts stand
    apart.
    """
    if "\t" not in html:
        return html
    parts = re.split(r"(<table>.*?</table>)", html, flags=re.DOTALL)
    return "".join(_spaced(part if part.startswith("<table>") else _outside(part)) for part in parts)


def _grid(lines: list[str]) -> list[list[str]] | None:
    """The lines as rows of as many cells as the first has, empty ones among them; None where that is not sure.

    Two tabs leave a place empty, or bring a short word to where longer ones end; one tab may pass a place by after a
    long word. Each word of a row with empty places is therefore held against those of the rows that have none: it is
    sure where one as short and one as long are followed by one tab.
    """
    rows = [_cells(line, between=re.compile("\t")) for line in lines]
    across = len(rows[0])
    full = [row for row in rows if len(row) == across and all(row)]
    if not all(rows[0]) or any(not 1 < len(row) <= across for row in rows):
        return None
    for row in rows:
        for n, (cell, following) in enumerate(pairwise(row)):
            lengths = [_length(other[n]) for other in full]
            is_short = not following and _length(cell) < min(lengths)
            if row not in full and cell and (is_short or _length(cell) > max(lengths)):
                return None
    return [row + [""] * (across - len(row)) for row in rows]


def _length(cell: str) -> int:
    return len(re.sub(r"<[^>]*>", "", cell))


def _spaced(html: str) -> str:
    return _TABS.sub(WIDE, re.sub(r">\s*\t\s*<", "> <", html))


def _outside(html: str) -> str:
    made, done = [], 0
    for is_row, run in groupby(_paragraphs(html), lambda found: len(_cells(found[2])) > 1):
        lines = list(run)
        rows = [_cells(line) for _, _, line in lines]
        if not is_row or len(rows) < FEWEST:
            continue
        texts = [line for _, _, line in lines]
        grid = rows if _is_sure(texts, rows) else _grid(texts)
        if grid:
            cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in grid]
            made += [html[done : lines[0][0]], f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"]
            done = lines[-1][1]
        elif any("\t\t" in line for line in texts):
            made += [html[done : lines[-1][1]], f'<p class="doc-left-out">{_UNSURE}</p>']
            done = lines[-1][1]
    return "".join([*made, html[done:]])


def _paragraphs(html: str) -> Iterator[tuple[int, int, str]]:
    """Paragraphs with where each begins and ends; whatever stands between two of them is one without words."""
    last = 0
    for found in _PARAGRAPH.finditer(html):
        if html[last : found.start()].strip():
            yield last, found.start(), ""
        yield found.start(), found.end(), found[1].strip("\t ")
        last = found.end()


def _cells(line: str, between: re.Pattern[str] = _TABS) -> list[str]:
    """The parts of a line, each with its own marks; one where it cannot be parted."""
    if bold := _ALL_BOLD.fullmatch(line):
        parts = [part.strip() for part in between.split(bold[1].strip("\t "))]
        return [part and f"<strong>{part}</strong>" for part in parts]
    parts = [part.strip() for part in between.split(line)]
    return parts if all(map(_is_whole, parts)) else [line]


def _is_whole(part: str) -> bool:
    """Whether what begins in it ends in it."""
    begun: list[str] = []
    for closes, tag in _MARKED.findall(part):
        if not closes:
            begun.append(tag)
        elif not begun or begun.pop() != tag:
            return False
    return not begun


def _is_sure(lines: list[str], rows: list[list[str]]) -> bool:
    """Whether it can be told what stands under what: two parts each, or the same tabs everywhere. One more of them may
    be a place left empty, or a short word before it.
    """
    if len({len(row) for row in rows}) != 1 or not all(cell for row in rows for cell in row):
        return False
    return len(rows[0]) == 2 or len({tuple(map(len, _TABS.findall(line))) for line in lines}) == 1
