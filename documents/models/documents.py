"""Controlled documents, whatever their versions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CareUnit, Provider, User
from core import clock
from core.moments import MomentsField
from documents import predicate
from documents.models.kinds import DocumentType, ProgrammeArea
from documents.models.sorting import NumberKey, SwedishOrder, TitleWords

NUMBER = r"^[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9._-]*$"


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
    # These three, and whom it applies to, are those of the version that readers have (`documents.acts.said`).
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

    # Whom it is visible to (synlig för). Changed only by visibility_acts.change_visibility. Closed by default.
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

    # SECURITY: derived from the flags, the named readers and the versions, by triggers (documents/predicate.py tells
    # the rule): whom it is open to, as tokens, and when something of it is shown. Never written by the code.
    audience = ArrayField(models.IntegerField(), default=list, editable=False)
    shown = MomentsField()
    # Derived too: from when its latest version can be read (which may be to come), or when it was made.
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    # When what applies was last looked through and found to hold, since it began to apply ("granskad utan ändring").
    content_holds_on = models.DateField(_("found to hold"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    # The current version's words, for searching: title and number first, then keywords and headings, then text.
    search = SearchVectorField(null=True, editable=False)
    # By which edition of the indexing (`documents.search.EDITION`): a former one is indexed anew by a job.
    indexed_by = models.PositiveSmallIntegerField(default=0, editable=False)
    # How often it was opened in the last 90 days, summed up each night (`documents.page.opens`).
    opened_lately = models.PositiveIntegerField(default=0, editable=False)
    search_title = models.GeneratedField(
        expression=TitleWords("search"), output_field=SearchVectorField(), db_persist=True
    )
    number_key = models.GeneratedField(
        expression=NumberKey("number"), output_field=models.CharField(max_length=40), db_persist=True
    )

    objects = predicate.DocumentQuerySet.as_manager()

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

    @property
    def has_ended(self) -> bool:
        """Revoked, or archived."""
        return self.state != self.State.ACTIVE
