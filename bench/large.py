"""Pages and searches among 10,000 documents, each against the page of fixed text on the same server in the same run.

`BENCH_DOCUMENTS=100000 make bench ONLY=large` measures with another number.
"""

from __future__ import annotations

import os
import statistics
import time
import urllib.parse

from bench import collection
from bench.document_page import YARDSTICK
from bench.measure import Figure, against, at_most, in_turns
from tools.server import Portal, Visitor

PAGES = {"document": ("/dokument/MAT-000005/", 0.6), "list": ("/dokument/", 0.4), "start": ("/", 0.4)}
SEARCHES = {
    "rare": (collection.RARE, 2.75),
    "middling": (collection.MIDDLING, 3.25),
    "common": (collection.COMMON, 5.0),
}


def run() -> list[Figure]:
    count = int(os.environ.get("BENCH_DOCUMENTS", "10000"))
    figures = []
    with Portal.started("bench", worker=False) as portal:
        collection.fill(portal.cluster.url, count)
        visitor = Visitor(portal)
        visitor.sign_in("lasare@privat.example")
        cookie = "; ".join(f"{c.name}={c.value}" for c in visitor.jar)
        for name, (path, least) in PAGES.items():
            page, base = in_turns(portal.port, path, YARDSTICK, cookie=cookie)
            figures.append(against(f"large {count}", name, page, "requests/s", base, at_least=least))
        for name, (word, most) in SEARCHES.items():
            path = "/dokument/?q=" + urllib.parse.quote(word)
            plain, found = [], []
            for turn in range(24):
                for address, times in ((YARDSTICK, plain), (path, found)):
                    began = time.perf_counter()
                    assert visitor.get(address)[0] == 200
                    if turn >= 4:
                        times.append(1000 * (time.perf_counter() - began))
            median = statistics.median(found)
            figures.append(
                at_most(f"large {count}", f"search, {name}", median, "ms", statistics.median(plain), most=most)
            )
    return figures
