"""The numbers of a Word document's lists and headings, as Word itself counts them. No Django here.

Word writes no number beside an item: it counts paragraphs of the same numbering, whatever stands between them
(ECMA-376 17.9). "Go back to step 2" and "see 2.1" name what is counted so. Each paragraph gets a mark with its number
before it is read, and `settled` makes the lists of the finished text count by the marks.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BEGIN, _END = "\ue0f2", "\ue0f3"
_MARK = re.compile(f"{_BEGIN}([^{_END}|]*)\\|([^{_END}|]*)\\|([^{_END}]*){_END}")
# Marks, and the tags that open and close lists and items.
_TOKEN = re.compile(rf"<(/?)(ol|ul|li)\b([^>]*)>|{_MARK.pattern}")
_TYPES = {"decimal": "1", "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
# A label that says no more than a list does by itself.
_PLAIN = re.compile(r"\s*[0-9A-Za-z]+\s*[.)]?\s*")
_LEVELS = 9


@dataclass
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""


@dataclass
class _Numbering:
    """One that paragraphs count by: its levels, and how far each has come."""

    levels: dict[int, _Level]
    reached: dict[int, int] = field(default_factory=dict)


class Numberings:
    """One document's. `numbering` is the root of word/numbering.xml, `styles` that of word/styles.xml."""

    def __init__(self, numbering: ET.Element | None, styles: ET.Element | None) -> None:
        self._of_num: dict[str, tuple[_Numbering, dict[int, int]]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._by_style: dict[str, tuple[str, int]] = {}
        self._based: dict[str, str] = {}
        kept: dict[str, _Numbering] = {}
        for abstract in numbering.iter(f"{W}abstractNum") if numbering is not None else ():
            levels = {
                _number_of(level.get(f"{W}ilvl", "")) or 0: _level(level) for level in abstract.findall(f"{W}lvl")
            }
            kept[abstract.get(f"{W}abstractNumId", "")] = _Numbering(levels)
        for num in numbering.iter(f"{W}num") if numbering is not None else ():
            if kind := kept.get(_value(num, "abstractNumId")):
                anew = {
                    _number_of(one.get(f"{W}ilvl", "")) or 0: start
                    for one in num.findall(f"{W}lvlOverride")
                    if (start := _number_of(_value(one, "startOverride"))) is not None
                }
                self._of_num[num.get(f"{W}numId", "")] = kind, anew
        for style in styles.iter(f"{W}style") if styles is not None else ():
            name, said = style.get(f"{W}styleId", ""), _said(style.find(f"{W}pPr"))
            self._based[name] = _value(style, "basedOn")
            if said[0]:
                self._by_style[name] = said

    def mark(self, root: ET.Element) -> bool:
        """Marks each numbered paragraph of a part, in its order; False where there are none."""
        changed = False
        # The words of a text box are in the file twice; the second is for older programs.
        twice = {id(inner) for fallback in root.iter(_FALLBACK) for inner in fallback.iter(f"{W}p")}
        for paragraph in root.iter(f"{W}p"):
            if id(paragraph) in twice:
                continue
            properties = paragraph.find(f"{W}pPr")
            if properties is None:
                continue
            found = self._number(*self._asked(properties))
            if found:
                run = ET.Element(f"{W}r")
                text = ET.SubElement(run, f"{W}t")
                text.text = f"{_BEGIN}{'|'.join(found)}{_END}"
                paragraph.insert(list(paragraph).index(properties) + 1, run)
                changed = True
        return changed

    def _asked(self, properties: ET.Element) -> tuple[str, int]:
        """By which numbering a paragraph counts, and at which level: its own word, or its style's."""
        own, level = _said(properties)
        if own:
            return own, level
        style = _value(properties, "pStyle")
        for _step in range(20):
            if style in self._by_style:
                return self._by_style[style]
            if not (style := self._based.get(style, "")):
                break
        return "", 0

    def _number(self, num: str, level: int) -> tuple[str, str, str] | None:
        """The next paragraph's format, number and whole label; None for bullets and what is not numbered."""
        if num not in self._of_num or not 0 <= level < _LEVELS:
            return None
        numbering, anew = self._of_num[num]
        said = numbering.levels.get(level, _Level(text=f"%{level + 1}."))
        if level in anew and (num, level) not in self._begun:
            self._begun.add((num, level))
            numbering.reached[level] = anew[level]
        else:
            numbering.reached[level] = numbering.reached.get(level, said.start - 1) + 1
        for deeper in [n for n in numbering.reached if n > level]:
            del numbering.reached[deeper]
        if said.format in ("bullet", "none"):
            return None

        def part(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            of_it = numbering.levels.get(at, _Level())
            return _written(numbering.reached.get(at, of_it.start), of_it.format)

        label = re.sub(r"%([1-9])", part, said.text)
        return said.format, str(numbering.reached[level]), label.replace("|", " ")


def _level(level: ET.Element) -> _Level:
    start = _number_of(_value(level, "start"))
    return _Level(1 if start is None else start, _value(level, "numFmt") or "decimal", _value(level, "lvlText"))


def _said(properties: ET.Element | None) -> tuple[str, int]:
    found = properties.find(f"{W}numPr") if properties is not None else None
    if found is None:
        return "", 0
    return _value(found, "numId"), _number_of(_value(found, "ilvl")) or 0


def _value(element: ET.Element, name: str) -> str:
    found = element.find(f"{W}{name}")
    return found.get(f"{W}val", "") if found is not None else ""


def _number_of(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else None


def _written(number: int, format: str) -> str:
    if format in ("lowerLetter", "upperLetter") and 0 < number <= 26 * 30:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if format == "upperLetter" else letters
    if format in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for value, sign in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"), strict=True,
        ):  # fmt: skip
            roman += sign * (number // value)
            number %= value
        return roman.upper() if format == "upperRoman" else roman
    return f"{number:02d}" if format == "decimalZero" else str(number)


# After the text is made ------------------------------------------------------------------------------------------
def settled(html: str) -> str:
    """HTML whose lists count as its marks say, and whose other marks are the numbers themselves."""
    if _BEGIN not in html:
        return html
    parts: list[str] = []
    done = 0
    # For each open list: the place of its opening tag among the parts, and the number of its next item.
    lists: list[tuple[int, int | None]] = []
    item: int | None = None
    for found in _TOKEN.finditer(html):
        parts.append(html[done : found.start()])
        done = found.end()
        tag = found[2]
        if tag is None:
            parts.append(_counted(parts, lists, item, found))
            item = None
            continue
        parts.append(found[0])
        if tag == "li":
            if not found[1] and lists:
                lists[-1] = (lists[-1][0], None if lists[-1][1] is None else lists[-1][1] + 1)
            item = None if found[1] else len(parts) - 1
        elif found[1]:
            lists = lists[:-1]
        else:
            lists.append((len(parts) - 1, 0 if tag == "ol" else None))
            item = None
    return "".join([*parts, html[done:]])


def _counted(parts: list[str], lists: list[tuple[int, int | None]], item: int | None, found: re.Match[str]) -> str:
    """The text in the place of a mark: nothing if the list says it by itself, else the label."""
    format, number, label = (entities.unescape(part) for part in found.groups()[3:])
    shown = f"{entities.escape(label, quote=False)} " if label.strip() else ""
    at, expected = lists[-1] if lists else (0, None)
    # Words before it in the item would be in the way of a number: then it is said.
    if item is None or expected is None or "".join(parts[item + 1 :]).strip():
        return shown
    value = int(number)
    if format not in _TYPES or not _PLAIN.fullmatch(label):
        parts[item] = '<li class="doc-numbered">'
        return shown
    if expected == 1:
        kind = "" if format == "decimal" else f' type="{_TYPES[format]}"'
        begin = "" if value == 1 else f' start="{value}"'
        parts[at] = f"<ol{kind}{begin}>"
    elif value != expected:
        parts[item] = f'<li value="{value}">'
    lists[-1] = at, value
    return ""
