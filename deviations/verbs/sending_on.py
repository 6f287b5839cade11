"""Acts that change who has a case: sent on, sent back, sent to one more, taken back, raised to the coordinator."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import CareUnit, Provider
from accounts.readers import Reader
from core.refused import NotAllowed
from deviations.entry.reports import Recipient
from deviations.models import OPEN, WORKING, Message, Party, S
from deviations.verbs.forms import AddPartyForm, EscalateForm, ForwardForm, RefuseForm, WithdrawForm
from deviations.verbs.locking import (
    add_concerned,
    begin,
    event,
    follow,
    lower,
    move,
    raise_if_sent_on_too_often,
    raise_to_coordinator,
    reporting_part,
    say,
    settle,
    tell,
)
from deviations.verbs.table import Place, Who, verb


@verb(
    who=Who.CONCERNED,
    taken_from=WORKING,
    leads_to=S.FORWARDED,
    form=ForwardForm,
    words=gettext_lazy("Forward to the right recipient"),
    done=gettext_lazy("The case is forwarded. Your part has ended."),
    event=gettext_lazy("Forwarded"),
    place=Place.WAY_ON,
    order=5,
    when=gettext_lazy("When you know who is to have it. They get it at once, and your part ends."),
)
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


@verb(
    who=Who.CONCERNED,
    taken_from=WORKING,
    leads_to=S.MISDIRECTED,
    form=RefuseForm,
    words=gettext_lazy("Give it back: wrong recipient"),
    done=gettext_lazy("The reporting provider has been told. Your part has ended."),
    event=gettext_lazy("Wrong recipient"),
    place=Place.WAY_ON,
    order=6,
    when=gettext_lazy("When it is not yours and you do not know whose it is. The sender chooses another recipient."),
)
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


@verb(
    who=Who.REPORTING,
    taken_from=OPEN,
    form=AddPartyForm,
    words=gettext_lazy("Send to a recipient"),
    done=gettext_lazy("The case is sent."),
    event=gettext_lazy("Recipient added"),
    place=Place.WAY_ON,
    order=3,
    when=gettext_lazy("When somebody more has to answer, or nobody is chosen yet."),
)
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


@verb(
    who=Who.AT_HOME,
    taken_from={S.RECEIVED, S.ACKNOWLEDGED},
    leads_to=S.WITHDRAWN,
    form=WithdrawForm,
    words=gettext_lazy("Take the report back"),
    done=gettext_lazy("The report is taken back."),
    event=gettext_lazy("Taken back"),
    place=Place.MORE,
    order=8,
)
def withdraw(party: Party, *, reason: str, by: Reader, token: uuid.UUID | None = None) -> Message:
    """Take the report back before anybody it concerns has taken it up: by whoever reported it, or the handlers at home.

    `reason` stays at home. Those it was sent to learn its number and that it was taken back, and nothing more.
    """
    act = begin("withdraw", party, by)
    concerned = list(act.case.parties.filter(side=Party.Side.CONCERNED).select_related("provider", "unit"))
    before, had = act.party.state, [p for p in concerned if not p.has_ended]
    move(act, ended_at=act.now, choose_due=None)
    message = say(act, reason, kind=Message.Kind.MESSAGE, token=token, thread=Message.Thread.OWN)
    event(act, before)
    lower(act.case)
    tell([*had, *([act.party] if act.by_reporter else [])], kind="case_withdrawn", case=act.case, by=by)
    for one in had:
        follow(act, one, S.WITHDRAWN, ended_at=act.now)
    return message


@verb(
    who=Who.OWN,
    taken_from=OPEN,
    form=EscalateForm,
    words=gettext_lazy("Raise to the coordinator"),
    done=gettext_lazy("The coordinator is told, and can read the case."),
    event=gettext_lazy("Raised to the coordinator"),
    place=Place.WAY_ON,
    order=7,
    when=gettext_lazy("When you do not agree whose it is, or nobody answers. The coordinator then reads it."),
)
def escalate(party: Party, *, reason: str, by: Reader) -> None:
    """Raise the case to the regional coordinator, who then reads it and can choose who is to have it."""
    act = begin("escalate", party, by)
    # SECURITY: the coordinator is told of a person only what other parties are.
    if not raise_to_coordinator(act.case, why=reason, by_label=act.contact, by=by):
        raise NotAllowed(_("The case waits for the coordinator already."))
    event(act, act.party.state)
