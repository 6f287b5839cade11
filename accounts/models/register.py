"""The region's register besides providers and agreements: contacts, and files that were read into it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Assignment, Provider, User
from core import clock
from core.fields import EncryptedJSONField


class ProviderContact(models.Model):
    """Somebody at a provider whom the agreement managers turn to. Gives no access, and needs no account."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="contacts", verbose_name=_("provider"))
    name = models.CharField(_("name"), max_length=200)
    function = models.CharField(_("function"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "name"],
                name="contact_once",
                violation_error_message=_("There is a contact with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class LostSecondStep(models.Model):
    """A provider's only administrator has lost their second step: vouched for by one agreement manager, confirmed by
    another. `accounts.register.lost_steps` alone writes it.
    """

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    vouched_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    vouched_by_label = models.CharField(max_length=400)
    vouched_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_label = models.CharField(max_length=400, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lost second step")
        verbose_name_plural = _("lost second steps")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(confirmed_at=None, withdrawn_at=None), name="lost_step_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("vouched_by")), name="lost_step_by_two"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegisterList(models.Model):
    """A file of providers, units and agreements: looked through first, then carried out as it was shown. Written by
    `accounts.register_lists` alone.

    `rows` holds the text of each row by column, and is emptied when it has been carried out; `answers` one answer for
    each row (`accounts.register_lists.reading.Answer`).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_by_label = models.CharField(max_length=400)
    rows = EncryptedJSONField(default=list)
    answers = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("file for the register")
        verbose_name_plural = _("files for the register")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.key)
