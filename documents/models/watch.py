"""The findings of the publication watch, how its rules are doing, and what is to be looked at again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock
from documents.models.documents import Document
from documents.models.sources import Source


class WatchFinding(models.Model):
    """A fault that a rule has found, from its birth until it is mended; of one that returns there is another row.

    Written by `documents.watch` alone.
    """

    class Closed(models.TextChoices):
        OPEN = "", _("open")
        MENDED = "mended", _("mended")
        SWITCHED_OFF = "off", _("the rule was switched off")

    # The rule's name in the code (`documents.watch.rules`), and what tells its findings of one document apart.
    rule = models.CharField(max_length=40)
    key = models.CharField(max_length=200, blank=True)
    # One of the two; the owner is theirs.
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="watch_findings")
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="watch_findings")
    owner = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    # Facts, without words: those are made in the language of who reads.
    evidence = models.JSONField(default=dict)
    # The day on which it will be so, of one that is to come.
    on_day = models.DateField(_("from"), null=True)
    born_at = models.DateTimeField(_("since"), default=clock.now)
    has_returned = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_as = models.CharField(max_length=10, choices=Closed.choices, blank=True)
    # Put aside until and including a day.
    snoozed_until = models.DateField(_("put aside until"), null=True)
    snoozed_reason = models.CharField(max_length=300, blank=True)
    snoozed_by_label = models.CharField(max_length=400, blank=True)
    # Handed to whoever can mend it in the source.
    asked_at = models.DateTimeField(null=True)
    asked = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_label = models.CharField(max_length=400, blank=True)
    asked_by_label = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("finding of the publication watch")
        verbose_name_plural = _("findings of the publication watch")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "document", "source", "key"], condition=Q(closed_at=None), nulls_distinct=False,
                name="watch_finding_once",
            ),
            models.CheckConstraint(
                condition=Q(document=None, source__isnull=False) | Q(document__isnull=False, source=None),
                name="watch_finding_of_one",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_as="") | (Q(closed_at__isnull=False) & ~Q(closed_as="")),
                name="watch_finding_closed_as",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["owner", "rule"], condition=Q(closed_at=None), name="watch_finding_open"),
            models.Index(fields=["closed_at"], name="watch_finding_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.document_id or self.source_id}"

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None and self.snoozed_until >= clock.today()

    @property
    def days(self) -> int:
        """Days in Sweden since its birth."""
        return (clock.today() - clock.swedish(self.born_at).date()).days


class WatchRuleOff(models.Model):
    """A rule that a provider has switched off for its own documents, and why."""

    rule = models.CharField(max_length=40)
    owner = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_label = models.CharField(max_length=400)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("rule switched off")
        verbose_name_plural = _("rules switched off")
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "owner"], name="watch_rule_off_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.owner_id}"


class WatchRun(models.Model):
    """When a rule was last asked of all documents, and the error that stopped it, if one did."""

    rule = models.CharField(max_length=40, unique=True)
    ran_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)
    fault_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("run of the publication watch")
        verbose_name_plural = _("runs of the publication watch")

    def __str__(self) -> str:
        return self.rule


class ToWatch(models.Model):
    """A document that has changed, or on which another hangs that has: to be looked at again. Triggers in the database
    write it, so that no door is forgotten."""

    document_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("document to look at again")
        verbose_name_plural = _("documents to look at again")

    def __str__(self) -> str:
        return str(self.document_id)


class OutsideAddress(models.Model):
    """An address of another site that published texts link to, and whether it is still there. Written by
    `documents.links.asking`."""

    url = models.CharField(max_length=1000, unique=True)
    next_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    # The status of the last answer; 0 where there was none.
    status = models.PositiveSmallIntegerField(default=0)
    # How many nights in a row it has been gone.
    gone_nights = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("outside address")
        verbose_name_plural = _("outside addresses")
        indexes: ClassVar = [models.Index(fields=["next_at"], name="outside_address_next")]

    def __str__(self) -> str:
        return self.url
