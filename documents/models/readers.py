"""Readers of a document beside its flags, and openings that wait for a second yes."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, CareUnit, Provider, User
from accounts.models.people import every_change
from core import clock
from documents.models.documents import Document


@pghistory.track(*every_change())
class VisibilityGrant(models.Model):
    """A provider, or one of its units, that may read a document whatever its flags say."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="grants", verbose_name=_("document"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="document_grants", verbose_name=_("provider"))
    unit = models.ForeignKey(
        CareUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="document_grants",
        verbose_name=_("unit"),
    )
    # The last day in Sweden that it holds; none: until it is taken away.
    until = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("named reader")
        verbose_name_plural = _("named readers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "provider", "unit"], nulls_distinct=False, name="grant_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["provider", "document", "until"], condition=Q(until__isnull=False), name="grant_until_a_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.provider)

    @property
    def holds(self) -> bool:
        return self.until is None or self.until >= clock.today()


class VisibilityProposal(models.Model):
    """A sensitive document that somebody wants to open: it waits until an approver of its owner says yes or no.

    Written by `documents.visibility.acts`. The one who asks does not answer.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    document = models.ForeignKey(Document, models.PROTECT, related_name="proposals", verbose_name=_("document"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # As events describe a visibility (`visibility_preview.describe`).
    before = models.JSONField(_("from"))
    proposed = models.JSONField(_("to"))
    reason = models.CharField(_("why"), max_length=500)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_as = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="+")
    asked_by_label = models.CharField(max_length=400)
    asked_at = models.DateTimeField(_("asked"), default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_by_label = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision = models.CharField(_("why so"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("opening that waits")
        verbose_name_plural = _("openings that wait")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document"], condition=Q(state="waiting"), name="proposal_one_waiting"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="proposal_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("asked_by")), name="proposal_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.state}"
