"""The regional coordinator's acts with a case that was raised."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CareUnit, Provider
from accounts.readers import Reader
from core import clock
from core.refused import NotAllowed
from deviations.entry.reports import Recipient
from deviations.models import Case, Message, Party, S
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
    locked, now = Case.objects.select_for_update().get(pk=part.case_id), clock.now()
    # SECURITY: the role is asked again under the lock, and a provider that is there sends its parts on itself.
    if not Case.objects.coordinated_by(by).filter(pk=locked.pk).exists():
        raise NotAllowed(_("Only the regional coordinator does this."))
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
    label = coordinator_label()
    write_event(raising, "hand_back", by=label, shown_as=label, at=now, by_id=by.user_id, is_own=True)
    audit.record("handed_back_case", by=by, target_type="case", target_id=locked.number)
    tell([raising], kind="case_handed_back", case=locked, by=by)
    return message
