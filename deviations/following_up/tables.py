"""The tables that those who follow up read: how many reports went from each kind of provider to each, year by year.

A fixed set: finished years, and nothing narrower. Other cuts of the same numbers would let small ones be told apart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.readers import Reader
from accounts.roles import Kind, Role
from core import clock
from deviations.figures import counting, silence
from deviations.figures.counting import Asked
from deviations.figures.scope import Scope, of_year
from deviations.following_up.suppressing import Published, published
from deviations.models import FrozenReport

YEARS = 3
REGION = Kind.REGIONAL


@dataclass(frozen=True)
class Table:
    """A year: a row for each kind that reports, then the sums; a column for each kind it is about, then the sum."""

    year: int
    rows: list[tuple[str, tuple[int | None, ...]]]
    hidden: int
    # The day of the report that the year was first frozen in; None while it is in none.
    frozen: dt.date | None = None


def follows_up(reader: Reader) -> bool:
    """Whether the reader follows up: the patients' committee, the commissioner, the board."""
    return bool(reader.assignment_id and reader.viewer is None and Role.FOLLOW_UP in reader.roles)


def table(year: int, sum_words: str) -> Table:
    """One year's table, as it was first frozen. `sum_words` names the row of sums.

    SECURITY: a year that is in a frozen report is shown as it stands there, here and in all later reports. Two
    tables of nearly the same numbers, each with others hidden, would give each other away.
    """
    day, kept = _frozen(year)
    if kept is not None:
        names = [*(str(kind.label) for kind in counting.KINDS), sum_words]
        hidden = sum(cell is None for row in kept for cell in row)
        return Table(year, list(zip(names, kept, strict=True)), hidden, day)
    cells = counting.directions(Scope(), Asked(of_year(year)))
    # The region is one provider: that it reports to no other of its kind is known to all.
    known = {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell.sender == cell.to == REGION}
    shown: Published = published([[cell.n for cell in row] for row in cells], known)
    names = [*(str(Kind(row[0].sender).label) for row in cells), sum_words]
    return Table(year, list(zip(names, shown.cells, strict=True)), shown.hidden)


def _frozen(year: int) -> tuple[dt.date | None, list[tuple[int | None, ...]] | None]:
    for day, tables in FrozenReport.objects.order_by("day").values_list("day", "content__tables"):
        for one in tables:
            if one["year"] == year:
                return day, [tuple(row) for row in one["rows"]]
    return None, None


def years() -> list[int]:
    """The latest finished years, the last first."""
    return [clock.today().year - n for n in range(1, YEARS + 1)]


def silent_directions() -> list[tuple[str, str]]:
    """The directions in which reporting has fallen silent, in words; without their numbers: those could be small."""
    return [(str(Kind(sender).label), str(Kind(to).label)) for sender, to in silent_codes()]


def silent_codes() -> list[tuple[str, str]]:
    """The same, by the codes of the kinds."""
    return [(one.sender_kind, one.to_kind) for one in silence.silences(Scope()).filter(provider=None)]
