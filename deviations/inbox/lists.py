"""Lists of cases: the inbox with its tabs, and the short lists of other pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Case as If
from django.db.models import Count, F, Prefetch, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast, RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, CareUnit, User
from accounts.readers import Reader
from accounts.standing_in import arranging
from core import clock
from core.lists.keyset import Key, page_by_key
from core.typed import visible
from core.written import Written
from deviations.access.handlers import RECEIVER_KINDS
from deviations.access.next_step import Step, next_for_reporter, next_step
from deviations.access.states import CaseState, state_of
from deviations.access.turn import OPEN_SQL, OUR_TURN_SQL, is_our_turn
from deviations.inbox.filters import EVERYTHING, Filters, handler_key
from deviations.models import OPEN, WORKING, Case, DeviationType, Party
from deviations.predicate import handling
from deviations.time.deadlines import ANSWER
from deviations.time.dues import NEXT, is_late

# A tab says how many up to this; above it "999+".
COUNTED = 999


class Tab(models.TextChoices):
    """The tabs of the inbox; the value is `?vy=`."""

    WAITING_US = "waiting_us", _("Waiting for us")
    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Without handler")
    OVERDUE = "overdue", _("Overdue cases")
    WAITING_OTHERS = "waiting_others", _("Waiting for others")
    REPORTED = "reported", _("Reported by me")
    CLOSED = "closed", _("Closed cases")


# Somebody has it who still handles cases there: for the whole provider, or at its unit.
_STILL_THERE = (
    "coalesce({t}.handler_id = ANY(%s::bigint[]), false) OR coalesce("
    "({t}.unit_id, {t}.handler_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[])), false)"
)


def _mine(reader: Reader) -> list[int]:
    """Oneself, and those whom one stands in for today."""
    return [reader.user_id or 0, *arranging.stood_in_for(reader).values_list("user", flat=True)]


def _conditions(reader: Reader, handlers: Sequence[Assignment], mine: list[int]) -> dict[str, Q]:
    """The condition of each tab, for the parts that the reader handles; `handlers`: `_handlers(reader)`; `mine`: the
    persons whose cases are theirs.
    """
    whole = [a.user_id for a in handlers if a.unit_id is None]
    of_units = [a for a in handlers if a.unit_id]
    there = (whole, [a.unit_id for a in of_units], [a.user_id for a in of_units])
    written = {
        Tab.WAITING_US: is_our_turn(),
        Tab.MINE: Written(f"{OPEN_SQL} AND {{t}}.handler_id = ANY(%s::bigint[])", mine, of="state"),
        Tab.UNASSIGNED: Written(f"{OPEN_SQL} AND NOT ({_STILL_THERE})", *there, of="state"),
        Tab.OVERDUE: is_late(),
        Tab.WAITING_OTHERS: Written(f"{OPEN_SQL} AND NOT ({OUR_TURN_SQL})", of="state"),
        Tab.CLOSED: Written(f"NOT ({OPEN_SQL})", of="state"),
    }
    return {tab: Q(condition) for tab, condition in written.items()}


@dataclass(frozen=True)
class Row:
    """A case as the inbox shows it. `about`: its area, or where the heading says that, its place and day."""

    case: Case
    about: str
    counterpart: str
    state: str
    state_label: str
    next: Step | None
    due: dt.date | None = None
    is_late: bool = False
    unit: str = ""
    handler: str = ""
    is_mine: bool = False
    # Mine today, because whoever has it is away.
    stands_in: bool = False
    is_open: bool = False
    is_serious: bool = False
    key: str = ""


@dataclass(frozen=True)
class Inbox:
    tab: str
    tabs: list[dict[str, Any]]
    rows: list[Row]
    previous_url: str | None
    next_url: str | None
    filters: Filters = EVERYTHING
    # The choices: own units (names), kinds of counterpart, types; and the people who can be given cases.
    units: list[str] = field(default_factory=list)
    kinds: list[tuple[str, str]] = field(default_factory=list)
    types: list[DeviationType] = field(default_factory=list)
    people: list[Assignment] = field(default_factory=list)
    # The people with open cases, those included who do not handle cases here any more: key and name.
    holders: list[tuple[str, str]] = field(default_factory=list)

    @property
    def chooses(self) -> bool:
        """Whether something can be done to many of these cases at once."""
        return bool(self.people) and self.tab != Tab.CLOSED


def inbox(reader: Reader, *, tab: str = "", after: str = "", before: str = "", filters: Filters = EVERYTHING) -> Inbox:
    """One page of a tab: first what could have led to serious harm, then the late, then the soonest due; the closed by
    the latest first. Urgency is nobody's to type.

    `after` and `before` are keys of rows; anything else is taken as the first page. Costs the same number of
    queries however many the cases are.
    """
    allowed = list(Tab) if reader.handles_cases else [Tab.REPORTED]
    tab = tab if tab in allowed else allowed[0]
    handlers = _handlers(reader) if reader.handles_cases else []
    mine = _mine(reader)
    conditions = _conditions(reader, handlers, mine)
    is_own = tab == Tab.REPORTED
    rows: QuerySet[Any] = _reported(reader) if is_own else _handled(reader, conditions[tab], filters)
    page, previous, following = page_by_key(rows, after, before, newest_first=tab in (Tab.REPORTED, Tab.CLOSED))
    keys = [key.pk for key in page]
    if is_own:
        cases = {c.pk: c for c in _reported_in_full(keys)}
        found = [_reported_row(cases[key.pk], key) for key in page]
    else:
        parties = {p.pk: p for p in _handled_in_full(keys)}
        # SECURITY: where a part has ended, its case as it was then.
        Case.objects.opened(reader, [p.case for p in parties.values() if p.has_ended])
        found = [_row(parties[key.pk], mine, key) for key in page]
    counts = _counts(reader, conditions)
    link = f"?vy={tab}&{filters.query}&" if filters and not is_own else f"?vy={tab}&"
    return Inbox(
        tab=tab,
        tabs=_tabs(counts, allowed, tab),
        rows=found,
        previous_url=f"{link}fore={found[0].key}" if previous and found else None,
        next_url=f"{link}efter={found[-1].key}" if following and found else None,
        filters=filters,
        **_choices(reader, handlers, counts["holders"]) if reader.handles_cases and not is_own else {},
    )


def _handlers(reader: Reader) -> list[Assignment]:
    """The handlers, today, of the reader's cases: by name, each with all their assignments there."""
    # A handler for the whole provider handles its units' cases too, and gives them to those who work there.
    unit = reader.unit_id or F("unit")
    handlers = handling(reader.provider_id, unit).select_related("user")
    shown = ("user_id", "unit_id", "provider_id", "user__given_name", "user__family_name", "user__email")
    return list(handlers.order_by("user__family_name", "user__given_name", "pk").only(*shown))


def handlers_for(reader: Reader) -> list[Assignment]:
    """The people who could be given a case that the reader handles; each person once."""
    return _each_once(_handlers(reader))


def _each_once(handlers: Iterable[Assignment]) -> list[Assignment]:
    return list({a.user_id: a for a in handlers}.values())


def _choices(reader: Reader, handlers: Sequence[Assignment], holders: Collection[int]) -> dict[str, Any]:
    own = CareUnit.objects.filter(provider=reader.provider_id, is_active=True).order_by("name")
    if reader.unit_id:
        own = own.filter(pk=reader.unit_id)
    return {
        "units": list(own.values_list("name", flat=True)),
        "kinds": [(kind.value, str(kind.label)) for kind in RECEIVER_KINDS],
        "types": list(DeviationType.objects.filter(is_active=True)),
        "people": _each_once(handlers),
        "holders": _named(holders, handlers),
    }


def _named(holders: Collection[int], handlers: Iterable[Assignment]) -> list[tuple[str, str]]:
    """The people with open cases (ids of persons), as a key for the address and a name."""
    known = {a.user_id: a.user for a in handlers if a.user_id in holders}
    if gone := set(holders) - set(known):
        known |= User.objects.in_bulk(gone)
    people = sorted(known.values(), key=lambda p: (p.family_name, p.given_name, p.pk))
    return [(handler_key(p.pk), p.get_full_name()) for p in people]


def numbers_in(reader: Reader, tab: str, filters: Filters, most: int) -> list[str]:
    """The numbers of the open cases under a tab, narrowed: as the inbox shows them, over all its pages."""
    conditions = _conditions(reader, _handlers(reader), _mine(reader))
    condition = conditions.get(tab if tab != Tab.CLOSED else "", Q(state__in=OPEN))
    rows = _handled(reader, condition, filters).order_by("sort_rank", "sort_day", "sort_number")
    return list(rows.values_list("sort_number", flat=True)[:most])


def waiting_at(reader: Reader) -> dict[str, int]:
    """How many cases wait for those the reader handles for: all, late, and what could have led to serious harm."""
    if not reader.handles_cases:
        return {}
    ours = Party.objects.handled_by(reader).filter(state__in=OPEN).filter(is_our_turn())
    return ours.aggregate(
        all=Count("case", distinct=True),
        late=Count("case", filter=is_late(), distinct=True),
        serious=Count("case", filter=Q(case__potential_harm=Case.Harm.SERIOUS_HARM), distinct=True),
    )


def _counts(reader: Reader, conditions: dict[str, Q]) -> dict[str, Any]:
    """How many cases there are under each tab but the closed, and the `holders` of the open ones (ids of persons)."""
    counts: dict[str, Any] = {"holders": []}
    if reader.handles_cases:
        # The open parts alone, which an index finds among however many closed ones.
        handled = Party.objects.handled_by(reader).filter(state__in=OPEN)
        held = ArrayAgg("handler", filter=Q(handler__isnull=False), distinct=True, default=[])
        counts = handled.aggregate(
            holders=held,
            **{name: Count("case", filter=q, distinct=True) for name, q in conditions.items() if name != Tab.CLOSED},
        )
    counts[Tab.REPORTED] = Case.objects.reported_by(reader).order_by()[: COUNTED + 1].count()
    return counts


def _tabs(counts: dict[str, Any], allowed: list[Tab], current: str) -> list[dict[str, Any]]:
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


# A part with nothing to do, or without a day, counts as if it were to be answered.
_SORT_DAY = f"coalesce({NEXT}, {{t}}.answer_due, ({{t}}.received_at + interval '{ANSWER} days')::date)"


def _handled(reader: Reader, condition: Q, filters: Filters) -> QuerySet[Party]:
    # A case in which the provider has two parts is one row.
    first = Window(RowNumber(), partition_by="case_id", order_by=[F("answer_due").asc(nulls_last=True), F("pk")])
    return (
        filters.narrow(Party.objects.handled_by(reader))
        .filter(condition)
        .annotate(
            sort_rank=If(
                When(case__potential_harm=Case.Harm.SERIOUS_HARM, ended_at=None, then=Value(0)), default=Value(1)
            ),
            sort_day=Written(_SORT_DAY, of="state", output_field=models.DateField()),
            sort_number=F("case__number"),
            place=first,
        )
        .filter(place=1)
    )


def _handled_in_full(keys: list[int]) -> QuerySet[Party]:
    return (
        Party.objects.filter(pk__in=keys)
        .select_related("case__type", "handler", "unit")
        .only(
            *("side", "state", "answer_due", "acknowledge_due", "choose_due", "feedback_due", "ended_at", "unit__name"),
            *("handler__given_name", "handler__family_name", "case__potential_harm"),
            *("case__number", "case__title", "case__type__name_sv", "case__type__name_en"),
            *("case__place", "case__occurred_at"),
            *("case__reporter_id", "case__reporting_provider_id"),
        )
        .prefetch_related(Prefetch("case__parties", Party.objects.named()))
    )


def _reported(reader: Reader) -> QuerySet[Case]:
    cases = Case.objects.reported_by(reader)
    day = Cast("submitted_at", models.DateField())
    return cases.annotate(sort_rank=Value(1), sort_day=day, sort_number=F("number"))


def _reported_in_full(keys: list[int]) -> QuerySet[Case]:
    return (
        Case.objects.filter(pk__in=keys)
        .select_related("type")
        .only("number", "title", "place", "occurred_at", "type__name_sv", "type__name_en")
        .prefetch_related(Prefetch("parties", Party.objects.named()))
    )


def _row(party: Party, mine: list[int], key: Key) -> Row:
    case = party.case
    step = next_step(party, case.parties.all())
    return Row(
        case=case,
        about=_about(case),
        counterpart=_counterpart(case, party.side),
        state=party.state,
        state_label=party.get_state_display(),
        next=step,
        due=party.answer_due if party.state in WORKING else None,
        is_late=bool(step and step.is_late),
        unit=party.unit.name if party.unit else "",
        handler=party.handler.get_full_name() if party.handler else "",
        is_mine=party.handler_id in mine,
        stands_in=party.handler_id in mine[1:],
        is_open=party.state in OPEN,
        # SECURITY: perhaps judged since the part ended.
        is_serious=case.potential_harm == Case.Harm.SERIOUS_HARM and not party.has_ended,
        key=str(key),
    )


def _reported_row(case: Case, key: Key) -> Row:
    state = state_of(case)
    step = next_for_reporter(case.parties.all())
    return Row(
        case=case,
        about=_about(case),
        counterpart=_counterpart(case, Party.Side.REPORTING),
        state=state,
        state_label=str(CaseState(state).label),
        next=step,
        due=step.due if step else None,
        is_late=bool(step and step.is_late),
        key=str(key),
    )


def _about(case: Case) -> str:
    area = str(case.type)
    if not case.title.startswith((case.type.name_sv, case.type.name_en)):
        return area
    # The heading is of the area's own words (`heading_of`): they are not said twice.
    day = date_format(clock.swedish(case.occurred_at), "j F Y")
    return ", ".join(filter(None, (visible(case.place) if visible(case.place) not in case.title else "", day)))


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
