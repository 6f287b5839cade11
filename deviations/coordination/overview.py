"""The regional safety coordinator's view: every case by its structured facts, the late first; and those raised.

SECURITY: what is written (heading, place, description) is read of raised cases only (`access.escalated_to`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case as If
from django.db.models import DateField, Exists, F, OuterRef, Prefetch, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts.readers import Reader
from core.lists.keyset import page_by_key
from deviations.access.next_step import Step, next_from_outside
from deviations.access.states import CaseState, state_of
from deviations.models import OPEN, Case, Party
from deviations.time.dues import next_due

# `?vy=` of the closed.
CLOSED = "avslutade"


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
    key: str


@dataclass(frozen=True)
class Coordination:
    rows: list[Row]
    is_closed: bool
    # Open cases with a part that nobody handles: number, and whose part.
    abandoned: list[tuple[str, str]]
    # Parts whose provider has left, to be sent on.
    left: list[Party]
    raised: list[Case]
    previous_url: str | None
    next_url: str | None


def coordination(reader: Reader, *, closed: bool = False, after: str = "", before: str = "") -> Coordination:
    """One page of the open cases of all providers, what is to be done soonest first, or of the closed and taken back,
    the latest reported first; and all that were raised.
    """
    live = Party.objects.filter(case=OuterRef("pk"), ended_at=None, state__in=OPEN)
    is_open = Exists(live.filter(side=Party.Side.REPORTING))
    dues = live.annotate(due=next_due()).exclude(due=None).order_by("due").values("due")[:1]
    rows = (
        Case.objects.coordinated_by(reader)
        .filter(~is_open if closed else is_open)
        .annotate(due=Value(None, DateField()) if closed else Subquery(dues), sort_number=F("number"))
        # A case without a day, such as an answered one, stands last, the oldest first.
        .annotate(
            sort_rank=If(When(due=None, then=Value(1)), default=Value(0)),
            sort_day=Coalesce("due", Cast("submitted_at", DateField())),
        )
    )
    keys, previous, following = page_by_key(rows, after, before, newest_first=closed)
    facts = Case.objects.filter(pk__in=[k.pk for k in keys]).select_related("type", "reporting_provider")
    shown = ("number", "occurred_at", "submitted_at", "reporting_provider__kind", "type__name_sv", "type__name_en")
    cases = {c.pk: c for c in facts.only(*shown).prefetch_related(Prefetch("parties", Party.objects.named()))}
    found = [_row(cases[key.pk], str(key)) for key in keys]
    link = f"?vy={CLOSED}&" if closed else "?"
    return Coordination(
        rows=found,
        is_closed=closed,
        abandoned=_abandoned(reader),
        left=_left(reader),
        raised=_raised(reader),
        previous_url=f"{link}fore={found[0].key}" if previous and found else None,
        next_url=f"{link}efter={found[-1].key}" if following and found else None,
    )


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
