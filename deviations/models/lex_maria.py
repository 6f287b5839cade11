"""Lex Maria as one part of a case has it: the decision, and what was sent to IVO and came back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.named import Named
from deviations.models.cases import Party


class LexMaria(models.Model):
    """The days and numbers of one part's matter. A part without a row has none of them yet."""

    party = models.OneToOneField(Party, models.PROTECT, related_name="lex_maria")
    # When it became known that the harm was serious, or could have been; empty: when it was first judged so.
    known_on = models.DateField(_("known on"), null=True)
    own_number = models.CharField(_("own registry number"), max_length=60, blank=True)
    sent_on = models.DateField(_("notified to IVO on"), null=True)
    ivo_number = models.CharField(_("IVO's registry number"), max_length=60, blank=True)
    investigation_sent_on = models.DateField(_("investigation sent on"), null=True)
    supplement_sent_on = models.DateField(_("supplement sent on"), null=True)
    ivo_decided_on = models.DateField(_("IVO decided on"), null=True)
    ivo_decision = models.TextField(_("IVO's decision"), blank=True)
    patient_knows = models.BooleanField(_("the patient knows of the notification"), null=True)
    patient_note = models.CharField(_("when or why not"), max_length=300, blank=True)
    # A municipality's board hears of it from the medically responsible nurse.
    board_told_on = models.DateField(_("told to the board on"), null=True)
    # Events with medical devices are told to Läkemedelsverket and to the maker (HSLF-FS 2021:52 ch. 5).
    has_device = models.BooleanField(_("a medical device was involved"), default=False)
    agency_told_on = models.DateField(_("told to Läkemedelsverket on"), null=True)
    maker_told_on = models.DateField(_("told to the maker on"), null=True)

    class Meta:
        verbose_name = _("lex Maria matter")
        verbose_name_plural = _("lex Maria matters")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_on=None) | Q(known_on=None) | Q(sent_on__gte=F("known_on")),
                name="lex_maria_known_before_sent",
            ),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class LexMariaDecision(models.Model):
    """Whether the event is notified, with grounds, by the officer or whoever decides in their place. Append-only: a
    decision that is taken anew stands beside the first.
    """

    class MadeAs(models.TextChoices):
        OFFICER = "officer", _("lex Maria officer")
        DEPUTY = "deputy", _("deputy")
        STAND_IN = "stand_in", _("stand-in")

    party = models.ForeignKey(Party, models.DO_NOTHING, db_constraint=False, related_name="lex_maria_decisions")
    notifies = models.BooleanField(_("notified to IVO"))
    grounds = models.TextField(_("grounds"))
    made_as = models.CharField(max_length=10, choices=MadeAs.choices)
    by = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("lex Maria decision")
        verbose_name_plural = _("lex Maria decisions")
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["party"], name="lex_maria_decision_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.notifies}"


class LegalReference(Named):
    """A rule that a page refers to, with the day on which an administrator last saw that it stands; none until then."""

    code = models.SlugField(_("code"), unique=True)
    url = models.URLField(_("address"), blank=True)
    seen_on = models.DateField(_("last seen on"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal reference")
        verbose_name_plural = _("legal references")
        ordering = ("code",)
