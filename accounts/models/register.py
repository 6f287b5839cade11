"""The region's register besides providers and agreements: contacts, and files that were read into it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Provider, User
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
