"""Blocks to readable HTML, and to plain text by page."""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.sandbox.layout.blocks import Block
from core.sandbox.layout.cells import Cell, Table
from core.sandbox.layout.joining import HYPHENS, Vocabulary, is_open
from core.sandbox.layout.lines import BULLET, parts_dose, parts_number, rows
from core.sandbox.layout.sheet import LINE_END_HYPHENS, Word

# The margin, in points, of a part that is shown as a picture: its frame, the ends of letters.
MARGIN = 4
_LINE_TO_WRITE_ON = re.compile(r"([_.…-])\1{12,}")
_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = [f"{tens}{ones}" for tens in ("", "x", "xx") for ones in _ONES][1:]
_CALLOUT = re.compile(r"(Viktigt|Observera|Varning)\s*[:!]", re.IGNORECASE)


@dataclass
class _List:
    indent: float
    tag: str
    kind: str  # as HTML counts: 1, a, A, i or I
    next: int


def _counted(marker: str, going: _List | None) -> tuple[str, int]:
    """How HTML counts the number that an item has in its file: the kind of numbers and the number; 0 where it cannot.

    A letter that is a Roman number too goes on with the letters before it.
    """
    said = marker.strip("().")
    if said.isascii() and said.isdigit() and len(said) <= 4:
        return "1", int(said)
    lower = said.lower()
    if not said.isascii() or not said.isalpha() or said not in (lower, said.upper()):
        return "", 0
    letter, roman = ("a", "i") if said == lower else ("A", "I")
    value = _ROMAN.index(lower) + 1 if lower in _ROMAN else 0
    goes_on = len(said) == 1 and going is not None and going.kind == letter
    if value and not goes_on and (len(said) > 1 or value == 1 or (going is not None and going.kind == roman)):
        return roman, value
    return (letter, ord(lower) - ord("a") + 1) if len(said) == 1 else ("", 0)


def beside(rows: list[tuple[int, str]]) -> str:
    """Text that stands beside the text of the pages, after it: on several pages (0), then page by page."""
    if not rows:
        return ""
    made = []
    for page in sorted({page for page, _ in rows}):
        head = f"I sidhuvud eller sidfot, sida {page}" if page else "På varje sida"
        made.append(f"<p><strong>{head}</strong></p>")
        made += [f"<p>{entities.escape(text, quote=False)}</p>" for at, text in rows if at == page]
    return f'\n<div class="doc-running">{"".join(made)}</div>'


def fragments(blocks: list[Block], vocabulary: Vocabulary, pages: int) -> list[tuple[Block | None, str]]:
    """The HTML of a document from its beginning to its end, each part with the block that it tells, or with none."""
    marks = Counter(block.marker for block in blocks if block.kind == "note")
    # Marks that begin anew on each page lead to no note for certain.
    notes = frozenset(mark for mark, times in marks.items() if times == 1)
    return Writer(vocabulary, notes).fragments(blocks, pages)


@dataclass
class _Piece:
    text: str
    bold: bool
    italic: bool
    href: str
    raised: bool
    struck: bool = False
    page: int = 0  # begins here; then there are no words

    @property
    def look(self) -> tuple[bool, bool, str, bool, bool]:
        return self.bold, self.italic, self.href, self.raised, self.struck


class Writer:
    """Writes the blocks of one document."""

    def __init__(self, vocabulary: Vocabulary, notes: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._notes = notes
        self._turns: dict[int, int] = {}

    def fragments(self, blocks: list[Block], pages: int) -> list[tuple[Block | None, str]]:
        made: list[tuple[Block | None, str]] = []
        parts: list[str] = []
        lists: list[_List] = []  # what is open
        reached = 0

        def done(block: Block | None) -> None:
            made.append((block, "\n".join(parts)))
            parts.clear()

        def close(down_to: int) -> None:
            while len(lists) > down_to:
                parts.append(f"</li></{lists.pop().tag}>")

        body = [block for block in blocks if block.kind != "note"]
        for block in body:
            anchors = "".join(map(_page, range(reached + 1, block.page + 1)))
            reached = max(reached, block.page, *(page for _, page in block.turns))
            self._turns = {id(word): page for word, page in block.turns}
            if block.kind == "item":
                self._item(block, lists, parts, anchors)
            elif block.kind == "more" and lists:
                parts.append(f"<p>{anchors}{self.inline(block.words)}</p>")
            else:
                close(0)
                if anchors and block.kind == "table":
                    parts.append(f"<p>{anchors}</p>")
                    anchors = ""
                parts.append(self._block(block, anchors))
            done(block)
        close(0)
        parts += [f"<p>{_page(n)}</p>" for n in range(reached + 1, pages + 1)]
        notes = [block for block in blocks if block.kind == "note"]
        if notes:
            parts.append('<ol class="doc-notes">')
            counted = 0
            for block in notes:
                shown, counted = self._note(block, counted + 1)
                parts.append(shown)
                done(block)
            parts.append("</ol>")
        done(None)
        return made

    def _block(self, block: Block, anchors: str) -> str:
        if block.kind == "heading":
            return f"<h{block.level}>{anchors}{self.inline(block.words, in_bold=True)}</h{block.level}>"
        if block.kind == "title":
            return f'<p class="doc-title">{anchors}{self.inline(block.words, in_bold=True)}</p>'
        if block.kind == "table":
            assert block.table is not None
            return self._table(block.table, block)
        if block.kind in ("picture", "unkept"):
            what = "figure" if block.kind == "picture" else "text"
            return (f"<p>{anchors}</p>" if anchors else "") + _left_out(what, block, block.alt)
        said = self.inline(block.words)
        if word := _CALLOUT.match(block.text):
            plain = re.sub(r"</?strong>", "", said)
            rest = plain[word.end() :].lstrip() if plain.startswith(entities.escape(word[0])) else ""
            if rest:
                return f"<blockquote><p><strong>{word[1].capitalize()}:</strong> {anchors}{rest}</p></blockquote>"
        return f"<p>{anchors}{said}</p>"

    def _item(self, block: Block, lists: list[_List], parts: list[str], anchors: str) -> None:
        tag = "ul" if block.marker == BULLET or not block.marker else "ol"
        depth = 0
        while depth < len(lists) and lists[depth].indent < block.indent - 4:
            depth += 1
        while len(lists) > depth + 1:
            parts.append(f"</li></{lists.pop().tag}>")
        going = lists[depth] if len(lists) == depth + 1 else None
        kind, number = _counted(block.marker, going) if tag == "ol" else ("", 0)
        # A label that no list counts by is words; whatever list it stands in.
        if going and (going.tag != tag or (number and going.kind != kind)):
            parts.append(f"</li></{lists.pop().tag}>")
            going = None
        if going is None:
            kinds = f' type="{kind}"' if number and kind != "1" else ""
            start = f' start="{number}"' if number > 1 else ""
            parts.append(f"<{tag}{kinds}{start}>")
            going = _List(block.indent, tag, kind or "1", number or 1)
            lists.append(going)
        else:
            parts.append("</li>")
        label, opened = "", "<li>"
        if number:
            opened = f'<li value="{number}">' if number != going.next else "<li>"
            going.next = number + 1
        elif tag == "ol":
            label, opened = f"{entities.escape(block.marker, quote=False)} ", '<li class="doc-numbered">'
        parts.append(f"{opened}{anchors}{label}{self.inline(block.words)}")

    def _note(self, block: Block, following: int) -> tuple[str, int]:
        """The note under its own mark, and the number that it counts as; `following` is the number it has unsaid."""
        mark = block.marker
        back = f' <a href="#doc-till-{mark}">↑</a>' if mark in self._notes else ""
        told = f' id="doc-not-{entities.escape(mark)}"' if back else ""
        label = ""
        if mark.isascii() and mark.isdigit():
            told += f' value="{int(mark)}"' if int(mark) != following else ""
            following = int(mark)
        else:
            told += ' class="doc-numbered"'
            label = f"{entities.escape(mark, quote=False)} "
        return f"<li{told}>{label}{self.inline(block.words)}{back}</li>", following

    # --- Tables ---

    def _table(self, table: Table, block: Block) -> str:
        if not table.is_sure:
            parts = table.parts or [(block.page, table.box)]
            return "".join(_left_out("table", replace(block, page=page, place=box), "") for page, box in parts)
        made = []
        for n, row in enumerate(table.rows):
            cells = "".join(self._cell(cell, n < table.heads) for cell in row)
            made.append(f"<tr>{cells}</tr>")
        head = f"<thead>{''.join(made[: table.heads])}</thead>" if table.heads else ""
        return f"<table>{head}<tbody>{''.join(made[table.heads :])}</tbody></table>"

    def _cell(self, cell: Cell, above: bool) -> str:
        tag = "th" if cell.head else "td"
        scope = "" if not cell.head else ' scope="col"' if above else ' scope="row"'
        spans = f' colspan="{cell.across}"' * (cell.across > 1) + f' rowspan="{cell.down}"' * (cell.down > 1)
        return f"<{tag}{scope}{spans}>{self._lines(cell)}</{tag}>"

    def _lines(self, cell: Cell) -> str:
        """The cell's words; items of a list in it, each on a line of its own."""
        parts: list[list[Word]] = [[]]
        markers: list[str] = [""]
        for row in rows(cell.words):
            line = row.line
            before = parts[-1][-1].text if parts[-1] else ""
            is_number = before[-1:].isdigit() and line.text[:1].isdigit() and not parts_number(before, line.text)
            if line.marker or is_number or (cell.by_lines and not parts_dose(before, line.text)):
                parts.append([])
                markers.append(line.marker)
            elif _stands_alone(parts[-1]) and self._vocabulary.is_cut(parts[-1][-1], line.words, cell.box):
                parts[-1][-1] = replace(parts[-1][-1], text=parts[-1][-1].text + line.words.pop(0).text)
            parts[-1] += line.words
        said = [
            (f"{marker} " if marker else "") + self.inline(words, in_bold=cell.head)
            for marker, words in zip(markers, parts, strict=True)
            if words
        ]
        return "<br>".join(said)

    # --- Words ---

    def inline(self, words: list[Word], *, in_bold: bool = False) -> str:
        """Words with what marks them: bold, slanted, addresses, marks of notes; broken words put together."""
        pieces: list[_Piece] = []
        for text, word, page in self._whole(words):
            if page:
                pieces.append(_Piece("", False, False, "", False, page=page))
            last = pieces[-1] if pieces else None
            # A mark may be a raised figure of the typeface's own: then its address tells it.
            is_raised = word.is_raised or (word.glued and text in self._notes and word.href.startswith("#sida-"))
            is_note = is_raised and text in self._notes
            blank = "" if last is None or last.page or word.glued or is_note or last.text.endswith(" ") else " "
            look = (word.bold and not in_bold, word.italic, "" if is_raised else word.href, is_raised, word.is_struck)
            if last is not None and last.look == look and not last.page:
                last.text += blank + text
                continue
            if last is not None and not last.page:
                last.text += blank
            pieces.append(_Piece(text, *look))
        return "".join(self._piece(piece) for piece in pieces).strip()

    def _whole(self, words: list[Word]) -> Iterator[tuple[str, Word, int]]:
        """Each word whole, with the word it begins as, and the page that begins with it (or 0). The halves of a word at
        a line's end are one word.
        """
        held, page = "", 0
        start: Word | None = None
        for word, following in zip(words, [*words[1:], None], strict=False):
            # Lines to write on: long ones would be wider than a telephone.
            shown = _LINE_TO_WRITE_ON.sub(r"\1" * 12, word.text)
            text = self._joined(held, shown) if held else shown
            start, page = start or word, page or self._turns.pop(id(word), 0)
            is_line_end = following is not None and following.base > word.base + 0.5 * word.size
            if following is not None and is_line_end and _goes_on(text, following.text):
                held = text
                continue
            if following is not None and _is_broken(text, word, following) and not is_open(following.text):
                held = text
                continue
            if len(text) > 1 and text[-1] in HYPHENS:
                text = text[:-1] + ("" if text[-1] == "\u00ad" else "-")
            yield text, start, page
            held, start, page = "", None, 0

    def _joined(self, held: str, rest: str) -> str:
        """Two parts of a word or a number that a line's end has parted."""
        if held[-1] in HYPHENS:
            return self._vocabulary.join(held, rest)
        return f"{held} {rest}" if held[-1].isdigit() else held + rest

    def _piece(self, piece: _Piece) -> str:
        if piece.page:
            return f' <span class="doc-page doc-page--in" id="sida-{piece.page}"></span> '
        blank = " " if piece.text.endswith(" ") else ""
        text = entities.escape(piece.text.strip(), quote=False)
        if not text:
            return blank
        if piece.raised:
            if text in self._notes:
                return f'<sup><a id="doc-till-{text}" href="#doc-not-{text}">{text}</a></sup>{blank}'
            text = f"<sup>{text}</sup>"
        if piece.struck:
            text = f"<s>{text}</s>"
        if piece.raised:
            return text + blank
        if piece.italic:
            text = f"<em>{text}</em>"
        if piece.bold:
            text = f"<strong>{text}</strong>"
        if piece.href:
            text = f'<a href="{entities.escape(piece.href)}">{text}</a>'
        return text + blank


def _page(number: int) -> str:
    return f'<span class="doc-page" id="sida-{number}"></span>'


def _stands_alone(words: list[Word]) -> bool:
    """Whether the last word is the only one on its line: a word that is cut began a line, for want of room."""
    return bool(words) and (len(words) == 1 or words[-1].base > words[-2].base + 0.5 * words[-1].size)


def _goes_on(text: str, following: str) -> bool:
    """Whether a line's end stands within a number, or after the stroke of a unit: 1,/5 mg, mg//kg."""
    is_stroke = text[-1:] == "/" and text[-2:-1].isalnum() and following[:1].isalnum()
    return is_stroke or parts_number(text, following)


def _is_broken(text: str, word: Word, following: Word) -> bool:
    """Whether a word that ends with a hyphen goes on in the next line or column."""
    if len(text) < 2 or text[-1] not in HYPHENS:
        return False
    is_below, is_beside = following.base > word.base + 0.5 * word.size, following.base < word.base - 5 * word.size
    return text[-1] in LINE_END_HYPHENS or is_below or is_beside


def _left_out(what: str, block: Block, alt: str) -> str:
    """A part that cannot be shown as words is named at its place, with its page in the file. Swedish, as the text
    is."""
    name = {"figure": "Figuren", "table": "Tabellen", "text": "Texten"}[what]
    said = f"{name} finns i filen, sida {block.page}." + (f" {alt}" if alt else "")
    left, top, right, bottom = (max(0, round(side)) for side in block.box)
    part = ""
    if right - left > 10 and bottom - top > 5:
        # Its place on the page, so that it can be shown as a picture.
        sides = (
            left - MARGIN if left > MARGIN else 0,
            top - MARGIN if top > MARGIN else 0,
            right + MARGIN,
            bottom + MARGIN,
        )
        part = f' id="doc-ruta-{block.page}-{"-".join(map(str, sides))}"'
    return f'<p class="doc-left-out"{part}>{entities.escape(said, quote=False)}</p>'
