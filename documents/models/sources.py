"""Management systems that documents come from, what came from them, and each delivery."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User
from core import clock
from documents.models.documents import Document


class Source(models.Model):
    """A management system that delivers: whose documents they are, and how it names things.

    It works as a steward of the owner has confirmed it, and no longer once its mapping or owner is another
    (`documents.intake.sources`, which alone writes the confirmation).
    """

    class Ready(models.TextChoices):
        CENTURI = "centuri", _("Centuri's kind (our guess)")
        DUBLIN_CORE = "dublin_core", _("Dublin Core")

    code = models.SlugField(_("code"), unique=True, help_text=_("How commands name it: region-centuri."))
    name = models.CharField(_("name"), max_length=150)
    owner = models.ForeignKey(Provider, models.PROTECT, related_name="sources", verbose_name=_("owner"))
    ready_mapping = models.CharField(_("ready mapping"), max_length=20, choices=Ready.choices, blank=True)
    own_mapping = models.TextField(_("own mapping"), blank=True, help_text=_("TOML; instead of a ready one."))
    delivers_every_days = models.PositiveSmallIntegerField(
        _("delivers every (days)"), null=True, blank=True, help_text=_("Empty: when it pleases.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    editor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("editor"),
        help_text=_("The one who mends in the source what the publication watch finds, where no document says who."),
    )  # fmt: skip

    set_up_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    set_up_by_label = models.CharField(_("set up by"), max_length=400, editable=False)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    confirmed_by_label = models.CharField(_("confirmed by"), max_length=400, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    # The digest of the mapping and owner that were confirmed: of others it is another.
    confirmed_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("set_up_by")), name="source_confirmed_by_another"
            ),
            models.CheckConstraint(condition=Q(ready_mapping="") ^ Q(own_mapping=""), name="source_has_one_mapping"),
        ]

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A key by which a source's system pushes (`documents.pushing.keys`, which alone writes it)."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="keys", verbose_name=_("source"))
    name = models.CharField(_("name"), max_length=100)
    # Finds it; the secret itself is kept as a digest alone.
    key_name = models.CharField(max_length=10, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    expires_on = models.DateField(_("last day"))
    made_at = models.DateTimeField(_("made"), default=clock.now)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_by_label = models.CharField(_("made by"), max_length=400)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_label = models.CharField(_("confirmed by"), max_length=400, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by_label = models.CharField(max_length=400, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("key of a source")
        verbose_name_plural = _("keys of sources")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")), name="source_key_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.key_name

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.expires_on < clock.today()

    @property
    def holds(self) -> bool:
        return self.confirmed_at is not None and not self.is_over


class SourceDocument(models.Model):
    """A document that came from a source, as the source told of it last. `documents.intake.taking` alone writes it."""

    class Waits(models.TextChoices):
        NOTHING = "", _("nothing")
        HELD_BACK = "held_back", _("came in closed: the source's rights are missing or contradict each other")
        WIDER = "wider", _("the source proposes more readers than it has here")
        UNCLEAR = "unclear", _("the source no longer tells who may read it, and its readers are as before")

    source = models.ForeignKey(Source, models.PROTECT, related_name="documents", verbose_name=_("source"))
    document = models.OneToOneField(Document, models.PROTECT, related_name="from_source", verbose_name=_("document"))
    # As the source writes them now; the version is the one that was published last.
    number = models.CharField(_("the source's number"), max_length=40)
    version = models.CharField(_("the source's version"), max_length=40, blank=True)
    # All that was told of it and became a version here: `planning.facts_of`.
    facts = models.JSONField(default=dict)
    # The source's number of a document that it takes the place of.
    replaces = models.CharField(max_length=40, blank=True)
    # Its addresses elsewhere, all that were ever told (`documents.delivery.addresses.kept_form`).
    addresses = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    # Whom the source proposes to show it to (`mapping.RIGHTS`), and what of that waits for a steward.
    rights = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    waits = models.CharField(_("waits for a steward"), max_length=10, choices=Waits.choices, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), default=clock.now)
    taken_at = models.DateTimeField(_("changed by the source"), default=clock.now)

    class Meta:
        verbose_name = _("document of a source")
        verbose_name_plural = _("documents of sources")
        ordering = ("source", "number")
        constraints: ClassVar = [
            models.UniqueConstraint("source", Lower("number"), name="source_number_once"),
        ]
        indexes: ClassVar = [
            models.Index(Lower("number"), name="source_number"),
            GinIndex(fields=["addresses"], name="source_document_addresses"),
            models.Index(fields=["source"], condition=~Q(waits=""), name="source_document_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.number}"


class FormerNumber(models.Model):
    """A number that a source gave a document before, and that leads to it still."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="former_numbers")
    document = models.ForeignKey(Document, models.PROTECT, related_name="former_numbers")
    number = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("former number")
        verbose_name_plural = _("former numbers")
        constraints: ClassVar = [
            models.UniqueConstraint("source", Lower("number"), name="former_number_once"),
        ]
        indexes: ClassVar = [models.Index(Lower("number"), name="former_number")]

    def __str__(self) -> str:
        return self.number


class Intake(models.Model):
    """One delivery of a source on its way in, or looked through: its report, kept for ever."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for its turn")
        RUNNING = "running", _("is going on")
        DONE = "done", _("done")
        ASKS = "asks", _("stopped, and asks")
        STOPPED = "stopped", _("could not be read")
        BROKEN = "broken", _("broken off")

    source = models.ForeignKey(Source, models.PROTECT, related_name="intakes", verbose_name=_("source"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    is_dry = models.BooleanField(_("dry run"), default=False)
    is_part = models.BooleanField(_("a part of the source's documents"), default=False)
    begun_at = models.DateTimeField(_("begun"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField(_("by"), max_length=400)
    door = models.CharField(max_length=10)
    name = models.CharField(_("delivery"), max_length=200)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # The counts by outcome, the faults as [line, column, words], and the numbers told of, by outcome.
    counts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    numbers = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    # The mark of all that it would do, as it was told (`planning.Plan.mark`), the mark that somebody said yes to, and
    # when what was done was found to be that.
    mark = models.CharField(max_length=16, blank=True)
    agreed = models.CharField(max_length=16, blank=True)
    agreed_at = models.DateTimeField(null=True)
    # The delivery that was uploaded, as long as it is kept; the one looked through that this one carries out.
    file = models.CharField(max_length=200, blank=True)
    carries_out = models.ForeignKey("self", models.PROTECT, null=True, related_name="carried_out")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.source_id} {self.begun_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return f"/dokument/kallor/{self.source.code}/{self.pk}/"

    @property
    def asks(self) -> bool:
        return self.state == self.State.ASKS

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def could_not_be_read(self) -> bool:
        return self.state == self.State.STOPPED

    @property
    def waits_for_a_yes(self) -> bool:
        """It has told what it would do, and does it once somebody says yes."""
        return self.asks or (self.is_done and self.is_dry)

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
