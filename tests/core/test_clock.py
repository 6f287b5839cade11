"""Time: Swedish days in UTC, working days, and a clock that a test can hold."""

import datetime as dt
import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import clock
from core.clock import SwedishToday, frozen

# A busy machine is no fault of the code.
unhurried = hypothesis_settings(deadline=None)
UTC = dt.UTC
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))


def utc(*args: int) -> dt.datetime:
    return dt.datetime(*args, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_now_is_aware_and_in_utc() -> None:
    before = dt.datetime.now(UTC)
    assert before <= clock.now() <= dt.datetime.now(UTC)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "date"),
    [
        (utc(2026, 1, 15, 22, 59, 59), dt.date(2026, 1, 15)),
        (utc(2026, 1, 15, 23, 0), dt.date(2026, 1, 16)),  # midnight in winter
        (utc(2026, 7, 15, 21, 59, 59), dt.date(2026, 7, 15)),
        (utc(2026, 7, 15, 22, 0), dt.date(2026, 7, 16)),  # midnight in summer
        (utc(2026, 3, 28, 23, 0), dt.date(2026, 3, 29)),  # into the day of 23 hours
        (utc(2026, 3, 29, 22, 0), dt.date(2026, 3, 30)),  # out of it
        (utc(2026, 10, 24, 22, 0), dt.date(2026, 10, 25)),  # into the day of 25 hours
        (utc(2026, 10, 25, 22, 59), dt.date(2026, 10, 25)),  # still in it
        (utc(2026, 10, 25, 23, 0), dt.date(2026, 10, 26)),
        (utc(2026, 12, 31, 23, 0), dt.date(2027, 1, 1)),
    ],
)
@pytest.mark.django_db
def test_the_day_changes_at_swedish_midnight_in_python_and_in_sql(moment: dt.datetime, date: dt.date) -> None:
    with frozen(moment):
        assert clock.today() == date
        assert sql_today() == date


def sql_today() -> dt.date:
    """What `SwedishToday` gives, asked of the database over any table that has rows."""
    return ContentType.objects.annotate(day=SwedishToday()).values_list("day", flat=True)[0]


@pytest.mark.django_db
def test_sql_knows_the_real_day_without_a_frozen_clock() -> None:
    before = clock.today()
    assert before <= sql_today() <= clock.today()


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_sql_gives_the_swedish_day_whatever_the_connections_zone(zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    before = clock.today()
    assert before <= sql_today() <= clock.today()


@pytest.mark.django_db
def test_a_queryset_made_earlier_asks_for_the_day_when_it_runs() -> None:
    rows = ContentType.objects.annotate(day=SwedishToday())
    first = rows.filter(day=dt.date(2026, 1, 15))
    with frozen(utc(2026, 1, 15, 12)) as held:
        assert first.all().exists()
        held.move(days=1)
        assert not first.all().exists()
        assert rows.filter(day__gt=dt.date(2026, 1, 15)).exists()
    assert not first.all().exists()


@pytest.mark.parametrize(
    ("date", "start", "hours"),
    [
        (dt.date(2026, 3, 28), utc(2026, 3, 27, 23), 24),
        (dt.date(2026, 3, 29), utc(2026, 3, 28, 23), 23),
        (dt.date(2026, 3, 30), utc(2026, 3, 29, 22), 24),
        (dt.date(2026, 10, 25), utc(2026, 10, 24, 22), 25),
        (dt.date(2026, 10, 26), utc(2026, 10, 25, 23), 24),
    ],
)
def test_a_day_has_its_right_bounds_when_the_clocks_change(date: dt.date, start: dt.datetime, hours: int) -> None:
    assert clock.start_of_day(date) == start
    assert clock.start_of_day(date + clock.ONE_DAY) - start == dt.timedelta(hours=hours)
    assert clock.start_of_day(date).tzinfo is UTC


@unhurried
@given(DATES)
def test_days_follow_each_other_without_gap_or_overlap(date: dt.date) -> None:
    end = clock.start_of_day(date + clock.ONE_DAY) - dt.timedelta(microseconds=1)
    assert clock.swedish(clock.start_of_day(date)).date() == date == clock.swedish(end).date()


def test_swedish_time_is_wall_clock_time() -> None:
    assert clock.swedish(utc(2026, 3, 29, 0, 59)).strftime("%H.%M") == "01.59"
    assert clock.swedish(utc(2026, 3, 29, 1, 0)).strftime("%H.%M") == "03.00"
    twice = [clock.swedish(utc(2026, 10, 25, hour, 30)) for hour in (0, 1)]
    assert [moment.strftime("%H.%M %z") for moment in twice] == ["02.30 +0200", "02.30 +0100"]


def test_a_datetime_without_zone_is_refused() -> None:
    naive = dt.datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        clock.swedish(naive)
    with pytest.raises(ValueError, match="time zone"), frozen(naive):
        pass
    with frozen(utc(2026, 1, 1)) as held, pytest.raises(ValueError, match="time zone"):
        held.set(naive)


@pytest.mark.parametrize(
    "date",
    [
        dt.date(2026, 1, 1),
        dt.date(2026, 1, 6),
        dt.date(2026, 4, 3),
        dt.date(2026, 4, 6),
        dt.date(2026, 5, 1),
        dt.date(2026, 5, 14),
        dt.date(2025, 6, 6),
        dt.date(2026, 6, 19),  # midsommarafton
        dt.date(2026, 12, 24),
        dt.date(2026, 12, 25),
        dt.date(2026, 12, 31),
        dt.date(2026, 6, 13),  # a Saturday
        dt.date(2026, 6, 14),
    ],
)
def test_holidays_and_the_three_eves_are_no_working_days(date: dt.date) -> None:
    assert not clock.is_working_day(date)


@pytest.mark.parametrize("date", [dt.date(2026, 1, 5), dt.date(2026, 4, 2), dt.date(2026, 4, 30), dt.date(2026, 6, 5)])
def test_days_before_other_holidays_are_working_days(date: dt.date) -> None:
    assert clock.is_working_day(date)


def test_working_days_are_counted_over_holidays_and_year_ends() -> None:
    assert clock.add_working_days(dt.date(2026, 6, 18), 1) == dt.date(2026, 6, 22)  # over midsummer
    assert clock.add_working_days(dt.date(2026, 12, 23), 1) == dt.date(2026, 12, 28)
    assert clock.add_working_days(dt.date(2026, 12, 30), 1) == dt.date(2027, 1, 4)
    assert clock.add_working_days(dt.date(2027, 1, 4), -1) == dt.date(2026, 12, 30)
    assert clock.add_working_days(dt.date(2026, 4, 2), 1) == dt.date(2026, 4, 7)  # over Easter
    assert clock.add_working_days(dt.date(2026, 6, 20), 0) == dt.date(2026, 6, 20)


@unhurried
@given(DATES, st.integers(-120, 120))
def test_as_many_working_days_lie_between_as_were_added(date: dt.date, n: int) -> None:
    there = clock.add_working_days(date, n)
    step = clock.ONE_DAY if n > 0 else -clock.ONE_DAY
    days = [date + step * i for i in range(1, abs((there - date).days) + 1)]
    assert sum(clock.is_working_day(day) for day in days) == abs(n)
    if n:
        assert clock.is_working_day(there)


def test_a_frozen_clock_stands_still_moves_when_told_and_lets_go() -> None:
    with frozen(utc(2026, 1, 1, 12)) as outer:
        assert clock.now() == clock.now() == utc(2026, 1, 1, 12)
        outer.move(hours=73)
        assert clock.now() == utc(2026, 1, 4, 13)
        with frozen(dt.datetime(2020, 1, 1, tzinfo=clock.STOCKHOLM)):
            assert clock.now() == utc(2019, 12, 31, 23)
            assert clock.now().tzinfo is UTC
        assert clock.now() == utc(2026, 1, 4, 13)
        outer.set(utc(2030, 1, 1))
        assert clock.now() == utc(2030, 1, 1)
    assert clock.now().year != 2030


def test_a_frozen_clock_ends_with_an_error_too() -> None:
    with pytest.raises(RuntimeError), frozen(utc(1999, 1, 1)):
        raise RuntimeError
    assert clock.now().year > 1999


def test_a_frozen_clock_holds_for_its_own_thread_only() -> None:
    seen: list[dt.datetime] = []
    with frozen(utc(1999, 1, 1)):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0].year > 1999
