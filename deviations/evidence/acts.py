"""The acts of evidence: tender documents are made known, answers are written, and submitted as they were shown."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.models import Assignment, Provider
from accounts.readers import Reader, renewed
from accounts.roles import Role
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from deviations.evidence import content, who
from deviations.models import Evidence, EvidenceSubmission, Tender

FIELDS = ("accepted_on", *content.ROUTINES, "learnt", "explained")


def _admins(providers: Any) -> Any:
    rows = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider__in=providers, unit=None)
    return rows.select_related("user")


@transaction.atomic
def make_tender(*, name: str, version: str, year: int, submit_by: dt.date, by: Reader) -> Tender:
    """Make tender documents known to those with an agreement; their administrators are told. Raises Refused."""
    if not who.makes_tenders(renewed(by)):
        raise NotAllowed(_("Only those who manage the principal's agreements do this."))
    told = {"principal_id": by.provider_id, "name": name, "version": version, "year": year}
    if Tender.objects.filter(**told).exists():
        raise WrongState(_("That version is here already."))
    made = Tender.objects.create(**told, submit_by=submit_by, made_by_label=by.record_label)
    url = reverse("own_evidence", args=[made.key])
    notices.notify(_admins(who.asked_of(made)), kind="evidence_asked", subject="", url=url)
    return made


def of(provider_id: int | None, tender: Tender) -> Evidence:
    """The provider's evidence; unsaved where nothing is written."""
    found = Evidence.objects.filter(provider=provider_id, tender=tender).first()
    found = found or Evidence(provider=Provider.objects.get(pk=provider_id), tender=tender)
    found.tender = tender
    return found


def mark(evidence: Evidence) -> str:
    """The answers as they are shown."""
    told = [getattr(evidence, name if name not in content.ROUTINES else f"{name}_id") for name in FIELDS]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _locked(tender: Tender, by: Reader) -> Evidence:
    """The provider's evidence, locked by the provider's row. Raises NotAllowed."""
    Provider.objects.select_for_update(no_key=True).get(pk=by.provider_id)
    if not who.writes_now(by) or not who.tenders_for(by.provider_id).filter(pk=tender.pk).exists():
        raise NotAllowed(_("Only an administrator of the provider does this."))
    return of(by.provider_id, tender)


@transaction.atomic
def write(tender: Tender, values: dict[str, Any], *, by: Reader, shown: str) -> Evidence:
    """Save the answers, for the provider alone. Raises Refused."""
    row = _locked(tender, by)
    if mark(row) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and save again."))
    for name in FIELDS:
        setattr(row, name, values[name])
    row.written_label, row.written_at = by.record_label, clock.now()
    row.save()
    return row


@transaction.atomic
def submit(tender: Tender, *, by: Reader, shown: str) -> EvidenceSubmission:
    """Submit the evidence as it was shown (`content.mark`). Raises Refused."""
    row = _locked(tender, by)
    built = content.build(row)
    if content.mark(built) != shown:
        raise Moved(_("A number or an answer has changed since the page was shown. Look at it, and submit it again."))
    if not row.pk:
        raise WrongState(_("Write your answers first."))
    made = EvidenceSubmission.objects.create(
        evidence=row,
        number=row.submissions.count() + 1,
        content=built,
        by_id=by.user_id,
        by_label=by.record_label,
        at=clock.now(),
    )
    audit.record("submitted_evidence", by=by, target_type="evidence", target_id=str(made.key))
    url = reverse("submitted_evidence", args=[made.key])
    notices.notify(_principals(tender), kind="evidence_submitted", subject="", url=url)
    return made


def _principals(tender: Tender) -> list[Assignment]:
    """Those who read for the principal."""
    rows = Assignment.objects.with_role(*who.READING_ROLES).filter(provider=tender.principal_id, unit=None)
    found = rows.select_related("user", "provider", "unit")
    return [row for row in found if who.role_reads(row.provider.kind, row.roles)]
