"""Controlled documents: types, documents, versions, files, who may see them, and what happened to them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, CareUnit, Provider, User
from accounts.models.people import every_change
from core import clock
from core.moments import MomentsField
from core.named import Named
from documents import visibility
from documents.search_models import DocumentUse as DocumentUse
from documents.search_models import FailedSearch as FailedSearch
from documents.search_models import Passage as Passage
from documents.search_models import RecentSearch as RecentSearch
from documents.search_models import SearchWord as SearchWord
from documents.search_models import Synonym as Synonym
from documents.sorting import NumberKey, SwedishOrder, TitleWords

NUMBER = r"^[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9._-]*$"


class ProgrammeArea(Named):
    """A national programme area (NPO): the 26 of the Swedish system for knowledge management."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("programme area")
        verbose_name_plural = _("programme areas")
        ordering = ("name_sv",)


class DocumentType(Named):
    """What kind of document: a routine, a guideline, a form."""

    code = models.CharField(_("code"), max_length=8, unique=True, help_text=_("The first part of its numbers."))
    is_governing = models.BooleanField(
        _("governing"), default=True, help_text=_("Governing (styrande) or reporting (redovisande).")
    )
    # The default for a document of the region's that applies to the whole region; each document decides for itself.
    default_public = models.BooleanField(_("public by default"), default=False)
    default_regional = models.BooleanField(_("the region's own by default"), default=False)
    default_private = models.BooleanField(_("private providers by default"), default=False)
    default_municipal = models.BooleanField(_("municipalities by default"), default=False)
    revision_months = models.PositiveSmallIntegerField(_("revised every (months)"), default=24)
    # Which steps a version goes through, and who may say yes (`documents.approval`).
    needs_review = models.BooleanField(
        _("reviewed by a colleague"), default=False, help_text=_("Before an approver decides.")
    )
    needs_joint_decision = models.BooleanField(
        _("decided in cooperation"), default=False, help_text=_("The approver writes which joint decision it rests on.")
    )
    author_may_approve = models.BooleanField(
        _("written and approved by one person"),
        default=False,
        help_text=_("An approver may approve what they have written themselves; the page says so."),
    )

    class Meta:
        verbose_name = _("document type")
        verbose_name_plural = _("document types")
        ordering = ("name_sv",)


class Document(models.Model):
    """One controlled document, whatever its versions. Its number is never reused and its address lasts."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        REVOKED = "revoked", _("revoked")
        ARCHIVED = "archived", _("archived")

    number = models.CharField(
        _("document number"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(NUMBER, _("Use letters, digits, full stops and hyphens.")),
            RegexValidator(r"\d", _("A document number holds at least one digit.")),
        ],
    )
    # These three, and whom it applies to, are those of the version that readers have (`documents.said`).
    title = models.CharField(_("title"), max_length=250)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    keywords = ArrayField(models.CharField(max_length=60), verbose_name=_("keywords"), default=list, blank=True)
    type = models.ForeignKey(DocumentType, models.PROTECT, related_name="documents", verbose_name=_("type"))
    area = models.ForeignKey(
        ProgrammeArea,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("programme area"),
    )
    owner = models.ForeignKey(Provider, models.PROTECT, related_name="documents", verbose_name=_("owner"))
    owner_unit = models.ForeignKey(
        CareUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("owning unit"),
    )
    content_owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("content owner")
    )
    contact = models.CharField(_("contact"), max_length=200, blank=True, help_text=_("A function, not a person."))
    registry_number = models.CharField(_("registry number"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE, editable=False)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )

    # Whom it applies to (gäller för). Never decides who may read.
    applies_regional = models.BooleanField(_("applies to the region's units"), default=True)
    applies_private = models.BooleanField(_("applies to private providers"), default=False)
    applies_municipal = models.BooleanField(_("applies to municipalities"), default=False)

    # Whom it is visible to (synlig för). Changed only by lifecycle.change_visibility. Closed by default.
    visible_public = models.BooleanField(_("everybody, without signing in"), default=False, editable=False)
    visible_regional = models.BooleanField(_("the region's own units"), default=False, editable=False)
    visible_private = models.BooleanField(_("private providers"), default=False, editable=False)
    visible_municipal = models.BooleanField(_("municipalities"), default=False, editable=False)
    is_sensitive = models.BooleanField(
        _("commercially sensitive"),
        default=False,
        help_text=_("For example where care is put out to tender."),
    )
    # A form, a flow chart: where its layout is its meaning.
    pages_first = models.BooleanField(_("show the file's pages first"), default=False)

    # SECURITY: derived from the flags, the named readers and the versions, by triggers (documents/visibility.py tells
    # the rule): whom it is open to, as tokens, and when something of it is shown. Never written by the code.
    audience = ArrayField(models.IntegerField(), default=list, editable=False)
    shown = MomentsField()
    # Derived too: from when its latest version can be read (which may be to come), or when it was made.
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    # When what applies was last looked through and found to hold, since it began to apply ("granskad utan ändring").
    content_holds_on = models.DateField(_("found to hold"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    # What the current version says, for searching: title and number first, then keywords and headings, then text.
    search = SearchVectorField(null=True, editable=False)
    # By which edition of the indexing (`documents.search.EDITION`): a former one is indexed anew by a job.
    indexed_by = models.PositiveSmallIntegerField(default=0, editable=False)
    # How often it was opened in the last 90 days, summed up each night (`documents.use`).
    opened_lately = models.PositiveIntegerField(default=0, editable=False)
    search_title = models.GeneratedField(
        expression=TitleWords("search"), output_field=SearchVectorField(), db_persist=True
    )
    number_key = models.GeneratedField(
        expression=NumberKey("number"), output_field=models.CharField(max_length=40), db_persist=True
    )

    objects = visibility.DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("number",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=r"\d"), name="document_number_has_digit"),
            models.CheckConstraint(
                condition=Q(applies_regional=True) | Q(applies_private=True) | Q(applies_municipal=True),
                name="document_applies_to_somebody",
            ),
            models.CheckConstraint(condition=~Q(replaced_by=F("id")), name="document_not_its_own_replacement"),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="document_search"),
            GinIndex(fields=["search_title"], name="document_search_title"),
            GinIndex(fields=["audience"], name="document_audience"),
            models.Index(fields=["number_key"], name="document_number_key"),
            models.Index(fields=["indexed_by"], name="document_indexed_by"),
            models.Index(SwedishOrder("title"), "id", name="document_by_title"),
            models.Index(F("changed_at").desc(), F("id").desc(), name="document_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/dokument/{self.number}/"


class Version(models.Model):
    """One edition of a document. Once published, nothing of it changes but its state and how long it is shown, and it
    is never deleted (a trigger in the database holds that). What is read from it is a row of its own: `Reading`.
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
    # What it says of its document (`documents.said`).
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
    # What the approver saw it compared with: what readers had that day, and a version that was to come.
    approved_against = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    approved_beside = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    approved_at = models.DateField(_("approved"), null=True, blank=True)
    approver_label = models.CharField(_("approved by"), max_length=200, blank=True)
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    # When it was last sent for approval, and who has found it good before the approver decides.
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    # Who was asked to decide, where one person was; whoever else may decide still can.
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
    # What was taken out of the file that is served, and the file as it came, where they differ.
    file_removed = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    original_file = models.CharField(max_length=200, editable=False, blank=True)
    original_sha256 = models.CharField(max_length=64, editable=False, blank=True)

    objects = visibility.VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("document", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_once"),
            # What is in force or to come; where it is to come, the one before it is in force (`documents.course`).
            models.UniqueConstraint(fields=["document"], condition=Q(state="published"), name="version_one_current"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state__in=visibility.UNFINISHED), name="version_one_unfinished"
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
    def approved_by_its_author(self) -> bool:
        return self.approver_id is not None and self.approver_id == self.author_id

    @property
    def read(self) -> Reading:
        """What is read from it; an empty reading where there is none."""
        try:
            return self.reading
        except Reading.DoesNotExist:
            return Reading(version=self)


class Picture(models.Model):
    """A picture in the text of a document's versions, where it is written as `![what it shows](bild-1)`.

    Added, and never changed or taken away: a published version would change with it. Whoever is shown a version that
    has it may see it (`documents.pictures`).
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="pictures", verbose_name=_("document"))
    ordinal = models.PositiveIntegerField(_("number"))
    # What it shows, in words, as whoever added it wrote; a text may say it otherwise.
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
    """What a version says, as its page shows it and the search knows it: from its Markdown, its file, or both.

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
    # Of those, what was found after the version's approval and nobody has answered (`documents.late_findings`).
    found_late = ArrayField(models.CharField(max_length=40), default=list)
    pages = models.PositiveIntegerField(_("pages"), null=True)
    # Which edition of the reader of files read it (`core.files.READER`).
    reader = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"


class SentBack(models.Model):
    """A version as it was when it was last sent back, until it is published (`documents.sent_back`)."""

    version = models.OneToOneField(Version, models.CASCADE, primary_key=True, related_name="as_sent_back")
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    reading_state = models.CharField(max_length=8, default=Reading.State.NONE)
    # What it said of its document, and the columns of its file.
    said = models.JSONField(default=dict)
    file = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("version sent back")
        verbose_name_plural = _("versions sent back")

    def __str__(self) -> str:
        return str(self.version_id)


@pghistory.track(*every_change())
class VisibilityGrant(models.Model):
    """A provider, or one of its units, that may read a document whatever its flags say."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="grants", verbose_name=_("document"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="document_grants", verbose_name=_("provider"))
    unit = models.ForeignKey(
        CareUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="document_grants",
        verbose_name=_("unit"),
    )
    # The last day in Sweden that it holds; none: until it is taken away.
    until = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("named reader")
        verbose_name_plural = _("named readers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "provider", "unit"], nulls_distinct=False, name="grant_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["provider", "document", "until"], condition=Q(until__isnull=False), name="grant_until_a_day"
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.provider)

    @property
    def holds(self) -> bool:
        return self.until is None or self.until >= clock.today()


class VisibilityProposal(models.Model):
    """A sensitive document that somebody wants to open: it waits until an approver of its owner says yes or no.

    Written by `documents.visibility_acts`. Who asks does not answer.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    document = models.ForeignKey(Document, models.PROTECT, related_name="proposals", verbose_name=_("document"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # As events describe a visibility (`visibility_preview.describe`).
    before = models.JSONField(_("from"))
    proposed = models.JSONField(_("to"))
    reason = models.CharField(_("why"), max_length=500)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_as = models.ForeignKey(Assignment, models.SET_NULL, null=True, related_name="+")
    asked_by_label = models.CharField(max_length=400)
    asked_at = models.DateTimeField(_("asked"), default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_by_label = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision = models.CharField(_("why so"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("opening that waits")
        verbose_name_plural = _("openings that wait")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document"], condition=Q(state="waiting"), name="proposal_one_waiting"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="proposal_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("asked_by")), name="proposal_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.state}"


class DocumentEvent(models.Model):
    """What happened to a document. Append-only; written by the verbs in lifecycle.py."""

    document = models.ForeignKey(Document, models.DO_NOTHING, db_constraint=False, related_name="events")
    document_number = models.CharField(_("document number"), max_length=40)
    version_number = models.PositiveIntegerField(_("version"), null=True)
    verb = models.CharField(_("what"), max_length=30)
    at = models.DateTimeField(_("when"), default=clock.now, db_index=True)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    by_label = models.CharField(_("who"), max_length=400)
    door = models.CharField(_("door"), max_length=10)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    before = models.JSONField(_("from"), default=dict)
    after = models.JSONField(_("to"), default=dict)

    class Meta:
        verbose_name = _("document event")
        verbose_name_plural = _("document events")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.document_number} {self.verb}"


class MissingDocument(models.Model):
    """ "Jag saknar ett dokument": what somebody looked for and did not find; answered by the publication steward."""

    # Within so many working days.
    ANSWER_DAYS = 2

    what = models.CharField(_("what"), max_length=300)
    unit = models.CharField(_("for which unit"), max_length=200, blank=True)
    provider = models.ForeignKey(Provider, models.SET_NULL, null=True, related_name="+", verbose_name=_("provider"))
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"))
    created_at = models.DateTimeField(_("asked"), default=clock.now, editable=False)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
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
