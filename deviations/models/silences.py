"""Reporting that has fallen below what chance gives: raised by the portal, and ended by it when reports are back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CareUnit, Provider
from core import clock


class Silence(models.Model):
    """A fall of one provider, one unit, or one direction between two kinds. The numbers are those that it was
    raised by: `count` over the latest `months`, where `least` to `most` were to be expected.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(CareUnit, models.CASCADE, null=True, related_name="+")
    sender_kind = models.CharField(max_length=10, blank=True)
    to_kind = models.CharField(max_length=10, blank=True)
    rate = models.FloatField(_("expected a month"))
    months = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()
    least = models.PositiveIntegerField()
    most = models.PositiveIntegerField()
    raised_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        ordering = ("-raised_at", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "unit", "sender_kind", "to_kind"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="silence_raised_once",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=False, sender_kind="", to_kind="")
                | (Q(provider=None, unit=None) & ~Q(sender_kind="") & ~Q(to_kind="")),
                name="silence_of_one_or_a_direction",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
