"""Those who take part in one investigation: of the part's own provider, or of another party in a joint analysis."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment
from core import clock
from deviations.models.cases import Party
from deviations.models.investigation import Investigation


class Joint(models.Model):
    """The part that investigates lets another part of the case name people who share the analysis."""

    investigation = models.ForeignKey(Investigation, models.PROTECT, related_name="joints")
    party = models.ForeignKey(Party, models.PROTECT, related_name="joints")
    opened_by = models.CharField(max_length=200)
    contact_label = models.CharField(max_length=300)
    opened_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("joint analysis")
        verbose_name_plural = _("joint analyses")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["investigation", "party"], condition=Q(ended_at=None), name="joint_open_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Participant(models.Model):
    """Somebody who takes part in one investigation (utredare), named by a handler of their own provider. It ends with
    its last day, with the assignment, with the part, or when a handler ends it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    investigation = models.ForeignKey(Investigation, models.PROTECT, related_name="participants")
    # The part whose handler named them.
    party = models.ForeignKey(Party, models.PROTECT, related_name="participants")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    named_by = models.CharField(max_length=200)
    named_at = models.DateTimeField(default=clock.now)
    last_day = models.DateField(_("until"), null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("participant of an investigation")
        verbose_name_plural = _("participants of investigations")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["investigation", "assignment"], condition=Q(ended_at=None), name="participant_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)
