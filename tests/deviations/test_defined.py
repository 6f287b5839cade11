"""Each figure is told with the query that counts it, to those who count it."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection

from core import clock
from deviations.defined import queries
from deviations.figures import counting
from deviations.figures.counting import Asked
from deviations.figures.scope import Scope, latest
from tests.deviations.cases import Cast

ADDRESS = "/avvikelser/statistik/definitioner/"


def of(cast: Cast, who: str, **asked: str) -> dict[str, queries.Defined]:
    found = queries.defined(cast[who], asked)
    assert found is not None
    return {one.key: one for one in found}


def test_the_query_that_is_told_gives_the_figure(cast: Cast) -> None:
    with clock.frozen(clock.now()) as frozen:
        for _n in range(3):
            cast.case()
        frozen.move(days=40)
        (told,) = of(cast, "per_ake")["skickade"].queries
        with connection.cursor() as cursor:
            cursor.execute(told.replace("%", "%%"))
            rows = cursor.fetchall()
        counted = counting.by_month("sent", Scope(cast.bjorken.pk), Asked(latest()))
        assert [n for _month, n in rows] == [n for _month, n in counted if n] == [3]


def test_each_figure_has_words_and_a_query_of_its_own_scope(cast: Cast) -> None:
    found = of(cast, "per_ake", slag="near_miss")
    assert len({one.key for one in found.values()}) == len(found)
    for one in found.values():
        assert one.words
        assert one.queries, one.key
        assert all(query.startswith("SELECT") for query in one.queries)
    # As the page was narrowed, and to the own provider.
    assert "near_miss" in found["skickade"].queries[0]
    assert re.search(rf'"provider_id" = {cast.bjorken.pk}\b', found["skickade"].queries[0])


def test_the_coordinator_is_told_of_no_query_of_anybodys_own_work(cast: Cast) -> None:
    found = of(cast, "lars")
    assert not {"orsaker", "atgarder", "lex-maria", "rutiner", "skickade"} & set(found)
    assert {"mellan", "matris", "riktning"} <= set(found)
    assert not any("deviations_cause" in query for one in found.values() for query in one.queries)
    assert {"orsaker", "skickade"} <= set(of(cast, "maria"))
    assert "skickade" in of(cast, "lars", vardgivare=cast.kommun.name)


@pytest.mark.parametrize("who", ["sara", "elin", "tove"])
def test_it_does_not_exist_for_those_who_count_nothing(cast: Cast, who: str) -> None:
    assert queries.defined(cast[who], {}) is None
    assert cast.client(who).get(ADDRESS).status_code == 404


def test_the_page_shows_them_and_the_statistics_lead_to_it(cast: Cast) -> None:
    page = html.unescape(cast.client("maria").get(ADDRESS, {"slag": "x"}).content.decode())
    assert "Så räknar vi" in page
    assert "SELECT" in page
    assert "Europe/Stockholm" in page
    assert f'href="{ADDRESS}"' in cast.client("maria").get("/avvikelser/statistik/").content.decode()
