"""Documents that somebody missed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock


class MissingDocument(models.Model):
    """ "Jag saknar ett dokument": what somebody looked for and did not find; answered by the publication steward."""

    # In working days.
    ANSWER_DAYS = 2

    what = models.CharField(_("what"), max_length=300)
    unit = models.CharField(_("for which unit"), max_length=200, blank=True)
    provider = models.ForeignKey(Provider, models.SET_NULL, null=True, related_name="+", verbose_name=_("provider"))
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    created_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    # Documents of others that seem to be what was asked for, and that who asked may not see; found out by a job.
    hidden = models.ManyToManyField("documents.Document", related_name="+", editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    answered_by_label = models.CharField(_("answered by"), max_length=400, blank=True, editable=False)

    class Meta:
        verbose_name = _("missing document")
        verbose_name_plural = _("missing documents")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.what[:80]

    @property
    def answer_due(self) -> date:
        """The last day in Sweden for the answer: the second working day after the question."""
        return clock.add_working_days(clock.swedish(self.created_at).date(), self.ANSWER_DAYS)

    @property
    def is_late(self) -> bool:
        """Not answered in time, or answered after it."""
        answered = clock.swedish(self.answered_at).date() if self.answered_at else clock.today()
        return answered > self.answer_due
