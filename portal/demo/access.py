"""The demonstration's publication watch has looked, and equal access has a year behind it."""

from __future__ import annotations

import datetime as dt

from core import clock
from documents.equal import finding, freezing, records
from documents.models import AccessFigure, FrozenFigures
from documents.watch import looking

# How many of its documents in a hundred each kind lacked more than today, so many months ago.
_LACKED_MORE = {"regional": 0.0, "private": 1.4, "municipal": 0.8}
_WORDS = {
    4: "31 dokument fick rätt läsare efter en genomgång av alla överenskommelser.",
    8: "Sommarens nya rutiner öppnades samma dag som de publicerades.",
    12: "Första mätningen. Två av tre brister kom av att dokument lästes in stängda.",
}


def look_back() -> None:
    """Once: the findings and figures of today, and invented figures of the eleven months before it, with the reports
    that were made of them."""
    looking.look_at_all()
    finding.ask_all(seconds=30)
    records.record()
    today = clock.today()
    if AccessFigure.objects.filter(day__lt=today).exists():
        return
    rows = list(AccessFigure.objects.filter(day=today))
    for back in range(1, 12):
        day = today.replace(day=1)
        for _month in range(back - 1):
            day = (day - dt.timedelta(days=1)).replace(day=1)
        day -= dt.timedelta(days=1)
        AccessFigure.objects.bulk_create([_before(row, day, back) for row in rows], ignore_conflicts=True)
        if (day.month, day.day) in freezing.DAYS:
            _freeze(day)


def _before(row: AccessFigure, day: dt.date, back: int) -> AccessFigure:
    lacked = round(row.applies * _LACKED_MORE.get(row.kind, 0.0) * back / 100)
    is_open = max(0, row.open - lacked)
    return AccessFigure(
        day=day, kind=row.kind, provider_id=row.provider_id, applies=row.applies, open=is_open,
        legible=min(row.legible, is_open), published=row.published, days_median=row.days_median, days_p90=row.days_p90,
    )  # fmt: skip


def _freeze(day: dt.date) -> None:
    FrozenFigures.objects.get_or_create(
        subject=freezing.SUBJECT, day=day,
        defaults={"figures": freezing.proposed(day), "comment": _WORDS[day.month],
                  "by_label": "Elin Nygård, Region Fjällmark"},
    )  # fmt: skip
