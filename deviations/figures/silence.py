"""The portal's own watch: who has fallen silent, told once to those who can ask why.

Providers and units are watched by themselves where reports are many enough to be counted by the month; those with fewer
stand in the direction between their kinds, and tell nothing alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts import notices
from accounts.models import Assignment, CareUnit, Provider
from accounts.roles import Role
from core import clock
from deviations.figures import counting, signals
from deviations.figures.falling import Falling, judged, looked_at
from deviations.figures.scope import MONTHS, Scope, latest
from deviations.models import Party, Silence

ADDRESS = "/avvikelser/statistik/#tystnar"
# The page of those who follow up, and see directions alone.
FOLLOWED = "/avvikelser/statistik/uppfoljning/"
# Provider, unit, and the two kinds of a direction.
Key = tuple[int | None, int | None, str, str]


def silences(scope: Scope) -> QuerySet[Silence]:
    """Those that stand now, of the scope: all of them, a provider's with its units', or a unit's."""
    rows = Silence.objects.filter(ended_at=None).select_related("provider", "unit")
    if scope.is_all:
        return rows
    rows = rows.filter(provider=scope.provider_id)
    return rows.filter(unit=scope.unit_id) if scope.unit_id else rows


def watch() -> int:
    """Judge every series anew: raise what has fallen, end what is back. Gives how many are new."""
    new = []
    with transaction.atomic():
        live = {
            (s.provider_id, s.unit_id, s.sender_kind, s.to_kind): s
            for s in Silence.objects.select_for_update().filter(ended_at=None)
        }
        last = looked_at().last.month
        fallen = {key: found for key, series in _series().items() if (found := _fallen(series, last))}
        for key, silence in live.items():
            if key not in fallen:
                silence.ended_at = clock.now()
                silence.save(update_fields=["ended_at"])
        for key, found in fallen.items():
            if key not in live:
                new.append(_raised(key, found))
        _tell(new)
    return len(new)


def _fallen(series: list[int], last: int) -> Falling | None:
    found = judged(series, last)
    return found if found and found.watch and found.is_raised else None


def _raised(key: Key, found: Falling) -> Silence:
    provider, unit, sender, to = key
    return Silence.objects.create(
        provider_id=provider, unit_id=unit, sender_kind=sender, to_kind=to, rate=found.rate, months=found.months,
        count=found.count, least=found.least, most=found.most,
    )  # fmt: skip


def _series() -> dict[Key, list[int]]:
    """The counts of each month, by whose they are. Three queries."""
    months = looked_at()
    place = {day: n for n, day in enumerate(months.each)}
    found: dict[Key, list[int]] = defaultdict(lambda: [0] * len(place))
    month = TruncMonth("case__submitted_at", tzinfo=counting.SWEDEN)
    sent = counting.sent(Scope()).filter(months.holds("case__submitted_at"))
    sent = sent.filter(provider__in=Provider.objects.with_access().values("pk")).annotate(month=month)
    for at, provider, n in sent.values_list("month", "provider").annotate(n=Count("pk")):
        found[provider, None, "", ""][place[clock.swedish(at).date()]] = n
    units = sent.filter(unit__is_active=True).values_list("month", "provider", "unit")
    for at, provider, unit, n in units.annotate(n=Count("pk")):
        found[provider, unit, "", ""][place[clock.swedish(at).date()]] = n
    between = counting.between(Scope()).filter(months.holds("case__submitted_at")).annotate(month=month)
    kinds = between.values_list("month", "case__reporting_provider__kind", "provider__kind")
    for at, sender, to, n in kinds.annotate(n=Count("pk")):
        found[None, None, sender, to][place[clock.swedish(at).date()]] = n
    return found


def _tell(new: Iterable[Silence]) -> None:
    """Each person once, whatever the number: the coordinators of all, the provider's own of theirs, and of directions
    those who follow up.
    """
    rows = list(new)
    if not rows:
        return
    asked = Q(pk__in=Assignment.objects.with_role(Role.SAFETY_COORDINATOR).values("pk"))
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).values("pk")
    managers = Assignment.objects.with_role(Role.UNIT_MANAGER).values("pk")
    for one in rows:
        if one.provider_id:
            asked |= Q(pk__in=admins, provider=one.provider_id, unit=None)
        if one.unit_id:
            asked |= Q(pk__in=managers, unit=one.unit_id)
    notices.notify(Assignment.objects.filter(asked).select_related("user"), kind="silence", subject="", url=ADDRESS)
    if any(one.provider_id is None for one in rows):
        follow = Assignment.objects.with_role(Role.FOLLOW_UP).select_related("user")
        notices.notify(follow, kind="silence", subject="", url=FOLLOWED)


@dataclass(frozen=True)
class Never:
    """A unit that has never reported, though its people would have by now. `months` since somebody began there."""

    unit: CareUnit
    people: int
    months: int


def never_reported(scope: Scope) -> list[Never]:
    """Units whose silence since they began has a chance of less than one in a hundred, by their number of people and by
    how often people report in the whole region. The longest first.
    """
    reported = counting.sent(Scope()).filter(latest().holds("case__submitted_at")).count()
    people = Assignment.objects.current().count()
    if not reported or not people:
        return []
    each, today = reported / MONTHS / people, clock.today()
    units = CareUnit.objects.filter(is_active=True, provider__in=Provider.objects.with_access().values("pk"))
    if not scope.is_all:
        units = units.filter(provider=scope.provider_id, **({"pk": scope.unit_id} if scope.unit_id else {}))
    units = units.exclude(Exists(Party.objects.filter(unit=OuterRef("pk"), side=Party.Side.REPORTING)))
    staffed = Assignment.objects.current().filter(unit__in=units.values("pk")).order_by()
    begun: dict[int, dict[int, dt.date]] = defaultdict(dict)
    for unit, user, first, joined in staffed.values_list("unit", "user", "valid_from", "user__created_at"):
        day = max(first or dt.date.min, clock.swedish(joined).date())
        begun[unit][user] = min(day, begun[unit].get(user, day))
    told = {unit: (len(days), _months(min(days.values()), today)) for unit, days in begun.items()}
    late = {unit: one for unit, one in told.items() if one[1] >= signals.silence(each * one[0])}
    rows = CareUnit.objects.filter(pk__in=late).select_related("provider").order_by("name")
    return sorted((Never(unit, *late[unit.pk]) for unit in rows), key=lambda one: -one.months)


def _months(since: dt.date, today: dt.date) -> int:
    return (today.year - since.year) * 12 + today.month - since.month
