"""The one place for time. Stored in UTC, counted and shown as in Sweden.

All code asks `now()` and `today()` here, never Django or `datetime` directly, so that a rule with a date in
it can be tried on any day (`frozen`), in Python and in SQL alike (`SwedishToday`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays
from django.db.models import DateField, Func

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
ONE_DAY: Final = dt.timedelta(days=1)
SATURDAY: Final = 5


class FrozenClock:
    """The clock that `frozen` hands out: it stands still until it is moved."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = _aware(at).astimezone(dt.UTC)

    def move(self, **timedelta: float) -> dt.datetime:
        """Moves the clock by a timedelta's arguments (`move(hours=73)`, `move(days=-1)`); gives the new
        time."""
        self.at += dt.timedelta(**timedelta)
        return self.at

    def set(self, at: dt.datetime) -> None:
        """Sets the clock to an aware datetime."""
        self.at = _aware(at).astimezone(dt.UTC)


_frozen: ContextVar[FrozenClock | None] = ContextVar("frozen_clock", default=None)


def now() -> dt.datetime:
    """This moment, aware, in UTC."""
    clock = _frozen.get()
    return clock.at if clock else dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The date in Sweden at this moment, whatever the server's zone."""
    return swedish(now()).date()


def swedish(moment: dt.datetime) -> dt.datetime:
    """The same moment with Swedish wall-clock time. Raises ValueError for a naive datetime."""
    return _aware(moment).astimezone(STOCKHOLM)


def start_of_day(date: dt.date) -> dt.datetime:
    """The first moment of a Swedish day, in UTC. The day lasts 23 or 25 hours when the clocks change."""
    return dt.datetime.combine(date, dt.time.min, tzinfo=STOCKHOLM).astimezone(dt.UTC)


def is_working_day(date: dt.date) -> bool:
    """Whether `date` is none of Saturday, Sunday, public holiday, midsommarafton, julafton or nyårsafton.

    The three eves count as holidays in lag (1930:173) om beräkning av lagstadgad tid, 2 §.
    """
    return date.weekday() < SATURDAY and date not in _days_off(date.year)


def add_working_days(date: dt.date, n: int) -> dt.date:
    """The working day that is `n` working days after `date` (before it, if negative); `date` itself is not
    counted.

    With n=0 it is `date` as it stands, working day or not.
    """
    step = ONE_DAY if n > 0 else -ONE_DAY
    left = abs(n)
    while left:
        date += step
        left -= is_working_day(date)
    return date


@lru_cache(maxsize=64)
def _days_off(year: int) -> frozenset[dt.date]:
    # `de_facto` is the library's word for the three eves. Sundays are left out: the weekday tells them.
    found = holidays.country_holidays(
        "SE", years=year, categories=("public", "de_facto"), include_sundays=False, expand=False
    )
    return frozenset(found)


@contextmanager
def frozen(at: dt.datetime) -> Iterator[FrozenClock]:
    """For tests: within the block the time is `at` (aware) and moves only by the `FrozenClock` it yields.

    Holds for this thread or task (a context variable) and for `SwedishToday`. A live server's thread and
    PostgreSQL's own defaults and triggers keep real time.
    """
    clock = FrozenClock(at)
    token = _frozen.set(clock)
    try:
        yield clock
    finally:
        _frozen.reset(token)


def swedish_today() -> str:
    """`SwedishToday` as SQL, for conditions that are written (`core.written`)."""
    return f"'{today():%Y-%m-%d}'::date" if _frozen.get() else SwedishToday.template


class SwedishToday(Func):
    """Today's date in Sweden as SQL, for queries whose answer depends on the day:
    `filter(ends__gte=SwedishToday())`.

    Asked of the database at each query, so that a queryset kept for long, or a server in another zone, is
    still right.
    """

    template = "((now() AT TIME ZONE 'Europe/Stockholm')::date)"
    arity = 0
    output_field = DateField()

    def as_sql(self, compiler: Any, connection: Any, **extra_context: Any) -> tuple[str, Any]:  # type: ignore[override]
        # Looked up when the query is compiled, not when the expression is made: `frozen` may be entered in
        # between.
        if _frozen.get():
            return "%s::date", [today()]
        return super().as_sql(compiler, connection, **extra_context)


def _aware(moment: dt.datetime) -> dt.datetime:
    if moment.utcoffset() is None:
        raise ValueError("A datetime without a time zone says no moment; give it one.")
    return moment
