"""Chance and change: the published limits of the rules, and the stated false alarms and delays, simulated."""

from __future__ import annotations

import math
import random

import pytest

from deviations.figures import signals

# From the tables of Anhøj and Olesen 2014: useful values, the longest run and the fewest crossings that chance gives.
PUBLISHED = [(10, 6, 2), (11, 6, 2), (12, 7, 3), (15, 7, 4), (20, 7, 6), (24, 8, 8), (30, 8, 10)]


@pytest.mark.parametrize(("useful", "longest", "fewest"), PUBLISHED)
def test_the_limits_are_the_published_ones(useful, longest, fewest):
    assert signals.longest_allowed(useful) == longest
    assert signals.crossings_needed(useful) == fewest


def test_values_on_the_median_are_neither_in_a_run_nor_a_crossing():
    found = signals.runs([5, 7, 5, 3, 5, 7, 3, 7, 3, 7, 3, 7, 3])
    assert found
    assert (found.median, found.useful, found.longest, found.crossings) == (5, 10, 1, 9)
    assert not found.is_signal


def test_a_shift_is_a_signal_and_a_trend_of_three_is_none():
    shift = signals.runs([4, 5, 4, 6, 5, 4, 5, 6, 9, 11, 10, 9, 12, 10, 9, 11])
    assert shift
    assert shift.shifts
    assert shift.crosses_seldom
    trend = signals.runs([9, 3, 8, 4, 5, 6, 7, 2, 9, 3, 8, 2, 7, 9])
    assert trend
    assert not trend.is_signal


def test_too_few_values_tell_nothing():
    assert signals.runs([1, 9] * 4) is None
    assert signals.runs([]) is None
    assert signals.runs([4] * 30) is None


def drawn(rate: float, draw: random.Random) -> int:
    """A Poisson count by multiplying (Knuth)."""
    limit, product, count = math.exp(-rate), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count


def months_to_alarm(watch: signals.Watch, rate: float, draw: random.Random, *, before: int = 0) -> int:
    """Months of this rate until the first alarm, after `before` months of the expected one without any."""
    total = 0
    while before:
        total, month = 0, 0
        while month < before:
            total = max(0, total + watch.reference - watch.steps * drawn(watch.rate, draw))
            if total >= watch.limit:
                break
            month += 1
        if month == before:
            break
    for month in range(1, 100_000):
        total = max(0, total + watch.reference - watch.steps * drawn(rate, draw))
        if total >= watch.limit:
            return month
    raise AssertionError("no alarm")


@pytest.mark.parametrize("rate", [1.0, 3.0, 8.0, 20.0])
def test_false_alarms_come_as_seldom_as_is_stated(rate):
    watch, draw = signals.watch(rate), random.Random(2014)
    assert watch.false_every >= signals.FALSE_EVERY
    times = [months_to_alarm(watch, rate, draw) for _n in range(1500)]
    assert sum(times) / len(times) == pytest.approx(watch.false_every, rel=0.1)


@pytest.mark.parametrize(("rate", "about"), [(1.0, 17), (3.0, 9), (8.0, 5), (20.0, 2.5), (60.0, 1.2)])
def test_a_fall_of_forty_per_cent_is_seen_as_early_as_is_stated(rate, about):
    watch, draw = signals.watch(rate), random.Random(1985)
    times = [months_to_alarm(watch, rate * 0.6, draw, before=40) for _n in range(800)]
    assert sum(times) / len(times) == pytest.approx(watch.delay, rel=0.1)
    assert watch.delay == pytest.approx(about, rel=0.12)


def test_the_watch_begins_anew_after_an_alarm():
    watch = signals.watch(8.0)
    assert watch.alarms([8, 9, 7, 8, 0, 0, 0, 0, 8]) == [5, 7]
    assert watch.alarms([8, 7, 9, 6, 8, 10, 7, 8, 9]) == []


def test_few_reports_are_watched_by_silence():
    with pytest.raises(ValueError, match=r"0\.4"):
        signals.watch(0.4)
    assert signals.silence(0.4) == pytest.approx(11.5, abs=0.02)
    # The chance of no report in that time is one in a hundred.
    assert math.exp(-0.4 * signals.silence(0.4)) == pytest.approx(0.01)


@pytest.mark.parametrize(("rate", "least", "most"), [(12, 6, 19), (3, 0, 7), (0.5, 0, 2)])
def test_expected_counts_are_what_chance_lies_between(rate, least, most):
    assert signals.expected_between(rate) == (least, most)


def test_a_rate_that_is_estimated_makes_a_watch_that_waits_longer():
    known, long, short = signals.watch(3.0), signals.watch(3.0, 60), signals.watch(3.0, 24)
    assert known.limit < long.limit < short.limit
    assert known.delay < long.delay < short.delay
    assert min(w.false_every for w in (known, long, short)) >= signals.FALSE_EVERY


@pytest.mark.parametrize(("reports", "months"), [(60, 60), (72, 24), (480, 60)])
def test_the_possible_rates_have_the_mean_and_the_spread_of_the_posterior(reports, months):
    nodes = signals.possible(reports / months, months)
    mean = sum(rate * share for rate, share in nodes)
    spread = math.sqrt(sum(share * (rate - mean) ** 2 for rate, share in nodes))
    assert sum(share for _rate, share in nodes) == pytest.approx(1)
    assert mean == pytest.approx((reports + 0.5) / months, rel=0.001)
    assert spread == pytest.approx(math.sqrt(reports + 0.5) / months, rel=0.01)


def test_a_silence_after_an_estimated_rate_has_the_stated_chance():
    draw, longer, n = random.Random(1952), 0, 20_000
    for _case in range(n):
        between = [draw.expovariate(0.3) for _one in range(5)]
        months = sum(between)
        longer += draw.expovariate(0.3) >= signals.silence(6 / months, months)
    assert longer / n == pytest.approx(signals.SILENT_CHANCE, rel=0.2)


@pytest.mark.parametrize("rate", [60.0, 700.0, 800.0, 2_700.0, 50_000.0])
def test_a_whole_regions_reports_are_watched_too(rate):
    watch = signals.watch(rate, 60)
    assert watch.false_every >= signals.FALSE_EVERY
    assert 1 - 1e-9 <= watch.delay < 1.3
    usual, fallen = round(rate), round(0.6 * rate)
    assert watch.alarms([usual, usual, fallen, fallen]) in ([2, 3], [3])
    least, most = signals.expected_between(rate)
    assert rate - 3 * math.sqrt(rate) < least < rate < most < rate + 3 * math.sqrt(rate)
