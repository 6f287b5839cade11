"""The page of statistics over many cases of three years: the first time after a start, and beside the bare SQL that
counts the same months.
"""

from __future__ import annotations

import statistics
import time

import psycopg

from bench import collection
from bench.large import collected, signed_in, sizes, times
from bench.measure import QUICK, Figure, at_most
from tools.server import Portal, Visitor

BENCH = "statistics"
CASES, YEARS = 100_000, 3
PAGE = "/avvikelser/statistik/"
WHO = {"all": "samordnare@region.example", "own": "handlaggare@privat.example"}
# The first answer after a start, in milliseconds.
COLD = 1000

# All cases lie within the years that the page looks at.
_MOVE = """
UPDATE deviations_case SET submitted_at = now() - (id %% %(days)s) * interval '1 day' WHERE id > 1000000;
UPDATE deviations_party p SET received_at = c.submitted_at FROM deviations_case c WHERE c.id = p.case_id;
VACUUM ANALYZE deviations_case;
VACUUM ANALYZE deviations_party;
"""
_BARE = """
SELECT date_trunc('month', c.submitted_at AT TIME ZONE 'Europe/Stockholm'), count(*)
FROM deviations_party p JOIN deviations_case c ON c.id = p.case_id
WHERE p.side = 'concerned' AND p.state NOT IN ('misdirected', 'forwarded', 'withdrawn')
AND p.provider_id <> c.reporting_provider_id AND c.submitted_at > now() - interval '2 years' GROUP BY 1
"""


def _fill(url: str) -> None:
    collection.fill_cases(url, CASES, still_open=400, own=20_000)
    with psycopg.connect(url, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        for statement in _MOVE.strip().split(";\n"):
            if statement:
                cursor.execute(statement, {"days": 365 * YEARS})


def _portal():  # type: ignore[no-untyped-def]
    return collected(sizes()[0]) if QUICK else Portal.started("bench", worker=False, fill=_fill)


def run() -> list[Figure]:
    with _portal() as portal:
        visitors = {name: signed_in(portal, email) for name, email in WHO.items()}
        figures = [_cold(portal, name, visitor) for name, visitor in visitors.items()]
        bare = _bare(portal)
        for name, visitor in visitors.items():
            (page,) = times((visitor, PAGE))
            figures.append(at_most(BENCH, f"{name}, over SQL", statistics.median(page), "ms", bare, most=float("inf")))
    return figures


def _cold(portal: Portal, name: str, visitor: Visitor) -> Figure:
    if not QUICK:
        portal.kill_web()
        portal.start_web()
    begun = time.perf_counter()
    assert visitor.get(PAGE)[0] == 200
    return at_most(BENCH, f"{name}, cold", (time.perf_counter() - begun) * 1000, "ms", COLD, most=1.0)


def _bare(portal: Portal) -> float:
    """The median milliseconds of the one query that counts the months of the chart."""
    taken = []
    with psycopg.connect(portal.cluster.url) as connection:
        for _turn in range(2 if QUICK else 10):
            begun = time.perf_counter()
            connection.execute(_BARE).fetchall()
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)
