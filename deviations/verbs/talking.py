"""Messages in a case: to the other parties, at home, or for one's own part; and the answer."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from deviations.models import NOT_ENDED, OPEN, WORKING, Message, Party, S
from deviations.verbs.forms import MessageForm
from deviations.verbs.locking import (
    Files,
    begin,
    event,
    follow,
    move,
    others,
    reporting_part,
    say,
    settle,
    tell,
)
from deviations.verbs.table import Place, Who, verb


@verb(
    who=Who.CONCERNED,
    taken_from=WORKING - {S.INFO_REQUESTED},
    leads_to=S.INFO_REQUESTED,
    form=MessageForm,
    words=gettext_lazy("Question"),
    done=gettext_lazy("The question is sent."),
    event=gettext_lazy("Question asked"),
    place=Place.THREAD,
    order=3,
)
def ask(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Ask the reporting side something; the part waits until they reply."""
    act = begin("ask", party, by)
    before = act.party.state
    move(act)
    message = say(act, body, kind=Message.Kind.QUESTION, token=token, files=files)
    event(act, before)
    tell([reporting_part(act.case)], kind="case_question", case=act.case, by=by, reporter=True)
    return message


@verb(
    who=Who.REPLY,
    taken_from={S.INFO_REQUESTED},
    leads_to=S.INVESTIGATING,
    form=MessageForm,
    words=gettext_lazy("Reply to the question"),
    done=gettext_lazy("The reply is sent."),
    event=gettext_lazy("Question answered"),
    place=Place.THREAD,
    order=1,
)
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


@verb(
    who=Who.HOME,
    taken_from=OPEN,
    form=MessageForm,
    words=gettext_lazy("Message"),
    done=gettext_lazy("The message is sent."),
    event=gettext_lazy("Message"),
    place=Place.THREAD,
    order=4,
)
def send_message(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write in the thread that the parties share; the reporter too, who may have more to tell unasked."""
    act = begin("send_message", party, by)
    message = say(act, body, kind=Message.Kind.MESSAGE, token=token, files=files)
    event(act, act.party.state)
    told = [*others(act), act.party] if act.by_reporter else others(act)
    tell(told, kind="case_message", case=act.case, by=by)
    return message


@verb(
    who=Who.AT_HOME,
    taken_from=NOT_ENDED,
    form=MessageForm,
    words=gettext_lazy("Send"),
    done=gettext_lazy("The message is sent."),
    event=gettext_lazy("Message between the reporter and the case handlers"),
    place=Place.HOME_THREAD,
    order=1,
)
def write_home(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write between the reporter and the handlers at home. No other party sees it, or that it was written."""
    act = begin("write_home", party, by)
    kind, thread = Message.Kind.MESSAGE, Message.Thread.HOME
    message = say(act, body, kind=kind, token=token, thread=thread, files=files)
    event(act, act.party.state, is_own=True)
    told = [act.party] if act.by_reporter else []
    tell(told, kind="case_at_home", case=act.case, by=by, reporter=not act.by_reporter)
    return message


@verb(
    who=Who.OWN,
    taken_from=NOT_ENDED,
    form=MessageForm,
    words=gettext_lazy("Save only for us"),
    done=gettext_lazy("The note is saved."),
    event=gettext_lazy("Note"),
    place=Place.OWN_THREAD,
    order=1,
)
def note(party: Party, body: str, *, by: Reader, files: Files = (), token: uuid.UUID | None = None) -> Message:
    """Write in one's own thread. Nobody else sees it, or that it was written."""
    act = begin("note", party, by)
    message = say(act, body, kind=Message.Kind.MESSAGE, token=token, thread=Message.Thread.OWN, files=files)
    event(act, act.party.state, is_own=True)
    return message


@verb(
    who=Who.CONCERNED,
    taken_from=WORKING,
    leads_to=S.ANSWERED,
    form=MessageForm,
    words=gettext_lazy("Answer to the case"),
    done=gettext_lazy("The answer is sent."),
    event=gettext_lazy("Case answered"),
    place=Place.THREAD,
    order=2,
)
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
