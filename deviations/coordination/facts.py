"""One case by its structured facts, for the regional coordinator: parts, days, and the story of states.

SECURITY: nothing that somebody wrote, and no person's name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import Http404

from accounts.readers import Reader
from deviations.access.next_step import Step, next_from_outside
from deviations.access.states import CaseState, state_of
from deviations.models import Case, CoordinatorNote, Party
from deviations.time.dues import due_of, is_late
from deviations.verbs.locking import event_words

# The events that tell of a state or of the coordinator's own acts; notes and who handles are the parties' own.
STORY = frozenset(
    {
        "submit", "acknowledge", "start_investigation", "start_acting", "ask", "reply", "answer", "close", "accept",
        "reopen", "forward", "refuse", "add_party", "withdraw", "escalate", "route", "sent_on", "hand_back", "nudge",
        "meeting", "overdue", "abandoned", "correct", "judge_harm",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part. `nudged_at`: when the coordinator reminded it last."""

    party: Party
    due: dt.date | None
    is_late: bool
    nudged_at: dt.datetime | None


@dataclass(frozen=True)
class Facts:
    case: Case
    title: str
    state: CaseState
    next: Step | None
    parts: list[Part]
    # The words, whose part, and when; the latest first.
    story: list[tuple[str, str, dt.datetime]]
    notes: list[CoordinatorNote]

    @property
    def late(self) -> list[Part]:
        return [part for part in self.parts if part.is_late]


def facts_or_404(reader: Reader, number: str) -> Facts:
    """The same 404 whether the case exists or not, to all who do not coordinate."""
    names = ("type__name_sv", "type__name_en", "reporting_provider__kind")
    shown = ("number", "event_kind", "occurred_at", "submitted_at", "actual_harm", "potential_harm", "escalated_at")
    found = (
        Case.objects.coordinated_by(reader).filter(number=number.upper()).select_related("type", "reporting_provider")
    )
    parties = Party.objects.select_related("provider", "unit").order_by("side", "pk")
    case = found.only(*shown, *names).prefetch_related(Prefetch("parties", parties)).first()
    if case is None:
        raise Http404
    parts = list(case.parties.all())
    late = set(Party.objects.filter(is_late(), case=case, ended_at=None).values_list("pk", flat=True))
    events: list[Any] = list(
        case.events.filter(verb__in=STORY, follows=False)
        .select_related("party__provider", "party__unit")
        .order_by("-pk")
    )
    nudged = {e.party_id: e.at for e in reversed(events) if e.verb == "nudge"}
    return Facts(
        case=case,
        title=f"{case.type}, {case.reporting_provider.get_kind_display()}",
        state=state_of(case),
        next=next_from_outside(parts),
        parts=[Part(p, due_of(p), p.pk in late, nudged.get(p.pk)) for p in parts],
        story=[(event_words(e.verb), e.party.label if e.party else "", e.at) for e in events],
        notes=list(case.coordinator_notes.all()),
    )
