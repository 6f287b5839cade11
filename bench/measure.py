"""What a bench says, and how requests are counted."""

from __future__ import annotations

import http.client
import os
import threading
import time
from dataclasses import asdict, dataclass

# The page that others are measured against: fixed text, signed in.
YARDSTICK = "/uppgifter/"
# A run that only shows that each bench still runs: little of everything, and figures that say nothing.
QUICK = os.environ.get("BENCH_QUICK") == "1"


@dataclass(frozen=True)
class Figure:
    """One measured figure. `ratio` is value over yardstick; `aim` is the least (or most) ratio that holds."""

    bench: str
    name: str
    value: float
    unit: str
    yardstick: float
    ratio: float
    aim: str
    holds: bool

    def row(self) -> dict[str, object]:
        return asdict(self)


def against(bench: str, name: str, value: float, unit: str, yardstick: float, *, at_least: float) -> Figure:
    ratio = value / yardstick if yardstick else 0.0
    return Figure(
        bench, name, round(value, 2), unit, round(yardstick, 2), round(ratio, 3), f">= {at_least}", ratio >= at_least
    )


def at_most(bench: str, name: str, value: float, unit: str, yardstick: float, *, most: float) -> Figure:
    """A figure that is the better the smaller: a time."""
    ratio = value / yardstick if yardstick else 0.0
    return Figure(bench, name, round(value, 2), unit, round(yardstick, 2), round(ratio, 3), f"<= {most}", ratio <= most)


def requests_per_second(port: int, path: str, *, cookie: str = "", seconds: float = 4, threads: int = 4) -> float:
    """Complete answers (status 200) a second over kept connections. Raises on any other status."""
    seconds = 0.05 if QUICK else seconds
    done = [0] * threads
    faults: list[str] = []
    stop = time.perf_counter() + seconds

    def client(index: int) -> None:
        connection = http.client.HTTPConnection("localhost", port, timeout=20)
        headers = {"Cookie": cookie} if cookie else {}
        while time.perf_counter() < stop and not faults:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                faults.append(f"{path}: {answer.status}")
            done[index] += 1
        connection.close()

    began = time.perf_counter()
    crew = [threading.Thread(target=client, args=(i,)) for i in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    return sum(done) / (time.perf_counter() - began)


def in_turns(port: int, path: str, yardstick: str, *, cookie: str) -> tuple[float, float]:
    """Requests a second of a page and of the yardstick, measured in turns so that what else the machine does falls on
    both; each is warmed first."""
    for warm in (yardstick, path):
        requests_per_second(port, warm, cookie=cookie, seconds=1)
    page = base = 0.0
    for _ in range(3):
        base += requests_per_second(port, yardstick, cookie=cookie, seconds=2) / 3
        page += requests_per_second(port, path, cookie=cookie, seconds=2) / 3
    return page, base
