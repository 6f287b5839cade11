"""Many people at once, each with 5 to 10 seconds between two pages: readers who search and read, reporters who begin a
report and look at their own, handlers who go from the inbox to a case. The client has the same cores as the server.

Nothing is sent in: the collection is kept, and is the same the next time.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import statistics
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import collection
from bench.large import collected, sizes
from bench.measure import QUICK, YARDSTICK, Figure, at_most
from tools.server import Portal

BENCH = "load"
# People, and within which time 95 of 100 pages are to be there (ms).
CROWDS = {10: 1000} if QUICK else {230: 130, 690: 1000}
THINKS = (0.1, 0.2) if QUICK else (5.0, 10.0)
SECONDS, WARMING = (0.5, 0.3) if QUICK else (40.0, 12.0)
# Of ten people.
READERS, REPORTERS, HANDLERS = 7, 2, 1
_READING = ("lasare@privat.example", "lasare@region.example", "lasare@kommun.example")
_HANDLING = ("handlaggare@privat.example", "handlaggare@region.example", "handlaggare@kommun.example")
_LINK = re.compile(rb'href="(/dokument/MAT-\d+/|/avvikelser/AVV-[\w-]+/)"')


@dataclass
class Person:
    """Somebody who goes from page to page; `links` are those of the last list they saw."""

    account: str
    ways: tuple[Callable[[Person], str], ...]
    cookie: str = ""
    step: int = 0
    links: list[str] = field(default_factory=list)

    def next_page(self) -> str:
        page = self.ways[self.step % len(self.ways)](self)
        self.step += 1
        return page


def _start(_person: Person) -> str:
    return "/"


# Neither in every document nor in a handful; the same words are looked for again and again.
SOUGHT = [collection.word(int(10 ** (1.5 + 2.5 * n / 200))) for n in range(200)]


def _search(_person: Person) -> str:
    return "/dokument/?q=" + urllib.parse.quote(random.choice(SOUGHT))


def _all_documents(_person: Person) -> str:
    return "/dokument/"


def _one_of_them(person: Person) -> str:
    return random.choice(person.links) if person.links else "/dokument/"


def _report(_person: Person) -> str:
    return "/avvikelser/ny/"


def _cases(_person: Person) -> str:
    return "/avvikelser/"


READING = (_start, _search, _one_of_them, _one_of_them, _search, _one_of_them, _all_documents, _one_of_them)
REPORTING = (_start, _report, _cases, _search, _one_of_them)
HANDLING = (_start, _cases, _one_of_them, _cases, _one_of_them)


def run() -> list[Figure]:
    figures: list[Figure] = []
    with collected(sizes()[0]) as portal:
        for people, most in CROWDS.items():
            times, faults = asyncio.run(_together(portal, _crowd(portal, people)))
            assert times, "nobody saw a page"
            name, slow = f"{people} people", statistics.quantiles(times, n=20)[18]
            print(f"{name}: {len(times)} pages, median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")
            figures.append(at_most(BENCH, f"{name}, 95th", slow, "ms", most, most=1.0))
            figures.append(at_most(BENCH, f"{name}, faults", len(faults), "pages", len(times), most=0.0))
            if faults:
                print(*sorted(set(faults))[:10], sep="\n")
    return figures


def _crowd(portal: Portal, count: int) -> list[Person]:
    draw, people = random.Random(count), []
    for n in range(count):
        if n % 10 < READERS:
            people.append(Person(draw.choice(_READING), READING))
        elif n % 10 < READERS + REPORTERS:
            people.append(Person(draw.choice(_READING), REPORTING))
        else:
            people.append(Person(draw.choice(_HANDLING), HANDLING))
    made = portal.manage("shell", "-v0", "-c", _SESSIONS.format(emails=[p.account for p in people]))
    for person, cookie in zip(people, json.loads(made.splitlines()[-1]), strict=True):
        person.cookie = cookie
        person.step = draw.randrange(len(person.ways))
    return people


# To sign in takes a third of a second for each, on purpose: their sessions are made at once.
_SESSIONS = """
import json
from django.conf import settings
from django.test import Client
from accounts.models import User
people = {{u.email: u for u in User.objects.all()}}
made = []
for email in {emails!r}:
    client = Client(SERVER_NAME="localhost")
    client.force_login(people[email], backend="django.contrib.auth.backends.ModelBackend")
    made.append(f"{{settings.SESSION_COOKIE_NAME}}={{client.cookies[settings.SESSION_COOKIE_NAME].value}}")
print(json.dumps(made))
"""


async def _together(portal: Portal, people: list[Person]) -> tuple[list[float], list[str]]:
    """The times of the pages (ms) that were asked for after the warming, and what was no page."""
    await _get(portal.port, YARDSTICK, "")
    times: list[float] = []
    faults: list[str] = []
    began = time.perf_counter()

    async def one(person: Person) -> None:
        await asyncio.sleep(random.uniform(0, THINKS[1]))
        while (asked := time.perf_counter()) - began < WARMING + SECONDS:
            path = person.next_page()
            try:
                status, body = await _get(portal.port, path, person.cookie)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                status, body = 0, repr(error).encode()
            if status != 200:
                faults.append(f"{path}: {status} {body[:80]!r}")
            if links := [link.decode() for link in _LINK.findall(body)]:
                person.links = links
            if asked - began > WARMING:
                times.append(1000 * (time.perf_counter() - asked))
            await asyncio.sleep(random.uniform(*THINKS))

    await asyncio.gather(*(one(person) for person in people))
    return times, faults


async def _get(port: int, path: str, cookie: str) -> tuple[int, bytes]:
    """Status and page. A connection of its own: a browser's has been closed while its owner read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            f"GET {path} HTTP/1.1",
            f"Host: localhost:{port}",
            f"Cookie: {cookie}",
            "Accept-Encoding: gzip",
            "Connection: close",
        )
        writer.write("\r\n".join((*head, "", "")).encode())
        answer = await reader.read(-1)
    finally:
        writer.close()
    head_of, _, body = answer.partition(b"\r\n\r\n")
    lines = head_of.lower().split(b"\r\n")
    if b"transfer-encoding: chunked" in lines:
        raise ValueError("a page in chunks")
    return int(lines[0].split()[1]), gzip.decompress(body) if b"content-encoding: gzip" in lines else body
