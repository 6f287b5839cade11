"""The reports of a unit for its manager: kind, day, state and answer.

SECURITY: never the reporter, a file or the text of a report, nor the address of a case: the columns that are read are
named one by one. An answer is what another provider has shared with the reporting one, for it to learn from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Prefetch, QuerySet, Value
from django.db.models.functions import TruncDate

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import Role
from core.lists.keyset import page_by_key
from deviations.access.states import CaseState, state_of
from deviations.models import Case, Message, Party


@dataclass(frozen=True)
class Row:
    """One report, as the unit's manager sees it."""

    kind: str
    type: str
    day: dt.datetime
    state: str
    state_label: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One page of them, the latest first."""

    rows: list[Row]
    count: int
    previous_url: str | None
    next_url: str | None


def manages_unit(by: Reader) -> bool:
    """The reader manages the unit that they work at, today."""
    if by.assignment_id is None or by.unit_id is None or by.viewer is not None:
        return False
    own = Assignment.objects.with_role(Role.UNIT_MANAGER).filter(pk=by.assignment_id, user=by.user_id)
    return own.filter(unit=by.unit_id).exists()


def _reports(by: Reader) -> QuerySet[Case]:
    return Case.objects.filter(reporting_provider=by.provider_id, reporting_unit=by.unit_id)


def page(by: Reader, asked: Mapping[str, str]) -> Page:
    """The page that an address asks for (`efter`, `fore`), of the unit of `by`, who manages it. Five queries."""
    rows = _reports(by).annotate(sort_rank=Value(0), sort_day=TruncDate("submitted_at"), sort_number=F("number"))
    keys, before, after = page_by_key(rows, asked.get("efter", ""), asked.get("fore", ""), newest_first=True)
    answers = Message.objects.filter(kind=Message.Kind.ANSWER, thread=Message.Thread.SHARED)
    shown = Case.objects.filter(pk__in=[key.pk for key in keys]).only("event_kind", "type", "submitted_at", "number")
    shown = shown.select_related("type").prefetch_related(
        Prefetch("parties", Party.objects.only("case", "side", "state", "ended_at")),
        Prefetch("messages", answers.only("case", "body").order_by("pk"), to_attr="answers"),
    )
    cases = {case.pk: case for case in shown}
    return Page(
        rows=[_row(cases[key.pk]) for key in keys],
        count=_reports(by).count(),
        previous_url=f"?fore={keys[0]}" if before and keys else None,
        next_url=f"?efter={keys[-1]}" if after and keys else None,
    )


def _row(case: Case) -> Row:
    state = state_of(case)
    return Row(
        kind=case.get_event_kind_display(),
        type=str(case.type),
        day=case.submitted_at,
        state=state,
        state_label=str(CaseState(state).label),
        answers=tuple(message.body for message in case.answers),  # type: ignore[attr-defined]
    )
