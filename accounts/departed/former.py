"""Those who worked for a provider when its last agreement ended, and for how long they can take its own with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, Q

from accounts.models import Agreement, Assignment, Provider
from accounts.readers import Reader, reader_for
from accounts.roles import CASE_ROLES, Role
from core import clock

PAGE = "/konto/avslutat/"


@dataclass(frozen=True)
class Former:
    """An assignment as it was when the provider's access ended; `left_at` is that midnight."""

    assignment: Assignment
    last_day: dt.date

    @property
    def left_at(self) -> dt.datetime:
        return clock.start_of_day(self.last_day + clock.ONE_DAY)

    @property
    def until(self) -> dt.date:
        """The last Swedish day on which something can be taken, inclusive."""
        return last_day_to_take(self.last_day)

    @property
    def administers(self) -> bool:
        return Role.PROVIDER_ADMIN in self.assignment.counting_roles and self.assignment.unit_id is None

    @property
    def handles(self) -> bool:
        return bool(self.assignment.counting_roles & CASE_ROLES)

    @property
    def reader(self) -> Reader:
        """Whoever it was, under the assignment that has ended.

        SECURITY: for taking out alone (`package.KINDS`), each of which leaves out what came after `left_at`. Nothing
        else may be asked with it: it gives no access today.
        """
        return reader_for(self.assignment.user, self.assignment)


def last_day_to_take(last_day: dt.date) -> dt.date:
    return last_day + dt.timedelta(days=settings.PORTAL_TAKE_OUT_DAYS)


def of_person(user_id: int | None) -> list[Former]:
    """The person's assignments at providers that have left lately, that would give access today but for the agreement,
    and have something to take."""
    if user_id is None:
        return []
    today = clock.today()
    left = Provider.objects.filter(kind="private", is_active=True).exclude(pk__in=Provider.objects.with_access())
    ended = Agreement.objects.filter(provider__in=left).values_list("provider").annotate(last=Max("valid_to"))
    open_ended = Agreement.objects.filter(provider__in=left, valid_to=None).values("provider")
    days = {pk: day for pk, day in ended.exclude(provider__in=open_ended) if day and day < today}
    days = {pk: day for pk, day in days.items() if today <= last_day_to_take(day)}
    rows = Assignment.objects.filter(user=user_id, user__is_active=True, provider__in=days, is_active=True)
    rows = rows.filter(Q(unit=None) | Q(unit__is_active=True)).select_related("user", "provider", "unit")
    found = [Former(row, days[row.provider_id]) for row in rows.order_by("provider__name", "pk")]
    return [one for one in found if _held(one) and (one.administers or one.handles)]


def _held(one: Former) -> bool:
    """Whether the assignment held on the last day, and neither was paused nor has been ended since."""
    first, last, day = one.assignment.valid_from, one.assignment.valid_to, one.last_day
    return not one.assignment.is_paused and (first or day) <= day <= (last or day)
