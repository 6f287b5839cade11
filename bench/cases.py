"""The pages of cases where there are few and where there are many: in turns on two servers, one over the other."""

from __future__ import annotations

import statistics

from bench import collection
from bench.large import queries, signed_in, times
from bench.measure import Figure, at_most
from tools.server import Portal, Visitor

BENCH = "cases"
# All, and those of the provider whose handler asks; of these 400 are open.
FEW, MANY = (1_000, 1_000), (100_000, 20_000)
OPEN = 400
INBOX, CASE, COORDINATION = "/avvikelser/", "/avvikelser/AVV-26-722222/", "/avvikelser/samordning/"
PAGES = {
    "inbox": (INBOX, "handlaggare@privat.example"),
    "inbox, closed": (f"{INBOX}?vy=closed", "handlaggare@privat.example"),
    "inbox, words": (f"{INBOX}?q=h%C3%A4nde", "handlaggare@privat.example"),
    "case": (CASE, "handlaggare@privat.example"),
    "coordination": (COORDINATION, "samordnare@region.example"),
}
# What a hundred times as many may cost.
GROWTH = 1.5


def _portal(size: tuple[int, int]):  # type: ignore[no-untyped-def]
    count, own = size
    fill = lambda url: collection.fill_cases(url, count, still_open=OPEN, own=own)  # noqa: E731
    return Portal.started("bench", worker=False, fill=fill)


def run() -> list[Figure]:
    figures = []
    with _portal(FEW) as few, _portal(MANY) as many:
        for name, (path, who) in PAGES.items():
            at: list[tuple[Portal, Visitor]] = [(portal, signed_in(portal, who)) for portal in (few, many)]
            small, large = times(*((visitor, path) for _portal, visitor in at))
            medians = statistics.median(large), statistics.median(small)
            figures.append(at_most(BENCH, name, medians[0], "ms", medians[1], most=GROWTH))
            asked = [queries(portal, path, visitor) for portal, visitor in at]
            figures.append(at_most(BENCH, f"queries, {name}", asked[1], "queries", asked[0], most=1.0))
    return figures
