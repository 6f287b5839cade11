"""A management system that documents come from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider, User


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
