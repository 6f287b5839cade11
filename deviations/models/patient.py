"""The patient's identity: a record of its own, encrypted, beside the case and in none of its texts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.fields import EncryptedTextField
from deviations import predicate
from deviations.models.cases import Party


class PatientIdentity(models.Model):
    """The identity number, as one part has it. Read by `deviations.patient.acts.look` alone, with a reason."""

    party = models.OneToOneField(Party, models.PROTECT, related_name="patient")
    number = EncryptedTextField(_("identity number"))
    # Keyed, and of the provider: the same patient at two providers has two hashes.
    number_hash = models.CharField(max_length=64, db_index=True)
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField(default=clock.now)

    objects = predicate.PatientIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient's identity")
        verbose_name_plural = _("patients' identities")

    def __str__(self) -> str:
        return str(self.pk)


class PatientShare(models.Model):
    """The part that has the identity lets another read it, on a legal ground. Append-only."""

    class Ground(models.TextChoices):
        CONSENT = "consent", _("the patient consents")
        HARM_TEST = "harm_test", _("harm test: it is clear that nobody is harmed by it (OSL 25:1)")
        STATUTE = "statute", _("another statute")

    identity = models.ForeignKey(PatientIdentity, models.DO_NOTHING, db_constraint=False, related_name="shares")
    to = models.ForeignKey(Party, models.DO_NOTHING, db_constraint=False, related_name="patient_shares")
    ground = models.CharField(max_length=10, choices=Ground.choices)
    # The consent's day and form, how the test came out, or the statute.
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("shared identity")
        verbose_name_plural = _("shared identities")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["identity", "to"], name="patient_shared_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="patient_share_has_reason"),
        ]

    def __str__(self) -> str:
        return self.ground


class PatientRequest(models.Model):
    """One part asks another for the identity; the other says yes by sharing it, or no with a reason."""

    asking = models.ForeignKey(Party, models.PROTECT, related_name="patient_requests_made")
    asked = models.ForeignKey(Party, models.PROTECT, related_name="patient_requests")
    reason = models.TextField(_("why it is needed"))
    by_name = models.CharField(max_length=200)
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    refused_because = models.TextField(blank=True)

    class Meta:
        verbose_name = _("request for an identity")
        verbose_name_plural = _("requests for identities")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["asking", "asked"], condition=Q(answered_at=None), name="patient_asked_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(asking=F("asked")), name="patient_asked_of_another"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PatientLook(models.Model):
    """Somebody has read the identity: who, for which part, why. Append-only; shown to the part that has it and to the
    part that read it.
    """

    identity = models.ForeignKey(PatientIdentity, models.DO_NOTHING, db_constraint=False, related_name="looks")
    party = models.ForeignKey(Party, models.DO_NOTHING, db_constraint=False, related_name="patient_looks")
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("look at an identity")
        verbose_name_plural = _("looks at identities")
        ordering = ("-pk",)
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="patient_look_has_reason")]

    def __str__(self) -> str:
        return str(self.pk)
