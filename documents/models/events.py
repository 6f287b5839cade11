"""The history of documents, for ever."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from documents.models.documents import Document


class DocumentEvent(models.Model):
    """One event of a document. Append-only; written by the verbs in lifecycle.py."""

    document = models.ForeignKey(Document, models.DO_NOTHING, db_constraint=False, related_name="events")
    document_number = models.CharField(_("document number"), max_length=40)
    version_number = models.PositiveIntegerField(_("version"), null=True)
    verb = models.CharField(_("what"), max_length=30)
    at = models.DateTimeField(_("when"), default=clock.now, db_index=True)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    by_label = models.CharField(_("who"), max_length=400)
    door = models.CharField(_("door"), max_length=10)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    before = models.JSONField(_("from"), default=dict)
    after = models.JSONField(_("to"), default=dict)

    class Meta:
        verbose_name = _("document event")
        verbose_name_plural = _("document events")
        ordering = ("-pk",)
        # Asked before each number is given (`documents.lifecycle.numbers`).
        indexes: ClassVar = [models.Index(Upper("document_number"), name="document_event_number")]

    def __str__(self) -> str:
        return f"{self.document_number} {self.verb}"
