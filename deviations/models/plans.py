"""Plans for patient safety and their focus areas, which actions and learning examples can serve."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.named import Named


class Plan(Named):
    """The national plan of action, or one of the region's own. Kept after its last day: what served it still did."""

    code = models.SlugField(_("code"), unique=True)
    url = models.URLField(_("address"), blank=True)
    valid_to = models.DateField(
        _("valid to and including"), null=True, blank=True, help_text=_("After it nobody chooses its areas anew.")
    )

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("code",)


class FocusAreaQuerySet(models.QuerySet["FocusArea"]):
    def offered(self, *, and_also: int | None = None) -> FocusAreaQuerySet:
        """Those that can be chosen today. `and_also`: the key of one that is chosen already."""
        goes_on = Q(plan__valid_to=None) | Q(plan__valid_to__gte=clock.today())
        return self.filter(Q(goes_on, is_offered=True) | Q(pk=and_also)).select_related("plan")


class FocusArea(Named):
    """One focus area of a plan."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="areas", verbose_name=_("plan"))
    position = models.PositiveSmallIntegerField(_("order"), default=10)
    is_offered = models.BooleanField(_("can be chosen"), default=True)

    objects = FocusAreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("focus area")
        verbose_name_plural = _("focus areas")
        ordering = ("plan__code", "position", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "name_sv"], name="focus_area_once"),
        ]
