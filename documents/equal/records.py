"""The figures day by day: written once each night, and read back as a page shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from accounts.roles import READING_KINDS
from core import clock
from documents.equal import counting, waits
from documents.models import AccessFigure, WatchFinding

# The months of a curve, and the board's aim in per cent.
MONTHS = 12
AIM = 100


@transaction.atomic
def record() -> int:
    """The figures of today, written once; a second run changes nothing. Gives how many rows were written."""
    today = clock.today()
    if AccessFigure.objects.filter(day=today).exists():
        return 0
    times = waits.times()
    rows = []
    for one in counting.count():
        told = times.get((one.kind, one.provider)) or _without_waits(times[one.kind, None].published)
        rows.append(
            AccessFigure(
                day=today,
                kind=one.kind,
                provider_id=one.provider,
                applies=one.applies,
                open=one.open,
                legible=one.legible,
                found=one.found,
                measured=one.measured,
                published=told.published,
                days_median=told.median,
                days_p90=told.p90,
            )
        )
    return len(AccessFigure.objects.bulk_create(rows))


def _without_waits(published: int) -> waits.Times:
    return waits.Times(published, *((0.0, 0.0) if published else (None, None)))


def percent(part: int, whole: int) -> int:
    """Rounded down: 100 is all of them; nothing of nothing is all too."""
    return 100 * part // whole if whole else 100


@dataclass(frozen=True)
class Month:
    """The last recorded day of a month; by kind, or for one provider under its kind and `own`."""

    day: dt.date
    percents: dict[str, int | None]

    @property
    def gap(self) -> int | None:
        """Between the highest and the lowest kind, in percentage points."""
        known = [self.percents[kind.value] for kind in READING_KINDS if self.percents.get(kind.value) is not None]
        return max(known) - min(known) if known else None  # type: ignore[type-var, operator]


def latest() -> list[AccessFigure]:
    """The figures by kind of the last recorded day, in the usual order; none before the first."""
    last = AccessFigure.objects.order_by("-day").values_list("day", flat=True).first()
    rows = {row.kind: row for row in AccessFigure.objects.filter(day=last, provider=None)} if last else {}
    return [rows[kind.value] for kind in READING_KINDS if kind.value in rows]


def on_day(day: dt.date) -> list[AccessFigure]:
    """The figures by kind of a day, or of the last recorded one before it in the same month."""
    recorded = AccessFigure.objects.filter(provider=None, day__lte=day, day__gte=day.replace(day=1))
    last = recorded.order_by("-day").values_list("day", flat=True).first()
    rows = {row.kind: row for row in recorded.filter(day=last)} if last else {}
    return [rows[kind.value] for kind in READING_KINDS if kind.value in rows]


def months(provider: int | None = None) -> list[Month]:
    """The last MONTHS months that have figures, the oldest first; with the figure of a provider beside (`own`)."""
    first = (clock.today().replace(day=1) - dt.timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    by_kind = AccessFigure.objects.filter(day__gte=first, provider=None)
    days: dict[tuple[int, int], dt.date] = {}
    for day in by_kind.order_by("day").values_list("day", flat=True).distinct():
        days[day.year, day.month] = day
    rows = AccessFigure.objects.filter(day__in=days.values(), provider=None)
    own = AccessFigure.objects.filter(day__in=days.values(), provider=provider) if provider else []
    found: dict[dt.date, dict[str, int | None]] = {day: {} for day in days.values()}
    for row in rows:
        found[row.day][row.kind] = percent(row.open, row.applies)
    for row in own:
        found[row.day]["own"] = percent(row.open, row.applies)
    return [Month(day, percents) for day, percents in list(found.items())[-MONTHS:]]


def of_provider(provider: int) -> AccessFigure | None:
    last = AccessFigure.objects.order_by("-day").values_list("day", flat=True).first()
    return AccessFigure.objects.filter(day=last, provider=provider).first() if last else None


def of_all_providers() -> list[AccessFigure]:
    """Each provider's figure of the last recorded day, the lowest share first."""
    last = AccessFigure.objects.order_by("-day").values_list("day", flat=True).first()
    rows = AccessFigure.objects.filter(day=last).exclude(provider=None).select_related("provider") if last else []
    return sorted(rows, key=lambda row: (row.open / row.applies if row.applies else 1, str(row.provider)))


def days_to_mend() -> waits.Times:
    """From a finding's birth to its mending, of those mended in the last year."""
    mended = WatchFinding.objects.filter(
        closed_as=WatchFinding.Closed.MENDED, closed_at__gte=clock.now() - waits.YEAR, on_day=None
    )
    pairs = mended.values_list("born_at", "closed_at")
    days = sorted((closed - born).total_seconds() / 86400 for born, closed in pairs if closed)
    return waits.Times(len(days), waits.percentile(days, 0, 0.5), waits.percentile(days, 0, 0.9))
