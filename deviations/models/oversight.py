"""The cases of a provider under an agreement, opened to those who answer for the care of its principal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider
from core import clock


class Oversight(models.Model):
    """A provider lets the medically responsible of a municipality (MAS, MAR) read its cases: those that come to it from
    then on, while the two have an agreement. A row that is deleted closes them again.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="cases_opened", verbose_name=_("provider"))
    principal = models.ForeignKey(Provider, models.CASCADE, related_name="+", verbose_name=_("principal"))
    since = models.DateTimeField(_("since"), default=clock.now)

    class Meta:
        verbose_name = _("oversight of cases")
        verbose_name_plural = _("oversight of cases")
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "principal"], name="oversight_once")]

    def __str__(self) -> str:
        return f"{self.provider} – {self.principal}"
