"""Invitations to work for a provider."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.people import CareUnit, Provider, User
from accounts.roles import Role
from core import clock
from core.crypto import keyed_hash
from core.fields import EncryptedJSONField


def _nonce() -> str:
    return secrets.token_hex(16)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def under_way(self) -> InvitationQuerySet:
        """Neither accepted nor taken back; their days may have passed."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def open(self) -> InvitationQuerySet:
        """Can be accepted now, as far as the invitation itself goes."""
        return self.under_way().filter(expires_at__gt=clock.now())


class MailedLink(models.Model):
    """A row whose link goes out by e-mail, once for each sending.

    The link's token is derived from `nonce` by the server's key, and its digest is what is looked up: neither the table
    nor a job holds a link that works.
    """

    # The page that the link leads to, and the use that its token is made for.
    page: ClassVar[str]
    purpose: ClassVar[str]

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nonce = models.CharField(max_length=32, default=_nonce)
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    # How often it has been sent anew: each has a link and a Message-ID of its own.
    sending = models.PositiveSmallIntegerField(default=0)
    emailed_at = models.DateTimeField(null=True)
    emails_in_flight = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def token(self) -> str:
        """The secret that the link carries, 64 hexadecimal digits.

        SECURITY: for the e-mail alone; never logged, never stored.
        """
        return keyed_hash(f"{self.key}.{self.nonce}", purpose=self.purpose)

    @property
    def link(self) -> str:
        """The link, with its token."""
        return f"{settings.PORTAL_URL}{self.page}?nyckel={self.token}"

    def make_link(self) -> None:
        """A fresh link; one that was sent before works no longer. The caller saves."""
        self.nonce = _nonce()
        self.token_digest = digest(self.token)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= clock.now()


class Invitation(MailedLink):
    """Somebody at an address is offered an assignment. Made, sent and accepted by `accounts.invitations` alone."""

    page = "/konto/inbjudan/"
    purpose = "accounts.invitation"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="invitations")
    unit = models.ForeignKey(CareUnit, models.PROTECT, null=True, related_name="+")
    email = models.EmailField()
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices))
    title = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    invited_by_label = models.CharField(max_length=400)
    created_at = models.DateTimeField(default=clock.now)
    # Vouched for by two agreement managers, or by whoever runs the server (`accounts.register.firsts`): roles that are
    # guarded count when it is accepted. Otherwise the inviter vouches.
    is_vouched = models.BooleanField(default=False)
    # The list it was made with, if any.
    batch = models.ForeignKey("accounts.InvitationList", models.SET_NULL, null=True, related_name="invitations")

    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    assignment = models.ForeignKey("accounts.Assignment", models.PROTECT, null=True, related_name="invitations")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_label = models.CharField(max_length=400, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                F("provider"),
                F("unit"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="invitation_once",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=list(Role.values)) & Q(roles__len__gt=0), name="invitation_roles_known"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_one",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="invitation_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def place(self) -> str:
        """The place of work it offers."""
        return self.unit.name if self.unit else self.provider.name


def digest(token: str) -> str:
    """How a link's token is looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessRequest(MailedLink):
    """Somebody without an invitation asks to be let in, and confirms the address before anyone is asked. Written by
    `accounts.requests` alone.
    """

    page = "/konto/be-om-tilltrade/"
    purpose = "accounts.access_request"

    email = models.EmailField()
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    title = models.CharField(max_length=100, blank=True)
    # The provider as it was typed, and the one that has this name, if any.
    provider_typed = models.CharField(max_length=200)
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, related_name="+")
    unit_typed = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_label = models.CharField(max_length=400, blank=True)
    invitation = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("request to be let in")
        verbose_name_plural = _("requests to be let in")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.key)


class AddressChange(models.Model):
    """A person wants to sign in with another address: it is so when both addresses have confirmed it. Written by
    `accounts.profile.address` alone.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="address_changes")
    new_email = models.EmailField()
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(done_at=None), name="address_change_one_at_a_time")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AddressLink(MailedLink):
    """One of the two addresses of a change, and whether it has confirmed."""

    page = "/konto/profil/adress/"
    purpose = "accounts.address_change"

    change = models.ForeignKey(AddressChange, models.CASCADE, related_name="links")
    email = models.EmailField()
    is_new = models.BooleanField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("address to confirm")
        verbose_name_plural = _("addresses to confirm")
        constraints: ClassVar = [models.UniqueConstraint(fields=["change", "is_new"], name="address_link_of_each")]

    def __str__(self) -> str:
        return str(self.key)


class FirstAdministrator(models.Model):
    """Somebody is to administer a provider that has no administrator: named by one agreement manager, confirmed by
    another, and then invited at the provider's registered address. `accounts.register.firsts` alone writes it.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="firsts")
    # The registered address as it was when it was named: confirmed as it was shown, or not at all.
    email = models.EmailField()
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices))
    title = models.CharField(max_length=100, blank=True)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_by_label = models.CharField(max_length=400)
    named_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_label = models.CharField(max_length=400, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    invitation = models.OneToOneField(Invitation, models.PROTECT, null=True, related_name="first")

    class Meta:
        verbose_name = _("first administrator")
        verbose_name_plural = _("first administrators")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="first_administrator_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("named_by")), name="first_administrator_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.named_at:%Y-%m-%d}"


class TermsAcceptance(models.Model):
    """A provider has accepted an edition of the data processor agreement, by one of its administrators."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="terms")
    edition = models.PositiveSmallIntegerField()
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    accepted_by_label = models.CharField(max_length=400)
    accepted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("acceptance of terms")
        verbose_name_plural = _("acceptances of terms")
        ordering = ("-pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "edition"], name="terms_accepted_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.edition}"


class InvitationList(models.Model):
    """A list of people to invite, as it was pasted or read from a file: kept a week, and looked through before anything
    is sent. `rows` is a list of what stood in each row, by column (`accounts.invitations.lists`).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    assignment = models.ForeignKey("accounts.Assignment", models.CASCADE, related_name="+")
    rows = EncryptedJSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("list of invitations")
        verbose_name_plural = _("lists of invitations")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.key)
