"""Lists of cases: the inbox with its tabs, and the short lists of other pages."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.readers import Reader
from deviations.deadlines import ANSWER
from deviations.models import Case, Party
from deviations.states import OPEN, WORKING, CaseState, S, state_of

PAGE_SIZE = 30
# A tab says how many up to this; above it "999+".
COUNTED = 999
_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})\.(AVV-\d{2}-[2-9A-Z]{6})")


class Tab(models.TextChoices):
    """The tabs of the inbox; the value is `?vy=`."""

    WAITING_US = "waiting_us", _("Waiting for us")
    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Without handler")
    OVERDUE = "overdue", _("Overdue")
    WAITING_OTHERS = "waiting_others", _("Waiting for others")
    REPORTED = "reported", _("Reported by me")
    CLOSED = "closed", _("Closed")


def _siblings(**wanted: Any) -> QuerySet[Party]:
    return Party.objects.filter(case=OuterRef("case"), side=Party.Side.CONCERNED, **wanted)


def _conditions(reader: Reader) -> dict[str, Q]:
    """What makes a part belong under each tab."""
    is_open = Q(state__in=OPEN)
    # It is the reporting side's turn when it has not taken the case, is asked, is answered, or nobody has the
    # case.
    their_turn = Q(side=Party.Side.REPORTING) & (
        Q(state__in=[S.RECEIVED, S.ANSWERED])
        | Q(Exists(_siblings(state=S.INFO_REQUESTED)))
        | ~Q(Exists(_siblings(ended_at=None)))
    )
    our_turn = is_open & (Q(side=Party.Side.CONCERNED, state__in=WORKING - {S.INFO_REQUESTED}) | their_turn)
    return {
        Tab.WAITING_US: our_turn,
        Tab.MINE: is_open & Q(handler=reader.user_id),
        Tab.UNASSIGNED: is_open & Q(handler=None),
        Tab.OVERDUE: Q(side=Party.Side.CONCERNED, state__in=WORKING, answer_due__lt=clock.today()),
        Tab.WAITING_OTHERS: is_open & ~our_turn,
        Tab.CLOSED: ~is_open,
    }


@dataclass(frozen=True)
class Row:
    """A case as the inbox shows it."""

    case: Case
    counterpart: str
    state: str
    state_label: str
    due: dt.date | None
    is_late: bool
    handler: str
    is_mine: bool
    key: str


@dataclass(frozen=True)
class Inbox:
    tab: str
    tabs: list[dict[str, Any]]
    rows: list[Row]
    previous_url: str | None
    next_url: str | None


def inbox(reader: Reader, *, tab: str = "", after: str = "", before: str = "") -> Inbox:
    """One page of a tab: the most pressing first (overdue, then the oldest due), the closed by the latest
    first.

    `after` and `before` are keys of rows; anything else is taken as the first page. Costs the same number of
    queries however many the cases are.
    """
    allowed = list(Tab) if reader.handles_cases else [Tab.REPORTED]
    tab = tab if tab in allowed else allowed[0]
    conditions = _conditions(reader)
    is_own = tab == Tab.REPORTED
    rows: QuerySet[Any] = _reported(reader) if is_own else _handled(reader, conditions[tab])
    page, previous, following = _page(rows, after, before, newest_first=tab in (Tab.REPORTED, Tab.CLOSED))
    keys = [key.pk for key in page]
    if is_own:
        cases = {c.pk: c for c in _reported_in_full(keys)}
        found = [_reported_row(cases[key.pk], key) for key in page]
    else:
        parties = {p.pk: p for p in _handled_in_full(keys)}
        found = [_row(parties[key.pk], reader, key) for key in page]
    link = f"?vy={tab}&"
    return Inbox(
        tab=tab,
        tabs=_tabs(reader, allowed, conditions, tab),
        rows=found,
        previous_url=f"{link}fore={found[0].key}" if previous and found else None,
        next_url=f"{link}efter={found[-1].key}" if following and found else None,
    )


def _tabs(reader: Reader, allowed: list[Tab], conditions: dict[str, Q], current: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    if reader.handles_cases:
        # Of the open alone, which an index finds among however many closed ones.
        handled = Party.objects.handled_by(reader).filter(state__in=OPEN)
        counts = handled.aggregate(
            **{name: Count("case", filter=q, distinct=True) for name, q in conditions.items() if name != Tab.CLOSED}
        )
    counts[Tab.REPORTED] = Case.objects.reported_by(reader)[: COUNTED + 1].count()
    return [
        {
            "value": t.value,
            "label": t.label,
            "count": _in_figures(counts[t]) if t != Tab.CLOSED else None,
            "current": t == current,
        }
        for t in allowed
    ]


def _in_figures(count: int) -> str:
    return str(count) if count <= COUNTED else f"{COUNTED}+"


def _handled(reader: Reader, condition: Q) -> QuerySet[Party]:
    guess = Cast(F("received_at") + Value(dt.timedelta(days=ANSWER)), models.DateField())
    # A case in which the provider has two parts is one row.
    first = Window(RowNumber(), partition_by="case_id", order_by=[F("answer_due").asc(nulls_last=True), F("pk")])
    return (
        Party.objects.handled_by(reader)
        .filter(condition)
        .annotate(sort_day=Coalesce("answer_due", guess), sort_number=F("case__number"), place=first)
        .filter(place=1)
    )


def _handled_in_full(keys: list[int]) -> QuerySet[Party]:
    return (
        Party.objects.filter(pk__in=keys)
        .select_related("case__type", "handler")
        .only(
            *("side", "state", "answer_due", "handler__given_name", "handler__family_name"),
            *("case__number", "case__title", "case__type__name_sv", "case__type__name_en"),
        )
        .prefetch_related(Prefetch("case__parties", Party.objects.named()))
    )


def _reported(reader: Reader) -> QuerySet[Case]:
    cases = Case.objects.reported_by(reader)
    return cases.annotate(sort_day=Cast("submitted_at", models.DateField()), sort_number=F("number"))


def _reported_in_full(keys: list[int]) -> QuerySet[Case]:
    return (
        Case.objects.filter(pk__in=keys)
        .select_related("type")
        .only("number", "title", "type__name_sv", "type__name_en")
        .prefetch_related(Prefetch("parties", Party.objects.named()))
    )


@dataclass(frozen=True)
class _Key:
    """Where a row stands in its list."""

    pk: int
    sort_day: dt.date
    sort_number: str

    def __str__(self) -> str:
        return f"{self.sort_day:%Y-%m-%d}.{self.sort_number}"


def _page(rows: QuerySet[Any], after: str, before: str, *, newest_first: bool) -> tuple[list[_Key], bool, bool]:
    """The keys of one page, and whether there are rows before and after it. What is shown of them is read after."""
    forwards = _KEY.fullmatch(after)
    backwards = _KEY.fullmatch(before) if not forwards else None
    if match := forwards or backwards:
        try:
            day = dt.date.fromisoformat(match[1])
        except ValueError:
            forwards = backwards = None
        else:
            beyond = "lt" if bool(backwards) != newest_first else "gt"
            rows = rows.filter(
                Q(**{f"sort_day__{beyond}": day}) | Q(sort_day=day, **{f"sort_number__{beyond}": match[2]})
            )
    sign = "-" if newest_first != bool(backwards) else ""
    ordered = rows.order_by(f"{sign}sort_day", f"{sign}sort_number").values_list("pk", "sort_day", "sort_number")
    found = [_Key(*row) for row in ordered[: PAGE_SIZE + 1]]
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if backwards:
        return found[::-1], more, True
    return found, bool(forwards), more


def _row(party: Party, reader: Reader, key: _Key) -> Row:
    case, late = (
        party.case,
        party.state in WORKING and bool(party.answer_due and party.answer_due < clock.today()),
    )
    return Row(
        case=case,
        counterpart=_counterpart(case, party.side),
        state=party.state,
        state_label=party.get_state_display(),
        due=party.answer_due if party.state in WORKING else None,
        is_late=late,
        handler=party.handler.get_full_name() if party.handler else "",
        is_mine=party.handler_id == reader.user_id,
        key=str(key),
    )


def _reported_row(case: Case, key: _Key) -> Row:
    state = state_of(case)
    dues = [p.answer_due for p in case.parties.all() if p.answer_due and p.state in WORKING]
    return Row(
        case,
        _counterpart(case, Party.Side.REPORTING),
        state,
        str(CaseState(state).label),
        min(dues, default=None),
        False,
        "",
        False,
        str(key),
    )


def _counterpart(case: Case, side: str) -> str:
    """Those of the other side: the reporting for a concerned part, the live concerned for the reporting."""
    wanted = Party.Side.REPORTING if side == Party.Side.CONCERNED else Party.Side.CONCERNED
    return ", ".join(p.label for p in case.parties.all() if p.side == wanted and not p.has_ended)


def start_page_cases(reader: Reader, *, limit: int) -> list[dict[str, Any]]:
    """One's own reported cases and those one handles, newest first, with how far their concerned parts have come."""
    return [
        {
            "case": opened.case,
            "parts": [p for p in opened.parties() if p.side == Party.Side.CONCERNED and opened.shows_state(p)],
        }
        for opened in Case.objects.latest_opened(reader, limit)
    ]
