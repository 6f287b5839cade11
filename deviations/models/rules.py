"""A provider's own rules for its cases: which conditions close a part, and from which score an analysis goes deeper."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, Provider


class CaseRules(models.Model):
    """One provider's rules; a provider without a row has those that stand here as defaults. The limits are guidance of
    the provider's, never law.
    """

    class Gate(models.TextChoices):
        CAUSES = "causes", _("every cause has an action, or a reason why it needs none")
        OWNERS = "owners", _("every action with a date has an owner")
        LEX_MARIA = "lex_maria", _("lex Maria is decided where the harm was or could have been serious")
        PATIENT = "patient", _("the patient is told where there was harm")
        FEEDBACK = "feedback", _("whoever reported has had feedback")

    provider = models.OneToOneField(Provider, models.CASCADE, related_name="case_rules", verbose_name=_("provider"))
    # The conditions that the provider does without. All of them are asked from the beginning.
    gates_off = ArrayField(
        models.CharField(max_length=15, choices=Gate.choices), default=list, blank=True, verbose_name=_("not asked")
    )
    deeper_from = models.PositiveSmallIntegerField(
        _("a deeper investigation from this score"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(16)],
    )
    analysis_from = models.PositiveSmallIntegerField(
        _("an event analysis from this score"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(16)],
    )

    # Whoever decides of lex Maria (anmälningsansvarig). Without one, those who have the role.
    officer = models.ForeignKey(
        Assignment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lex Maria officer")
    )
    deputy = models.ForeignKey(
        Assignment, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("deputy")
    )
    # Days since the event from which the clock is yellow, and red.
    yellow_days = models.PositiveSmallIntegerField(_("reminded after days"), default=30, db_default=30)
    red_days = models.PositiveSmallIntegerField(_("late after days"), default=60, db_default=60)

    class Meta:
        verbose_name = _("rules for cases")
        verbose_name_plural = _("rules for cases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(deeper_from__range=(1, 16), analysis_from__range=(1, 16)), name="case_rules_scores"
            ),
            models.CheckConstraint(condition=Q(yellow_days__lte=models.F("red_days")), name="case_rules_days_in_order"),
            models.CheckConstraint(
                condition=Q(deeper_from__lte=models.F("analysis_from")), name="case_rules_scores_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.provider.name
