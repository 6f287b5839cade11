"""The tables that those who follow up read: how many reports went from each kind of provider to each, year by year.

A fixed set: finished years, and nothing narrower. Other cuts of the same numbers would let small ones be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.readers import Reader
from accounts.roles import Kind, Role
from core import clock
from deviations.figures import counting, silence
from deviations.figures.counting import Asked
from deviations.figures.scope import Scope, of_year
from deviations.following_up.suppressing import Published, published

YEARS = 3
REGION = Kind.REGIONAL


@dataclass(frozen=True)
class Table:
    """A year: a row for each kind that reports, then the sums; a column for each kind it is about, then the sum."""

    year: int
    rows: list[tuple[str, tuple[int | None, ...]]]
    hidden: int


def follows_up(reader: Reader) -> bool:
    """Whether the reader follows up: the patients' committee, the commissioner, the board."""
    return bool(reader.assignment_id and reader.viewer is None and Role.FOLLOW_UP in reader.roles)


def table(year: int, sum_words: str) -> Table:
    """One year's table. `sum_words` names the row of sums."""
    cells = counting.directions(Scope(), Asked(of_year(year)))
    # The region is one provider: that it reports to no other of its kind is known to all.
    known = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell.sender == cell.to == REGION}
    shown: Published = published([[cell.n for cell in row] for row in cells], known)
    names = [*(str(Kind(row[0].sender).label) for row in cells), sum_words]
    return Table(year, list(zip(names, shown.cells, strict=True)), shown.hidden)


def years() -> list[int]:
    """The latest finished years, the last first."""
    return [clock.today().year - n for n in range(1, YEARS + 1)]


def silent_directions() -> list[tuple[str, str]]:
    """The directions in which reporting has fallen silent, without their numbers: those could be small."""
    rows = silence.silences(Scope()).filter(provider=None)
    return [(str(Kind(one.sender_kind).label), str(Kind(one.to_kind).label)) for one in rows]
