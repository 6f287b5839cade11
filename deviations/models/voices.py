"""A link by which the patient or next of kin tells it in their own words; write only."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import keyed_hash
from core.fields import EncryptedTextField
from deviations.models.investigation import Account, Investigation


def _nonce() -> str:
    return secrets.token_hex(16)


class AccountLink(models.Model):
    """A link that a handler hands over. The text that comes by it lies encrypted until a handler has looked at it.

    The token is derived from `nonce` by the server's key, and its digest is looked up: the table holds no link that
    works.
    """

    PAGE = "/avvikelser/berattelse/"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    investigation = models.ForeignKey(Investigation, models.PROTECT, related_name="links")
    nonce = models.CharField(max_length=32, default=_nonce)
    token_digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    teller = models.CharField(max_length=15, choices=Account.Teller.choices, blank=True)
    text = EncryptedTextField(null=True)
    received_at = models.DateTimeField(null=True)
    # Looked at: taken into the investigation, or put aside.
    looked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link for an account")
        verbose_name_plural = _("links for accounts")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(received_at=None, text__isnull=True) | Q(received_at__isnull=False),
                name="account_link_received_has_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def token(self) -> str:
        """The secret that the link carries. SECURITY: shown to whoever hands it over, never logged, never stored."""
        return keyed_hash(f"{self.key}.{self.nonce}", purpose="deviations.account_link")

    @property
    def link(self) -> str:
        return f"{settings.PORTAL_URL}{self.PAGE}?nyckel={self.token}"

    @staticmethod
    def digest(token: str) -> str:
        """How a link's token is looked up."""
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_open(self) -> bool:
        """It can still be written by."""
        return self.revoked_at is None and self.received_at is None and self.expires_at > clock.now()
