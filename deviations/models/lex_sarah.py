"""Lex Sarah: a misconduct in social care, or a risk of one, that came to light in a case of health care.

It is a matter of its own, with an officer of its own: social care and health care are two activities, and neither reads
the other's (OSL ch. 25 and 26).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from deviations import predicate
from deviations.models.cases import Party


class LexSarah(models.Model):
    """An event that the handlers of a municipality's part have handed to its social care lead (SAS), and how far the
    matter has come.

    `words` and, where the handler chose so, the report's own text as it was then (`report`) are all that is handed
    over.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.OneToOneField(Party, models.PROTECT, related_name="lex_sarah")
    words = models.TextField(_("what the social care lead is to know"))
    report = models.TextField(_("the report's own text"), blank=True)
    occurred_at = models.DateTimeField(_("when it happened"))
    occurred_time_known = models.BooleanField(default=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
    # When the lead opened it for the first time; until then the handlers can take it back.
    received_at = models.DateTimeField(null=True)

    own_number = models.CharField(_("own registry number"), max_length=60, blank=True)
    remedied_on = models.DateField(_("remedied on"), null=True)
    measures = models.TextField(_("what is done about it"), blank=True)
    sent_on = models.DateField(_("reported to IVO on"), null=True)
    ivo_number = models.CharField(_("IVO's registry number"), max_length=60, blank=True)
    ivo_decided_on = models.DateField(_("IVO decided on"), null=True)
    ivo_decision = models.TextField(_("IVO's decision"), blank=True)

    objects = predicate.LexSarahQuerySet.as_manager()

    class Meta:
        verbose_name = _("lex Sarah matter")
        verbose_name_plural = _("lex Sarah matters")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_on=None) | Q(ivo_decided_on=None) | Q(ivo_decided_on__gte=F("sent_on")),
                name="lex_sarah_sent_before_decided",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class LexSarahDecision(models.Model):
    """How the lead has judged the matter, with grounds. Append-only: a judgement made anew stands beside the first."""

    class Outcome(models.TextChoices):
        NONE = "none", _("no misconduct, and no risk of one")
        MISCONDUCT = "misconduct", _("a misconduct or a risk of one, to be remedied")
        SERIOUS = "serious", _("a serious misconduct or a risk of one, to be reported to IVO")

    matter = models.ForeignKey(LexSarah, models.DO_NOTHING, db_constraint=False, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    grounds = models.TextField(_("grounds"))
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("lex Sarah decision")
        verbose_name_plural = _("lex Sarah decisions")
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["matter"], name="lex_sarah_decision_matter")]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.outcome}"
