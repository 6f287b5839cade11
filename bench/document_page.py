"""The document page against a page of fixed text (the base template) through the same middleware on the same server.

Signed in, so that the reader is resolved and visibility is asked. Measured in turns, so that whatever else the
machine does falls on both.
"""

from __future__ import annotations

from bench.measure import Figure, against, requests_per_second
from tools.server import Portal, Visitor

PAGES = {"document page": "/dokument/RUT-0187/", "document list": "/dokument/", "start page": "/"}
YARDSTICK = "/uppgifter/"


def run() -> list[Figure]:
    with Portal.started("bench") as portal:
        visitor = Visitor(portal)
        visitor.sign_in("lasare@privat.example")
        cookie = "; ".join(f"{c.name}={c.value}" for c in visitor.jar)
        figures = []
        for name, path in PAGES.items():
            for warm in (YARDSTICK, path):
                requests_per_second(portal.port, warm, cookie=cookie, seconds=1)
            page = base = 0.0
            for _ in range(3):
                base += requests_per_second(portal.port, YARDSTICK, cookie=cookie, seconds=2) / 3
                page += requests_per_second(portal.port, path, cookie=cookie, seconds=2) / 3
            figures.append(against("document_page", name, page, "requests/s", base, at_least=0.5))
    return figures
