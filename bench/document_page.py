"""The document page against a page of fixed text (the base template) through the same middleware on the same server.

Signed in, so that the reader is resolved and visibility is asked. Measured in turns, so that whatever else the
machine does falls on both.
"""

from __future__ import annotations

from bench.large import DOCUMENT, LIST, START, collected, page, signed_in, sizes
from bench.measure import QUICK, Figure
from tools.server import Portal

PAGES = {"document page": "/dokument/RUT-0187/", "document list": LIST, "start page": START}


def run() -> list[Figure]:
    with collected(sizes()[0]) if QUICK else Portal.started("bench") as portal:
        visitor = signed_in(portal, "lasare@privat.example")
        pages = PAGES | ({"document page": DOCUMENT} if QUICK else {})
        return [page(portal, "document_page", name, path, visitor, 0.5) for name, path in pages.items()]
