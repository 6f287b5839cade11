"""The pages of cases where there are few and where there are many: in turns on two servers, one over the other."""

from __future__ import annotations

import statistics

from bench import collection
from bench.large import collected, queries, signed_in, sizes, times
from bench.measure import QUICK, Figure, at_most
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
# What a hundred times as many may cost; and a full investigation of the case beside its page.
GROWTH, INVESTIGATED = 1.5, 1.3
FULL = "AVV-26-822222"


def _portal(size: tuple[int, int]):  # type: ignore[no-untyped-def]
    if QUICK:
        return collected(sizes()[0])
    count, own = size
    fill = lambda url: collection.fill_cases(url, count, still_open=OPEN, own=own)  # noqa: E731
    return Portal.started("bench", worker=False, fill=fill)


def run() -> list[Figure]:
    figures = []
    with _portal(FEW) as few, _portal(MANY) as many:
        asked = {portal: _asked(portal) for portal in (few, many)}
        for name in PAGES:
            small, large = times(asked[few][name], asked[many][name])
            medians = statistics.median(large), statistics.median(small)
            figures.append(at_most(BENCH, name, medians[0], "ms", medians[1], most=GROWTH))
        numbers = {portal: queries(portal, *pages.values()) for portal, pages in asked.items()}
        for name, small, large in zip(PAGES, numbers[few], numbers[many], strict=True):
            figures.append(at_most(BENCH, f"queries, {name}", large, "queries", small, most=1.0))
        figures.append(_investigated(few))
    return figures


def _investigated(portal: Portal) -> Figure:
    """The page of a case with a full investigation, over that of one without."""
    collection.fill_investigation(portal.cluster.url, FULL)
    handler = signed_in(portal, "handlaggare@privat.example")
    without, full = times((handler, CASE), (handler, f"/avvikelser/{FULL}/"))
    medians = statistics.median(full), statistics.median(without)
    return at_most(BENCH, "case, investigated", medians[0], "ms", medians[1], most=INVESTIGATED)


def _asked(portal: Portal) -> dict[str, tuple[Visitor, str]]:
    people = {who: signed_in(portal, who) for _path, who in PAGES.values()}
    return {name: (people[who], path) for name, (path, who) in PAGES.items()}
