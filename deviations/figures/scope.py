"""Whose cases are counted for a reader, and over which months.

SECURITY: a provider's people count their own alone, those at one unit that unit's. The regional coordinator counts all.
Numbers of others' cases are nobody else's, small or large.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from accounts.models import Provider
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from deviations.predicate import coordinates

MONTHS = 12
# Roles that count their own provider's or unit's cases, besides those that handle them.
_LEADS = frozenset({Role.PROVIDER_ADMIN, Role.UNIT_MANAGER})


def few() -> int:
    """Fewer than this are not told to those who are no party: among few, a single report has a face."""
    number: int = settings.PORTAL_SMALL_NUMBERS
    return number


@dataclass(frozen=True)
class Scope:
    """All providers' cases (`provider_id` None), one provider's, or one unit's."""

    provider_id: int | None = None
    unit_id: int | None = None

    @property
    def is_all(self) -> bool:
        return self.provider_id is None

    def parts(self, prefix: str = "") -> Q:
        """The parts of this scope, as a condition on a party."""
        told = {f"{prefix}provider": self.provider_id, f"{prefix}unit": self.unit_id}
        return Q(**{name: key for name, key in told.items() if key is not None})

    def reported(self) -> Q:
        """A party in a case that the scope reported."""
        told = {"case__reporting_provider": self.provider_id, "case__reporting_unit": self.unit_id}
        return Q(**{name: key for name, key in told.items() if key is not None})


@dataclass(frozen=True)
class Months:
    """Whole months: from `first` on, up to `end`, which is the first day after. Swedish days."""

    first: dt.date
    end: dt.date

    @property
    def each(self) -> list[dt.date]:
        """The first day of each."""
        found, at = [], self.first
        while at < self.end:
            found.append(at)
            at = moved(at, 1)
        return found

    @property
    def last(self) -> dt.date:
        return self.end - dt.timedelta(days=1)

    @property
    def before(self) -> Months:
        """As many months, just before."""
        n = len(self.each)
        return Months(moved(self.first, -n), self.first)

    def holds(self, name: str) -> Q:
        """A moment of this name lies in these months."""
        return Q(**{f"{name}__gte": clock.start_of_day(self.first), f"{name}__lt": clock.start_of_day(self.end)})


def moved(first: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later."""
    n = first.year * 12 + first.month - 1 + months
    return dt.date(n // 12, n % 12 + 1, 1)


def latest(count: int = MONTHS) -> Months:
    """The latest whole months. The month that has begun is not among them: it would look like a fall."""
    end = clock.today().replace(day=1)
    return Months(moved(end, -count), end)


def of_year(year: int) -> Months:
    """The months of a year that are over."""
    end = min(dt.date(year + 1, 1, 1), clock.today().replace(day=1))
    return Months(dt.date(year, 1, 1), max(end, dt.date(year, 1, 1)))


def scope_of(reader: Reader, provider: str = "") -> Scope | None:
    """The cases that the reader counts; None for those who count none. `provider`: the name of one, for those who count
    all.
    """
    if reader.assignment_id is None or reader.viewer is not None:
        return None
    if coordinates(reader):
        found = Provider.objects.filter(name=provider).first() if provider else None
        return Scope(found.pk if found else None)
    if reader.handles_cases or reader.roles & _LEADS:
        return Scope(reader.provider_id, reader.unit_id)
    return None


def short_scope_of(reader: Reader) -> Scope | None:
    """The unit of somebody who reports, or their provider where they are at none: in short, for its people. None for
    those who do not report.
    """
    if reader.viewer is not None or not reader.may_report:
        return None
    return Scope(reader.provider_id, reader.unit_id)
