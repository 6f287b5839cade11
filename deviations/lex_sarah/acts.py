"""The acts of lex Sarah: a case is flagged, received, judged and seen to. The lead alone judges.

SECURITY: what is handed over is all that goes between health care and social care. The lead does not read the case, and
the case's handlers do not read the matter.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Assignment, Notice
from accounts.readers import Reader, renewed
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from deviations.models import NOT_ENDED, LexSarah, LexSarahDecision, Party
from deviations.verbs.locking import EVENTS, begin_own, event

EVENTS.update(
    lex_sarah=gettext_lazy("Handed to the social care lead by lex Sarah"),
    lex_sarah_taken_back=gettext_lazy("Taken back from the social care lead"),
)
FACTS = ("own_number", "remedied_on", "measures", "sent_on", "ivo_number", "ivo_decided_on", "ivo_decision")
Outcome = LexSarahDecision.Outcome


def leads(party: Party) -> QuerySet[Assignment]:
    """The social care leads of the municipality whose part it is: of all of it, or of the part's unit."""
    there = Q(unit=None) | Q(unit=party.unit_id)
    rows = Assignment.objects.with_role(Role.SOCIAL_CARE_LEAD).filter(there, provider=party.provider_id)
    return rows.select_related("user")


def mark(matter: LexSarah) -> str:
    """The matter as it is shown to the lead: its decisions, days and numbers."""
    shown = [getattr(matter, name) for name in FACTS]
    decided = matter.decisions.order_by("-pk").values_list("pk").first()
    return hashlib.sha256(repr((shown, decided)).encode()).hexdigest()[:16]


def report_of(party: Party) -> str:
    """The report's own text, as it goes with the matter where the handler chooses that."""
    case = party.case
    return "\n\n".join(filter(None, (case.title, case.description, case.consequence, case.immediate_action)))


@transaction.atomic
def flag(party: Party, *, words: str, with_report: bool, by: Reader, shown: str) -> LexSarah:
    """Hand the event to the municipality's social care lead. `shown`: the text of the report that the handler decided
    of (`digest_of`). Raises Refused.
    """
    act = begin_own("lex_sarah", party, by, states=NOT_ENDED)
    if not act.party.is_municipal:
        raise NotAllowed(_("Lex Sarah is handed over within a municipality."))
    if LexSarah.objects.filter(party=act.party).exists():
        raise WrongState(_("It is handed over already."))
    if digest_of(act.party) != shown:
        raise Moved(_("The report has changed since the page was shown. Read it, and choose anew."))
    made = LexSarah.objects.create(
        party=act.party,
        words=words,
        report=report_of(act.party) if with_report else "",
        occurred_at=act.case.occurred_at,
        occurred_time_known=act.case.occurred_time_known,
        by_id=act.by.user_id,
        contact_label=act.by.record_label,
        at=act.now,
    )
    event(act, act.party.state, is_own=True, with_report=with_report)
    told, url = leads(act.party), reverse("lex_sarah_matter", args=[made.key])
    notices.notify(told, kind="lex_sarah", subject="", url=url)
    if not told.exists():
        admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=act.party.provider_id, unit=None)
        # SECURITY: the administrator hears that somebody is wanting, and nothing of what it is about.
        notices.notify(admins.select_related("user"), kind="lex_sarah_nobody", subject="", url=reverse("our_provider"))
    return made


def digest_of(party: Party) -> str:
    return hashlib.sha256(report_of(party).encode()).hexdigest()[:16]


@transaction.atomic
def take_back(party: Party, *, by: Reader) -> None:
    """Take back what nobody has opened. Raises WrongState once the lead has."""
    act = begin_own("lex_sarah_taken_back", party, by, states=NOT_ENDED)
    matter = LexSarah.objects.select_for_update().filter(party=act.party).first()
    if matter is None or matter.received_at:
        raise WrongState(_("The social care lead has received it, so it can no longer be taken back."))
    # They lead to what is no more.
    Notice.objects.filter(url=reverse("lex_sarah_matter", args=[matter.key])).delete()
    matter.delete()
    event(act, act.party.state, is_own=True)


def _locked(matter: LexSarah, by: Reader) -> LexSarah:
    """The matter as it is now, for who leads social care there at this moment."""
    row = LexSarah.objects.select_for_update(of=("self",)).open_to(renewed(by)).filter(pk=matter.pk).first()
    if row is None:
        raise NotAllowed(_("Only the social care lead does this."))
    return row


@transaction.atomic
def receive(matter: LexSarah, *, by: Reader) -> None:
    """The lead has opened it; the first time is kept, and the handlers see it."""
    row = _locked(matter, by)
    if row.received_at is None:
        row.received_at = clock.now()
        row.save(update_fields=["received_at"])


@transaction.atomic
def decide(matter: LexSarah, *, outcome: str, grounds: str, by: Reader, shown: str) -> LexSarahDecision:
    """Judge whether it is a misconduct, and whether it is serious. Raises Refused."""
    row = _locked(matter, by)
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now."))
    if outcome != Outcome.SERIOUS and row.sent_on:
        raise WrongState(_("It has been reported to IVO. Take that day away first."))
    return LexSarahDecision.objects.create(
        matter=row, outcome=outcome, grounds=grounds, by_id=by.user_id, by_name=by.person_name, at=clock.now()
    )


@transaction.atomic
def put_facts(matter: LexSarah, facts: dict[str, Any], *, by: Reader, shown: str) -> None:
    """Write the days, numbers and measures. Raises Refused."""
    row = _locked(matter, by)
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and save again."))
    latest = row.decisions.order_by("-pk").first()
    if facts.get("sent_on") and (latest is None or latest.outcome != Outcome.SERIOUS):
        raise WrongState(_("It is not judged as serious. Judge it first, then write when it was reported."))
    for name in FACTS:
        setattr(row, name, facts[name])
    row.save(update_fields=FACTS)
