"""The acts of lex Maria: a decision, its days and numbers, and that the other parties are told that there is one."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core.refused import Moved, NotAllowed, WrongState
from deviations.access.officers import decides_as
from deviations.closing import gates
from deviations.models import NOT_ENDED, InvestigationEvent, LexMaria, LexMariaDecision, Message, Party
from deviations.verbs.locking import EVENTS, begin_own, event, others, say, tell

EVENTS.update(
    lex_maria=gettext_lazy("Decided of lex Maria"),
    lex_maria_told=gettext_lazy("Told that lex Maria is decided"),
)
FACTS = (
    "known_on", "own_number", "sent_on", "ivo_number", "investigation_sent_on", "supplement_sent_on", "ivo_decided_on",
    "ivo_decision", "patient_knows", "patient_note", "has_device", "agency_told_on", "maker_told_on",
)  # fmt: skip


def mark(party: Party) -> str:
    """The matter as it was shown to whoever decides: the event and its harm, the investigation, and the decisions."""
    case = party.case
    event_shown = (case.description, case.consequence, case.actual_harm, case.potential_harm, case.occurred_at)
    latest = InvestigationEvent.objects.filter(investigation__party=party).order_by("-pk").values_list("pk").first()
    decided = party.lex_maria_decisions.order_by("-pk").values_list("pk").first()
    return hashlib.sha256(repr((event_shown, latest, decided)).encode()).hexdigest()[:16]


def facts_mark(matter: LexMaria | None) -> str:
    """The days and numbers as they are shown."""
    shown = [getattr(matter or LexMaria(), name) for name in FACTS]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


@transaction.atomic
def decide(party: Party, *, notifies: bool, grounds: str, by: Reader, shown: str) -> LexMariaDecision:
    """Decide whether the event is notified, for one's own provider's operation. Raises Refused."""
    act = begin_own("lex_maria", party, by, states=NOT_ENDED)
    # SECURITY: asked under the lock. Nobody but the officer decides, or who does so in their place today.
    made_as = decides_as(act.party, act.by)
    if made_as is None:
        raise NotAllowed(_("Only the lex Maria officer decides this, or whoever stands in for them today."))
    if act.party.side != Party.Side.CONCERNED:
        raise NotAllowed(_("A provider decides for its own operation alone. Yours reported the event."))
    if not gates.is_serious(act.case):
        raise WrongState(_("Nobody has judged that the harm was or could have been serious."))
    if mark(act.party) != shown:
        raise Moved(_("The case or its investigation has changed since the page was shown. Read it, and decide anew."))
    made = LexMariaDecision.objects.create(
        party=act.party,
        notifies=notifies,
        grounds=grounds,
        made_as=made_as,
        by_id=act.by.user_id,
        by_name=act.by.person_name,
        at=act.now,
    )
    event(act, act.party.state, is_own=True, notifies=notifies)
    return made


@transaction.atomic
def put_facts(party: Party, facts: dict[str, Any], *, by: Reader, shown: str) -> LexMaria:
    """Write the days and numbers of the matter. Raises Moved where somebody has changed them meanwhile."""
    act = begin_own("lex_maria", party, by, states=NOT_ENDED)
    matter = LexMaria.objects.filter(party=act.party).first()
    if facts_mark(matter) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and save again."))
    matter = matter or LexMaria(party=act.party)
    if facts.get("sent_on") and not _is_notified(act.party):
        raise WrongState(_("It is not decided that the event is notified. Decide first, then write when it was sent."))
    for name in FACTS:
        if name in facts:
            setattr(matter, name, facts[name])
    matter.save()
    event(act, act.party.state, is_own=True, fields=sorted(facts))
    return matter


def _is_notified(party: Party) -> bool:
    latest = party.lex_maria_decisions.order_by("-pk").first()
    return latest is not None and latest.notifies


@transaction.atomic
def tell_others(party: Party, *, by: Reader) -> Message:
    """Tell the other parties that it is decided, and not what: the grounds stay. Raises WrongState without a decision,
    or where they have been told of the latest.
    """
    act = begin_own("lex_maria_told", party, by, states=NOT_ENDED)
    latest = act.party.lex_maria_decisions.order_by("-pk").first()
    told = act.case.events.filter(party=act.party, verb="lex_maria_told").order_by("-pk").first()
    if latest is None or (told and told.at >= latest.at):
        raise WrongState(_("There is no decision that the other parties have not been told of."))
    body = _("We have decided whether our part of the event is notified by lex Maria.")
    message = say(act, body, kind=Message.Kind.MESSAGE, token=None)
    event(act, act.party.state)
    tell(others(act), kind="case_message", case=act.case, by=act.by)
    return message
