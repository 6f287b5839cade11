"""Whether reporting falls silent: a scope's latest years against its own past.

The watch begins with a calendar year, so that the past that it is measured by stays the same for a year: a past that
moved each month would follow a slow fall down, and raise by chance what it had not raised before.
"""

from __future__ import annotations

from dataclasses import dataclass

from deviations.figures import counting, signals
from deviations.figures.counting import Asked
from deviations.figures.scope import MONTHS, Months, Scope, latest

# At most so many months are the past; those before the first report are none of them.
PAST = 60
# The watch begins two years before the current one, or later where that leaves less past than this ...
GOOD_PAST = 24
# ... and not at all where no beginning leaves this.
LEAST_PAST = 6
# Fewer reports tell nothing of how long a silence is usual.
LEAST_REPORTS = 3
# So many months show that reporting is back.
BACK = 3


@dataclass(frozen=True)
class Falling:
    """`rate`: expected a month, as the mean of `past` months. `watch`: None where reports are too few to be counted by
    the month, which are watched by the time since the last one (`silent`, in months, against `silent_limit`). `count`
    over the latest `months`, where `least` to `most` are expected.
    """

    rate: float
    past: int
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


def looked_at() -> Months:
    """The months that are looked at, the latest whole one last."""
    return latest(PAST + 3 * MONTHS)


def falling(which: str, scope: Scope) -> Falling | None:
    """The latest years watched; None where there is too little past, or none at all."""
    months = looked_at()
    return judged([n for _day, n in counting.by_month(which, scope, Asked(months))], months.last.month)


def judged(series: list[int], last: int) -> Falling | None:
    """The same, of the counts of the months that are looked at. `last`: the number of the latest month in its year."""
    first = next((place for place, n in enumerate(series) if n), len(series))
    begun = _begun(len(series) - last, first)
    if begun is None:
        return None
    past = series[max(first, begun - PAST) : begun]
    rate = sum(past) / len(past)
    return _by_month(rate, len(past), series[begun:]) if rate >= 0.5 else _by_silence(series)


def _begun(year: int, first: int) -> int | None:
    """The place of the month that the watch begins with. `year`: of the first month of the current year; `first`: of
    the first report.
    """
    places = [year - 2 * MONTHS, year - MONTHS, year]
    good = [place for place in places if place - first >= GOOD_PAST]
    return good[0] if good else year if year - first >= LEAST_PAST else None


def _by_month(rate: float, past: int, watched: list[int]) -> Falling:
    watch = signals.watch(round(rate, 2), past)
    sums, alarms = list(watch.sums(watched)), watch.alarms(watched)
    # The months that the latest sum has grown over: since it was last at nought. At least the latest one.
    place = alarms[-1] if alarms else len(sums) - 1
    begun = place
    while begun > 0 and sums[begun - 1] > 0 and begun - 1 not in alarms:
        begun -= 1
    # An alarm stands until three months after it are together nearer the usual than the fall.
    after = watched[place + 1 :]
    enough = rate * BACK * (1 - signals.FALL / 2)
    is_back = any(sum(after[n : n + BACK]) >= enough for n in range(len(after) - BACK + 1))
    months = len(watched) - begun
    least, most = signals.expected_between(rate * months)
    return Falling(rate, past, watch, bool(alarms) and not is_back, months, sum(watched[begun:]), least, most)


def _by_silence(series: list[int]) -> Falling | None:
    """The past is from the first report to the last: a silence is not measured by itself."""
    places = [place for place, count in enumerate(series) if count]
    reports, past = sum(series), places[-1] - places[0] + 1
    if reports < LEAST_REPORTS:
        return None
    rate, silent = reports / past, len(series) - 1 - places[-1]
    limit = signals.silence(rate, past)
    least, most = signals.expected_between(rate * MONTHS)
    year = sum(series[-MONTHS:])
    return Falling(rate, past, None, silent >= limit, MONTHS, year, least, most, silent, limit)
