"""Which letters of a PDF's page are struck: a rule goes through their middle, or a note of the file strikes them.

A struck dose that is shown like any other is a wrong dose. No Django here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any

from core.sandbox.layout.sheet import Rule, Sheet, Word, words
from core.sandbox.letters import Letters, Turn

# So many sizes of the type above the line that letters stand on: there a rule strikes them. Lower it underlines them.
_LOWEST, _HIGHEST = 0.15, 0.5
# A rule that begins so many sizes before the letters, or goes on for so much of their length after them, goes behind a
# heading or parts a table; it strikes nothing.
_BEFORE, _AFTER = 1.5, 0.3
_MAX_NOTES = 1000


def mark(page: Any, textpage: Any, made: Sheet, seen: Letters) -> frozenset[int]:
    """Marks the page's words that are struck; the places in its text of their letters. The rules that strike are no
    rules of the page any more. Time grows with words times rules near them.
    """
    import pypdfium2.raw as pdfium

    turn = Turn(page, pdfium)
    notes = _notes(page, pdfium, turn)
    found = [rule for rule in [*made.rules, *notes] if rule.is_across]
    by_place = _by_place(found)
    through: dict[int, list[Word]] = {}
    for word in made.words:
        for rule in _near(by_place, word.base, word.size):
            if not word.is_turned and rule.x0 < word.x1 and rule.x1 > word.x0:
                through.setdefault(id(rule), []).append(word)
    marks = set(map(id, notes))
    strikes = [rule for rule in found if (own := through.get(id(rule))) and (id(rule) in marks or _strikes(rule, own))]
    if not strikes:
        return frozenset()
    gone = {id(rule) for rule in strikes}
    made.rules = [rule for rule in made.rules if id(rule) not in gone]
    by_place = _by_place(strikes)
    places: set[int] = set()
    box = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = (ctypes.byref(side) for side in box)

    def is_struck(place: int, base: float, size: float) -> bool:
        near = _near(by_place, base, size)
        if not near or not pdfium.FPDFText_GetCharBox(textpage.raw, place, left, right, bottom, top):
            return False
        x0, _, x1, _ = turn.box(box[0].value, box[2].value, box[1].value, box[3].value)
        if not any(rule.x0 <= (x0 + x1) / 2 <= rule.x1 for rule in near):
            return False
        places.add(place)
        return True

    made.words = list(words(textpage, pdfium, turn, seen, made.number, is_struck))
    return frozenset(places)


def _strikes(rule: Rule, through: list[Word]) -> bool:
    x0, x1 = min(word.x0 for word in through), max(word.x1 for word in through)
    size = max(word.size for word in through)
    return rule.x0 > x0 - _BEFORE * size and rule.x1 < x1 + max(_BEFORE * size, _AFTER * (x1 - x0))


def _by_place(rules: Iterable[Rule]) -> dict[int, list[Rule]]:
    made: dict[int, list[Rule]] = {}
    for rule in rules:
        made.setdefault(int(rule.y0), []).append(rule)
    return made


def _near(by_place: dict[int, list[Rule]], base: float, size: float) -> list[Rule]:
    highest, lowest = base - _HIGHEST * size, base - _LOWEST * size
    return [
        rule
        for y in range(int(highest), int(lowest) + 1)
        for rule in by_place.get(y, ())
        if highest <= rule.y0 <= lowest
    ]


def _notes(page: Any, pdfium: Any, turn: Turn) -> list[Rule]:
    """The file's own notes that strike text, as the rules that they are drawn as."""
    found = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_STRIKEOUT:
            for n in range(min(pdfium.FPDFAnnot_CountAttachmentPoints(note), 100)):
                quad = pdfium.FS_QUADPOINTSF()
                if pdfium.FPDFAnnot_GetAttachmentPoints(note, n, ctypes.byref(quad)):
                    xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                    x0, y0, x1, y1 = turn.box(min(xs), min(ys), max(xs), max(ys))
                    found.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        pdfium.FPDFPage_CloseAnnot(note)
    return found


def said(textpage: Any, places: frozenset[int], unseen: frozenset[int], instead: dict[int, str]) -> str:
    """The page's text with its struck letters told: "[struket: 10 mg] 5 mg". An `unseen` letter is a blank; others have
    a sign to be read `instead`.
    """
    parts: list[str] = []
    held: list[str] = []
    blank = ""
    for place in range(textpage.count_chars()):
        letter = " " if place in unseen else instead.get(place) or textpage.get_text_range(place, 1)
        if place in places:
            held.append(blank + letter if held else letter)
            blank = ""
        elif held and not letter.strip():
            blank += letter
        else:
            if held:
                parts.append(f"[struket: {''.join(held)}]{blank or ' '}")
                held, blank = [], ""
            parts.append(letter)
    if held:
        parts.append(f"[struket: {''.join(held)}]{blank}")
    return "".join(parts)
