"""The documents and outside addresses that a reading leads to, kept beside it.

A trigger forgets them when the text changes; they are noted again by the first who asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from django.db.models.expressions import RawSQL

from documents.models import Document, Reading
from documents.reading import mentions

_HREF = re.compile(r'href="([^"]+)"')
_DOCUMENT = re.compile(r"/dokument/([^/\"?#]+)/")
MAX_LINKS = 100
LONGEST = 1000


def linked_numbers(html: str) -> list[str]:
    """The numbers of the documents that rendered text links to, each once, in its order; at most MAX_LINKS."""
    found = (_DOCUMENT.match(address) for address in _HREF.findall(html))
    return list(dict.fromkeys(unquote(match[1]) for match in found if match))[:MAX_LINKS]


def outside_addresses(html: str) -> list[str]:
    """The addresses of other sites that it links to, without their fragments, each once; at most MAX_LINKS."""
    told = (unescape(address).partition("#")[0] for address in _HREF.findall(html))
    return list(dict.fromkeys(a for a in told if a.startswith(("https://", "http://")) and len(a) <= LONGEST))[
        :MAX_LINKS
    ]


def note(versions: Iterable[int]) -> None:
    """Notes the links of these versions' readings (keys) where they are not noted."""
    keys = RawSQL("SELECT unnest(%s::bigint[])", [list(versions)])
    rows = Reading.objects.filter(version__in=keys, leads_to=None).only("html")
    for reading in rows.iterator(chunk_size=200):
        html = reading.html
        Reading.objects.filter(pk=reading.pk, leads_to=None).update(
            leads_to=[number[:40] for number in linked_numbers(html)],
            names=mentions.named(html)[:MAX_LINKS],
            addresses=outside_addresses(html),
        )


def leading_to(ids: Iterable[int]) -> set[int]:
    """The documents (keys) whose texts lead to one of these, by link or by number."""
    numbers = list(Document.objects.filter(pk__in=list(ids)).values_list("number", flat=True))
    rows = Reading.objects.filter(version__state__in=["published", "superseded"])
    linked = rows.filter(leads_to__overlap=numbers) | rows.filter(names__overlap=numbers)
    return set(linked.values_list("version__document", flat=True)) if numbers else set()
