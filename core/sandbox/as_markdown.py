"""Readable HTML, as a file was read, to the text that a person goes on writing: Markdown, and what could not come
along. No Django here.

Nothing is guessed at. A number or a letter that stood before an item stands there still; what only a picture shows, or
what Markdown has no words for, is told (`LeftOut`) for the writer to look at in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import lxml.html
from lxml.html import HtmlElement

from core.sandbox import written_text
from core.sandbox.html import BACK, NOTE_MARK, spoken, words

# Kinds of what is left out or said otherwise.
PICTURE, PART, RUNNING, MERGED, LINES, LETTERS, HEADER, BOX, WORDS = (
    "picture", "part", "running", "merged", "lines", "letters", "header", "box", "words",
)  # fmt: skip
MAX_WORDS = 40
_BLOCK_LIST = "p h2 h3 h4 h5 h6 ul ol li table div blockquote dl dt dd pre hr tr td th"
_BLOCKS = frozenset(_BLOCK_LIST.split())
# The marks of a list's items, bullet and after the number: what the next takes where it stands beside one.
_OTHER = {"": "-.", "-.": "*)", "*)": "-."}
_SIGNS = re.compile(r"[`*\\~\[\]_]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AUTOLINK = re.compile(r"<(?=[^\s<>]*[:@][^<>]*>)")
_LIMIT = re.compile(r">\s*[=±+−-]?\s*\d")
_PAGE = re.compile(r"sida-(\d+)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class LeftOut:
    """One thing that is not in the text, or stands in it otherwise: its kind, the page of the file where it was (0
    where that is not known), and the words that tell which it is."""

    kind: str
    page: int
    says: str = ""


@dataclass
class Taken:
    """`text`: Markdown. `left_out`: in the order of the file."""

    text: str = ""
    left_out: list[LeftOut] = field(default_factory=list)


def taken(html: str) -> Taken:
    """The text of finished HTML (`core.sandbox.html.finish`). Its words are counted against those of the HTML by the
    rendering of what was made: a word that is missing there is told.
    """
    if not html.strip():
        return Taken()
    # Raised and lowered letters are signs of their own: 10⁹ must not become 109.
    said = spoken(NOTE_MARK.sub(r" [\1] ", BACK.sub("", html)))
    root = lxml.html.fragment_fromstring(said, create_parent="div")
    made = _Writer()
    text = "\n\n".join(made.blocks(root))
    missing = list((_words(said) - _words(written_text.render(text)) - made.aside).elements())
    if missing:
        made.left_out.append(LeftOut(WORDS, 0, " ".join(missing[:MAX_WORDS])))
    return Taken(text, made.left_out)


def _words(html: str) -> Counter[str]:
    return Counter(_WORD.findall(words(html).casefold()))


class _Writer:
    """Writes the blocks of one text, in order."""

    def __init__(self) -> None:
        self.left_out: list[LeftOut] = []
        # Words that are told of in another way, and are not missing.
        self.aside: Counter[str] = Counter()
        self._page = 0

    def _tell(self, kind: str, says: str = "", *, aside: str = "") -> None:
        self.left_out.append(LeftOut(kind, self._page, says[:300]))
        self.aside += Counter(_WORD.findall(aside.casefold()))

    # Blocks -----------------------------------------------------------------------------------------------------
    def blocks(self, parent: HtmlElement) -> list[str]:
        """Each block of an element as lines of Markdown; words between its blocks are paragraphs of their own."""
        return [block for block in self._blocks(parent) if block.strip()]

    def _blocks(self, parent: HtmlElement) -> Iterator[str]:
        line, marks = _escaped(parent.text or ""), ""
        for child in parent:
            if child.tag in _BLOCKS:
                if line.strip():
                    yield _begun(line)
                    marks = ""
                line = ""
                # Two lists beside each other are told apart by their marks: else the second counts on from the first.
                marks = _OTHER[marks] if child.tag in ("ul", "ol") else ""
                yield from self._block(child, marks)
            else:
                line += self._inline(child)
            line += _escaped(child.tail or "")
        yield _begun(line)

    def _block(self, element: HtmlElement, marks: str) -> Iterator[str]:
        tag, kind = element.tag, element.get("class", "")
        if kind == "doc-running":
            said = _said(element)
            self._tell(RUNNING, said, aside=said)
        elif kind == "doc-left-out":
            said = _said(element)
            self._tell(PART, said, aside=said)
        elif re.fullmatch("h[2-6]", tag) or kind == "doc-title":
            if line := self._line(element):
                yield f"{'#' * (int(tag[1]) if tag[0] == 'h' else 2)} {_unclosed(line)}"
        elif tag in ("ul", "ol"):
            yield self._list(element, marks)
        elif tag == "table":
            yield self._table(element)
        elif kind == "callout" or tag == "blockquote":
            yield self._quotation(element)
        elif tag == "hr":
            yield "---"
        elif tag == "pre":
            yield "\n".join(["```", element.text_content().rstrip("\n"), "```"])
        elif tag == "dt":
            yield f"**{self._line(element)}**" if _said(element) else ""
        elif tag == "p":
            yield _begun(self._line(element))
        else:
            yield from self._blocks(element)

    def _quotation(self, element: HtmlElement) -> str:
        blocks = self.blocks(element)
        if element.get("class") == "callout" and blocks:
            said = blocks.pop(0).strip("*")
            blocks = [f"**{said}:** {blocks[0]}" if blocks else f"**{said}:**", *blocks[1:]]
        return _before("\n\n".join(blocks), "> ", "> ")

    def _list(self, element: HtmlElement, marks: str) -> str:
        is_counted = element.tag == "ol"
        letters = element.get("type", "1") if is_counted else ""
        number = int(element.get("start") or 1)
        if letters not in ("", "1"):
            self._tell(LETTERS, _said(element)[:80])
        items = []
        for item in element.iterchildren("li"):
            if item.get("value") == "1" and number != 1:
                # A list that begins anew within itself is another one: a 1 that is typed would be counted on.
                marks = _OTHER[marks]
            number = int(item.get("value") or number)
            blocks = self.blocks(item)
            own = item.get("class") == "doc-numbered"
            mark = f"{marks[0]} "
            if is_counted and not own and letters in ("", "1"):
                mark = f"{number}{marks[1]} "
            elif is_counted and not own:
                # Others may say "point b": the letter stays, as words.
                blocks = [f"{_counted(letters, number)}) {blocks[0]}" if blocks else "", *blocks[1:]]
            is_loose = len(blocks) > 1 and not all(_is_list(block) for block in blocks[1:])
            items.append(_before(("\n\n" if is_loose else "\n").join(blocks), mark, " " * len(mark)))
            number += 1
        return "\n".join(items)

    # Tables -----------------------------------------------------------------------------------------------------
    def _table(self, element: HtmlElement) -> str:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        if sum(map(len, cells)) == 1:
            self._tell(BOX, _said(element)[:80])
            return _before("\n\n".join(self.blocks(cells[0][0] if cells[0] else element)), "> ", "> ")
        grid: list[dict[int, str]] = [{} for _ in rows]
        merged = False
        for y, row in enumerate(cells):
            x = 0
            for cell in row:
                while x in grid[y]:
                    x += 1
                across, down = (min(100, max(1, int(cell.get(name) or 1))) for name in ("colspan", "rowspan"))
                merged = merged or across * down > 1
                line = self._cell(cell)
                for below in range(min(down, len(rows) - y)):
                    for beside in range(across):
                        # Each row says what holds for several, and each column its heading.
                        grid[y + below][x + beside] = line if not beside or y == 0 else ""
                x += across
        if not any(cell.tag == "th" for row in cells for cell in row):
            self._tell(HEADER, " | ".join(map(_said, cells[0]))[:80] if cells else "")
        if merged:
            self._tell(MERGED, _said(element)[:80])
        wide = max((max(row, default=-1) for row in grid), default=-1) + 1
        lines = ["| " + " | ".join(row.get(x, "") for x in range(wide)) + " |" for row in grid]
        lines.insert(1, "|" + "---|" * wide)
        caption = element.find("caption")
        above = [f"**{self._line(caption)}**"] if caption is not None and _said(caption) else []
        return "\n\n".join([*above, "\n".join(lines)])

    def _cell(self, cell: HtmlElement) -> str:
        """On one line: a table of ours has no lines within its cells."""
        lines = [line for block in self.blocks(cell) for line in re.split(r"\\?\n", block) if line.strip(" >")]
        if len(lines) > 1:
            self._tell(LINES, _said(cell)[:80])
        said = ""
        for line in lines:
            between = "" if not said else " " if said[-1] in ".,:;!?" else "; "
            said += between + line.strip()
        return said.replace("|", "\\|")

    # Words ------------------------------------------------------------------------------------------------------
    def _line(self, element: HtmlElement) -> str:
        inner = _escaped(element.text or "")
        for child in element:
            inner += self._inline(child) + _escaped(child.tail or "")
        return re.sub(r"[ \t\r\f\v]+", " ", inner).strip()

    def _inline(self, element: HtmlElement) -> str:
        tag, kind = element.tag, element.get("class", "")
        if found := _PAGE.fullmatch(element.get("id") or ""):
            self._page = int(found[1])
        if tag == "br":
            return "\\\n"
        if kind == "doc-image":
            said = _said(element)
            self._tell(PICTURE, said, aside=said)
            return ""
        if kind == "doc-left-out":
            said = _said(element)
            self._tell(PART, said, aside=said)
            return ""
        inner = _escaped(element.text or "")
        for child in element:
            inner += self._inline(child) + _escaped(child.tail or "")
        href = element.get("href") or ""
        if tag == "a" and href.startswith("#"):
            # Within the file: the way back from a note says nothing by itself.
            return "" if inner.strip() == "↑" else inner
        if tag == "a" and href and inner.strip():
            return f"[{inner}]({re.sub(r'([()])', lambda sign: chr(92) + sign[1], href)})"
        mark = {"strong": "**", "em": "*", "s": "~~", "del": "~~", "code": "`"}.get(str(tag), "")
        return _marked(inner, mark) if mark else inner


def _said(element: HtmlElement) -> str:
    return words(lxml.html.tostring(element, encoding="unicode", with_tail=False))


def _marked(inner: str, mark: str) -> str:
    """The words between two marks; blanks at their ends stay outside, as Markdown would have it."""
    held = inner.strip()
    if not held or mark in inner:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{before}{mark}{held}{mark}{after}"


def _escaped(text: str) -> str:
    """Words so that they mean just themselves."""
    text = re.sub(r"\s+", " ", text)
    text = _SIGNS.sub(lambda sign: _sign(text, sign.start()), text)
    return _AUTOLINK.sub(r"\\<", _ENTITY.sub(r"\\&", text))


def _sign(text: str, at: int) -> str:
    """A sign is left as it is within a word, between a number and what it is taken times, and in a row to fill in."""
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if sign == "_" and before.isalnum() and after.isalnum():
        return sign
    if sign == "*" and before.isdigit() and after.isalnum():
        return sign
    run = re.compile(r"(?<=\s)([*_~])\1*(?=\s)")
    if sign in "*_~" and any(found.start() <= at < found.end() for found in run.finditer(text)):
        return sign
    return f"\\{sign}"


def _begun(line: str) -> str:
    """A paragraph whose lines begin nothing else."""
    return "\\\n".join(map(_line_begun, line.strip().split("\\\n")))


def _line_begun(line: str) -> str:
    line = line.strip()
    if _LIMIT.match(line):
        return line
    if re.fullmatch(r"[|:=-][\s|:=-]*", line):
        return f"\\{line}"
    line = re.sub(r"^([+-])(?=\s|$)|^>|^(#{1,6})(?=\s|$)", r"\\\g<0>", line)
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", line)


def _unclosed(line: str) -> str:
    return re.sub(r"(^|\s)(#+)$", r"\1\\\2", line).replace("\\\n", " ")


def _before(text: str, first: str, others: str) -> str:
    """Lines with something before them."""
    lines = text.split("\n")
    return "\n".join(((others if n else first) + line).rstrip() for n, line in enumerate(lines))


def _is_list(block: str) -> bool:
    return re.match(r"[-*+] |\d+[.)] ", block) is not None


def _counted(kind: str, number: int) -> str:
    if kind in "aA" and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    ones = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
    roman = "x" * (number // 10) + ones[number % 10]
    return roman.upper() if kind == "I" else roman if kind == "i" else str(number)
