"""What happens to cases: each verb is one transaction that checks, changes, writes the event and makes the notices.

Nothing else changes a case's or a part's state. A verb locks the case first and the parts after it, always in
that order, so that two verbs in one case wait for each other and never lock each other out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.models import Assignment, CareUnit, Provider
from accounts.readers import Reader, named
from core import clock
from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.access.states import TRANSITIONS, allowed_verbs, state_of, withdrawable
from deviations.entry.reports import Recipient, Report, heading_of
from deviations.models import Case, CaseEvent, DeviationType, Message, Party, S
from deviations.time import deadlines
from deviations.verbs.sent_once import once
from deviations.verbs.standing import (
    Act,
    Files,
    add_concerned,
    begin,
    coordinator_label,
    event,
    follow,
    lower,
    move,
    others,
    raise_if_sent_on_too_often,
    raise_to_coordinator,
    raised_by,
    reporting_part,
    say,
    settle,
    tell,
)
from deviations.verbs.submission import Origin, make_case, submit

__all__ = [
    "TRANSITIONS",
    "accept",
    "acknowledge",
    "add_party",
    "allowed_verbs",
    "answer",
    "ask",
    "assign",
    "close",
    "correct",
    "escalate",
    "forward",
    "hand_back",
    "judge_harm",
    "note",
    "refuse",
    "reopen",
    "reply",
    "route",
    "send_message",
    "split",
    "start_acting",
    "start_investigation",
    "state_of",
    "submit",
    "withdraw",
    "write_home",
]  # fmt: skip


# Handling ---------------------------------------------------------------------------------------------------
@once
def acknowledge(party: Party, *, by: Reader) -> None:
    """Say that the case has come to the right place and will be handled."""
    act = begin("acknowledge", party, by)
    move(act)
    event(act, S.RECEIVED)


@once
def assign(party: Party, *, to: Assignment, by: Reader) -> None:
    """Make one of the part's handlers responsible. Raises NotAllowed when `to` does not handle the part."""
    act = begin("assign", party, by)
    if not handlers_of(act.party).filter(pk=to.pk).exists():
        raise NotAllowed(_("That person does not handle cases here now. Choose somebody in the list."))
    move(act, handler_id=to.user_id)
    event(act, act.party.state, is_own=True, to=to.user_id)
    if to.user_id != by.user_id:
        notices.notify([to], kind="case_assigned", subject=act.case.number, url=act.case.get_absolute_url())


@once
def start_investigation(party: Party, *, by: Reader) -> None:
    act = begin("start_investigation", party, by)
    before = act.party.state
    move(act)
    event(act, before)


@once
def start_acting(party: Party, *, by: Reader) -> None:
    """The causes are known and something is being done about them."""
    act = begin("start_acting", party, by)
    before = act.party.state
    move(act)
    event(act, before)


@once
def judge_harm(party: Party, *, actual: str, potential: str, by: Reader) -> None:
    """A handler's judgement of what the event led to and could have led to (PSL 3:5); shared by the parties."""
    act = begin("judge_harm", party, by)
    if {actual, potential} - {"", *Case.Harm.values}:
        raise ValidationError("no such harm")
    act.case.actual_harm, act.case.potential_harm = actual, potential
    act.case.save(update_fields=["actual_harm", "potential_harm"])
    event(act, act.party.state, actual=actual, potential=potential)


@once
def correct(
    party: Party,
    *,
    type: DeviationType,
    occurred_at: dt.datetime,
    occurred_time_known: bool,
    by: Reader,
    **of_part: CareUnit | None,
) -> None:
    """Set right what was reported wrongly, for all parties; what it was stands in the trail. `unit`, where it is given,
    is the own unit that has the part. Raises NotAllowed where nothing would change, or the times would not be in order.
    """
    act = begin("correct", party, by)
    case = act.case
    changed: dict[str, Any] = {}
    if case.detected_at and occurred_at > case.detected_at:
        raise NotAllowed(_("It was discovered before it happened. Check the date."))
    if type.pk != case.type_id:
        changed["type"] = [case.type.code, type.code]
        if case.title == heading_of(case.type, case.place):  # nobody's own words
            changed["title"] = [case.title, heading_of(type, case.place)]
            case.title = changed["title"][1]
        case.type = type
    # A form tells minutes.
    was = case.occurred_at.replace(second=0, microsecond=0)
    if (occurred_at.replace(second=0, microsecond=0), occurred_time_known) != (was, case.occurred_time_known):
        changed["occurred"] = [case.occurred_at.isoformat(), occurred_at.isoformat()]
        changed["occurred_time_known"] = [case.occurred_time_known, occurred_time_known]
        case.occurred_at, case.occurred_time_known = occurred_at, occurred_time_known
    if "unit" in of_part and of_part["unit"] != act.party.unit:
        changed["unit"] = [act.party.label, _to_own_unit(act, of_part["unit"])]
    if not changed:
        raise NotAllowed(_("Nothing is changed. Change what is wrong and save again."))
    case.save(update_fields=["type", "title", "occurred_at", "occurred_time_known"])
    event(act, act.party.state, **changed)
    tell(others(act), kind="case_corrected", case=case, by=by, reporter=True)


def _to_own_unit(act: Act, unit: CareUnit | None) -> str:
    """The part is another unit's of the same provider, by somebody who handles for all of it."""
    # SECURITY: who handles for one unit would give the case to people who do not have it.
    if act.by.unit_id or (unit and (unit.provider_id != act.party.provider_id or not unit.is_active)):
        raise NotAllowed(_("This can only be done by those who handle that part of the case."))
    taken = act.case.parties.filter(provider=act.party.provider_id, unit=unit, side=act.party.side)
    if taken.exists():
        raise NotAllowed(
            _("%s has the case already. Choose another recipient.")
            % named(unit.name if unit else "", act.party.provider.name)
        )
    act.party.unit = unit
    still = handlers_of(act.party).filter(user=act.party.handler_id).exists()
    act.party.handler_id = act.party.handler_id if still else None
    act.party.save(update_fields=["unit", "handler"])
    tell([act.party], kind="case_received", case=act.case, by=act.by)
    return act.party.label


@once
def split(
    party: Party,
    *,
    type: DeviationType,
    description: str,
    concerns: tuple[Recipient, ...],
    by: Reader,
    token: uuid.UUID | None = None,
) -> Case:
    """One thing of several that were reported together becomes a case of its own, with its own parties and days; time,
    place, reporter and routines go with it, files do not. Both cases tell of each other, to those who see both.
    """
    act = begin("split", party, by)
    old = act.case
    data = Report(
        event_kind=old.event_kind,
        type=type,
        occurred_at=old.occurred_at,
        occurred_time_known=old.occurred_time_known,
        detected_at=old.detected_at,
        detected_time_known=old.detected_time_known,
        place=old.place,
        description=description,
        concerns=concerns,
        documents=tuple(old.documents.all()),
        wants_feedback=old.wants_feedback,
        # SECURITY: the reporter said yes to those who were named then, and to nobody who is chosen now.
        shares_reporter_name=False,
    )
    origin = Origin(old.reporting_provider_id, old.reporting_unit_id, old.reporter_id)
    made = make_case(token or uuid.uuid4(), data, origin, by=by, split_from=old)
    event(act, act.party.state, is_own=True)
    return made


@once
def close(party: Party, *, by: Reader) -> None:
    """End a concerned part that has answered."""
    act = begin("close", party, by)
    move(act, closed_at=act.now)
    event(act, S.ANSWERED)
    tell(others(act), kind="case_closed", case=act.case, by=by)


@once
def accept(party: Party, feedback: str = "", *, by: Reader, token: uuid.UUID | None = None) -> Message | None:
    """The reporting side accepts the answers and ends the case, with words to the reporter that stay at home."""
    act = begin("accept", party, by)
    move(act, closed_at=act.now, feedback_at=act.now)
    message = None
    if feedback:
        message = say(act, feedback, kind=Message.Kind.FEEDBACK, thread=Message.Thread.HOME, token=token)
    event(act, S.ANSWERED)
    lower(act.case)
    tell(others(act), kind="case_closed", case=act.case, by=by)
    tell([], kind="case_feedback" if feedback else "case_closed", case=act.case, by=by, reporter=True)
    return message


@once
def reopen(party: Party, reason: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Take up an answered or closed part again, with a day to answer anew; the reporting part is opened with it.

    `reason`: what is missing, to all parties.
    """
    act = begin("reopen", party, by)
    before = act.party.state
    move(act, closed_at=None, answer_due=deadlines.answer_by(act.party.provider, act.now))
    reporting = reporting_part(act.case)
    message = say(act, reason, kind=Message.Kind.MESSAGE, token=token, files=files)
    event(act, before)
    if reporting.state in (S.ANSWERED, S.CLOSED):
        follow(act, reporting, S.ACKNOWLEDGED, closed_at=None)
    told = [p for p in (act.party, reporting) if p.pk != act.actor.pk]
    tell(told, kind="case_reopened", case=act.case, by=by)
    return message


# Talking ----------------------------------------------------------------------------------------------------
@once
def ask(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Ask the reporting side something; the part waits until they reply."""
    act = begin("ask", party, by)
    before = act.party.state
    move(act)
    message = say(act, body, kind=Message.Kind.QUESTION, token=token, files=files)
    event(act, before)
    tell([reporting_part(act.case)], kind="case_question", case=act.case, by=by, reporter=True)
    return message


@once
def reply(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Reply to the question of a concerned part, as the reporting part's handler or as the reporter."""
    act = begin("reply", party, by)
    move(act)
    message = say(act, body, kind=Message.Kind.REPLY, token=token, files=files)
    event(act, S.INFO_REQUESTED)
    if not act.by_reporter and act.actor.state == S.RECEIVED:
        follow(act, act.actor, S.ACKNOWLEDGED, acknowledged_at=act.now)
    tell([act.party], kind="case_reply", case=act.case, by=by)
    return message


@once
def send_message(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write in the thread that the parties share; the reporter too, who may have more to tell unasked."""
    act = begin("send_message", party, by)
    message = say(act, body, kind=Message.Kind.MESSAGE, token=token, files=files)
    event(act, act.party.state)
    told = [*others(act), act.party] if act.by_reporter else others(act)
    tell(told, kind="case_message", case=act.case, by=by)
    return message


@once
def write_home(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write between the reporter and the handlers at home. No other party sees it, or that it was written."""
    act = begin("write_home", party, by)
    kind, thread = Message.Kind.MESSAGE, Message.Thread.HOME
    message = say(act, body, kind=kind, token=token, thread=thread, files=files)
    event(act, act.party.state, is_own=True)
    told = [act.party] if act.by_reporter else []
    tell(told, kind="case_at_home", case=act.case, by=by, reporter=not act.by_reporter)
    return message


@once
def note(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write in one's own thread. Nobody else sees it, or that it was written."""
    act = begin("note", party, by)
    message = say(act, body, kind=Message.Kind.MESSAGE, token=token, thread=Message.Thread.OWN, files=files)
    event(act, act.party.state, is_own=True)
    return message


@once
def answer(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Answer for one's part: the reporting side and the reporter are told. The case is answered when all have."""
    act = begin("answer", party, by)
    before = act.party.state
    move(act, answered_at=act.now)
    message = say(act, body, kind=Message.Kind.ANSWER, token=token, files=files)
    event(act, before)
    settle(act)
    tell([reporting_part(act.case)], kind="case_answered", case=act.case, by=by, reporter=act.case.wants_feedback)
    return message


# Sending on -------------------------------------------------------------------------------------------------
@once
def forward(
    party: Party,
    *,
    to_provider: Provider,
    to_unit: CareUnit | None,
    reason: str,
    by: Reader,
    token: uuid.UUID | None = None,
) -> Message:
    """Send the case on to the right recipient and end one's own part. Raises NotAllowed for one that has it."""
    act = begin("forward", party, by)
    before = act.party.state
    recipient = add_concerned(act.case, Recipient(to_provider, to_unit), act.now)
    move(act, ended_at=act.now, forwarded_to=recipient)
    message = say(act, reason, kind=Message.Kind.FORWARD, token=token)
    event(act, before, to=recipient.pk)
    raise_if_sent_on_too_often(act)
    tell([recipient], kind="case_received", case=act.case, by=by)
    tell([reporting_part(act.case)], kind="case_message", case=act.case, by=by)
    return message


@once
def refuse(party: Party, *, reason: str, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Say that the case came to the wrong place; the reporting side is told and chooses another recipient."""
    act = begin("refuse", party, by)
    before = act.party.state
    move(act, ended_at=act.now)
    message = say(act, reason, kind=Message.Kind.REFUSAL, token=token)
    event(act, before)
    settle(act)
    raise_if_sent_on_too_often(act)
    tell([reporting_part(act.case)], kind="case_returned", case=act.case, by=by)
    return message


@once
def add_party(party: Party, *, to_provider: Provider, to_unit: CareUnit | None, by: Reader) -> Party:
    """The reporting side chooses one more recipient: where the reporter did not know, or the first was wrong."""
    act = begin("add_party", party, by)
    if act.party.choose_due:
        lower(act.case)  # it waited for a recipient, and has one now
    recipient = add_concerned(act.case, Recipient(to_provider, to_unit), act.now)
    before = act.party.state
    if before in (S.RECEIVED, S.ANSWERED):
        move(act, S.ACKNOWLEDGED)
    event(act, before, to=recipient.pk)
    settle(act)
    tell([recipient], kind="case_received", case=act.case, by=by)
    return recipient


@once
def withdraw(party: Party, *, reason: str, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Take the report back before anybody it concerns has taken it up: by whoever reported it, or the handlers at home.

    `reason` stays at home. Those it was sent to learn its number and that it was taken back, and nothing more.
    """
    act = begin("withdraw", party, by)
    concerned = list(act.case.parties.filter(side=Party.Side.CONCERNED).select_related("provider", "unit"))
    if act.party.side != Party.Side.REPORTING or not withdrawable(concerned):
        raise NotAllowed(_("Somebody it concerns has taken the case up, so it can no longer be taken back."))
    before, had = act.party.state, [p for p in concerned if not p.has_ended]
    move(act, ended_at=act.now, choose_due=None)
    message = say(act, reason, kind=Message.Kind.MESSAGE, token=token, thread=Message.Thread.OWN)
    event(act, before)
    lower(act.case)
    tell([*had, *([act.party] if act.by_reporter else [])], kind="case_withdrawn", case=act.case, by=by)
    for one in had:
        follow(act, one, S.WITHDRAWN, ended_at=act.now)
    return message


# The coordinator --------------------------------------------------------------------------------------------
@once
def escalate(party: Party, *, reason: str, by: Reader) -> None:
    """Raise the case to the regional coordinator, who then reads it and can choose who is to have it."""
    act = begin("escalate", party, by)
    if reporting_part(act.case).state == S.CLOSED:
        raise NotAllowed(_("The case is closed by those who reported it. Reopen your part first."))
    # SECURITY: the coordinator is told of a person only what other parties are.
    if not raise_to_coordinator(act.case, why=reason, by_label=act.contact, by=by):
        raise NotAllowed(_("The case waits for the coordinator already."))
    event(act, act.party.state)


def _raised(case: Case, by: Reader) -> Case:
    """A case that waits for the coordinator, locked."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    # SECURITY: the role is asked again under the lock.
    if not Case.objects.escalated_to(by).filter(pk=locked.pk).exists():
        raise NotAllowed(_("The case does not wait for the coordinator any more."))
    return locked


@transaction.atomic
def route(case: Case, *, to_provider: Provider, to_unit: CareUnit | None, by: Reader) -> Party:
    """The coordinator chooses who is to have a case that was raised. Raises NotAllowed."""
    locked, now = _raised(case, by), clock.now()
    recipient = add_concerned(locked, Recipient(to_provider, to_unit), now)
    home, raising = reporting_part(locked), raised_by(locked)
    before, home.choose_due = home.state, None
    home.state = S.ACKNOWLEDGED if before == S.ANSWERED else before
    home.save(update_fields=["state", "choose_due"])
    lower(locked)
    CaseEvent.objects.create(
        case=locked,
        party=recipient,
        verb="route",
        to_state=recipient.state,
        at=now,
        by_id=by.user_id,
        by_label=coordinator_label(),
        contact_label=coordinator_label(),
        data={"to": recipient.pk},
    )
    audit.record("routed_case", by=by, target_type="case", target_id=locked.number, to=recipient.pk)
    tell([recipient], kind="case_received", case=locked, by=by)
    tell({p.pk: p for p in (home, raising)}.values(), kind="case_routed", case=locked, by=by)
    return recipient


@transaction.atomic
def hand_back(case: Case, *, reason: str, by: Reader) -> Message:
    """The coordinator leaves a raised case with those who have it, and says why to those who raised it, who alone
    read it. Raises NotAllowed.
    """
    locked, now = _raised(case, by), clock.now()
    raising = raised_by(locked)
    lower(locked)
    message = Message.objects.create(
        case=locked,
        party=raising,
        thread=Message.Thread.OWN,
        author_id=by.user_id,
        created_at=now,
        author_name=coordinator_label(),
        contact_label=coordinator_label(),
        body=reason,
    )
    CaseEvent.objects.create(
        case=locked,
        party=raising,
        verb="hand_back",
        from_state=raising.state,
        to_state=raising.state,
        at=now,
        by_id=by.user_id,
        by_label=coordinator_label(),
        contact_label=coordinator_label(),
        is_own=True,
    )
    audit.record("handed_back_case", by=by, target_type="case", target_id=locked.number)
    tell([raising], kind="case_handed_back", case=locked, by=by)
    return message
