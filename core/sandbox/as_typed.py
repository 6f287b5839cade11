"""Cases in which Markdown means otherwise than people who write care routines: they read what they typed. No Django
here.

`2*3*4 mg` is no slanted 3, `> 38,5 grader` no quotation, `1. 2. 4. 7.` are not 1 to 4, `[1]: address` is no definition
that vanishes, and no cell of a row is lost because its header has fewer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_LIMIT = re.compile(r">\s*[=±+−-]?\s*\d")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_DASHES = re.compile(r"\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
# Ends paragraphs and tables; from the parser's own set of rules.
_ENDS = ["paragraph", "reference", "blockquote", "list"]


def settle(parser: MarkdownIt) -> None:
    """Gives a CommonMark parser the rules."""
    parser.block.ruler.at("blockquote", _quotation, {"alt": _ENDS})
    parser.inline.ruler.before("emphasis", "times", _times)
    # A definition says nothing by itself, and takes its line out of the text.
    parser.block.ruler.disable("reference")


def _quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line that begins with "greater than" and a number says just that."""
    at = state.bMarks[start] + state.tShift[start]
    return not _LIMIT.match(state.src, at, state.eMarks[start]) and blockquote(state, start, end, silent)


def _times(state: StateInline, silent: bool) -> bool:
    """A star between a number and what it is taken times."""
    before, at, after = state.src[state.pos - 1 : state.pos], state.src[state.pos], state.src[state.pos + 1 :][:1]
    if at != "*" or not before.isalnum() or not after.isalnum() or not (before.isdigit() or after.isdigit()):
        return False
    if not silent:
        state.pending += at
    state.pos += 1
    return True


def numbered(tokens: Sequence[Token]) -> None:
    """Gives each item of a numbered list the number that was typed, where counting on would give another."""
    expected: list[int | None] = []
    for token in tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            first = token.attrs.get("start", 1)
            expected.append(int(first) if token.type.startswith("ordered") else None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            expected.pop()
        elif token.type == "list_item_open" and expected and expected[-1] is not None:
            typed = int(token.info) if token.info.isdigit() else expected[-1]
            # "1. 1. 1." is how some write a list that counts by itself.
            if typed != expected[-1] and typed != 1:
                token.attrs = {**token.attrs, "value": str(typed)}
            else:
                typed = expected[-1]
            expected[-1] = typed + 1


def with_all_cells(body: str) -> str:
    """The text with headers of tables as wide as their widest row: what is beyond the header would be dropped."""
    if "|" not in body:
        return body
    lines = body.split("\n")
    is_code, n = False, 1
    while n < len(lines):
        line = lines[n]
        if _FENCE.match(lines[n - 1]):
            is_code = not is_code
        n += 1
        if is_code or "|" not in lines[n - 2] or "-" not in line or not _DASHES.fullmatch(line):
            continue
        across = widest = len(_cells(lines[n - 2]))
        if across != len(_cells(line)):
            continue
        head = n - 2
        while n < len(lines) and lines[n].strip():
            widest = max(widest, len(_cells(lines[n])))
            n += 1
        if widest > across:
            lines[head] = _wider(lines[head], " ", widest - across)
            lines[head + 1] = _wider(line, "---", widest - across)
    return "\n".join(lines)


def _wider(line: str, cell: str, by: int) -> str:
    line = line.rstrip()
    return f"{line}{'' if line.endswith('|') else '|'}{f'{cell}|' * by}"


def _cells(line: str) -> list[str]:
    found = escapedSplit(line.strip())
    if found and found[0] == "":
        found.pop(0)
    if found and found[-1] == "":
        found.pop()
    return found
