"""Two changes of one text laid together, line by line (a three-way merge)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Merged:
    text: str
    # How many places both had changed, each in its own way; there the later one stands.
    collisions: int


def merge(base: str, mended: str, later: str) -> Merged:
    """`mended` and `later` are both made of `base`. Lines that one of them changed are taken from that one; lines that
    both changed differently are taken from `later`.
    """
    lines = [text.splitlines(keepends=True) for text in (base, mended, later)]
    merged, collisions = [], 0
    for old, one, other in _chunks(*lines):
        if one in (old, other):
            merged += other
        elif other == old:
            merged += one
        else:
            merged += other
            collisions += 1
    return Merged("".join(merged), collisions)


def _chunks(base: list[str], one: list[str], other: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The three texts cut at the lines that stand in all of them: what lies between, and then those lines."""
    at = (0, 0, 0)
    for in_base, in_one, in_other, length in (*_common(base, one, other), (len(base), len(one), len(other), 0)):
        yield base[at[0] : in_base], one[at[1] : in_one], other[at[2] : in_other]
        same = base[in_base : in_base + length]
        yield same, same, same
        at = (in_base + length, in_one + length, in_other + length)


def _common(base: list[str], one: list[str], other: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines of the base that both others have: where in each they begin, and how many lines."""
    ours = [b for b in SequenceMatcher(None, base, one).get_matching_blocks() if b.size]
    theirs = [b for b in SequenceMatcher(None, base, other).get_matching_blocks() if b.size]
    i = j = 0
    while i < len(ours) and j < len(theirs):
        a, b = ours[i], theirs[j]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, a.b + start - a.a, b.b + start - b.a, end - start
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
