"""The figures of 30 April, 31 August and 31 December, frozen with a steward's comment for the board."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import Kind, Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents.equal import records
from documents.models import FrozenFigures

SUBJECT = "equal_access"
# (month, day) of the three reports of a year.
DAYS = ((4, 30), (8, 31), (12, 31))


def may_freeze(by: Reader) -> bool:
    """The region's publication stewards report to its board."""
    works = Assignment.objects.with_role(Role.PUBLICATION_STEWARD).filter(provider__kind=Kind.REGIONAL)
    return by.viewer is None and works.filter(pk=by.assignment_id, user=by.user_id).exists()


def frozen() -> list[FrozenFigures]:
    return list(FrozenFigures.objects.filter(subject=SUBJECT))


def to_freeze() -> list[dt.date]:
    """The report days that have passed, have figures and are not frozen, the latest first."""
    today = clock.today()
    done = set(FrozenFigures.objects.filter(subject=SUBJECT).values_list("day", flat=True))
    days = (dt.date(year, month, day) for year in (today.year - 1, today.year) for month, day in DAYS)
    return [day for day in sorted(days, reverse=True) if day <= today and day not in done and records.on_day(day)]


def proposed(day: dt.date) -> dict[str, Any]:
    """The figures that would be frozen for a day: by kind the counts, and the day they were counted."""
    rows = records.on_day(day)
    return {
        "counted_on": rows[0].day.isoformat() if rows else "",
        "kinds": {
            row.kind: {"applies": row.applies, "open": row.open, "legible": row.legible, "found": row.found,
                       "measured": row.measured, "percent": records.percent(row.open, row.applies)}
            for row in rows
        },
    }  # fmt: skip


@transaction.atomic
def freeze(day: dt.date, *, comment: str, shown: dict[str, Any], by: Reader) -> FrozenFigures:
    """The figures of a report day, as they were shown, with a comment. Raises Refused; nothing changes them after."""
    if not may_freeze(by):
        raise NotAllowed(_("Only a publication steward of the region does this."))
    if day not in to_freeze():
        raise WrongState(_("The figures of this day are frozen already, or are not to be."))
    if not comment.strip():
        raise WrongState(_("Write a comment: the board reads the figures with it."))
    if proposed(day) != shown:
        raise WrongState(_("The figures are others than those that were shown. Look again."))
    return FrozenFigures.objects.create(
        subject=SUBJECT, day=day, figures=shown, comment=comment.strip()[:1000], by_id=by.user_id,
        by_label=by.record_label[:400], at=clock.now(),
    )  # fmt: skip
