"""How a case begins: with a report, or split from another."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.forms import drafts
from accounts.models import Assignment, Provider
from accounts.readers import Reader
from core import clock
from core.refused import NotAllowed
from deviations.entry import patients
from deviations.entry.reports import Report
from deviations.models import Case, CaseFile, Party
from deviations.time import deadlines
from deviations.verbs.locking import add_concerned, contact_label, tell, write_event
from deviations.verbs.table import sending_of

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


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
        origin = Origin(by.provider_id, by.unit_id, by.user_id)
        case = make_case(sending.token, data, origin, by=by)
        drafts.mark_sent(sending, by=by, form_key="deviation", result=case.number)
        return case


@dataclass(frozen=True)
class Origin:
    """Whose report it is: provider, unit, and person."""

    provider_id: Any
    unit_id: int | None
    reporter_id: Any


def make_case(token: uuid.UUID, data: Report, origin: Origin, *, by: Reader, split_from: Case | None = None) -> Case:
    """The case with its parts, told to all who have it. By the reporter, or split from another case by a handler."""
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
        reporting_provider_id=origin.provider_id,
        reporting_unit_id=origin.unit_id,
        reporter_id=origin.reporter_id,
        split_from=split_from,
    )
    case.documents.set(data.documents)
    home = Provider.objects.get(pk=origin.provider_id)
    parties = [
        Party.objects.create(
            case=case,
            provider_id=origin.provider_id,
            unit_id=origin.unit_id,
            side=Party.Side.REPORTING,
            received_at=now,
            acknowledge_due=deadlines.acknowledge_by(home, now),
            choose_due=None if data.concerns else deadlines.choose_by(home, now),
        )
    ]
    parties += [add_concerned(case, recipient, now) for recipient in dict.fromkeys(data.concerns)]
    CaseFile.objects.bulk_create(
        CaseFile(case=case, party=parties[0], created_at=now, **f.columns()) for f in data.files
    )
    if data.patient_number:
        patients.keep(parties[0], data.patient_number, written_by=by.person_name, at=now)
    contact = contact_label(parties[0], by, is_handler=split_from is not None)
    more: dict[str, Any] = {"from_state": "", "by_id": by.user_id, "data": {"parties": len(parties) - 1}}
    verb = "split" if split_from else "submit"
    write_event(parties[0], verb, by=by.record_label, shown_as=contact, at=now, **more)
    tell(parties, kind="case_received", case=case, by=by, reporter=split_from is not None)
    return case


def _free_number(today: date) -> str:
    """A number that no case has. Two that draw the same at once: the constraint stops one, and it is sent again."""
    for _try in range(20):
        number = f"AVV-{today:%y}-{get_random_string(6, ALPHABET)}"
        if not Case.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no free case number found in 20 draws")
