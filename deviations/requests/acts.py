"""The verbs: one part of a case asks another, who says yes, no, or something else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.readers import Reader
from core.refused import WrongState
from deviations.access.officers import officers
from deviations.closing import gates
from deviations.investigation import acts as investigating
from deviations.investigation.kinds import KINDS
from deviations.models import OPEN, Action, Party, PartyRequest
from deviations.verbs.locking import EVENTS, Act, begin_own, event_of_two, tell

EVENTS.update(
    asked=gettext_lazy("Asked another party for something"),
    ask_answered=gettext_lazy("Answered what another party asked for"),
)
Answer, Kind = PartyRequest.Answer, PartyRequest.Kind


def made_by(party: Party) -> models.QuerySet[PartyRequest]:
    return PartyRequest.objects.filter(asking=party).select_related("asked__provider", "asked__unit")


def received_by(party: Party) -> models.QuerySet[PartyRequest]:
    return PartyRequest.objects.filter(asked=party).select_related("asking__provider", "asking__unit")


@transaction.atomic
def ask(
    party: Party, of: Party, *, kind: str, text: str, due: dt.date | None, action: Action | None, by: Reader
) -> PartyRequest:
    """Ask another part of the case for an action of theirs, or to assess lex Maria. Raises WrongState."""
    act = begin_own("asked", party, by, states=OPEN)
    other = act.case.parties.filter(pk=of.pk, ended_at=None, state__in=OPEN).exclude(pk=act.party.pk).first()
    if other is None:
        raise WrongState(_("That part of the case is closed or has ended. Choose another."))
    if kind == Kind.LEX_MARIA and not gates.is_serious(act.case):
        raise WrongState(_("Nobody has judged that the harm was or could have been serious."))
    # SECURITY: an action of the asking part's own, and no other's.
    if (
        action is not None
        and not Action.objects.filter(pk=action.pk, removed_at=None, investigation__party=act.party).exists()
    ):
        raise WrongState(_("The action has been taken away meanwhile. Choose another."))
    made = PartyRequest.objects.create(
        kind=kind,
        asking=act.party,
        asked=other,
        action=action,
        text=text,
        due=due,
        contact_label=act.contact,
        at=act.now,
    )
    event_of_two(act, other, "asked")
    tell([other], kind="case_asked", case=act.case, by=act.by)
    if kind == Kind.LEX_MARIA:
        told = [a for a in officers(other) if a.user_id != act.by.user_id]
        number = act.case.number
        notices.notify(told, kind="case_serious", subject=number, url=f"{act.case.get_absolute_url()}lex-maria/")
    return made


@transaction.atomic
def answer(asked: PartyRequest, *, answer: str, text: str, by: Reader) -> PartyRequest:
    """Say yes, no, or something else. A yes to an action makes it one of the answering part's own, with the words and
    the day of the request. Raises WrongState.
    """
    act = begin_own("ask_answered", asked.asked, by, states=OPEN)
    row = PartyRequest.objects.select_for_update().get(pk=asked.pk)
    if row.answered_at:
        raise WrongState(_("It is answered already."))
    if answer not in Answer.values or (answer != Answer.YES and not text.strip()):
        raise WrongState(_("Write why not, or what else."))
    row.answer, row.answer_text, row.answer_label, row.answered_at = answer, text, act.contact, act.now
    row.save()
    if row.kind == Kind.ACTION and answer == Answer.YES:
        _make_own(act, row)
    event_of_two(act, row.asking, "ask_answered")
    tell([row.asking], kind="case_asked_answer", case=act.case, by=act.by)
    return row


def _make_own(act: Act, row: PartyRequest) -> None:
    kind = KINDS["atgard"]
    values: dict[str, Any] = {
        "text": row.text,
        "causes": [],
        "risk": (_("Asked for by %s") % row.contact_label)[:300],
        "kind": Action.Kind.ROUTINE,
        "owner": None,
        "due": row.due,
        "measure": "",
        "follow_up": None,
        "document": None,
    }
    investigating.put(act.party, kind, values, by=act.by, shown=investigating.mark(None, kind))
