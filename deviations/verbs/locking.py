"""The footing of every verb of cases: the lock, the state, the event, the message, and the notices."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Assignment
from accounts.readers import SYSTEM, Reader, named, renewed
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from deviations.access.handlers import handlers_of, may_receive, responsible
from deviations.entry.reports import Attachment, Recipient
from deviations.models import WORKING, Case, CaseEvent, CaseFile, Message, Party, S
from deviations.time import deadlines
from deviations.verbs.may import Standing, why_not
from deviations.verbs.table import VERBS

COORDINATION = "/avvikelser/samordning/"
# The third time that a case is sent on or back, it is raised to the coordinator.
SENT_ON_TOO_OFTEN = 3
Files = tuple[Attachment, ...]


@dataclass(frozen=True)
class Act:
    """One verb under way: its locked part, and the part of whoever acts."""

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
    """The name of whoever acts, as other parties see it: the function, with the name only where that is agreed."""
    function = party.label
    shows = party.provider.shows_handler_names if is_handler else party.case.shares_reporter_name
    return f"{by.person_name}, {function}" if shows and by.person_name else function


def coordinator_label() -> str:
    """How the coordinator is shown to the parties: the function. The audit log says who it was."""
    return _("The regional coordinator")


def begin(verb: str, party: Party, by: Reader, *, takes_up: bool = True) -> Act:
    """Lock the case, read its parts and the reader anew, and ask whether the verb may be done. Raises NotAllowed.

    Whoever acts for a part that nobody handles has it from then on; not where they act on many at once (`takes_up`).
    """
    case = Case.objects.select_for_update().get(pk=party.case_id)
    # SECURITY: access may have ended since the page was shown, or while the lock was waited for.
    by = renewed(by)
    parties = list(case.parties.select_related("provider", "unit"))
    for one in parties:
        one.case = case
    handled = Party.objects.handled_by(by).filter(case=case, ended_at=None).values_list("pk", flat=True)
    is_reporter = Case.objects.reported_by(by).filter(pk=case.pk).exists()
    standing, wanted = Standing(parties, frozenset(handled), is_reporter, by.user_id), VERBS[verb]
    party = next(p for p in parties if p.pk == party.pk)
    if why := why_not(wanted, party, standing):
        raise NotAllowed(why)
    actor, by_reporter = standing.actor(wanted, party)
    assert actor
    # The actor is shown as they were when the act began, also where the act moves their part to another unit.
    act = Act(verb, case, party, copy(actor), by, by_reporter, clock.now())
    if takes_up and not by_reporter and verb not in DECIDES_WHO and wanted.leads_to not in ENDS_PART:
        _take_up(act, actor)
    return act


def begin_own(verb: str, part: Party, by: Reader, *, states: frozenset[Any], guests: bool = False) -> Act:
    """The footing of an act on what is a part's own: lock the case, and ask anew whether the reader handles the part,
    and whether it is in one of these states. Raises NotAllowed, or WrongState. `guests`: also of those who take part in
    the part's investigation.
    """
    case = Case.objects.select_for_update().get(pk=part.case_id)
    # SECURITY: access may have ended since the page was shown, or while the lock was waited for.
    by = renewed(by)
    own = Party.objects.handled_by(by).filter(pk=part.pk, case=case).select_related("provider", "unit").first()
    if own is None and guests:
        own = Party.objects.taken_part_in_by(by).filter(pk=part.pk).select_related("provider", "unit").first()
    if own is None:
        raise NotAllowed(_("This can only be done by those who handle that part of the case."))
    if own.has_ended or own.state not in states:
        raise WrongState(_("Your part is closed or has ended. Reopen it first."))
    own.case = case
    return Act(verb, case, own, own, by, False, clock.now())


# These say themselves who handles the part, or end it.
DECIDES_WHO = frozenset({"assign", "take", "release", "correct", "close"})
ENDS_PART = frozenset({S.MISDIRECTED, S.FORWARDED, S.WITHDRAWN})


def _take_up(act: Act, part: Party) -> None:
    """The actor's part gets whoever acts as its handler, if it has none who still handles cases there."""
    if any(one.user_id == part.handler_id for one in handlers_of(part)):
        return
    part.handler_id = act.by.user_id
    Party.objects.filter(pk=part.pk).update(handler=act.by.user_id)
    more = {"by_id": act.by.user_id, "is_own": True}
    write_event(part, "take", by=act.by.record_label, shown_as=act.contact, at=act.now, **more)


def move(act: Act, to_state: str | None = None, **changes: Any) -> None:
    """Give the part its new state and times."""
    party, state = act.party, to_state or VERBS[act.verb].leads_to or act.party.state
    if party.state == S.RECEIVED and state != S.RECEIVED and state not in (S.MISDIRECTED, S.FORWARDED, S.WITHDRAWN):
        changes["acknowledged_at"] = act.now
    if party.side == Party.Side.CONCERNED and "acknowledged_at" in changes:
        # The case is under way where it concerns: its own side has nothing to be late with by not saying so too.
        act.case.parties.filter(side=Party.Side.REPORTING, state=S.RECEIVED).update(acknowledge_due=None)
    for field, value in {"state": state, **changes}.items():
        setattr(party, field, value)
    party.save(update_fields=["state", *changes])


# Events beside the verbs, in the timeline.
EVENTS = {
    "submit": gettext_lazy("Reported"),
    "route": gettext_lazy("Recipient chosen by the coordinator"),
    "hand_back": gettext_lazy("Left with you by the coordinator"),
    "sent_on": gettext_lazy("Sent on by the coordinator: the provider has left"),
    "nudge": gettext_lazy("Reminder from the coordinator"),
    "meeting": gettext_lazy("The coordinator calls for a meeting"),
    "reminded": gettext_lazy("Reminder that a day is near"),
    "abandoned": gettext_lazy("Nobody handled the part"),
    "overdue": gettext_lazy("A day has passed"),
    "lex_maria_late": gettext_lazy("Reminder that lex Maria is not decided"),
    "lex_maria_nobody": gettext_lazy("Nobody decided of lex Maria"),
}


def event_words(name: str) -> str:
    """An event as the timeline says it."""
    return str(VERBS[name].event if name in VERBS else EVENTS.get(name, name))


def write_event(party: Party, verb: str, *, by: str, shown_as: str, at: Any, **more: Any) -> None:
    """One event of a part, for ever. `by`: who did it, as the own side reads it; `shown_as`: as other parties do.

    `more`: other columns of `CaseEvent`. The states are the part's own unless they are given.
    """
    states = {"from_state": party.state, "to_state": party.state}
    CaseEvent.objects.create(
        case_id=party.case_id, party=party, verb=verb, at=at, by_label=by, contact_label=shown_as, **{**states, **more}
    )


def event(act: Act, before: str, *, is_own: bool = False, **data: Any) -> None:
    """The event of the act's own part."""
    record(act, act.party, before, is_own=is_own, **data)


def event_of_two(act: Act, other: Party, verb: str) -> None:
    """An event that stands with the act's part and with one other, and with no third."""
    event(act, act.party.state, is_own=True)
    if other.pk != act.party.pk:
        more = {"by_id": act.by.user_id, "actor": act.party, "is_own": True}
        write_event(other, verb, by=act.contact, shown_as=act.contact, at=act.now, **more)


def record(act: Act, party: Party, before: str, *, is_own: bool = False, follows: bool = False, **data: Any) -> None:
    actor = act.actor if act.actor.pk != party.pk else None
    more = {"from_state": before, "by_id": act.by.user_id, "actor": actor, "follows": follows, "is_own": is_own}
    write_event(party, act.verb, by=act.by.record_label, shown_as=act.contact, at=act.now, data=data, **more)


def follow(act: Act, party: Party, to_state: str, **changes: Any) -> None:
    """Another part's state changes with the act; its own event says so."""
    before = party.state
    for field, value in {"state": to_state, **changes}.items():
        setattr(party, field, value)
    party.save(update_fields=["state", *changes])
    record(act, party, before, follows=True)


def settle(act: Act) -> None:
    """The reporting part is answered when all that are still concerned have answered, and not before. While nobody is
    concerned, it is to choose somebody by a day.
    """
    reporting = reporting_part(act.case)
    live = act.case.parties.filter(side=Party.Side.CONCERNED, ended_at=None)
    states = set(live.values_list("state", flat=True))
    if states and not states & WORKING and reporting.state in WORKING:
        follow(act, reporting, S.ANSWERED, feedback_due=deadlines.feedback_by(reporting.provider, act.now))
    due = None if states or reporting.state == S.CLOSED else reporting.choose_due
    if not states and reporting.state != S.CLOSED and due is None:
        due = deadlines.choose_by(reporting.provider, act.now)
    if due != reporting.choose_due:
        Party.objects.filter(pk=reporting.pk).update(choose_due=due)


def say(
    act: Act,
    body: str,
    *,
    kind: str,
    token: uuid.UUID | None,
    thread: str = Message.Thread.SHARED,
    files: Iterable[Attachment] = (),
) -> Message:
    message = Message.objects.create(
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
    CaseFile.objects.bulk_create(
        CaseFile(case=act.case, party=act.actor, message=message, created_at=act.now, **file.columns())
        for file in files
    )
    return message


# Notices ----------------------------------------------------------------------------------------------------
def tell(parties: Iterable[Party], *, kind: str, case: Case, by: Reader, reporter: bool = False, url: str = "") -> None:
    """`url`: where it leads, if not to the case's own page."""
    told: list[Assignment] = []
    mailboxes: list[tuple[int, str]] = []
    for party in parties:
        found = list(responsible(party))
        told += found
        # Nobody's in particular yet: the unit's function mailbox is told too, or else the provider's.
        address = (party.unit.email if party.unit else "") or party.provider.email
        if address and not any(a.user_id == party.handler_id for a in found):
            mailboxes.append((party.provider_id, address))
    if reporter:
        told += Assignment.objects.current().filter(user=case.reporter_id, provider=case.reporting_provider_id)[:1]
    told = [a for a in told if a.user_id != by.user_id]
    url = url or case.get_absolute_url()
    notices.notify(told, kind=kind, subject=case.number, url=url, mailboxes=mailboxes)


def raise_to_coordinator(case: Case, *, why: str, by_label: str, by: Reader) -> bool:
    """The case, locked by the caller, waits for the regional coordinator. False where it does already."""
    if case.escalated_at:
        return False
    case.escalated_at, case.escalated_by_label, case.escalation_reason = clock.now(), by_label, why
    case.save(update_fields=["escalated_at", "escalated_by_label", "escalation_reason"])
    coordinators = Assignment.objects.with_role(Role.SAFETY_COORDINATOR)
    told = [a for a in coordinators.select_related("user") if a.user_id != by.user_id]
    notices.notify(told, kind="case_escalated", subject=case.number, url=COORDINATION)
    return True


def raised_by(case: Case) -> Party:
    """Whose handlers raised the case last; the reporting part where the portal itself did."""
    if case.escalated_by_label != SYSTEM.record_label:
        raised = CaseEvent.objects.filter(case=case, verb="escalate").order_by("-pk").values("party")[:1]
        if party := case.parties.select_related("provider", "unit").filter(pk__in=raised, ended_at=None).first():
            return party
    return reporting_part(case)


def lower(case: Case) -> None:
    """The case does not wait for the coordinator any more."""
    if case.escalated_at is None:
        return
    case.escalated_at, case.escalated_by_label, case.escalation_reason = None, "", ""
    case.save(update_fields=["escalated_at", "escalated_by_label", "escalation_reason"])


def others(act: Act) -> list[Party]:
    """The other live parts of the case. The reporting part counts until it is closed."""
    parties = act.case.parties.filter(ended_at=None).exclude(pk=act.actor.pk).select_related("provider", "unit")
    return [p for p in parties if p.state != S.CLOSED]


def reporting_part(case: Case) -> Party:
    return case.parties.select_related("provider", "unit").get(side=Party.Side.REPORTING)


def raise_if_sent_on_too_often(act: Act) -> None:
    sent_on = act.case.events.filter(verb__in=["refuse", "forward"], follows=False).count()
    if sent_on >= SENT_ON_TOO_OFTEN:
        why = _("It has been sent on or back %d times.") % sent_on
        raise_to_coordinator(act.case, why=why, by_label=SYSTEM.record_label, by=act.by)


def add_concerned(case: Case, recipient: Recipient, now: Any) -> Party:
    """A recipient's part. Raises NotAllowed for one that cannot receive cases, or has this one."""
    provider, unit = recipient.provider, recipient.unit
    place = named(unit.name if unit else "", provider.name)
    if not may_receive(provider, unit):
        raise NotAllowed(_("%s cannot receive cases now. Choose another recipient.") % place)
    due = {
        "acknowledge_due": deadlines.acknowledge_by(provider, now),
        "answer_due": deadlines.answer_by(provider, now),
    }
    had = case.parties.filter(provider=provider, unit=unit, side=Party.Side.CONCERNED).first()
    if had and not had.has_ended:
        raise NotAllowed(_("%s has the case already. Choose another recipient.") % place)
    if had:
        # Sent back to one that had it: its part is opened anew, and it sees all that was said meanwhile.
        anew = {"state": S.RECEIVED, "ended_at": None, "forwarded_to": None, "acknowledged_at": None, **due}
        for name, value in anew.items():
            setattr(had, name, value)
        had.save(update_fields=list(anew))
        return had
    return Party.objects.create(
        case=case,
        provider=provider,
        unit=unit,
        side=Party.Side.CONCERNED,
        received_at=now,
        **due,
    )
