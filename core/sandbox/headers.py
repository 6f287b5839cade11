"""Which cells of a table head the others, where its maker only made their letters bold. No Django here."""

from __future__ import annotations

import re

_TABLE = re.compile(r"<table>(?:(?!<table).)*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[dh])([^>]*)>(.*?)</\1>", re.DOTALL)
_BOLD = re.compile(r"\s*(?:<p>)?\s*<strong>[^<]*</strong>\s*(?:</p>)?\s*")
_NESTED = re.compile(r"<table[ >].*<table[ >]", re.DOTALL)


def with_headers(html: str) -> str:
    """The tables of unfinished HTML with header cells told as such: those that have some get their scope; in those that
    have none, a first row in bold heads the columns and a first column in bold the rows. Tables within tables are left.
    """
    return _TABLE.sub(lambda found: _headed(found[0]), html)


def _headed(table: str) -> str:
    rows = [_CELL.findall(row) for row in _ROW.findall(table)]
    if len(rows) < 2 or _NESTED.search(table):
        return table
    heads = 0
    while heads < len(rows) and rows[heads] and all(tag == "th" for tag, _, _ in rows[heads]):
        heads += 1
    if not heads:
        bold = [_is_bold([text for _, _, text in row]) for row in rows]
        heads = 1 if bold[0] and not all(bold) else 0
        # Cells that reach down out of the header would head nothing.
        if heads and any("rowspan" in attributes for _, attributes, _ in rows[0]):
            heads = 0
    body = rows[heads:]
    firsts = [row[0][2] for row in body if row]
    is_first = bool(firsts) and all(map(_BOLD.fullmatch, firsts))
    is_first = is_first and not any(_BOLD.fullmatch(text) for row in body for _, _, text in row[1:])
    made = [_row(row, "col" if n < heads else "", is_first and n >= heads) for n, row in enumerate(rows)]
    above = f"<thead>{''.join(made[:heads])}</thead>" if heads else ""
    return f"<table>{above}<tbody>{''.join(made[heads:])}</tbody></table>"


def _is_bold(cells: list[str]) -> bool:
    filled = [text for text in cells if re.sub(r"<[^>]*>", "", text).strip()]
    return bool(filled) and all(map(_BOLD.fullmatch, filled))


def _row(cells: list[tuple[str, str, str]], scope: str, is_first: bool) -> str:
    made = []
    for n, (tag, attributes, text) in enumerate(cells):
        if scope:
            made.append(f'<th scope="col"{attributes}>{_plain(text)}</th>')
        elif is_first and n == 0:
            made.append(f'<th scope="row"{attributes}>{_plain(text)}</th>')
        else:
            made.append(f"<{tag}{attributes}>{text}</{tag}>")
    return f"<tr>{''.join(made)}</tr>"


def _plain(text: str) -> str:
    """A header is bold by itself."""
    return re.sub(r"</?strong>|^<p>|</p>$", "", text.strip())
