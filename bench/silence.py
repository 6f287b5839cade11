"""The watch for falling silent, as the portal runs it, over simulated providers: each month a year's-old past is
estimated anew, and the page says how seldom it raises falsely and how soon it sees a fall. Beside what it says, what
happened.

No server and no database: the counts are drawn, and judged by the portal's own function.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bench.measure import QUICK, Figure, against

if TYPE_CHECKING:
    from deviations.figures.falling import Falling

BENCH = "silence"
PROVIDERS, YEARS, KNOWN_YEARS = (4, 1, 5) if QUICK else (500, 10, 7)
LOW, HIGH = 1, 60
RATES = (3.0,) if QUICK else (1.0, 3.0, 8.0, 20.0, 60.0)
FALLS = 5 if QUICK else 600
# A fall that is not seen in so many months is counted as seen then.
LONGEST = 360
Judge = Callable[[list[int], int], "Falling | None"]


def _judge() -> Judge:
    import django  # noqa: PLC0415 (no database is asked)

    os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_ENV": "development"}
    os.environ.setdefault("DATABASE_URL", "postgresql://none@localhost/none")
    django.setup()
    from deviations.figures.falling import judged  # noqa: PLC0415

    return judged


def drawn(rate: float, draw: random.Random) -> int:
    """A Poisson count, by multiplying (Knuth); of a high rate, in halves."""
    if rate > 30:
        return drawn(rate / 2, draw) + drawn(rate / 2, draw)
    limit, product, count = math.exp(-rate), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count


def _months(rates: Iterator[float], judge: Judge, draw: random.Random, known: float) -> Iterator[Falling | None]:
    """The portal's finding each month, after years of the known rate. A year has twelve months, and begins with one."""
    series = [drawn(known, draw) for _month in range(12 * KNOWN_YEARS)]
    for place, rate in enumerate(rates):
        series.append(drawn(rate, draw))
        yield judge(series[-96:], place % 12 + 1)


def _false(judge: Judge, draw: random.Random) -> tuple[int, float]:
    """How often it raised where nothing had changed, and how often it says that it does."""
    raised, stated = 0, 0.0
    for _provider in range(PROVIDERS):
        rate, was = LOW * (HIGH / LOW) ** draw.random(), False
        for found in _months(iter([rate] * 12 * YEARS), judge, draw, rate):
            now = bool(found and found.watch and found.is_raised)
            raised += now and not was
            stated += 1 / found.watch.false_every if found and found.watch else 0
            was = now
    return raised, stated


def _delay(judge: Judge, draw: random.Random, rate: float) -> tuple[float, float]:
    """The mean months until a fall of 40 % was raised, and as the page says where it is raised."""
    happened: list[int] = []
    stated: list[float] = []
    while len(happened) < FALLS:
        before = draw.randrange(12, 36)
        seen: Any = _months(iter([rate] * before + [rate * 0.6] * LONGEST), judge, draw, rate)
        if any([found and found.is_raised for found in (next(seen) for _month in range(before))][-1:]):
            continue
        found = None
        for month in range(1, LONGEST + 1):
            found = next(seen)
            if (found and found.is_raised) or month == LONGEST:
                happened.append(month)
                break
        if found and found.watch:
            stated.append(found.watch.delay)
    return sum(happened) / len(happened), sum(stated) / len(stated)


def _near(name: str, value: float, unit: str, stated: float) -> Figure:
    """A figure that is to be within a tenth of what is stated."""
    made = against(BENCH, name, value, unit, stated, at_least=0.9)
    return Figure(**made.row() | {"aim": "0.9-1.1", "holds": 0.9 <= made.ratio <= 1.1})


def run() -> list[Figure]:
    judge, draw = _judge(), random.Random(1859)
    raised, stated = _false(judge, draw)
    figures = [_near("false alarms", raised, "raised", stated)]
    for rate in RATES:
        happened, told = _delay(judge, draw, rate)
        figures.append(_near(f"fall of 40 %, {rate:g}/month", happened, "months", told))
    return figures
