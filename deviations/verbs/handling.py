"""Acts of those who handle a part: it is taken, investigated, acted on, corrected, split, closed, opened again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Assignment, CareUnit
from accounts.readers import Reader, named
from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.access.officers import officers, overseers
from deviations.closing import gates
from deviations.entry.reports import Recipient, Report, heading_of
from deviations.models import OPEN, Case, DeviationType, Message, Party, S
from deviations.time import deadlines
from deviations.verbs.forms import AcceptForm, AssignForm, CorrectForm, HarmForm, ReopenForm, SplitForm
from deviations.verbs.locking import (
    Act,
    Files,
    begin,
    event,
    follow,
    lower,
    move,
    others,
    reporting_part,
    say,
    tell,
)
from deviations.verbs.submission import Origin, make_case
from deviations.verbs.table import Place, Who, verb


@verb(
    who=Who.OWN,
    taken_from={S.RECEIVED},
    leads_to=S.ACKNOWLEDGED,
    words=gettext_lazy("Acknowledge receipt"),
    done=gettext_lazy("Receipt is acknowledged."),
    event=gettext_lazy("Acknowledged"),
    place=Place.STEP,
    order=1,
)
def acknowledge(party: Party, *, by: Reader, is_one_of_many: bool = False) -> None:
    """Say that the case has come to the right place and will be handled. `is_one_of_many`: who handles it is not said
    by that."""
    act = begin("acknowledge", party, by, takes_up=not is_one_of_many)
    move(act)
    event(act, S.RECEIVED)


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    words=gettext_lazy("Take the case"),
    done=gettext_lazy("You handle the case now."),
    event=gettext_lazy("Took the case"),
    place=Place.STEP,
    order=0,
)
def take(party: Party, *, by: Reader) -> None:
    """Become the handler of a part that nobody handles."""
    act = begin("take", party, by)
    move(act, handler_id=by.user_id)
    event(act, act.party.state, is_own=True)


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    words=gettext_lazy("Let the case go"),
    done=gettext_lazy("Nobody handles the case now. It stands under “Without handler”."),
    event=gettext_lazy("Let the case go"),
    place=Place.MORE,
    order=3,
)
def release(party: Party, *, by: Reader) -> None:
    """No longer be its handler; what one has done in it stands."""
    act = begin("release", party, by)
    move(act, handler_id=None)
    event(act, act.party.state, is_own=True)


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    form=AssignForm,
    words=gettext_lazy("Choose handler"),
    done=gettext_lazy("The handler is chosen."),
    event=gettext_lazy("Handler chosen"),
    place=Place.MORE,
    order=2,
)
def assign(party: Party, *, to: Assignment | None, by: Reader) -> None:
    """Make one of the part's handlers responsible, or nobody. Raises NotAllowed when `to` does not handle the part."""
    act = begin("assign", party, by)
    if to and not handlers_of(act.party).filter(pk=to.pk).exists():
        raise NotAllowed(_("That person does not handle cases here now. Choose somebody in the list."))
    user = to.user_id if to else None
    move(act, handler_id=user)
    event(act, act.party.state, is_own=True, to=user)
    if to and user != by.user_id:
        notices.notify([to], kind="case_assigned", subject=act.case.number, url=act.case.get_absolute_url())


@verb(
    who=Who.CONCERNED,
    taken_from={S.RECEIVED, S.ACKNOWLEDGED},
    leads_to=S.INVESTIGATING,
    words=gettext_lazy("Start the investigation"),
    done=gettext_lazy("The investigation has started."),
    event=gettext_lazy("Investigation started"),
    place=Place.STEP,
    order=2,
)
def start_investigation(party: Party, *, by: Reader) -> None:
    act = begin("start_investigation", party, by)
    before = act.party.state
    move(act)
    event(act, before)


@verb(
    who=Who.CONCERNED,
    taken_from={S.ACKNOWLEDGED, S.INVESTIGATING},
    leads_to=S.ACTING,
    words=gettext_lazy("Start the actions"),
    done=gettext_lazy("The actions have started."),
    event=gettext_lazy("Actions started"),
    place=Place.STEP,
    order=3,
)
def start_acting(party: Party, *, by: Reader) -> None:
    """The causes are known and something is being done about them."""
    act = begin("start_acting", party, by)
    before = act.party.state
    move(act)
    event(act, before)


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    form=HarmForm,
    words=gettext_lazy("Judge the harm"),
    done=gettext_lazy("The judgement is saved."),
    event=gettext_lazy("Harm judged"),
    place=Place.BESIDE,
    order=2,
)
def judge_harm(party: Party, *, actual: str, potential: str, by: Reader) -> None:
    """A handler's judgement of what the event led to and could have led to (PSL 3:5); shared by the parties."""
    act = begin("judge_harm", party, by)
    if {actual, potential} - {"", *Case.Harm.values}:
        raise ValidationError("no such harm")
    was_serious = gates.is_serious(act.case)
    act.case.actual_harm, act.case.potential_harm = actual, potential
    act.case.save(update_fields=["actual_harm", "potential_harm"])
    event(act, act.party.state, actual=actual, potential=potential)
    if gates.is_serious(act.case) and not was_serious:
        _tell_officers(act)


def _tell_officers(act: Act) -> None:
    """Whoever decides of lex Maria at each party that is concerned hears of it, of their own part alone; and in a
    municipality the medically responsible, who tell the board.
    """
    for part in act.case.parties.filter(side=Party.Side.CONCERNED, ended_at=None).select_related("provider", "unit"):
        told = [a for a in officers(part) if a.user_id != act.by.user_id]
        number = act.case.number
        notices.notify(told, kind="case_serious", subject=number, url=f"{act.case.get_absolute_url()}lex-maria/")
        told = [a for a in overseers(part) if a.user_id != act.by.user_id]
        notices.notify(told, kind="board_to_be_told", subject=number, url=reverse("overseen_case", args=[number]))


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    form=CorrectForm,
    words=gettext_lazy("Correct unit, date or area"),
    done=gettext_lazy("It is corrected. All parties see what it was."),
    event=gettext_lazy("Corrected"),
    place=Place.MORE,
    order=3,
)
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


@verb(
    who=Who.REPORTING,
    taken_from=OPEN,
    form=SplitForm,
    words=gettext_lazy("Split: make a case of its own of a part"),
    done=gettext_lazy("The new case is made and sent. It stands among your cases."),
    event=gettext_lazy("Split"),
    place=Place.WAY_ON,
    order=4,
    when=gettext_lazy("When it holds several things for different recipients. One becomes a case of its own."),
)
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


@verb(
    who=Who.CONCERNED,
    taken_from={S.ANSWERED},
    leads_to=S.CLOSED,
    words=gettext_lazy("Close your part"),
    done=gettext_lazy("Your part is closed."),
    event=gettext_lazy("Part closed"),
    place=Place.STEP,
    order=4,
)
def close(party: Party, *, by: Reader) -> None:
    """End a concerned part that has answered. Raises NotAllowed while a condition is missing (`gates.left`)."""
    act = begin("close", party, by)
    gates.demand(act.party)
    move(act, closed_at=act.now)
    event(act, S.ANSWERED)
    tell(others(act), kind="case_closed", case=act.case, by=by)


@verb(
    who=Who.REPORTING,
    taken_from={S.ANSWERED},
    leads_to=S.CLOSED,
    form=AcceptForm,
    words=gettext_lazy("Accept the answer and close"),
    done=gettext_lazy("The answer is accepted and the case is closed. The reporter is told."),
    event=gettext_lazy("Answer accepted, case closed"),
    place=Place.BESIDE,
    order=1,
)
def accept(party: Party, feedback: str = "", *, by: Reader, token: uuid.UUID | None = None) -> Message | None:
    """The reporting side accepts the answers and ends the case, with words to the reporter that stay at home. Raises
    NotAllowed while the reporter has had no feedback.
    """
    act = begin("accept", party, by)
    gates.demand(act.party, feedback=feedback)
    move(act, closed_at=act.now, feedback_at=act.now)
    message = None
    if feedback:
        message = say(act, feedback, kind=Message.Kind.FEEDBACK, thread=Message.Thread.HOME, token=token)
    event(act, S.ANSWERED)
    lower(act.case)
    tell(others(act), kind="case_closed", case=act.case, by=by)
    tell([], kind="case_feedback" if feedback else "case_closed", case=act.case, by=by, reporter=True)
    return message


@verb(
    who=Who.BOTH,
    taken_from={S.ANSWERED, S.CLOSED},
    leads_to=S.INVESTIGATING,
    form=ReopenForm,
    words=gettext_lazy("Reopen"),
    done=gettext_lazy("The case is open again."),
    event=gettext_lazy("Reopened"),
    place=Place.MORE,
    order=1,
)
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
