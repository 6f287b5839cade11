"""Whether reporting falls silent: a scope's latest year against its own past."""

from __future__ import annotations

from dataclasses import dataclass

from deviations.figures import counting, signals
from deviations.figures.counting import Asked
from deviations.figures.scope import MONTHS, Scope, latest

# The months before the latest year that the expected count is of; months before the first report are none of them.
PAST = 24
# Fewer months of past tell nothing of what is usual.
LEAST_PAST = 6
# So many months show that reporting is back.
BACK = 3


@dataclass(frozen=True)
class Falling:
    """`rate`: expected a month. `watch`: None where reports are too few to be counted by the month, which are watched
    by the time since the last one (`silent`, in months, against `silent_limit`). `count` over the latest `months`,
    where `least` to `most` are expected.
    """

    rate: float
    watch: signals.Watch | None
    is_raised: bool
    months: int
    count: int
    least: int
    most: int
    silent: int = 0
    silent_limit: float = 0

    @property
    def delay(self) -> float:
        """In how many months a fall of 40 % is seen on average; of few reports, how long a silence is."""
        return self.watch.delay if self.watch else self.silent_limit


def falling(which: str, scope: Scope) -> Falling | None:
    """The latest year watched; None where there is too little past, or none at all."""
    return judged([n for _day, n in counting.by_month(which, scope, Asked(latest(MONTHS + PAST)))])


def judged(series: list[int]) -> Falling | None:
    """The same, of the counts of the latest `PAST` and `MONTHS` months."""
    past, year = series[:PAST], series[PAST:]
    first = next((place for place, n in enumerate(past) if n), PAST)
    known = past[first:]
    if len(known) < LEAST_PAST:
        return None
    rate = sum(known) / len(known)
    return _by_month(rate, year) if rate >= 0.5 else _by_silence(rate, past + year)


def _by_month(rate: float, year: list[int]) -> Falling:
    watch = signals.watch(round(rate, 2))
    sums, alarms = list(watch.sums(year)), watch.alarms(year)
    # The months that the latest sum has grown over: since it was last at nought. At least the latest one.
    place = alarms[-1] if alarms else len(sums) - 1
    begun = place
    while begun > 0 and sums[begun - 1] > 0 and begun - 1 not in alarms:
        begun -= 1
    # An alarm stands until three months after it are together nearer the usual than the fall.
    after = year[place + 1 :][-BACK:]
    recovered = len(after) == BACK and sum(after) >= rate * BACK * (1 - signals.FALL / 2)
    months = len(year) - begun
    least, most = signals.expected_between(rate * months)
    return Falling(rate, watch, bool(alarms) and not recovered, months, sum(year[begun:]), least, most)


def _by_silence(rate: float, series: list[int]) -> Falling:
    silent = next((n for n, count in enumerate(reversed(series)) if count), len(series))
    limit = signals.silence(rate)
    least, most = signals.expected_between(rate * MONTHS)
    year = sum(series[-MONTHS:])
    return Falling(rate, None, silent >= limit, MONTHS, year, least, most, silent, limit)
