"""Whether a series of counts varies by more than chance, and whether it has fallen.

A run chart is judged by two rules of Anhøj and Olesen (PLoS ONE 2014;9(11):e113825): an unusually long run on one side
of the median, or unusually few crossings of it. There is no rule for trends: falls in a row alarm falsely in a fifth to
half of all series of two years.

A fall is watched for by a CUSUM for Poisson counts (Lucas, Technometrics 1985;27:129-144), whose times to alarm are
found exactly, as of a Markov chain (Brook and Evans, Biometrika 1972;59:539-549). Series with few reports are watched
by the time since the last one.

Pure functions of numbers: no database, no words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median

# A fall of this share is what is watched for.
FALL = 0.4
# At most one false alarm in ten years.
FALSE_EVERY = 120
# A silence whose chance is this small is told of.
SILENT_CHANCE = 0.01
# Fewer values tell nothing of chance.
LEAST = 10
# A chance as small as this cannot be told from none.
CERTAIN = 1e-12


@dataclass(frozen=True)
class Runs:
    """A series against its median. `useful`: values that are not on the median itself."""

    median: float
    useful: int
    longest: int
    longest_allowed: int
    crossings: int
    crossings_needed: int

    @property
    def shifts(self) -> bool:
        """The longest run is longer than chance gives."""
        return self.longest > self.longest_allowed

    @property
    def crosses_seldom(self) -> bool:
        return self.crossings < self.crossings_needed

    @property
    def is_signal(self) -> bool:
        return self.shifts or self.crosses_seldom


def runs(values: Sequence[float]) -> Runs | None:
    """The series judged by both rules; None of fewer than `LEAST` useful values."""
    middle = median(values) if values else 0
    sides = [value > middle for value in values if value != middle]
    if len(sides) < LEAST:
        return None
    longest = length = 1
    crossings = 0
    for before, now in pairwise(sides):
        length = length + 1 if before == now else 1
        crossings += before != now
        longest = max(longest, length)
    n = len(sides)
    return Runs(middle, n, longest, longest_allowed(n), crossings, crossings_needed(n))


def longest_allowed(useful: int) -> int:
    """The longest run that chance gives of so many values."""
    return round(math.log2(useful) + 3)


def crossings_needed(useful: int) -> int:
    """The fewest crossings that chance gives: the lower 5 % limit of a binomial with even chances."""
    total, chance = 0.0, 0.5 ** (useful - 1)
    for crossings in range(useful):
        total += math.comb(useful - 1, crossings) * chance
        if total >= 0.05:
            return crossings
    return useful


@dataclass(frozen=True)
class Watch:
    """A lower CUSUM for an expected `rate` a month, in whole steps of 1/`steps`: the sum grows by `reference` each
    month and falls by `steps` for each report, never below nought, and alarms at `limit`.

    `false_every` and `delay` in months: the mean time to an alarm where nothing has changed, and from a fall of `FALL`
    that comes when the watch has run a while. An estimated rate takes the mean over all that it could truly be.
    """

    rate: float
    steps: int
    reference: int
    limit: int
    false_every: float
    delay: float

    def sums(self, counts: Sequence[int]) -> Iterator[int]:
        """The sum after each month. After an alarm it begins anew."""
        total = 0
        for count in counts:
            total = max(0, total + self.reference - self.steps * count)
            yield total
            if total >= self.limit:
                total = 0

    def alarms(self, counts: Sequence[int]) -> list[int]:
        """The places of the months that alarm."""
        return [place for place, total in enumerate(self.sums(counts)) if total >= self.limit]


# The true rate, by the past that it was estimated from, as three values with their weights: the nodes of a Gaussian
# quadrature (Hermite, three points).
_NODES = ((0.0, 2 / 3), (math.sqrt(3), 1 / 6), (-math.sqrt(3), 1 / 6))


def possible(rate: float, months: int | None) -> list[tuple[float, float]]:
    """The values that the true rate could have, each with its weight, where `rate` was the mean of so many months;
    None: the rate is known.

    By Jeffreys' prior it is distributed as a gamma variable, whose quantiles are those of a normal one as Wilson and
    Hilferty gave them (PNAS 1931;17:684-688).
    """
    if months is None:
        return [(rate, 1.0)]
    shape = rate * months + 0.5
    ninth = 1 / (9 * shape)
    return [(shape / months * max(0.05, 1 - ninth + z * math.sqrt(ninth)) ** 3, weight) for z, weight in _NODES]


@lru_cache(maxsize=4000)
def watch(rate: float, months: int | None = None) -> Watch:
    """The watch whose false alarms come at most every `FALSE_EVERY` months, as sharp as that allows. `months`: the
    length of the past that the rate is the mean of; None where it is known. Raises ValueError for a rate that is too
    low to be watched so (`silence`).
    """
    if rate < 0.5:
        raise ValueError(rate)
    steps = 20 if rate < 2 else 10 if rate < 10 else 4 if rate < 40 else 2
    reference = max(1, round(steps * rate * FALL / -math.log(1 - FALL)))
    rates = possible(rate, months)

    def every(limit: int) -> float:
        alarms = sum(share / _times(one, steps, reference, limit)[0] for one, share in rates)
        return 1 / alarms if alarms else math.inf

    low, high = 1, 2 * steps
    while every(high) < FALSE_EVERY:
        low, high = high, math.ceil(1.5 * high)
    while high - low > 1:
        middle = (low + high) // 2
        if every(middle) < FALSE_EVERY:
            low = middle
        else:
            high = middle
    delay = 0.0
    for one, share in rates:
        fallen = _times(one * (1 - FALL), steps, reference, high)
        delay += share * sum(n * time for n, time in zip(_usual(one, steps, reference, high), fallen, strict=True))
    return Watch(rate, steps, reference, high, every(high), delay)


def silence(rate: float, months: float | None = None) -> float:
    """The months without a report whose chance is `SILENT_CHANCE`, where `rate` are expected a month. `months`: the
    rate is the mean of so many, from one report to another; None: it is known.
    """
    if months is None:
        return -math.log(SILENT_CHANCE) / rate
    # The times between reports are exponential: of n of them that sum to `months`, the next is longer than t with the
    # chance (months / (months + t))^n.
    between: float = rate * months - 1
    return float(months * (SILENT_CHANCE ** (-1 / between) - 1))


def expected_between(rate: float, chance: float = 0.95) -> tuple[int, int]:
    """The least and the greatest count that so large a share of chance lies between."""
    tail, total, low = (1 - chance) / 2, 0.0, -1
    for count, share in _poisson(rate):
        total += share
        if low < 0 and total > tail:
            low = count
        if total >= 1 - tail:
            return low, count
    return low, math.ceil(rate)


def _poisson(rate: float) -> Iterator[tuple[int, float]]:
    """The counts that are not beyond all chance, the least first, each with its chance. By logarithms: a high rate's
    chances are too small for a product.
    """
    wide = 12 * math.sqrt(rate) + 12
    for count in range(max(0, math.floor(rate - wide)), math.ceil(rate + wide) + 1):
        yield count, math.exp(count * math.log(rate) - rate - math.lgamma(count + 1))


def _chain(rate: float, steps: int, reference: int, limit: int) -> list[dict[int, float]]:
    """The chances of going from each sum below the limit to each other. A row that does not sum to one may alarm."""
    chances, rows = list(_poisson(rate)), []
    for at in range(limit):
        row, left = {}, 1.0
        for count, share in chances:
            to = at + reference - steps * count
            if to <= 0:
                row[0] = left
                break
            left -= share
            if to < limit:
                row[to] = share
        rows.append(row)
    return rows


def _times(rate: float, steps: int, reference: int, limit: int) -> list[float]:
    """The mean months to an alarm from each sum below the limit: (I - Q) t = 1, by elimination. Infinite where the
    chance of an alarm is too small for a number.
    """
    rows = []
    for i, chances in enumerate(_chain(rate, steps, reference, limit)):
        line = [0.0] * limit + [1.0]
        for to, share in chances.items():
            line[to] = -share
        line[i] += 1
        rows.append(line)
    for i, head in enumerate(rows):
        if head[i] < CERTAIN:
            return [math.inf] * limit
        for row in rows[i + 1 :]:
            if row[i]:
                factor = row[i] / head[i]
                for j in range(i + 1, limit + 1):
                    row[j] -= factor * head[j]
    times = [0.0] * limit
    for i in reversed(range(limit)):
        times[i] = (rows[i][limit] - sum(rows[i][j] * times[j] for j in range(i + 1, limit))) / rows[i][i]
    return times


def _usual(rate: float, steps: int, reference: int, limit: int) -> list[float]:
    """How the sum is spread once the watch has run a while without an alarm."""
    rows, spread = _chain(rate, steps, reference, limit), [1.0] + [0.0] * (limit - 1)
    for _month in range(60):
        after = [0.0] * limit
        for share, row in zip(spread, rows, strict=True):
            for to, chance in row.items():
                after[to] += share * chance
        whole = sum(after)
        spread = [share / whole for share in after]
    return spread
