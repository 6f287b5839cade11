"""A made-up case that one person practises on: acknowledged, asked about and answered, with an invented other party.

SECURITY: it lies outside the tables of cases, so it reaches nobody else, stands in no list and is counted nowhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.beginning.steps import Step
from accounts.granting import administers_provider
from accounts.models import Assignment, AuditEvent, Provider
from accounts.readers import Reader
from accounts.roles import Kind
from core import clock
from core.refused import Moved, NotAllowed
from deviations.access.handlers import RECEIVER_KINDS
from deviations.models import Message, Party, PracticeCase
from deviations.verbs import VERBS

PAGE = "/avvikelser/ovning/"
KEPT = dt.timedelta(days=7)
State = PracticeCase.State


@dataclass(frozen=True)
class Task:
    """The thing to do next: the verb whose words it has, a hint, and whether a text belongs to it."""

    verb: str
    hint: str | Promise
    has_text: bool = True

    @property
    def words(self) -> str:
        return str(VERBS[self.verb].words)


TASKS = {
    State.RECEIVED: Task(
        "acknowledge",
        gettext_lazy("Say that you have got the case. The other party sees it at once."),
        has_text=False,
    ),
    State.ACKNOWLEDGED: Task(
        "ask", gettext_lazy("Ask the other party for what you need to know. Here a reply comes at once.")
    ),
    State.REPLIED: Task("answer", gettext_lazy("Write what you found, and what you do about it.")),
}
_AFTER = {State.RECEIVED: State.ACKNOWLEDGED, State.ACKNOWLEDGED: State.REPLIED, State.REPLIED: State.DONE}


def may_practise(reader: Reader) -> bool:
    """Everybody who works for a provider that can have cases."""
    return reader.assignment_id is not None and reader.viewer is None and reader.provider_kind in RECEIVER_KINDS


def own(reader: Reader) -> PracticeCase | None:
    """The reader's own practice case, if there is one that has not been forgotten."""
    mine = PracticeCase.objects.filter(assignment=reader.assignment_id, assignment__user=reader.user_id)
    return mine.filter(begun_at__gt=clock.now() - KEPT).order_by("-pk").first()


def messages(practice: PracticeCase) -> list[dict[str, str]]:
    return list(practice.messages)  # type: ignore[arg-type]


@transaction.atomic
def begin(*, by: Reader) -> PracticeCase:
    """A new one, in the place of one's former. Raises NotAllowed."""
    if not may_practise(by):
        raise NotAllowed(_("Practice is for those who work for a care provider."))
    Assignment.objects.select_for_update().get(pk=by.assignment_id)
    PracticeCase.objects.filter(assignment=by.assignment_id).delete()
    return PracticeCase.objects.create(assignment_id=by.assignment_id)


@transaction.atomic
def act(practice: PracticeCase, body: str, *, shown: str, by: Reader) -> PracticeCase:
    """The task of the state that was shown is done, with a text where it has one; the invented party reacts at once.
    Raises Moved where another tab has done it, NotAllowed for others than whoever practises."""
    locked = PracticeCase.objects.select_for_update().filter(pk=practice.pk, assignment=by.assignment_id).first()
    if locked is None:
        raise NotAllowed(_("This practice case is over. Begin a new one."))
    if locked.state != shown or locked.state not in TASKS:
        raise Moved(_("This step has been done already."))
    task = TASKS[State(locked.state)]
    told = messages(locked)
    if task.has_text:
        told.append(_said("us", VERBS[task.verb].words, body))
    if locked.state == State.ACKNOWLEDGED:
        told.append(_said("them", Message.Kind.REPLY.label, _REPLY))
    if locked.state == State.REPLIED:
        told.append(_said("them", "", _THANKS))
        audit.record("practised", by=by, target_type="provider", target_id=by.provider_id)
    locked.messages, locked.state = told, _AFTER[State(locked.state)]  # type: ignore[assignment]
    locked.save(update_fields=["messages", "state"])
    return locked


_REPLY = gettext_lazy("The list was sent on Thursday, three days after the patient had come home.")
_THANKS = gettext_lazy("Thank you. We have told whoever reported it, and close the case.")


def _said(who: str, kind: Any, body: Any) -> dict[str, str]:
    return {"who": who, "kind": str(kind), "body": str(body), "at": clock.now().isoformat()}


def skip(*, by: Reader) -> None:
    """The provider does without practice: the step of its beginning is done. By one of its administrators."""
    if not administers_provider(by, by.provider_id):
        raise NotAllowed(_("Only an administrator of that provider does this."))
    audit.record("practice_skipped", by=by, target_type="provider", target_id=by.provider_id)


def step(provider: Provider) -> Step | None:
    """The last of a new provider's steps: somebody has practised, or answered a real case, or they do without."""
    if provider.kind == Kind.OTHER:
        return None
    tried = AuditEvent.objects.filter(target_type="provider", target_id=str(provider.pk))
    is_done = tried.filter(action__in=("practised", "practice_skipped")).exists()
    is_done = is_done or Party.objects.filter(provider=provider, acknowledged_at__isnull=False).exists()
    detail = _("Reaches nobody else, is counted nowhere, and is gone after a week.")
    return Step("practice", _("Try out a practice case"), detail, PAGE, is_done)


def forget() -> int:
    """Those that are a week old are gone; gives how many."""
    return PracticeCase.objects.filter(begun_at__lte=clock.now() - KEPT).delete()[0]
