"""The regional safety coordinator's view: every case by its structured facts, the late first; and those raised.

SECURITY: what is written (heading, place, description) is read of raised cases only (`access.escalated_to`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case as If
from django.db.models import DateField, Exists, F, OuterRef, Prefetch, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts.readers import Reader
from core.lists.keyset import Key, page_by_key
from deviations.access.next_step import Step, next_from_outside
from deviations.access.states import CaseState, state_of
from deviations.coordination.narrowing import EVERYTHING, Asked, Order
from deviations.models import OPEN, Case, Party
from deviations.time.dues import is_late, next_due


@dataclass(frozen=True)
class Row:
    """One case without anything that somebody wrote."""

    number: str
    # The kind of event, and the kind of provider.
    title: str
    sender: str
    recipients: str
    state: CaseState
    happened: dt.datetime
    reported: dt.datetime
    next: Step | None
    harm: str
    is_serious: bool
    key: str


@dataclass(frozen=True)
class Coordination:
    rows: list[Row]
    asked: Asked
    # Open cases with a part that nobody handles: number, and whose part.
    abandoned: list[tuple[str, str]]
    # Parts whose provider has left, to be sent on.
    left: list[Party]
    raised: list[Case]
    previous_url: str | None
    next_url: str | None


def coordination(reader: Reader, asked: Asked = EVERYTHING, *, after: str = "", before: str = "") -> Coordination:
    """One page of the open cases of all providers, what is to be done soonest first, or of the closed and taken back,
    the latest reported first, narrowed and ordered as asked; and all that were raised.
    """
    rows, newest_first = _ordered(reader, asked)
    keys, previous, following = page_by_key(rows, after, before, newest_first=newest_first)
    found = _in_full(keys)
    link = f"?{asked.query}&" if asked.query else "?"
    return Coordination(
        rows=found,
        asked=asked,
        abandoned=_abandoned(reader),
        left=_left(reader),
        raised=_raised(reader),
        previous_url=f"{link}fore={found[0].key}" if previous and found else None,
        next_url=f"{link}efter={found[-1].key}" if following and found else None,
    )


def rows_of(reader: Reader, asked: Asked) -> Iterator[Row]:
    """Every row of the list, over all its pages, in its order."""
    rows, newest_first = _ordered(reader, asked)
    after = ""
    while True:
        keys, _before, more = page_by_key(rows, after, "", newest_first=newest_first)
        yield from _in_full(keys)
        if not more:
            return
        after = str(keys[-1])


def _ordered(reader: Reader, asked: Asked) -> tuple[QuerySet[Case], bool]:
    """The cases with the keys of their order, and whether the newest stand first."""
    live = Party.objects.filter(case=OuterRef("pk"), ended_at=None, state__in=OPEN)
    is_open = Exists(live.filter(side=Party.Side.REPORTING))
    dues = live.annotate(due=next_due()).exclude(due=None).order_by("due").values("due")[:1]
    cases = Case.objects.coordinated_by(reader).filter(~is_open if asked.closed else is_open)
    by_day = asked.closed or asked.order in (Order.NEWEST, Order.OLDEST)
    rows = asked.narrow(cases).annotate(
        due=Value(None, DateField()) if by_day else Subquery(dues), sort_number=F("number")
    )
    # A case without a day, such as an answered one, stands last, the oldest first.
    rank: Any = If(When(due=None, then=Value(1)), default=Value(0))
    if asked.order == Order.HARM:
        gravest = [When(potential_harm=harm, then=Value(rank)) for rank, harm in enumerate(reversed(Case.Harm.values))]
        rank = If(*gravest, default=Value(len(gravest)))
    rows = rows.annotate(sort_rank=rank, sort_day=Coalesce("due", Cast("submitted_at", DateField())))
    return rows, asked.order == Order.NEWEST or (asked.closed and asked.order != Order.OLDEST)


def _in_full(keys: list[Key]) -> list[Row]:
    facts = Case.objects.filter(pk__in=[k.pk for k in keys]).select_related("type", "reporting_provider")
    names = ("type__name_sv", "type__name_en")
    shown = ("number", "occurred_at", "submitted_at", "potential_harm", "reporting_provider__kind", *names)
    cases = {c.pk: c for c in facts.only(*shown).prefetch_related(Prefetch("parties", Party.objects.named()))}
    return [_row(cases[key.pk], str(key)) for key in keys]


def _row(case: Case, key: str) -> Row:
    parties = list(case.parties.all())
    concerned = [p for p in parties if p.side == Party.Side.CONCERNED and not p.has_ended]
    return Row(
        number=case.number,
        title=f"{case.type}, {case.reporting_provider.get_kind_display()}",
        sender=", ".join(p.label for p in parties if p.side == Party.Side.REPORTING),
        recipients=", ".join(p.label for p in concerned),
        state=state_of(case),
        happened=case.occurred_at,
        reported=case.submitted_at,
        next=next_from_outside(parties),
        harm=case.get_potential_harm_display(),
        is_serious=case.potential_harm == Case.Harm.SERIOUS_HARM,
        key=key,
    )


def _abandoned(reader: Reader) -> list[tuple[str, str]]:
    parts = Party.objects.abandoned().filter(case__in=Case.objects.coordinated_by(reader))
    parts = parts.exclude(pk__in=Party.objects.left().values("pk"))
    parts = parts.select_related("provider", "unit", "case").only("case__number", "provider__name", "unit__name")
    return [(p.case.number, p.label) for p in parts.order_by("received_at")[:50]]


def _left(reader: Reader) -> list[Party]:
    parts = Party.objects.left().filter(case__in=Case.objects.coordinated_by(reader)).order_by("received_at")
    names = ("name_sv", "name_en")
    shown = ("number", "occurred_at", "reporting_provider__name", *(f"type__{name}" for name in names))
    parts = parts.select_related("provider", "unit", "case__type", "case__reporting_provider")
    return list(parts.only("state", "received_at", "provider__name", "unit__name", *(f"case__{f}" for f in shown))[:50])


def _raised(reader: Reader) -> list[Case]:
    cases = Case.objects.escalated_to(reader).select_related("type", "reporting_provider", "reporting_unit")
    return list(cases.prefetch_related(Prefetch("parties", Party.objects.named())).order_by("escalated_at")[:100])


def late_parts(cases: QuerySet[Case]) -> QuerySet[Party]:
    """The live parts of these cases whose day has passed."""
    parts = Party.objects.filter(is_late(), case__in=cases, ended_at=None, state__in=OPEN)
    return parts.select_related("case", "provider", "unit").order_by("case__number", "pk")
