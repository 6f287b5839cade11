"""Files changed in place: a digit in the judged files, and a row, a column or a cell in tables drawn for it. The page
follows the change, or shows that part of the file as a picture. Anything else is a value changed without a word.
"""

from __future__ import annotations

import html as entities
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import pypdfium2
import typst

from core.sandbox import pdf
from core.sandbox.letters import letters

LIMITS = {"max_pages": 2000, "max_text_bytes": 5_000_000}
_INLINE, _TAG = re.compile(r"</?(?:strong|em|sup|sub|a|s)\b[^>]*>"), re.compile(r"<[^>]*>")
_CROP = re.compile(r'id="doc-ruta-(\d+)-(\d+)-(\d+)-(\d+)-(\d+)"')
_MAPPED = re.compile(rb"<([0-9A-Fa-f]{2,4})>\s*<([0-9A-Fa-f]{4})>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]{2,4})>\s*<([0-9A-Fa-f]{2,4})>\s*<([0-9A-Fa-f]{4})>")
_MAY_DIFFER = re.compile(r"(?:Sida|version) \d+(?: av \d*| \(\d*\)?)?$|version \d+ \d+ \(\d*\)?$")


@dataclass(frozen=True)
class Change:
    """What was done to a file, and whether its page followed or said so."""

    file: str
    what: str
    is_told: bool


# --- A digit --------------------------------------------------------------------------------------------------


def digits(path: Path, chosen: random.Random, count: int) -> Iterator[Change]:
    """The file with one digit of one page changed for another, `count` times."""
    before = _read(path)
    with TemporaryDirectory() as folder, pikepdf.open(path) as paper:
        places = [(n, place) for n, page in enumerate(paper.pages) for place in _digits_of(page)]
        for number, place in chosen.sample(places, min(count, len(places))):
            page = paper.pages[number]
            kept = page.obj.Contents
            new = chosen.choice([digit for digit in place.codes if digit != place.digit])
            page.obj.Contents = paper.make_stream(_with(page, place, place.codes[new]))
            changed = Path(folder) / "changed.pdf"
            paper.save(changed)
            page.obj.Contents = kept
            if (change := _followed(path.name, before, _read(changed), number, place.digit, new)) is not None:
                yield change


@dataclass(frozen=True)
class _Place:
    """A digit in a page's drawing: the instruction, the string in it and the byte; and its font's codes of digits."""

    instruction: int
    string: int
    byte: int
    digit: str
    codes: dict[str, bytes]


def _digits_of(page: Any) -> Iterator[_Place]:
    fonts = {str(name): _codes(font) for name, font in page.obj.Resources.get("/Font", {}).items()}
    codes: dict[str, bytes] = {}
    for number, (operands, operator) in enumerate(pikepdf.parse_content_stream(page)):
        if str(operator) == "Tf":
            codes = fonts.get(str(operands[0]), {})
        elif str(operator) in ("Tj", "TJ") and len(codes) > 1:
            strings = list(operands[0]) if str(operator) == "TJ" else [operands[0]]
            width = len(next(iter(codes.values())))
            by_code = {code: digit for digit, code in codes.items()}
            for at, string in enumerate(strings):
                if isinstance(string, pikepdf.String):
                    raw = bytes(string)
                    for byte in range(0, len(raw) - width + 1, width):
                        if (digit := by_code.get(raw[byte : byte + width])) is not None:
                            yield _Place(number, at, byte, digit, codes)


def _codes(font: Any) -> dict[str, bytes]:
    """What a font writes for each digit that it has."""
    found: dict[str, bytes] = {}
    width = 2 if font.get("/Subtype") == "/Type0" else 1
    if "/ToUnicode" in font:
        table = font.ToUnicode.read_bytes()
        for section in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            for code, letter in _MAPPED.findall(section):
                _note(found, int(code, 16), int(letter, 16), width)
        for section in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
            for first, last, letter in _RANGE.findall(section):
                for n in range(min(int(last, 16) - int(first, 16) + 1, 256)):
                    _note(found, int(first, 16) + n, int(letter, 16) + n, width)
    elif width == 1:
        found = {digit: digit.encode() for digit in "0123456789"}
    return found


def _note(found: dict[str, bytes], code: int, letter: int, width: int) -> None:
    if 0x30 <= letter <= 0x39:
        found[chr(letter)] = code.to_bytes(width, "big")


def _with(page: Any, place: _Place, code: bytes) -> bytes:
    drawing = list(pikepdf.parse_content_stream(page))
    operands, operator = drawing[place.instruction]
    strings = list(operands[0]) if str(operator) == "TJ" else [operands[0]]
    raw = bytearray(bytes(strings[place.string]))
    raw[place.byte : place.byte + len(code)] = code
    strings[place.string] = pikepdf.String(bytes(raw))
    inside = pikepdf.Array(strings) if str(operator) == "TJ" else strings[0]
    drawing[place.instruction] = pikepdf.ContentStreamInstruction([inside], operator)
    return pikepdf.unparse_content_stream(drawing)


@dataclass
class _Read:
    words: str
    pages: list[str]
    crops: list[tuple[int, ...]]
    boxes: list[dict[int, tuple[float, ...]]]


def _read(path: Path) -> _Read:
    html = pdf.read_with_pdfium(str(path), LIMITS)["html"]
    document = pypdfium2.PdfDocument(str(path))
    own = [letters(page, page.get_textpage()) for page in document]
    crops = [tuple(map(int, found.groups())) for found in _CROP.finditer(html)]
    words = re.sub(r"\s+", " ", entities.unescape(_TAG.sub(" ", _INLINE.sub("", _numbered(html)))))
    return _Read(words, ["".join(sign or " " for sign in page.signs) for page in own], crops, [p.boxes for p in own])


def _numbered(html: str) -> str:
    """The HTML with the numbers of its items in their words, as a browser shows them."""
    counters: list[int | None] = []

    def shown(found: re.Match[str]) -> str:
        tag = found[0]
        start, value = re.search(r' start="(\d+)"', tag), re.search(r' value="(\d+)"', tag)
        if tag.startswith(("<ol", "<ul")):
            counters.append((int(start[1]) if start else 1) if tag.startswith("<ol") else None)
        elif tag.startswith("</"):
            counters.pop()
        elif counters and (count := counters[-1]) is not None:
            number = int(value[1]) if value else count
            counters[-1] = number + 1
            return tag if "doc-numbered" in tag else f"{tag} {number}. "
        return tag

    return re.sub(r"<(?:ol|ul|li)\b[^>]*>|</(?:ol|ul)>", shown, html)


def _followed(name: str, before: _Read, after: _Read, number: int, old: str, new: str) -> Change | None:
    """None where nothing is drawn, and for a page's number and a version at its edge, which may differ by page."""
    drawn, redrawn = before.pages[number], after.pages[number]
    at = next((n for n, (a, b) in enumerate(zip(drawn, redrawn, strict=False)) if a != b), None)
    what = f"page {number + 1}: {old} to {new} in {redrawn[max(0, (at or 0) - 20) : (at or 0) + 20]!r}"
    if at is None or len(drawn) != len(redrawn):
        # The file has no such figure in its type: nothing is drawn in its place.
        return None
    start = drawn.rfind(" ", 0, at) + 1
    end = next((n for n in range(at, len(drawn)) if drawn[n] == " "), len(drawn))
    # The number of a note stands before its words as the number of an item does.
    told = re.sub(r"^(\d+)(?=[A-ZÅÄÖ])", r"\1. ", redrawn[start:end])
    if _MAY_DIFFER.search(redrawn[max(0, start - 12) : end]):
        return None
    is_told = _count(after.words, told) > _count(before.words, told)
    return Change(name, what, is_told=is_told or _is_pictured(after, number, at))


def _count(words: str, text: str) -> int:
    return words.count(re.sub("[\x02\ufffe]", "-", text).rstrip("-"))


def _is_pictured(read: _Read, number: int, at: int) -> bool:
    box = read.boxes[number].get(at)
    if box is None:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(page == number + 1 and a <= x <= c and b <= y <= d for page, a, b, c, d in read.crops)


# --- A table --------------------------------------------------------------------------------------------------

_LOOKS = (
    "stroke: 0.5pt",
    "stroke: none",
    "stroke: (x, y) => (bottom: if y == 0 { 1pt } else { 0.3pt })",
    "stroke: (x, y) => (bottom: if y == 0 { 1pt })",
    "stroke: (x, y) => (left: if x > 0 { 0.5pt })",
    "stroke: none, fill: (x, y) => if calc.even(y) { luma(235) }",
    "stroke: 0.5pt, align: horizon + center",
    "stroke: 0.5pt, align: (x, y) => if x == 0 { left } else { right }",
    "stroke: none, column-gutter: 14pt",
)
_NAMES = ("Paracetamol", "Morfin", "Oxikodon depottablett", "Digoxin", "Ketamin", "Metoprolol", "Heparin natrium")
_TEXTS = ("ges långsamt under minst 10 minuter", "högst 4 doser per dygn, inte till barn under 2 år", "vid behov")
_UNITS = ("mg", "ml", "µg", "IE", "mg × 2", "mg/kg", "%")
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)


@dataclass(frozen=True)
class Drawn:
    """A table as it is drawn: its rows, the first of them the header."""

    rows: tuple[tuple[str, ...], ...]
    look: str
    is_bold: bool
    is_narrow: bool


def tables(folder: Path, chosen: random.Random, count: int) -> Iterator[Change]:
    """Tables of doses, each with a row moved, a column moved, or a cell emptied or changed, in another look."""
    for _ in range(count):
        drawn = _table(chosen)
        what, rows = _changed([list(row) for row in drawn.rows], chosen)
        path = folder / "table.pdf"
        path.write_bytes(typst.compile(_source(replace(drawn, rows=tuple(map(tuple, rows)))), format="pdf"))
        if chosen.random() < 0.5:
            with pikepdf.open(path, allow_overwriting_input=True) as paper:
                for key in ("/StructTreeRoot", "/MarkInfo"):
                    if key in paper.Root:
                        del paper.Root[key]
                paper.save(path)
        html = pdf.read_with_pdfium(str(path), LIMITS)["html"]
        yield Change(drawn.look, f"{what}: {rows}\n{html}", is_told=says(html, rows))


def _table(chosen: random.Random) -> Drawn:
    width = chosen.randint(2, 5)
    names = chosen.sample(_NAMES, chosen.randint(2, len(_NAMES)))
    head = ("Läkemedel", *chosen.sample(("Vuxen", "Barn", "Högst", "Intravenöst", "Äldre än 80 år"), width - 1))
    texts = chosen.random()
    rows = [(name, *(_cell(chosen, texts) for _ in head[1:])) for name in names]
    return Drawn((head, *rows), chosen.choice(_LOOKS), chosen.random() < 0.7, chosen.random() < 0.4)


def _cell(chosen: random.Random, texts: float) -> str:
    dose = f"{chosen.choice((5, 10, 12, 25, 100, '0,5', '1 000'))} {chosen.choice(_UNITS)}"
    if texts < 0.25 and chosen.random() < 0.4:
        return f"{dose} {chosen.choice(_TEXTS)}"
    if texts > 0.85:
        return f"{dose} \\ {chosen.choice((1, 2, 3))} gånger"
    return dose


def _changed(rows: list[list[str]], chosen: random.Random) -> tuple[str, list[list[str]]]:
    what = chosen.choice(("row", "column", "empty", "digit"))
    y, x = chosen.randrange(1, len(rows)), chosen.randrange(1, len(rows[0]))
    if what == "row":
        rows.append(rows.pop(y))
    elif what == "column":
        for row in rows:
            row.append(row.pop(x))
    elif what == "empty":
        rows[y][x] = ""
    else:
        rows[y][x] = re.sub(r"\d", lambda _: str(chosen.randint(1, 9)), rows[y][x], count=1)
    return what, rows


def _source(table: Drawn) -> bytes:
    mark = "*" if table.is_bold else ""
    cells = [f"[{mark}{cell}{mark}]" for cell in table.rows[0]] + [
        f"[{cell}]" for row in table.rows[1:] for cell in row
    ]
    width = len(table.rows[0])
    columns = f"({', '.join(['1fr'] * width)})" if table.is_narrow else str(width)
    return (
        "#set page(width: 480pt, height: 1100pt)\n= Doser\nTexten före tabellen säger vad som gäller för alla.\n\n"
        f"#table(columns: {columns}, {table.look}, {', '.join(cells)})\n\nKontakta läkare vid frågor.\n"
    ).encode()


def says(html: str, rows: list[list[str]]) -> bool:
    """Whether the page has the table cell by cell, or shows its part of the file."""
    if "finns i filen" in html:
        return True
    found = _TABLE.search(html)
    if found is None:
        # Rows as lines of text keep their order; an empty place before another value is lost there.
        words = " ".join(entities.unescape(_TAG.sub(" ", html)).split())
        lines = [" ".join(row).rstrip().replace("\\ ", "") for row in rows]
        return all("  " not in line and line in words for line in lines)
    return _rows(found[0]) == [[cell.replace("\\ ", "") for cell in row] for row in rows]


def _rows(table: str) -> list[list[str]]:
    """The table's rows. Lines that stand beside one another may be rows of their own under one name: they are one."""
    made: list[list[str]] = []
    hanging: list[int] = []
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        cells = iter(re.findall(r"<t[hd]\b([^>]*)>(.*?)</t[hd]>", row))
        is_more = bool(hanging) and hanging[0] > 0
        texts = []
        hanging = hanging or [0] * len(re.findall(r"<t[hd]\b", row))
        for n, left in enumerate(hanging):
            if left:
                hanging[n], text = left - 1, ""
            else:
                attributes, inside = next(cells, ("", ""))
                down = re.search(r'rowspan="(\d+)"', attributes)
                hanging[n] = int(down[1]) - 1 if down else 0
                text = " ".join(entities.unescape(_TAG.sub(" ", inside)).split())
            texts.append(text)
        if is_more:
            made[-1] = [f"{one} {two}".strip() for one, two in zip(made[-1], texts, strict=True)]
        else:
            made.append(texts)
    return made
