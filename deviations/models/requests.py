"""Requests from one part of a case to another: for an action, or to assess lex Maria."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from deviations.models.cases import Party
from deviations.models.investigation import Action


class PartyRequest(models.Model):
    """One request, and its answer. Seen by the two parts, and by no third."""

    class Kind(models.TextChoices):
        ACTION = "action", _("an action")
        LEX_MARIA = "lex_maria", _("to assess lex Maria")

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        NO = "no", _("no")
        OTHER = "other", _("something else")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    asking = models.ForeignKey(Party, models.PROTECT, related_name="requests_made")
    asked = models.ForeignKey(Party, models.PROTECT, related_name="requests_received")
    # The asking part's own action that it is about, if it has one.
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="requests")
    text = models.CharField(_("what is asked"), max_length=500)
    due = models.DateField(_("done by"), null=True)
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
    answer = models.CharField(_("answer"), max_length=5, choices=Answer.choices, blank=True)
    answer_text = models.TextField(_("words of the answer"), blank=True)
    answer_label = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request to another party")
        verbose_name_plural = _("requests to other parties")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(asking=F("asked")), name="request_to_another"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="request_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)
