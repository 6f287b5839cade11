"""The regional coordinator's acts: with a case that was raised, and with those who are late."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CareUnit, Provider
from accounts.readers import Reader
from core import clock
from core.refused import NotAllowed
from deviations.entry.reports import Recipient
from deviations.models import Case, CoordinatorNote, Message, Party, S
from deviations.time.dues import is_late
from deviations.verbs.locking import (
    add_concerned,
    coordinator_label,
    lower,
    raised_by,
    reporting_part,
    tell,
    write_event,
)


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
    label = coordinator_label()
    more: dict[str, Any] = {"from_state": "", "by_id": by.user_id, "data": {"to": recipient.pk}}
    write_event(recipient, "route", by=label, shown_as=label, at=now, **more)
    audit.record("routed_case", by=by, target_type="case", target_id=locked.number, to=recipient.pk)
    tell([recipient], kind="case_received", case=locked, by=by)
    tell({p.pk: p for p in (home, raising)}.values(), kind="case_routed", case=locked, by=by)
    return recipient


@transaction.atomic
def send_on(part: Party, *, to_provider: Provider, to_unit: CareUnit | None, by: Reader) -> Party:
    """The coordinator sends a part on, whose provider has left, by the case's facts alone; its own thread stays behind.
    Raises NotAllowed."""
    locked, now = _coordinated(part.case, by), clock.now()
    # SECURITY: a provider that is there sends its parts on itself.
    left = Party.objects.left().filter(pk=part.pk, case=locked).select_related("provider", "unit").first()
    if left is None:
        raise NotAllowed(_("The part has been sent on or answered, or its provider has access again."))
    recipient = add_concerned(locked, Recipient(to_provider, to_unit), now)
    before, left.state, left.ended_at, left.forwarded_to = left.state, S.FORWARDED, now, recipient
    left.save(update_fields=["state", "ended_at", "forwarded_to"])
    label = coordinator_label()
    how: dict[str, Any] = {"by": label, "shown_as": label, "at": now, "by_id": by.user_id}
    write_event(left, "sent_on", from_state=before, data={"to": recipient.pk}, **how)
    write_event(recipient, "route", from_state="", data={"to": recipient.pk}, **how)
    lower(locked)
    audit.record("sent_on_case", by=by, target_type="case", target_id=locked.number, left=left.pk, to=recipient.pk)
    tell([recipient], kind="case_received", case=locked, by=by)
    tell([reporting_part(locked)], kind="case_routed", case=locked, by=by)
    return recipient


@transaction.atomic
def hand_back(case: Case, *, reason: str, by: Reader) -> Message:
    """The coordinator leaves a raised case with those who have it, and says why to those who raised it, who alone
    read it. Raises NotAllowed.
    """
    locked, now = _raised(case, by), clock.now()
    raising = raised_by(locked)
    lower(locked)
    return _say_to(raising, reason, verb="hand_back", kind="case_handed_back", by=by, now=now)


# A party is reminded again when a week has passed.
BETWEEN_REMINDERS = dt.timedelta(days=7)


@transaction.atomic
def nudge(part: Party, *, words: str, by: Reader) -> Message:
    """The coordinator reminds a late part, in words that its handlers alone read. Once a week. Raises NotAllowed."""
    locked, now = _coordinated(part.case, by), clock.now()
    late = Party.objects.filter(pk=part.pk, case=locked, ended_at=None).select_related("provider", "unit")
    party = late.filter(is_late()).first()
    if party is None:
        raise NotAllowed(_("It is not late any more."))
    if locked.events.filter(party=party, verb="nudge", at__gt=now - BETWEEN_REMINDERS).exists():
        raise NotAllowed(_("%s was reminded less than a week ago.") % party.label)
    return _say_to(party, words, verb="nudge", kind="case_nudged", by=by, now=now)


@transaction.atomic
def call_to_meeting(case: Case, *, words: str, by: Reader) -> list[Message]:
    """The coordinator calls all who have the case to a meeting; `words` say when, where and about what. Each part's
    handlers read it in their own thread. Raises NotAllowed.
    """
    locked, now = _coordinated(case, by), clock.now()
    parts = list(locked.parties.filter(ended_at=None).exclude(state=S.CLOSED).select_related("provider", "unit"))
    if not parts:
        raise NotAllowed(_("The case is closed. There is nobody to call."))
    return [_say_to(part, words, verb="meeting", kind="case_meeting", by=by, now=now) for part in parts]


@transaction.atomic
def note(case: Case, *, body: str, by: Reader) -> CoordinatorNote:
    """A note that the regional coordinators alone read. Raises NotAllowed."""
    locked = _coordinated(case, by)
    audit.record("noted_case", by=by, target_type="case", target_id=locked.number)
    return CoordinatorNote.objects.create(case=locked, author_name=by.person_name, body=body)


def _coordinated(case: Case, by: Reader) -> Case:
    locked = Case.objects.select_for_update().get(pk=case.pk)
    # SECURITY: the role is asked again under the lock.
    if not Case.objects.coordinated_by(by).filter(pk=locked.pk).exists():
        raise NotAllowed(_("Only the regional coordinator does this."))
    return locked


def _say_to(party: Party, words: str, *, verb: str, kind: str, by: Reader, now: dt.datetime) -> Message:
    """Words to the handlers of one part, in their own thread, with the event and the notice."""
    label = coordinator_label()
    message = Message.objects.create(
        case_id=party.case_id,
        party=party,
        thread=Message.Thread.OWN,
        author_id=by.user_id,
        created_at=now,
        author_name=label,
        contact_label=label,
        body=words,
    )
    write_event(party, verb, by=label, shown_as=label, at=now, by_id=by.user_id, is_own=True)
    audit.record(f"{verb}_case", by=by, target_type="case", target_id=party.case.number, to=party.pk)
    tell([party], kind=kind, case=party.case, by=by)
    return message
