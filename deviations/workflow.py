"""What happens to cases: each verb is one transaction that checks, changes, writes the event and makes the notices.

Nothing else changes a case's or a part's state. A verb locks the case first and the parts after it, always in
that order, so that two verbs in one case wait for each other and never lock each other out.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import audit, clock, drafts, notices
from accounts.models import Assignment, CareUnit, Provider
from accounts.readers import Reader
from deviations import deadlines
from deviations.acts import (
    Files,
    NotAllowed,
    add_concerned,
    begin,
    contact_label,
    coordinator_label,
    event,
    follow,
    handlers_of,
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
from deviations.models import Case, CaseEvent, CaseFile, Message, Party
from deviations.once import once, sending_of
from deviations.reports import Recipient, Report
from deviations.states import TRANSITIONS, S, allowed_verbs, state_of, withdrawable

__all__ = [
    "TRANSITIONS", "NotAllowed", "accept", "acknowledge", "add_party", "allowed_verbs", "answer", "ask", "assign",
    "close", "escalate", "forward", "hand_back", "judge_harm", "note", "refuse", "reopen", "reply", "route",
    "send_message", "start_acting", "start_investigation", "state_of", "submit", "withdraw", "write_home",
]  # fmt: skip

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


# Reporting --------------------------------------------------------------------------------------------------
def submit(token: drafts.Sending | uuid.UUID, *, data: Report, by: Reader) -> Case:
    """Make a case of a report. The same sending gives the same case, also when sent twice at once.

    Raises NotAllowed when the reader may not report, or when a recipient no longer has access, and
    `drafts.OtherContent` when the token has become something else or is another's.
    """
    if not by.may_report or not Assignment.objects.current().filter(pk=by.assignment_id).exists():
        raise NotAllowed(
            _("You may not report under the assignment you work under now. Change assignment and send again.")
        )
    sending = sending_of(token, "submit", replace(data, files=()))
    with transaction.atomic():
        drafts.lock_sending(sending)
        if before := drafts.sent_before(sending, by=by):
            return Case.objects.get(number=before.result)
        case = _make_case(sending.token, data, by)
        drafts.mark_sent(sending, by=by, form_key="deviation", result=case.number)
        return case


def _make_case(token: uuid.UUID, data: Report, by: Reader) -> Case:
    now, today = clock.now(), clock.today()
    case = Case.objects.create(
        number=_free_number(today),
        token=token,
        title=data.heading,
        event_kind=data.event_kind,
        type=data.type,
        occurred_at=data.occurred_at,
        occurred_time_known=data.occurred_time_known,
        detected_at=data.detected_at,
        detected_time_known=data.detected_time_known,
        place=data.place,
        description=data.description,
        consequence=data.consequence,
        immediate_action=data.immediate_action,
        suggestion=data.suggestion,
        wants_feedback=data.wants_feedback,
        shares_reporter_name=data.shares_reporter_name,
        submitted_at=now,
        reporting_provider_id=by.provider_id,
        reporting_unit_id=by.unit_id,
        reporter_id=by.user_id,
    )
    case.documents.set(data.documents)
    home = Provider.objects.get(pk=by.provider_id)
    parties = [
        Party.objects.create(
            case=case,
            provider_id=by.provider_id,
            unit_id=by.unit_id,
            side=Party.Side.REPORTING,
            received_at=now,
            acknowledge_due=deadlines.acknowledge_by(home, now),
            choose_due=None if data.concerns else deadlines.choose_by(home, now),
        )
    ]
    parties += [add_concerned(case, recipient, now) for recipient in dict.fromkeys(data.concerns)]
    CaseFile.objects.bulk_create(
        CaseFile(case=case, party=parties[0], created_at=now, **f.columns()) for f in data.files
    )
    contact = contact_label(parties[0], by, is_handler=False)
    CaseEvent.objects.create(
        case=case,
        party=parties[0],
        verb="submit",
        to_state=S.RECEIVED,
        at=now,
        by_id=by.user_id,
        by_label=by.record_label,
        contact_label=contact,
        data={"parties": len(parties) - 1},
    )
    tell(parties, kind="case_received", case=case, by=by)
    return case


def _free_number(today: date) -> str:
    """A number that no case has. Two that draw the same at once: the constraint stops one, and it is sent again."""
    for _try in range(20):
        number = f"AVV-{today:%y}-{get_random_string(6, ALPHABET)}"
        if not Case.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no free case number found in 20 draws")


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
