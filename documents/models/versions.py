"""Versions of documents, their pictures, and what is read from them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from documents import predicate
from documents.models.documents import Document


class Version(models.Model):
    """One edition of a document. Once published, nothing of it changes but its state and how long it is shown, and it
    is never deleted (a trigger in the database holds that). The content that is read from it is a row of its own:
    `Reading`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CONSULTATION = "consultation", _("on consultation")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        SUPERSEDED = "superseded", _("superseded")
        WITHDRAWN = "withdrawn", _("withdrawn")

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions", verbose_name=_("document"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT, editable=False)
    # Its words about its document (`documents.acts.said`).
    title = models.CharField(_("title"), max_length=250)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    keywords = ArrayField(models.CharField(max_length=60), verbose_name=_("keywords"), default=list, blank=True)
    applies_regional = models.BooleanField(_("applies to the region's units"), default=True)
    applies_private = models.BooleanField(_("applies to private providers"), default=False)
    applies_municipal = models.BooleanField(_("applies to municipalities"), default=False)
    # Written in the portal (Markdown), or a file, or both.
    body = models.TextField(_("text"), blank=True)
    change_summary = models.CharField(_("what changed"), max_length=500, blank=True)
    is_major = models.BooleanField(_("major change"), default=False)

    # Validity (giltighet) and availability (tillgänglighet) are two things.
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to and including"), null=True, blank=True)
    available_from = models.DateTimeField(_("visible from"), null=True, blank=True)
    available_to = models.DateTimeField(_("visible until"), null=True, blank=True)

    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    # The version that was written on; none for a first one.
    begins_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    # The versions that the approver saw it compared with: the one readers had that day, and one that was to come.
    approved_against = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    approved_beside = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    approved_at = models.DateField(_("approved"), null=True, blank=True)
    approver_label = models.CharField(_("approved by"), max_length=200, blank=True)
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    # When it was last sent for approval, and who has found it good before the approver decides.
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    # The person who was asked to decide, if one was; whoever else may decide still can.
    asked = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    reviewer_label = models.CharField(_("reviewed by"), max_length=200, blank=True)
    # The decision in cooperation (samverkansbeslut) that the approval rests on.
    joint_body = models.CharField(_("decided by"), max_length=200, blank=True)
    joint_on = models.DateField(_("decided on"), null=True, blank=True)
    joint_reference = models.CharField(_("minutes"), max_length=100, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    file = models.CharField(max_length=200, editable=False, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, editable=False, blank=True)
    file_type = models.CharField(max_length=100, editable=False, blank=True)
    file_size = models.PositiveBigIntegerField(_("size"), null=True, editable=False)
    file_sha256 = models.CharField(max_length=64, editable=False, blank=True)
    # The kinds of content taken out of the served file, and the file as it came, if they differ.
    file_removed = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    original_file = models.CharField(max_length=200, editable=False, blank=True)
    original_sha256 = models.CharField(max_length=64, editable=False, blank=True)

    objects = predicate.VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("document", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_once"),
            # The version in force or to come; while it is to come, the one before it is in force
            # (`documents.acts.course`).
            models.UniqueConstraint(fields=["document"], condition=Q(state="published"), name="version_one_current"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state__in=predicate.UNFINISHED), name="version_one_unfinished"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="version_valid_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(available_to=None) | Q(available_from=None) | Q(available_to__gt=F("available_from")),
                name="version_available_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"]) | Q(published_at__isnull=False),
                name="version_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(applies_regional=True) | Q(applies_private=True) | Q(applies_municipal=True),
                name="version_applies_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.number} v{self.number}"

    @property
    def is_shown_later(self) -> bool:
        """Meant to be shown from a moment that is to come."""
        return bool(self.available_from and self.available_from > clock.now())

    @property
    def is_to_come(self) -> bool:
        """Published, and not shown to its readers before a moment that is to come."""
        return self.state == self.State.PUBLISHED and self.is_shown_later

    @property
    def applies(self) -> bool:
        """The one that applies now: the current one, or the one before it until that is shown (`with_applies`)."""
        return getattr(self, "still_applies", False) or (self.state == self.State.PUBLISHED and not self.is_to_come)

    @property
    def is_over(self) -> bool:
        """It has been shown, or came to nothing, and is kept for the history."""
        return self.state in (self.State.SUPERSEDED, self.State.WITHDRAWN)

    @property
    def state_in_words(self) -> str:
        """The state as a reader understands it."""
        is_superseded = self.state == self.State.SUPERSEDED
        return gettext("no longer applies") if is_superseded else self.get_state_display()

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def approved_by_its_author(self) -> bool:
        return self.approver_id is not None and self.approver_id == self.author_id

    @property
    def read(self) -> Reading:
        """The reading of it; an empty one if there is none."""
        try:
            return self.reading
        except Reading.DoesNotExist:
            return Reading(version=self)


class Picture(models.Model):
    """A picture in the text of a document's versions, where it is written as `![what it shows](bild-1)`.

    Added, and never changed or taken away: a published version would change with it. Whoever is shown a version that
    has it may see it (`documents.reading.pictures`).
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="pictures", verbose_name=_("document"))
    ordinal = models.PositiveIntegerField(_("number"))
    # Its content in words, as whoever added it wrote; a text may say it otherwise.
    description = models.CharField(_("what it shows"), max_length=300)
    file = models.CharField(max_length=200)
    file_type = models.CharField(max_length=100)
    file_size = models.PositiveBigIntegerField(_("size"))
    file_sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(_("added"), default=clock.now)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ("document", "ordinal")
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "ordinal"], name="picture_number_once")]

    def __str__(self) -> str:
        return f"bild-{self.ordinal}"

    @property
    def markdown(self) -> str:
        """How it is written in a text."""
        said = self.description.replace("\\", " ").replace("[", "(").replace("]", ")")
        return f"![{said}]({self})"


class Reading(models.Model):
    """The content of a version, as its page shows it and the search knows it: from its Markdown, its file, or both.

    Made anew whenever the reader of files has learnt something; the version and its file stay as they are.
    """

    class State(models.TextChoices):
        NONE = "none", _("no file")
        WAITING = "waiting", _("waiting to be read")
        READ = "read", _("read")
        FAILED = "failed", _("could not be read")

    version = models.OneToOneField(Version, models.CASCADE, primary_key=True, related_name="reading")
    # Sanitised when saved; from Markdown or from the file.
    html = models.TextField(blank=True)
    # Plain text for searching and for the text beside a PDF; pages parted by form feeds.
    text = models.TextField(blank=True)
    state = models.CharField(_("text of the file"), max_length=8, choices=State.choices, default=State.NONE)
    # Codes of `core.files`: why the file could not be read, and what was found in it.
    fault = models.CharField(max_length=200, blank=True)
    warnings = ArrayField(models.CharField(max_length=40), default=list)
    # Those of the findings that came after the version's approval and that nobody has answered
    # (`documents.reading.late_findings`).
    found_late = ArrayField(models.CharField(max_length=40), default=list)
    pages = models.PositiveIntegerField(_("pages"), null=True)
    # The documents that it links to and those it names, by number, and its addresses of other sites; none until they
    # are noted (`documents.links.noting`). A trigger forgets them when the text changes.
    leads_to = ArrayField(models.CharField(max_length=40), null=True, editable=False)
    names = ArrayField(models.CharField(max_length=40), null=True, editable=False)
    addresses = ArrayField(models.CharField(max_length=1000), null=True, editable=False)
    # Which edition of the reader of files read it (`core.files.READER`).
    reader = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes: ClassVar = [
            GinIndex(fields=["leads_to"], name="reading_leads_to"),
            GinIndex(fields=["names"], name="reading_names"),
            models.Index(fields=["version"], condition=Q(leads_to=None), name="reading_unnoted"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"

    @property
    def is_read(self) -> bool:
        return self.state == self.State.READ


class SentBack(models.Model):
    """A version as it was when it was last sent back, until it is published (`documents.comparing.sent_back`)."""

    version = models.OneToOneField(Version, models.CASCADE, primary_key=True, related_name="as_sent_back")
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    reading_state = models.CharField(max_length=8, default=Reading.State.NONE)
    # Its words about its document, and the columns of its file.
    said = models.JSONField(default=dict)
    file = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("version sent back")
        verbose_name_plural = _("versions sent back")

    def __str__(self) -> str:
        return str(self.version_id)
