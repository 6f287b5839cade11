"""Numbers for those who follow up: small ones hidden, so that none can be worked out; and nothing else for them."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import highspy
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.roles import Role
from core import clock
from deviations.entry.reports import Recipient
from deviations.figures.scope import few
from deviations.following_up import suppressing, tables
from deviations.models import Silence
from tests.cast import assign, person
from tests.deviations.cases import Cast

ADDRESS = "/avvikelser/statistik/uppfoljning/"


def ranges(shown: suppressing.Published) -> dict[tuple[int, int], tuple[float, float]]:
    """The least and the greatest value of each hidden number, by linear programming: all that a reader can know."""
    cells = shown.cells
    rows, columns = len(cells), len(cells[0])
    hidden = [(i, j) for i in range(rows) for j in range(columns) if cells[i][j] is None]
    found = {}
    for place, sign in itertools.product(hidden, (1, -1)):
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        values = {one: solver.addVariable(lb=0, ub=10_000) for one in hidden}

        def value(i: int, j: int, values=values):
            return values.get((i, j), cells[i][j])

        lines = [[(i, j) for j in range(columns)] for i in range(rows)]
        lines += [[(i, j) for i in range(rows)] for j in range(columns)]
        for *parts, total in lines:
            terms = [value(*part) for part in parts]
            free = sum(values[part] for part in parts if part in values)
            known = sum(term for part, term in zip(parts, terms, strict=True) if part not in values)
            if total in values:
                solver.addConstr(free - values[total] == -known)
            elif any(part in values for part in parts):
                solver.addConstr(free == cells[total[0]][total[1]] - known)
        solver.minimize(sign * values[place])
        found.setdefault(place, []).append(solver.getObjectiveValue() * sign)
    return {place: (low, high) for place, (low, high) in found.items()}


def safe(rows: list[list[int]], known: frozenset = frozenset()) -> suppressing.Published:
    """The table as published, with every claim of it tried."""
    shown, whole = suppressing.published(rows, known), suppressing.with_sums(rows)
    for i, row in enumerate(shown.cells):
        for j, cell in enumerate(row):
            assert cell is None or cell == whole[i][j]
            assert cell is None or cell >= few() or (i, j) in known
    if shown.hidden < len(whole) * len(whole[0]) - len(known):
        for (i, j), (low, high) in ranges(shown).items():
            assert low - 1e-6 <= whole[i][j] <= high + 1e-6
            assert high - low >= few() - 1e-6, (rows, shown, (i, j), low, high)
    return shown


def test_the_limit_is_a_setting(settings):
    rows = [[0, 9, 40], [30, 30, 30], [30, 30, 30]]
    settings.PORTAL_SMALL_NUMBERS = 5
    assert safe(rows, frozenset({(0, 0)})).cells[0][1] == 9
    settings.PORTAL_SMALL_NUMBERS = 10
    assert safe(rows, frozenset({(0, 0)})).cells[0][1] is None


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3))
def test_no_hidden_number_can_be_worked_out(rows):
    safe(rows)
    # One direction is known to be none.
    rows[0][0] = 0
    safe(rows, frozenset({(0, 0)}))


def test_the_hard_tables_are_safe_too():
    for rows in (
        [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
        [[0, 58, 97], [41, 7, 19], [118, 25, 6]],
        [[0, 58, 97], [41, 7, 19], [118, 25, 0]],
        [[3, 90, 90], [90, 90, 90], [90, 90, 90]],
        [[0, 0, 90], [90, 90, 90], [90, 90, 0]],
        [[4, 4, 4], [90, 90, 90], [90, 90, 90]],
        [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
    ):
        safe(rows)
        safe([[0, *rows[0][1:]], *rows[1:]], frozenset({(0, 0)}))


def test_a_table_without_small_numbers_is_shown_whole():
    assert safe([[20, 30, 40], [50, 60, 70], [80, 90, 99]]).hidden == 0


def test_as_little_as_needed_is_hidden():
    # One small number takes one other in its row, one in its column, and the corner between them.
    assert safe([[3, 90, 90], [90, 90, 90], [90, 90, 90]]).hidden == 4
    draw = random.Random(7)
    hidden = [safe([[draw.randrange(40) for _j in range(3)] for _i in range(3)]).hidden for _n in range(40)]
    assert sum(hidden) / len(hidden) < 8


@pytest.fixture
def uno(cast: Cast):
    cast.users["uno"] = person(email="uno@region.example", given_name="Uno")
    assign(cast.uno, cast.region, Role.FOLLOW_UP)
    return cast.client("uno")


def test_follow_up_reads_finished_years_by_kind_and_nothing_else(cast: Cast, uno) -> None:
    with clock.frozen(dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)):
        for n in range(12):
            with clock.frozen(dt.datetime(2025, 1 + n % 12, 10, 9, tzinfo=dt.UTC)):
                cast.case(title=f"Rubrik {n}")
        cast.case(Recipient(cast.kommun))
        assert tables.years() == [2025, 2024, 2023]
        (year, earlier, _third) = [tables.table(one, "Summa") for one in tables.years()]
        shown = {cell for _name, row in year.rows for cell in row}
        assert shown <= {None, 0, 12}
        assert year.rows[0][1][0] == 0
        assert earlier.hidden == 15
        html = uno.get(ADDRESS).content.decode()
        for word in (cast.bjorken.name, cast.kommun.name, "Rubrik", "2026</caption>"):
            assert word not in html, word
        assert "dolt" in html
        for other in ("/avvikelser/statistik/", "/avvikelser/statistik/fil/csv/", "/avvikelser/"):
            assert uno.get(other).status_code == 404
        for name in ("lars", "per_ake", "maria", "rut", "sara"):
            assert cast.client(name).get(ADDRESS).status_code == 404


def test_a_direction_that_falls_silent_is_named_without_its_numbers(cast: Cast, uno) -> None:
    numbers = {"rate": 6, "months": 3, "count": 2, "least": 10, "most": 27}
    Silence.objects.create(sender_kind="private", to_kind="regional", **numbers)
    Silence.objects.create(provider=cast.bjorken, **numbers)
    html = uno.get(ADDRESS).content.decode()
    assert "Från privat vårdgivare till regionen" in html
    assert cast.bjorken.name not in html
    assert "var att vänta" not in html
