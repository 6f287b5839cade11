"""Pages and searches among many documents and cases, each against the page of fixed text on the same server in the same
run: at 10,000 documents and at 100,000 (`BENCH_DOCUMENTS=10000 make bench ONLY=large` for some of it).

The collections are made once, each in a database of its own under `.run/bench/`, and kept; deleted, they are made anew.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import statistics
import time
import urllib.parse
from collections.abc import Callable, Iterator

from bench import collection
from bench.measure import QUICK, YARDSTICK, Figure, against, at_most, in_turns
from tools.server import ROOT, Portal, Visitor

# What is made is kept under this number; another generator has another.
MADE = 3
CASES, OPEN_CASES = (40, 20) if QUICK else (20_000, 400)
DOCUMENT, LIST, START, INBOX = "/dokument/MAT-000005/", "/dokument/", "/", "/avvikelser/"
# Of requests a second, the least part of the base page's.
PAGES = {"document": (DOCUMENT, 0.6), "list": (LIST, 0.4), "start": (START, 0.4)}
# Of the base page's median time, the most.
SEARCHES = {
    "rare": (collection.RARE, 2.75),
    "middling": (collection.MIDDLING, 3.25),
    "common": (collection.COMMON, 5.0),
}
# What ten times as many documents may cost.
GROWTH = 1.5


def run() -> list[Figure]:
    figures: list[Figure] = []
    asked: dict[str, int] = {}
    for count in sizes():
        figures += _with_documents(count, asked)
    return figures


def sizes() -> list[int]:
    return [60] if QUICK else [int(n) for n in os.environ.get("BENCH_DOCUMENTS", "10000,100000").split(",")]


@contextlib.contextmanager
def collected(count: int) -> Iterator[Portal]:
    """A portal with so many documents and CASES cases, kept for the next time."""

    keep = ROOT / ".run" / "bench" / f"{count}-{MADE}"
    if QUICK:
        yield _one_for_all(count)
        return
    with Portal.started("bench", worker=False, keep=keep, fill=_filling(count)) as portal:
        yield portal


def _filling(count: int) -> Callable[[str], None]:
    def fill(url: str) -> None:
        collection.fill(url, count)
        collection.fill_cases(url, CASES, still_open=OPEN_CASES)

    return fill


@functools.cache
def _one_for_all(count: int) -> Portal:
    running = contextlib.ExitStack()
    atexit.register(running.close)
    return running.enter_context(Portal.started("bench", worker=False, people_alone=True, fill=_filling(count)))


def _with_documents(count: int, first: dict[str, int]) -> list[Figure]:
    bench = f"large {count}"
    with collected(count) as portal:
        reader, handler, editor = (
            signed_in(portal, who)
            for who in ("lasare@privat.example", "handlaggare@privat.example", "redaktor@region.example")
        )
        figures = [page(portal, bench, name, path, reader, least) for name, (path, least) in PAGES.items()]
        figures.append(page(portal, bench, "inbox", INBOX, handler, 0.4))
        figures += _searches(bench, reader, growth=1.0 if count <= 10_000 else GROWTH)
        figures += [_private_against_editor(bench, name, path, reader, editor) for name, (path, _a) in PAGES.items()]
        asked = {name: (reader, path) for name, (path, _least) in PAGES.items()}
        asked |= {"inbox": (handler, INBOX), "search": (reader, _search_path(collection.MIDDLING))}
        for name, number in zip(asked, queries(portal, *asked.values()), strict=True):
            figures.append(
                at_most(bench, f"queries, {name}", number, "queries", first.setdefault(name, number), most=1.0)
            )
    return figures


def signed_in(portal: Portal, email: str) -> Visitor:
    visitor = Visitor(portal)
    visitor.sign_in(email)
    return visitor


def _cookie(visitor: Visitor) -> str:
    return "; ".join(f"{c.name}={c.value}" for c in visitor.jar)


def page(portal: Portal, bench: str, name: str, path: str, visitor: Visitor, least: float) -> Figure:
    page, base = in_turns(portal.port, path, YARDSTICK, cookie=_cookie(visitor))
    return against(bench, name, page, "requests/s", base, at_least=least)


def _search_path(word: str) -> str:
    return "/dokument/?q=" + urllib.parse.quote(word)


def times(*asked: tuple[Visitor, str], turns: int = 2 if QUICK else 40) -> list[list[float]]:
    """Of each visitor and path, the time of each answer in ms: asked in turns, the first few not counted."""
    taken: list[list[float]] = [[] for _ in asked]
    for turn in range(turns + 4):
        for (visitor, path), mine in zip(asked, taken, strict=True):
            began = time.perf_counter()
            assert visitor.get(path)[0] == 200
            if turn >= 4:
                mine.append(1000 * (time.perf_counter() - began))
    return taken


def _searches(bench: str, visitor: Visitor, *, growth: float) -> list[Figure]:
    figures = []
    for name, (word, most) in SEARCHES.items():
        base, found = times((visitor, YARDSTICK), (visitor, _search_path(word)))
        median, slow = statistics.median(found), statistics.quantiles(found, n=20)[18]
        figures.append(
            at_most(bench, f"search, {name}", median, "ms", statistics.median(base), most=round(most * growth, 3))
        )
        figures.append(at_most(bench, f"search, {name}, 95th", slow, "ms", median, most=2.0))
    return figures


def _private_against_editor(bench: str, name: str, path: str, reader: Visitor, editor: Visitor) -> Figure:
    ours, theirs = (statistics.median(taken) for taken in times((reader, path), (editor, path)))
    return at_most(bench, f"private, {name}", ours, "ms", theirs, most=1.2)


_COUNT = """
import json
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
numbers = []
for path, cookie in {asked!r}:
    client = Client(SERVER_NAME="localhost")
    client.cookies.load(cookie)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200, path
    numbers.append(len(asked))
print(json.dumps(numbers))
"""


def queries(portal: Portal, *asked: tuple[Visitor, str]) -> list[int]:
    """How many statements each page asks of the database, in a process of its own."""
    told = [(path, _cookie(visitor)) for visitor, path in asked]
    numbers: list[int] = json.loads(portal.manage("shell", "-v0", "-c", _COUNT.format(asked=told)).splitlines()[-1])
    return numbers
