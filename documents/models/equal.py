"""Equal access as recorded figures: by day, for each kind of provider and each provider."""

from __future__ import annotations

import math
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock
from documents.models.documents import Document
from documents.models.versions import Version


class AccessFigure(models.Model):
    """The documents that applied to a kind of provider, or to a provider, on a day, and how many of them it could read.

    Written by `documents.equal.records` alone; a day is written once.
    """

    day = models.DateField()
    # A kind as a whole; or one provider, and then this is its kind.
    kind = models.CharField(max_length=20)
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, related_name="+")
    applies = models.PositiveIntegerField()
    # Open to it; also readable as a file; also found among the first by its own title, of those asked for (`measured`).
    open = models.PositiveIntegerField()
    legible = models.PositiveIntegerField()
    found = models.PositiveIntegerField(default=0)
    measured = models.PositiveIntegerField(default=0)
    # Days from publication until it could read them: median and 90th percentile over `published` of the last year.
    published = models.PositiveIntegerField(default=0)
    days_median = models.FloatField(null=True)
    days_p90 = models.FloatField(null=True)

    class Meta:
        verbose_name = _("figure of equal access")
        verbose_name_plural = _("figures of equal access")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "kind", "provider"], nulls_distinct=False, name="access_figure_once"
            ),
            models.CheckConstraint(
                condition=Q(open__lte=models.F("applies"), legible__lte=models.F("open")), name="access_figure_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.provider_id or ''}: {self.open}/{self.applies}"

    @property
    def lacking(self) -> int:
        return self.applies - self.open

    @property
    def median_days(self) -> int | None:
        """In whole days: less than one is none."""
        return None if self.days_median is None else int(self.days_median)

    @property
    def p90_days(self) -> int | None:
        """The whole days within which nine of ten could read it."""
        return None if self.days_p90 is None else math.ceil(self.days_p90)


class AccessWait(models.Model):
    """A version that a kind of provider, or a provider, could not read when it was published, and when it could.

    Those who could at once have no row: `documents.equal.waits` counts them as no days.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField()
    reached_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("wait for a document")
        verbose_name_plural = _("waits for documents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "kind", "provider"], nulls_distinct=False, name="access_wait_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["version"], condition=Q(reached_at=None), name="access_wait_open"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.kind} {self.provider_id or ''}"


class TitleAsked(models.Model):
    """Whether a document is found by its own title: which kinds of provider did not have it among the first."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="title_asked")
    asked_at = models.DateTimeField(db_index=True)
    missed_by = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        verbose_name = _("title asked for")
        verbose_name_plural = _("titles asked for")

    def __str__(self) -> str:
        return str(self.document_id)


class FrozenFigures(models.Model):
    """Figures as they were on a day, with a comment, for a board: never changed afterwards (append-only).

    `subject` says of what, and its own module what `figures` holds (`documents.equal.freezing`, for one).
    """

    subject = models.CharField(max_length=40)
    day = models.DateField()
    figures = models.JSONField()
    comment = models.CharField(_("comment"), max_length=1000)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    by_label = models.CharField(max_length=400)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("frozen figures")
        verbose_name_plural = _("frozen figures")
        ordering = ("-day",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["subject", "day"], name="frozen_figures_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.day}"
