"""Somebody does another's work while they are away (ersättare)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Assignment
from accounts.roles import OF_THE_UNIT
from core import clock


class StandInQuerySet(models.QuerySet["StandIn"]):
    def today(self) -> StandInQuerySet:
        """Those that hold today: within their days, not ended, and both assignments as they were when it was arranged.

        The stand-in's own access and roles are asked of their assignment, each time (`Assignment.objects.current`).
        """
        day = clock.today()
        return self.filter(ended_at=None, first_day__lte=day, last_day__gte=day)

    def to_come_or_now(self) -> StandInQuerySet:
        return self.filter(ended_at=None, last_day__gte=clock.today())


class StandIn(models.Model):
    """From day to day (Swedish, inclusive), `stand_in` does the work of `absent`, as themselves and with their own
    roles. Written by `accounts.standing_in` alone.
    """

    absent = models.ForeignKey(Assignment, models.CASCADE, related_name="stand_ins")
    stand_in = models.ForeignKey(Assignment, models.CASCADE, related_name="stands_in_for")
    first_day = models.DateField()
    last_day = models.DateField()
    made_by_label = models.CharField(max_length=400)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        ordering = ("first_day", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="stand_in_days_in_order"),
            models.CheckConstraint(condition=~Q(absent=F("stand_in")), name="stand_in_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} {self.first_day}"

    @property
    def holds_the_roles(self) -> bool:
        """The stand-in has all of the work's roles that count; reading and reporting is everybody's own."""
        return self.absent.counting_roles - OF_THE_UNIT <= self.stand_in.counting_roles
