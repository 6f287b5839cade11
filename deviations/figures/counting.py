"""The figures themselves. Each counts parts of cases, and says which.

A report is the reporting part of a case, by the day it was sent; one that was taken back is none. A case that somebody
has is a concerned part, by the day it came; one that was refused or sent on is counted where it ended up. Practice is
never counted. Area, kind of event and kind of provider are as they stand today, so that the same month is counted alike
in every table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Count, F, Func, Q
from django.db.models.functions import TruncDate, TruncMonth
from django.db.models.lookups import LessThanOrEqual

from accounts.roles import Kind
from core import clock
from deviations.figures.scope import Months, Scope
from deviations.models import LearningExample, Party, S

SWEDEN = ZoneInfo("Europe/Stockholm")
GONE = (S.MISDIRECTED, S.FORWARDED, S.WITHDRAWN)
KINDS = (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL)


@dataclass(frozen=True)
class Asked:
    """The narrowing of a page: months, and a kind of event (empty: all)."""

    months: Months
    event_kind: str = ""

    def before(self) -> Asked:
        return Asked(self.months.before, self.event_kind)


def sent(scope: Scope) -> models.QuerySet[Party]:
    """The reports of the scope. Annotates nothing; the day is `case__submitted_at`."""
    rows = Party.objects.filter(scope.parts(), side=Party.Side.REPORTING).order_by()
    return rows.exclude(state=S.WITHDRAWN)


def had(scope: Scope) -> models.QuerySet[Party]:
    """The concerned parts that the scope has. The day is `received_at`."""
    return Party.objects.filter(scope.parts(), side=Party.Side.CONCERNED).exclude(state__in=GONE).order_by()


def between(scope: Scope) -> models.QuerySet[Party]:
    """The concerned parts of cases between two providers, of which the scope is one. A case to two is two. The day is
    `case__submitted_at`.
    """
    rows = Party.objects.filter(side=Party.Side.CONCERNED).exclude(state__in=GONE).order_by()
    rows = rows.exclude(provider=F("case__reporting_provider"))
    return rows if scope.is_all else rows.filter(scope.parts() | scope.reported())


DAY = {"sent": "case__submitted_at", "had": "received_at", "between": "case__submitted_at"}
ROWS = {"sent": sent, "had": had, "between": between}


def chosen(which: str, scope: Scope, asked: Asked) -> models.QuerySet[Party]:
    """The parts of one kind ("sent", "had", "between") that the page asks for."""
    rows = ROWS[which](scope).filter(asked.months.holds(DAY[which]))
    return rows.filter(case__event_kind=asked.event_kind) if asked.event_kind else rows


def by_month(which: str, scope: Scope, asked: Asked) -> list[tuple[dt.date, int]]:
    """How many each month, months without any among them."""
    month = TruncMonth(DAY[which], tzinfo=SWEDEN)
    rows = chosen(which, scope, asked).annotate(month=month).values_list("month").annotate(n=Count("pk"))
    found = {clock.swedish(at).date(): n for at, n in rows}
    return [(day, found.get(day, 0)) for day in asked.months.each]


@dataclass(frozen=True)
class Share:
    """A row of a breakdown: its name, how many, and how many in the months before."""

    name: str
    n: int
    before: int


def compared(which: str, scope: Scope, asked: Asked, *fields: str) -> dict[Any, tuple[int, int]]:
    """By these fields: how many in the months, and how many in the months before. One query."""
    both = Asked(Months(asked.months.before.first, asked.months.end), asked.event_kind)
    is_now = asked.months.holds(DAY[which])
    rows = chosen(which, scope, both).values_list(*fields)
    rows = rows.annotate(now=Count("pk", filter=is_now), then=Count("pk", filter=~is_now))
    return {key[0] if len(key) == 1 else tuple(key): (now, then) for *key, now, then in rows}


BREAKDOWNS = {"type": "case__type", "event_kind": "case__event_kind", "harm": "case__actual_harm"}


def breakdown(which: str, field: str, scope: Scope, asked: Asked, names: dict[Any, str]) -> list[Share]:
    """How many by a field of `BREAKDOWNS`, in the order of `names`; rows without any in either period are left out."""
    found = compared(which, scope, asked, BREAKDOWNS[field])
    return [Share(name, *found[key]) for key, name in names.items() if key in found]


@dataclass(frozen=True)
class Cell:
    """One direction, from a kind of provider to another."""

    sender: str
    to: str
    n: int
    before: int

    @property
    def change(self) -> int | None:
        """By how many per cent; None where there were none before."""
        return round(100 * (self.n - self.before) / self.before) if self.before else None

    @property
    def change_down(self) -> int:
        return -(self.change or 0)


def directions(scope: Scope, asked: Asked) -> list[list[Cell]]:
    """By the kind that reports, and the kind it is about: one row for each sender of `KINDS`."""
    found = compared("between", scope, asked, "case__reporting_provider__kind", "provider__kind")
    return [[Cell(sender, to, *found.get((sender, to), (0, 0))) for to in KINDS] for sender in KINDS]


# By the keys of the provider that reports and the one it is about: how many, and how many in the months before.
Pairs = dict[tuple[int, int], tuple[int, int]]


def pairs(scope: Scope, asked: Asked) -> Pairs:
    """Reports from one provider to another, of those that the scope takes part in."""
    return compared("between", scope, asked, "case__reporting_provider", "provider")


def units(which: str, scope: Scope, asked: Asked) -> dict[int | None, tuple[int, int]]:
    """By the key of the unit (None: the whole provider): how many, and how many in the months before."""
    return compared(which, scope, asked, "unit")


class Days(Func):
    """The Swedish days from one moment to another."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = models.IntegerField()


class Percentile(models.Aggregate):
    """A share of the values lies at or below it; between two values, in proportion."""

    name = "percentile"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.FloatField()

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


@dataclass(frozen=True)
class Taken:
    """How long one step took: of `done`, the median and the 90th percentile in days; of `due` (done, or whose day has
    passed), how many in time.
    """

    done: int
    median: float | None
    p90: float | None
    due: int
    in_time: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.in_time / self.due) if self.due else None


# Step: the parts, from, to, and the day it is due.
STEPS = {
    "acknowledged": ("had", "received_at", "acknowledged_at", "acknowledge_due"),
    "answered": ("had", "received_at", "answered_at", "answer_due"),
    "feedback": ("sent", "case__submitted_at", "feedback_at", "feedback_due"),
    "closed": ("had", "received_at", "closed_at", ""),
}


def taken(step: str, scope: Scope, asked: Asked) -> Taken:
    """How long a step took, of the parts that came in the months. One query."""
    which, begun, ended, due = STEPS[step]
    day = {name: TruncDate(name, tzinfo=SWEDEN) for name in (begun, ended)}
    rows = chosen(which, scope, asked)
    if step == "feedback":
        rows = rows.filter(case__wants_feedback=True)
    is_done = Q(**{f"{ended}__isnull": False})
    rows = rows.annotate(days=Days(day[ended], day[begun]), day_done=day[ended])
    told: dict[str, Any] = {
        "done": Count("pk", filter=is_done), "median": Percentile("days", 0.5), "p90": Percentile("days", 0.9),
    }  # fmt: skip
    if due:
        passed = Q(**{f"{due}__lt": clock.today()})
        is_due = Q(**{f"{due}__isnull": False}) & (is_done | passed)
        kept = is_done & Q(LessThanOrEqual(F("day_done"), F(due)))
        told |= {"due": Count("pk", filter=is_due), "in_time": Count("pk", filter=is_due & kept)}
    return Taken(**{"due": 0, "in_time": 0} | rows.aggregate(**told))


def learnt_by_focus(scope: Scope, asked: Asked) -> dict[int | None, int]:
    """The learning examples that were published in the months, by the key of their focus area."""
    rows = LearningExample.objects.filter(asked.months.holds("approved_at"), scope.parts("party__")).order_by()
    return dict(rows.values_list("focus").annotate(n=Count("pk")))


def names_of_types(types: Iterable[Any]) -> dict[Any, str]:
    """The areas by their keys, for `breakdown`."""
    return {one.pk: str(one) for one in types}
