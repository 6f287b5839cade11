"""Faults that readers have found in documents."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock
from documents.models.documents import Document


class Remark(models.Model):
    """ "Fel i dokumentet?": a reader tells those who work on the document what is wrong, and is answered.

    SECURITY: read by whoever told it and by those who work on the document; nobody else learns that there is one.
    """

    class Outcome(models.TextChoices):
        MENDED = "mended", _("it is mended")
        WILL_BE = "will_be", _("it will be mended in the next version")
        STANDS = "stands", _("it stands as it is")

    # In working days.
    ANSWER_DAYS = 5

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="remarks", verbose_name=_("document"))
    version = models.PositiveIntegerField(_("version"))
    # The heading under which it is, in words; empty: the document as a whole.
    place = models.CharField(_("place"), max_length=200, blank=True)
    text = models.TextField(_("what is wrong"))
    told_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    provider = models.ForeignKey(Provider, models.SET_NULL, null=True, related_name="+")
    label = models.CharField(_("told by"), max_length=400)
    at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_label = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ("at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at=None, outcome="", answer="") | (Q(answered_at__isnull=False) & ~Q(outcome="")),
                name="remark_answered_has_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["document"], condition=Q(answered_at=None), name="remark_open"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def answer_due(self) -> dt.date:
        """The last day for an answer."""
        return clock.add_working_days(clock.swedish(self.at).date(), self.ANSWER_DAYS)

    @property
    def is_late(self) -> bool:
        return self.answered_at is None and clock.today() > self.answer_due
