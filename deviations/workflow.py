"""What happens to cases: each verb is one transaction that checks, changes, writes the event and makes the notices.

Nothing else changes a case's or a part's state. A verb locks the case first and the parts after it, always in
that order, so that two verbs in one case wait for each other and never lock each other out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import clock, drafts, notices
from accounts.models import Assignment, CareUnit, Provider
from accounts.readers import Reader
from accounts.roles import CASE_ROLES, Kind
from deviations.models import Case, CaseEvent, CaseFile, Message, Party
from deviations.once import once, sending_of
from deviations.reports import Recipient, Report
from deviations.states import TRANSITIONS, WORKING, S, allowed_verbs, state_of

__all__ = [
    "TRANSITIONS", "NotAllowed", "acknowledge", "add_party", "allowed_verbs", "answer", "ask", "assign", "close",
    "forward", "judge_harm", "note", "refuse", "reopen", "reply", "send_message", "start_acting",
    "start_investigation", "state_of", "submit",
]  # fmt: skip

# Guidance, not law: an answer within 60 days of receiving the case.
ANSWER_DAYS = 60
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECEIVER_KINDS = (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL)


class NotAllowed(Exception):
    """The verb cannot be done now, or not by this reader. `str()` says why and what to do, in the active
    language.
    """


def _wrong_state() -> NotAllowed:
    return NotAllowed(
        _(
            "The case has changed since the page was shown, so this cannot be done now. "
            "Read it through and choose again."
        )
    )


def _not_yours() -> NotAllowed:
    return NotAllowed(_("This can only be done by those who handle that part of the case."))


@dataclass(frozen=True)
class _Act:
    """One verb under way: its locked part, and the part that the one who acts belongs to."""

    verb: str
    case: Case
    party: Party
    actor: Party
    by: Reader
    by_reporter: bool
    now: Any

    @property
    def contact(self) -> str:
        return contact_label(self.actor, self.by, is_handler=not self.by_reporter)


def contact_label(party: Party, by: Reader, *, is_handler: bool) -> str:
    """How the one who acts is shown to other parties: the function, with the name only where that is agreed."""
    function = party.label if party.unit is None else f"{party.unit.name}, {party.provider.name}"
    shows = party.provider.shows_handler_names if is_handler else party.case.shares_reporter_name
    return f"{by.person_name}, {function}" if shows and by.person_name else function


def _is_reporter(case: Case, by: Reader) -> bool:
    return case.reporter_id == by.user_id and Case.objects.reported_now_by(by).filter(pk=case.pk).exists()


def _begin(verb: str, party: Party, by: Reader) -> _Act:
    """Lock the case and read the part anew. Raises NotAllowed for the wrong reader, side or state."""
    case = Case.objects.select_for_update().get(pk=party.case_id)
    party = Party.objects.select_related("provider", "unit").get(pk=party.pk)
    party.case = case
    from_states, _to, who = TRANSITIONS[verb]
    # SECURITY: asked again under the lock: access may have ended since the page was shown.
    own = list(Party.objects.handled_now_by(by).filter(case=case, ended_at=None).select_related("provider", "unit"))
    actor = next((p for p in own if p.pk == party.pk), None)
    by_reporter = False
    if who == "reply" or (who == "both" and actor is None):
        actor = next((p for p in own if p.side == Party.Side.REPORTING), None)
    for_reporter = who == "reply" or (who == "home" and party.side == Party.Side.REPORTING)
    if actor is None and for_reporter and _is_reporter(case, by):
        by_reporter = True
        actor = Party.objects.select_related("provider", "unit").get(case=case, side=Party.Side.REPORTING)
    of_side = {"reporting": Party.Side.REPORTING, "own": party.side, "home": party.side}
    wanted = of_side.get(who, Party.Side.CONCERNED)
    if actor is None or party.side != wanted:
        raise _not_yours()
    if party.state not in from_states:
        raise _wrong_state()
    actor.case = case
    return _Act(verb, case, party, actor, by, by_reporter, clock.now())


def _move(act: _Act, to_state: str | None = None, **changes: Any) -> None:
    """Give the part its new state and times."""
    party, state = act.party, to_state or TRANSITIONS[act.verb][1] or act.party.state
    if party.state == S.RECEIVED and state != S.RECEIVED and state not in (S.MISDIRECTED, S.FORWARDED):
        changes["acknowledged_at"] = act.now
    for field, value in {"state": state, **changes}.items():
        setattr(party, field, value)
    party.save(update_fields=["state", *changes])


def _event(act: _Act, before: str, *, is_own: bool = False, **data: Any) -> None:
    """What the act did to its part."""
    _record(act, act.party, before, is_own=is_own, **data)


def _record(act: _Act, party: Party, before: str, *, is_own: bool = False, follows: bool = False, **data: Any) -> None:
    CaseEvent.objects.create(
        case=act.case,
        party=party,
        actor=act.actor if act.actor.pk != party.pk else None,
        verb=act.verb,
        from_state=before,
        to_state=party.state,
        follows=follows,
        at=act.now,
        by_id=act.by.user_id,
        by_label=act.by.record_label,
        contact_label=act.contact,
        is_own=is_own,
        data=data,
    )


def _follow(act: _Act, party: Party, to_state: str, **changes: Any) -> None:
    """Another part's state changes with the act; its own event says so."""
    before = party.state
    for field, value in {"state": to_state, **changes}.items():
        setattr(party, field, value)
    party.save(update_fields=["state", *changes])
    _record(act, party, before, follows=True)


def _settle(act: _Act) -> None:
    """The reporting part is answered when all that are still concerned have answered, and not before."""
    reporting = _reporting(act.case)
    live = act.case.parties.filter(side=Party.Side.CONCERNED, ended_at=None)
    states = set(live.values_list("state", flat=True))
    if states and not states & WORKING and reporting.state in WORKING:
        _follow(act, reporting, S.ANSWERED, feedback_at=act.now)


def _say(act: _Act, body: str, *, kind: str, token: uuid.UUID | None, thread: str = Message.Thread.SHARED) -> Message:
    return Message.objects.create(
        case=act.case,
        party=act.actor,
        thread=thread,
        kind=kind,
        author_id=act.by.user_id,
        created_at=act.now,
        author_name=act.by.person_name,
        contact_label=act.contact,
        body=body,
        token=token,
    )


# Who is told ------------------------------------------------------------------------------------------------
def handlers_of(party: Party) -> QuerySet[Assignment]:
    """The current assignments that handle this part: those of its unit, and those of the whole provider."""
    found = Assignment.objects.with_role(*CASE_ROLES).filter(provider=party.provider_id)
    if party.unit_id:
        return found.filter(Q(unit=None) | Q(unit=party.unit_id)).select_related("user")
    return found.filter(unit=None).select_related("user")


def _responsible(party: Party) -> Iterable[Assignment]:
    """The part's handler where there is one with access, else all who could be."""
    found = list(handlers_of(party))
    own = [a for a in found if a.user_id == party.handler_id]
    return own or found


def _tell(parties: Iterable[Party], *, kind: str, case: Case, by: Reader, reporter: bool = False) -> None:
    told = [a for party in parties for a in _responsible(party)]
    if reporter:
        told += Assignment.objects.current().filter(user=case.reporter_id, provider=case.reporting_provider_id)[:1]
    told = [a for a in told if a.user_id != by.user_id]
    notices.notify(told, kind=kind, subject=case.number, url=case.get_absolute_url())


def _others(act: _Act) -> list[Party]:
    """The other live parts of the case. The reporting part counts until it is closed."""
    parties = act.case.parties.filter(ended_at=None).exclude(pk=act.actor.pk).select_related("provider", "unit")
    return [p for p in parties if p.state != S.CLOSED]


def _reporting(case: Case) -> Party:
    return case.parties.select_related("provider", "unit").get(side=Party.Side.REPORTING)


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
    parties = [
        Party.objects.create(
            case=case,
            provider_id=by.provider_id,
            unit_id=by.unit_id,
            side=Party.Side.REPORTING,
            received_at=now,
        )
    ]
    parties += [_add_concerned(case, recipient, now) for recipient in dict.fromkeys(data.concerns)]
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
    _tell(parties, kind="case_received", case=case, by=by)
    return case


def _free_number(today: date) -> str:
    """A number that no case has. Two that draw the same at once: the constraint stops one, and it is sent again."""
    for _try in range(20):
        number = f"AVV-{today:%y}-{get_random_string(6, ALPHABET)}"
        if not Case.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no free case number found in 20 draws")


def may_receive(provider: Provider, unit: CareUnit | None) -> bool:
    """Whether a case can be sent there today."""
    return Provider.objects.with_access().filter(pk=provider.pk, kind__in=RECEIVER_KINDS).exists() and (
        unit is None or (unit.provider_id == provider.pk and unit.is_active)
    )


def _add_concerned(case: Case, recipient: Recipient, now: Any) -> Party:
    provider, unit = recipient.provider, recipient.unit
    if not may_receive(provider, unit):
        raise NotAllowed(
            _("%s cannot receive cases now. Choose another recipient.") % (unit.name if unit else provider)
        )
    if case.parties.filter(provider=provider, unit=unit, side=Party.Side.CONCERNED).exists():
        raise NotAllowed(
            _("%s has already had this case. Choose another recipient.") % (unit.name if unit else provider)
        )
    return Party.objects.create(
        case=case,
        provider=provider,
        unit=unit,
        side=Party.Side.CONCERNED,
        received_at=now,
        answer_due=clock.swedish(now).date() + timedelta(days=ANSWER_DAYS),
    )


# Handling ---------------------------------------------------------------------------------------------------
@once
def acknowledge(party: Party, *, by: Reader) -> None:
    """Say that the case has come to the right place and will be handled."""
    act = _begin("acknowledge", party, by)
    _move(act)
    _event(act, S.RECEIVED)


@once
def assign(party: Party, *, to: Assignment, by: Reader) -> None:
    """Make one of the part's handlers responsible. Raises NotAllowed when `to` does not handle the part."""
    act = _begin("assign", party, by)
    if not handlers_of(act.party).filter(pk=to.pk).exists():
        raise NotAllowed(_("That person does not handle cases here now. Choose somebody in the list."))
    _move(act, handler_id=to.user_id)
    _event(act, act.party.state, is_own=True, to=to.user_id)
    if to.user_id != by.user_id:
        notices.notify([to], kind="case_assigned", subject=act.case.number, url=act.case.get_absolute_url())


@once
def start_investigation(party: Party, *, by: Reader) -> None:
    act = _begin("start_investigation", party, by)
    before = act.party.state
    _move(act)
    _event(act, before)


@once
def start_acting(party: Party, *, by: Reader) -> None:
    """The causes are known and something is being done about them."""
    act = _begin("start_acting", party, by)
    before = act.party.state
    _move(act)
    _event(act, before)


@once
def judge_harm(party: Party, *, actual: str, potential: str, by: Reader) -> None:
    """A handler's judgement of what the event led to and could have led to (PSL 3:5); shared by the parties."""
    act = _begin("judge_harm", party, by)
    if {actual, potential} - {"", *Case.Harm.values}:
        raise ValidationError("no such harm")
    act.case.actual_harm, act.case.potential_harm = actual, potential
    act.case.save(update_fields=["actual_harm", "potential_harm"])
    _event(act, act.party.state, actual=actual, potential=potential)


@once
def close(party: Party, *, by: Reader) -> None:
    """End one's part after the answer: a concerned part that has answered, the reporting part that has been
    answered.
    """
    act = _begin("close", party, by)
    _move(act, closed_at=act.now)
    _event(act, S.ANSWERED)
    is_reporting = act.party.side == Party.Side.REPORTING
    _tell(_others(act), kind="case_closed", case=act.case, by=by, reporter=is_reporting)


@once
def reopen(party: Party, *, by: Reader) -> None:
    """Take up an answered or closed part again; the reporting part is opened with it."""
    act = _begin("reopen", party, by)
    before = act.party.state
    _move(act, closed_at=None)
    reporting = _reporting(act.case)
    _event(act, before)
    if reporting.state in (S.ANSWERED, S.CLOSED):
        _follow(act, reporting, S.ACKNOWLEDGED, closed_at=None)
    _tell([p for p in (act.party, reporting) if p.pk != act.actor.pk], kind="case_message", case=act.case, by=by)


# Talking ----------------------------------------------------------------------------------------------------
@once
def ask(party: Party, body: str, *, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Ask the reporting side something; the part waits until they reply."""
    act = _begin("ask", party, by)
    before = act.party.state
    _move(act)
    message = _say(act, body, kind=Message.Kind.QUESTION, token=token)
    _event(act, before)
    _tell([_reporting(act.case)], kind="case_question", case=act.case, by=by, reporter=True)
    return message


@once
def reply(party: Party, body: str, *, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Reply to the question of a concerned part, as the reporting part's handler or as the reporter."""
    act = _begin("reply", party, by)
    _move(act)
    message = _say(act, body, kind=Message.Kind.REPLY, token=token)
    _event(act, S.INFO_REQUESTED)
    _tell([act.party], kind="case_reply", case=act.case, by=by)
    return message


@once
def send_message(party: Party, body: str, *, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Write in the thread that the parties share; the reporter too, who may have more to tell unasked."""
    act = _begin("send_message", party, by)
    message = _say(act, body, kind=Message.Kind.MESSAGE, token=token)
    _event(act, act.party.state)
    told = [*_others(act), act.party] if act.by_reporter else _others(act)
    _tell(told, kind="case_message", case=act.case, by=by)
    return message


@once
def note(party: Party, body: str, *, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Write in one's own thread. Nobody else sees it, or that it was written."""
    act = _begin("note", party, by)
    message = _say(act, body, kind=Message.Kind.MESSAGE, token=token, thread=Message.Thread.OWN)
    _event(act, act.party.state, is_own=True)
    return message


@once
def answer(party: Party, body: str, *, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Answer for one's part: the reporting side and the reporter are told. The case is answered when all have."""
    act = _begin("answer", party, by)
    before = act.party.state
    _move(act, answered_at=act.now)
    message = _say(act, body, kind=Message.Kind.ANSWER, token=token)
    _event(act, before)
    _settle(act)
    _tell([_reporting(act.case)], kind="case_answered", case=act.case, by=by, reporter=act.case.wants_feedback)
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
    """Send the case on to the right recipient and end one's own part. Raises NotAllowed for one that had it before."""
    act = _begin("forward", party, by)
    before = act.party.state
    recipient = _add_concerned(act.case, Recipient(to_provider, to_unit), act.now)
    _move(act, ended_at=act.now, forwarded_to=recipient)
    message = _say(act, reason, kind=Message.Kind.FORWARD, token=token)
    _event(act, before, to=recipient.pk)
    _tell([recipient], kind="case_received", case=act.case, by=by)
    _tell([_reporting(act.case)], kind="case_message", case=act.case, by=by)
    return message


@once
def refuse(party: Party, *, reason: str, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Say that the case came to the wrong place; the reporting side is told and chooses another recipient."""
    act = _begin("refuse", party, by)
    before = act.party.state
    _move(act, ended_at=act.now)
    message = _say(act, reason, kind=Message.Kind.REFUSAL, token=token)
    _event(act, before)
    _settle(act)
    _tell([_reporting(act.case)], kind="case_returned", case=act.case, by=by)
    return message


@once
def add_party(party: Party, *, to_provider: Provider, to_unit: CareUnit | None, by: Reader) -> Party:
    """The reporting side chooses one more recipient: where the reporter did not know, or the first was wrong."""
    act = _begin("add_party", party, by)
    recipient = _add_concerned(act.case, Recipient(to_provider, to_unit), act.now)
    before = act.party.state
    if before in (S.RECEIVED, S.ANSWERED):
        _move(act, S.ACKNOWLEDGED)
    _event(act, before, to=recipient.pk)
    _tell([recipient], kind="case_received", case=act.case, by=by)
    return recipient
