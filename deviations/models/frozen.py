"""Reports of the figures that three times a year are frozen: read afterwards as they were, and never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock


class FrozenReport(models.Model):
    """The tables for follow-up as of a day, with a comment, approved by a coordinator, and as the paper that was read.
    Append-only.
    """

    day = models.DateField(_("as of"), unique=True)
    content = models.JSONField()
    comment = models.TextField(_("comment"), blank=True)
    pdf = models.BinaryField()
    approved_by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    approved_label = models.CharField(max_length=400)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("frozen report")
        verbose_name_plural = _("frozen reports")
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return str(self.day)
