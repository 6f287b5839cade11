"""A list of what is open to everybody, as other sites have been told of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models.documents import Document
from documents.models.versions import Version


class OpenEntry(models.Model):
    """A document that is, or has been, open to everybody: which version was told of, and where in the order of changes.

    Written by `documents.open_list.entries` alone. A document that never was open has no row.
    """

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="+")
    # The version and the digest of its facts as they were told of; none once it is no longer open.
    version = models.ForeignKey(Version, models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=32, blank=True)
    is_open = models.BooleanField(default=True)
    # Rises with each change of the list, by one: the cursor of those who follow it.
    place = models.BigIntegerField(unique=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("entry of the open list")
        verbose_name_plural = _("entries of the open list")
        ordering = ("place",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_open=True, version__isnull=False) | Q(is_open=False), name="open_entry_has_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place}"
