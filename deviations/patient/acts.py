"""The verbs on a patient's identity: written, looked at, shared on a ground, asked for, found again.

SECURITY: nothing else reads `PatientIdentity.number`. Each look has a reason, is in the audit log with the keyed hash
(HSLF-FS 2016:40 4:9), and is shown to the part that has the identity and to the part that looked.
"""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.readers import Reader, renewed
from core.identity.patients import patient_hash
from core.refused import NotAllowed, WrongState
from deviations.entry.patients import keep
from deviations.models import (
    OPEN,
    Case,
    Party,
    PatientIdentity,
    PatientLook,
    PatientRequest,
    PatientShare,
)
from deviations.verbs.locking import EVENTS, begin_own, event, event_of_two, tell

EVENTS.update(
    patient_written=gettext_lazy("The patient's identity was written"),
    patient_looked=gettext_lazy("The patient's identity was read"),
    patient_shared=gettext_lazy("The patient's identity was shared"),
    patient_asked=gettext_lazy("The patient's identity was asked for"),
    patient_refused=gettext_lazy("The patient's identity was not shared"),
)
Ground = PatientShare.Ground


@transaction.atomic
def put(party: Party, number: str, *, by: Reader) -> PatientIdentity:
    """Write the identity, or another in its place. One that is shared stays as it is. Raises Refused."""
    act = begin_own("patient_written", party, by, states=OPEN)
    had = PatientIdentity.objects.filter(party=act.party).first()
    if had and had.shares.exists():
        raise WrongState(_("It is shared already, so it cannot be changed. Write to the other party instead."))
    found = keep(act.party, number, written_by=act.by.person_name, at=act.now)
    event(act, act.party.state, is_own=True)
    audit.record("wrote_patient", by=act.by, target_type="case", target_id=act.case.number, patient=found.number_hash)
    return found


@transaction.atomic
def look(identity: PatientIdentity, party: Party, *, reason: str, by: Reader) -> str:
    """The number, for a part that has it or that it is shared with. Raises NotAllowed."""
    act = begin_own("patient_looked", party, by, states=frozenset(Party.State.values))
    # SECURITY: asked under the lock: a part may have ended while the page was open.
    seen = (
        PatientIdentity.objects.open_to(act.by)
        .filter(pk=identity.pk)
        .filter(models.Q(party=act.party) | models.Q(shares__to=act.party))
    )
    found = seen.select_related("party").first()
    if found is None:
        raise NotAllowed(_("The identity is not there for your part."))
    PatientLook.objects.create(
        identity=found,
        party=act.party,
        reason=reason,
        by_id=act.by.user_id,
        by_name=act.by.person_name,
        contact_label=act.contact,
        at=act.now,
    )
    told = {"target_type": "case", "target_id": act.case.number, "reason": reason, "patient": found.number_hash}
    audit.record("looked_at_patient", by=act.by, **told)
    event_of_two(act, found.party, "patient_looked")
    return str(found.number)


@transaction.atomic
def share(party: Party, to: Party, *, ground: str, reason: str, by: Reader) -> PatientShare:
    """Let another part of the case read the identity, on a ground that is chosen and explained. Raises Refused."""
    act = begin_own("patient_shared", party, by, states=OPEN)
    identity = PatientIdentity.objects.filter(party=act.party).first()
    other = act.case.parties.filter(pk=to.pk, ended_at=None).exclude(pk=act.party.pk).first()
    if identity is None or other is None:
        raise WrongState(_("There is nothing to share, or the other part of the case has ended."))
    if ground not in Ground.values or not reason.strip():
        raise WrongState(_("Choose the legal ground, and explain it."))
    made, is_new = PatientShare.objects.get_or_create(
        identity=identity,
        to=other,
        defaults={
            "ground": ground,
            "reason": reason,
            "by_id": act.by.user_id,
            "by_name": act.by.person_name,
            "contact_label": act.contact,
            "at": act.now,
        },
    )
    PatientRequest.objects.filter(asking=other, asked=act.party, answered_at=None).update(answered_at=act.now)
    if is_new:
        event_of_two(act, other, "patient_shared")
        told = {"target_type": "case", "target_id": act.case.number, "patient": identity.number_hash}
        audit.record("shared_patient", by=act.by, to=other.pk, ground=ground, **told)
        tell([other], kind="patient_shared", case=act.case, by=act.by)
    return made


@transaction.atomic
def ask(party: Party, of: Party, *, reason: str, by: Reader) -> PatientRequest:
    """Ask another part for the identity (Begär patientuppgift). Whether it has one is not said. Raises Refused."""
    act = begin_own("patient_asked", party, by, states=OPEN)
    other = act.case.parties.filter(pk=of.pk, ended_at=None).exclude(pk=act.party.pk).first()
    if other is None:
        raise WrongState(_("That part of the case has ended. Choose another."))
    if PatientRequest.objects.filter(asking=act.party, asked=other, answered_at=None).exists():
        raise WrongState(_("You have asked already, and wait for an answer."))
    made = PatientRequest.objects.create(
        asking=act.party, asked=other, reason=reason, by_name=act.by.person_name, contact_label=act.contact, at=act.now
    )
    event_of_two(act, other, "patient_asked")
    tell([other], kind="patient_asked", case=act.case, by=act.by)
    return made


@transaction.atomic
def refuse(asked: PatientRequest, *, reason: str, by: Reader) -> None:
    """Say no to a request, with a reason that the other part reads. Raises Refused."""
    act = begin_own("patient_refused", asked.asked, by, states=OPEN)
    row = PatientRequest.objects.select_for_update().get(pk=asked.pk)
    if row.answered_at:
        raise WrongState(_("It is answered already."))
    row.answered_at, row.refused_because = act.now, reason
    row.save(update_fields=["answered_at", "refused_because"])
    event_of_two(act, row.asking, "patient_refused")
    tell([row.asking], kind="patient_refused", case=act.case, by=act.by)


def find(number: str, *, reason: str, by: Reader) -> models.QuerySet[Case]:
    """The cases of the reader's own parts that are about this patient, by the identity that the provider itself has.

    SECURITY: within the provider. The search is logged with the keyed hash and the reason, found or not.
    """
    by = renewed(by)
    if not by.handles_cases or by.provider_id is None:
        raise NotAllowed(_("Only case handlers look for a patient's cases."))
    digest = patient_hash(number, provider_id=by.provider_id)
    audit.record("searched_patient", by=by, reason=reason, patient=digest)
    own = Party.objects.handled_by(by).filter(ended_at=None, patient__number_hash=digest)
    return Case.objects.filter(parties__in=own).distinct().order_by("-submitted_at")
