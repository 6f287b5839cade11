"""The choice to be told of the monthly safety letter."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class LetterChoice(models.Model):
    """A person's own choice: to be told of each letter, or not. Without one it follows from the roles."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    wants = models.BooleanField(_("wants to be told"))

    class Meta:
        verbose_name = _("choice of the safety letter")
        verbose_name_plural = _("choices of the safety letter")

    def __str__(self) -> str:
        return str(self.pk)
