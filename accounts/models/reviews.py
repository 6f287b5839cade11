"""Once a year each assignment of a provider is confirmed or ended (årlig genomgång)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Assignment, Provider


class AccessReview(models.Model):
    """One going-through of a provider's assignments. Written by `accounts.access_review` alone.

    Days are Swedish. `ends_on` is the last day of those that nobody confirms; it is set on them on `dated_on`.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="reviews")
    begun_on = models.DateField()
    begun_by_label = models.CharField(max_length=400)
    ends_on = models.DateField()
    reminded_on = models.DateField(null=True)
    dated_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("yearly review")
        verbose_name_plural = _("yearly reviews")
        ordering = ("-begun_on", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider"], condition=Q(closed_on=None), name="review_one_open"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("begun_on")), name="review_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.begun_on}"


class ReviewedAssignment(models.Model):
    """An assignment that a review goes through, and the answer: empty until somebody gives one."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        DATED = "dated", _("has been given a last day")
        RAISED = "raised", _("kept, since nobody else has the role")
        ENDED = "ended", _("ended")

    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="items")
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="reviewed")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    by_label = models.CharField(max_length=400, blank=True)
    answered_at = models.DateTimeField(null=True)
    # The assignment's last day before the review gave it another.
    former_last_day = models.DateField(null=True)

    class Meta:
        verbose_name = _("reviewed assignment")
        verbose_name_plural = _("reviewed assignments")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "assignment"], name="reviewed_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "confirmed", "dated", "raised", "ended"]), name="reviewed_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} {self.outcome}"
