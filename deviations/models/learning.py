"""A learning example on its way to becoming a document: one case's teaching, written for all."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import GROUPS
from core import clock
from deviations import predicate
from deviations.models.cases import Party
from deviations.models.plans import FocusArea
from documents.models import Document, ProgrammeArea


class LearningExample(models.Model):
    """One party of a closed case lets others learn of it. Its handlers write it, the other parties are asked, an
    approver of the provider publishes it. From then on the document is what is read, revised and revoked.

    SECURITY: nothing of the document leads back here; whoever was no party learns neither the case nor that there is
    one.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ASKED = "asked", _("sent for approval")
        PUBLISHED = "published", _("published")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.OneToOneField(Party, models.PROTECT, related_name="learning")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=200)
    happened = models.TextField(_("what happened"))
    why = models.TextField(_("why it happened"))
    done = models.TextField(_("what was done"))
    others = models.TextField(_("what others can do"))
    area = models.ForeignKey(
        ProgrammeArea, models.PROTECT, null=True, related_name="+", verbose_name=_("programme area")
    )
    focus = models.ForeignKey(FocusArea, models.PROTECT, null=True, related_name="+", verbose_name=_("focus area"))
    # The groups that the document will be visible to (`accounts.roles.GROUPS`).
    audience = ArrayField(models.CharField(max_length=10), verbose_name=_("who will be able to read it"))
    routines = models.ManyToManyField(Document, related_name="learnt_of", verbose_name=_("routines it is about"))
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_label = models.CharField(max_length=400)
    written_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    # The last day on which the other parties can object.
    object_by = models.DateField(_("object by"), null=True)
    sent_back_label = models.CharField(max_length=400, blank=True)
    sent_back_reason = models.TextField(blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_label = models.CharField(max_length=400, blank=True)
    approved_at = models.DateTimeField(null=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="learnt")

    objects = predicate.LearningQuerySet.as_manager()

    class Meta:
        verbose_name = _("learning example")
        verbose_name_plural = _("learning examples")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="published", document__isnull=False, approved_at__isnull=False)
                | (~Q(state="published") & Q(document=None, approved_at=None)),
                name="learning_published_is_document",
            ),
            models.CheckConstraint(
                condition=Q(audience__contained_by=list(GROUPS)) & ~Q(audience=[]), name="learning_audience_known"
            ),
            # A second person says yes.
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("written_by")), name="learning_second_person"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(sent_at__isnull=False, object_by__isnull=False),
                name="learning_sent_has_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class LearningAnswer(models.Model):
    """Another party's answer to a learning example; it holds for the text that it was given to (`mark`)."""

    example = models.ForeignKey(LearningExample, models.CASCADE, related_name="answers")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    objects_to_it = models.BooleanField()
    reason = models.TextField(_("why"), blank=True)
    mark = models.CharField(max_length=16)
    contact_label = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("answer to a learning example")
        verbose_name_plural = _("answers to learning examples")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["example", "party"], name="learning_answer_once"),
            models.CheckConstraint(
                condition=Q(objects_to_it=False) | ~Q(reason=""), name="learning_objection_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.example_id} {self.party_id}"
