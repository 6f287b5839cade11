"""Small numbers of a table with sums, hidden so that none can be computed from what is left.

A number below the limit (`few`) is hidden. The others of its row and column, with the sums, would often give it away:
so further numbers are hidden, as few and as small as will do, until each hidden number could, for all that is
published, be any of a range of values. The range is found exactly, as a flow between the hidden numbers of rows and
columns.

SECURITY: published tables go through here, and nothing else of them is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from deviations.figures.scope import few

Place = tuple[int, int]


@dataclass(frozen=True)
class Published:
    """A table as it may be read: None is hidden. The last row and column are the sums."""

    cells: tuple[tuple[int | None, ...], ...]

    @property
    def hidden(self) -> int:
        return sum(cell is None for row in self.cells for cell in row)


def with_sums(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """The table with a sum for each row, each column, and all."""
    table = [[*row, sum(row)] for row in rows]
    return [*table, [sum(column) for column in zip(*table, strict=True)]]


def published(rows: Sequence[Sequence[int]], known: AbstractSet[Place] = frozenset()) -> Published:
    """The table with its sums, with all hidden that has to be: all of it, where nothing else helps.

    `known`: places whose numbers every reader knows beforehand. They are shown, and no other number hides behind them.
    """
    table = with_sums(rows)
    places = {(i, j) for i in range(len(table)) for j in range(len(table[0]))} - known
    hidden = {place for place in places if table[place[0]][place[1]] < few()}
    while hidden:
        narrow = [place for place in sorted(hidden) if _width(table, hidden, place) < few()]
        if not narrow:
            break
        more = [new for new in _squares(table, hidden, narrow[0]) if not new & known]
        if not more:
            hidden = places
            break
        hidden |= min(more, key=lambda one: _cost(table, hidden, one, narrow[0]))
    return Published(
        tuple(tuple(None if (i, j) in hidden else table[i][j] for j in range(len(table[0]))) for i in range(len(table)))
    )


def _squares(table: list[list[int]], hidden: AbstractSet[Place], place: Place) -> Iterator[set[Place]]:
    """The numbers that are still shown at the corners of each square with the place: hidden together, a change can go
    round among them.
    """
    for i in range(len(table)):
        for j in range(len(table[0])):
            if i != place[0] and j != place[1] and (new := {(place[0], j), (i, place[1]), (i, j)} - hidden):
                yield new


def _cost(
    table: list[list[int]], hidden: AbstractSet[Place], new: AbstractSet[Place], place: Place
) -> tuple[bool, int, int, list[Place]]:
    """First those that are enough for the place, then the fewest, then the smallest numbers."""
    is_narrow = _width(table, hidden | new, place) < few()
    return is_narrow, len(new), sum(_at(table, one) for one in new), sorted(new)


def _at(table: list[list[int]], place: Place) -> int:
    return table[place[0]][place[1]]


def _width(table: list[list[int]], hidden: AbstractSet[Place], place: Place) -> int:
    """The greatest less the least value that the hidden number could have, the limit at most asked for."""
    return _could_move(table, hidden, place, up=True) + _could_move(table, hidden, place, up=False)


def _could_move(table: list[list[int]], hidden: AbstractSet[Place], place: Place, *, up: bool) -> int:
    """By how much the hidden number could be greater (or less), all that is shown staying as it is.

    A row's numbers add up to its sum, a column's likewise: so a change goes round among hidden numbers, up in one and
    down in the next. Each equation is a point, each hidden number a way between its row's and its column's.
    """
    # A sum is minus the rest: its change has the other sign in its own equation.
    last = (len(table) - 1, len(table[0]) - 1)
    values = {p: _at(table, p) for p in hidden}
    start = values[place]
    moved = 0
    most = few() * 4
    while moved < most and (way := _cycle(values, place, last, up=up)):
        for one, sign in way:
            values[one] += sign
        moved = abs(values[place] - start)
    return moved


def _cycle(values: dict[Place, int], place: Place, last: Place, *, up: bool) -> list[tuple[Place, int]]:
    """A way round that moves `place` by one and leaves every equation true; empty where there is none."""
    first = 1 if up else -1
    if first < 0 and values[place] <= 0:
        return []
    # From the column's equation of the place back to its row's, each step balancing the one before.
    goal = ("row", place[0], -_sign(place, last, "row") * first)
    begun = ("column", place[1], -_sign(place, last, "column") * first)
    came: dict[tuple[str, int, int], tuple[tuple[str, int, int], Place, int] | None] = {begun: None}
    queue = deque([begun])
    while queue:
        at = queue.popleft()
        if at == (goal[0], goal[1], -goal[2]):
            return [(place, first), *_walked(came, at)]
        for one, sign, to in _steps(values, at, last):
            if one != place and to not in came:
                came[to] = (at, one, sign)
                queue.append(to)
    return []


def _sign(place: Place, last: Place, equation: str) -> int:
    """Whether the number is a term of the equation (1) or its sum (-1)."""
    is_sum = place[1] == last[1] if equation == "row" else place[0] == last[0]
    return -1 if is_sum else 1


def _steps(
    values: dict[Place, int], at: tuple[str, int, int], last: Place
) -> Iterator[tuple[Place, int, tuple[str, int, int]]]:
    """The hidden numbers of the equation that could balance it, each with its change and the equation it upsets."""
    equation, number, needed = at
    other = "column" if equation == "row" else "row"
    for one, value in values.items():
        if (one[0] if equation == "row" else one[1]) != number:
            continue
        change = needed * _sign(one, last, equation)
        if value + change < 0:
            continue
        upset = one[1] if other == "column" else one[0]
        yield one, change, (other, upset, -_sign(one, last, other) * change)


def _walked(came: dict, at: tuple[str, int, int]) -> list[tuple[Place, int]]:
    way = []
    while (step := came[at]) is not None:
        at, one, sign = step
        way.append((one, sign))
    return way
