"""A provider's evidence for its agreement: the tender documents it accepted, its answers, and each as it was submitted.

No case is told of here; numbers, documents and the provider's own words are.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock
from documents.models import Document


class Tender(models.Model):
    """One version of a principal's tender documents (förfrågningsunderlag), for one year."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    principal = models.ForeignKey(Provider, models.PROTECT, related_name="tenders", verbose_name=_("principal"))
    name = models.CharField(_("name"), max_length=120)
    version = models.CharField(_("version"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    submit_by = models.DateField(_("submitted by"))
    made_by_label = models.CharField(max_length=400)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("tender documents")
        verbose_name_plural = _("tender documents")
        ordering = ("-year", "name", "version")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "name", "version", "year"], name="tender_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.version}"


def _document(label: Any) -> Any:
    return models.ForeignKey(Document, models.SET_NULL, null=True, related_name="+", verbose_name=label)


class Evidence(models.Model):
    """A provider's answers for one version of tender documents, to be written on until they are submitted."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="evidence", verbose_name=_("provider"))
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="evidence", verbose_name=_("tender documents"))
    accepted_on = models.DateField(_("accepted on"), null=True)
    deviations_routine = _document(_("local routine for deviations"))
    harm_routine = _document(_("investigation of harm"))
    notification_routine = _document(_("notification to IVO"))
    feedback_routine = _document(_("feedback to those who report"))
    learnt = models.TextField(_("learnt and changed"), blank=True)
    explained = models.TextField(_("explained"), blank=True)
    written_label = models.CharField(max_length=400)
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "tender"], name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.provider} – {self.tender}"


class EvidenceSubmission(models.Model):
    """The evidence as it was submitted. Append-only: one that is submitted anew stands beside the first."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    evidence = models.ForeignKey(Evidence, models.DO_NOTHING, db_constraint=False, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_label = models.CharField(max_length=400)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("submitted evidence")
        verbose_name_plural = _("submitted evidence")
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["evidence", "number"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.number}"
