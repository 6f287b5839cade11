"""Types of documents, and the national programme areas."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.named import Named


class ProgrammeArea(Named):
    """A national programme area (NPO): the 26 of the Swedish system for knowledge management."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("programme area")
        verbose_name_plural = _("programme areas")
        ordering = ("name_sv",)


class DocumentType(Named):
    """A kind of document: a routine, a guideline, a form."""

    # The code of learning examples, which the portal makes of closed cases.
    LEARNING: ClassVar = "LAR"

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
