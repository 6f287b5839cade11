"""Values of a form as words of its page, on the line of the words beside them."""

from __future__ import annotations

from core.sandbox.form_fields import Value
from core.sandbox.layout.sheet import Sheet, Word
from core.sandbox.letters import Letters

# The width of a letter and of a blank, and the distance between lines, as shares of the type's size.
_WIDTH, _STEP = 0.5, 1.2
_MOST_SIZE = 11.0


def fill(made: Sheet, own: Letters, values: list[Value]) -> None:
    """Adds the words of the values to the page, and their letters to its letters."""
    for value in values:
        left, top, right, bottom = value.box
        beside = [word for word in made.words if top <= word.middle <= bottom and not word.is_turned and word.page]
        near = min(beside, key=lambda word: min(abs(word.x1 - left), abs(word.x0 - right)), default=None)
        size = near.size if near else min(_MOST_SIZE, 0.7 * (bottom - top))
        is_one = len(value.lines) == 1
        base = near.base if near and is_one else (top + bottom) / 2 + 0.3 * size if is_one else top + size
        longest = max(map(len, value.lines))
        width = min(_WIDTH * size, max(right - left, size) / max(longest, 1))
        for n, line in enumerate(value.lines):
            _line(made, own, line, left, base + n * _STEP * size, size, width)


def _line(made: Sheet, own: Letters, line: str, left: float, base: float, size: float, width: float) -> None:
    at = 0
    for text in line.split():
        at = line.index(text, at)
        x0, x1 = left + at * width, left + (at + len(text)) * width
        word = Word(text, x0, x1, base, size, page=made.number)
        word.at, word.until = own.add(text, (x0, base - 0.9 * size, x1, base + 0.22 * size))
        made.words.append(word)
        at += len(text)
