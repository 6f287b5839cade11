"""The document page against a page of fixed text (the base template) through the same middleware on the same server.

Signed in, so that the reader is resolved and visibility is asked. Measured in turns, so that whatever else the
machine does falls on both.
"""

from __future__ import annotations

from bench.measure import Figure, against, in_turns
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
            page, base = in_turns(portal.port, path, YARDSTICK, cookie=cookie)
            figures.append(against("document_page", name, page, "requests/s", base, at_least=0.5))
    return figures
