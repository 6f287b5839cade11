"""Records that every app writes: what was read and done, what waits for whom, what is being typed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.fields import EncryptedJSONField


class AuditEvent(models.Model):
    """One event of reading, exporting, looking or signing in. Append-only; outlives what it speaks of.

    Rows are written only by `accounts.audit.record`. References carry no constraint, and labels are copied, so
    that the row stays true when the person or the thing is gone (HSLF-FS 2016:40 4:9: what was done, at which
    unit, when, by whom, concerning whom; kept at least five years).
    """

    at = models.DateTimeField(_("time"), default=clock.now, db_index=True)
    action = models.CharField(_("action"), max_length=60)
    actor = models.ForeignKey(
        "accounts.User",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("person"),
    )
    actor_label = models.CharField(_("who"), max_length=400)
    assignment_id = models.BigIntegerField(null=True)
    provider = models.ForeignKey(
        "accounts.Provider",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("provider"),
    )
    target_type = models.CharField(_("kind of thing"), max_length=60, blank=True)
    target_id = models.CharField(_("its number"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    door = models.CharField(_("door"), max_length=10, blank=True)
    data = models.JSONField(_("facts"), default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}".strip()


class AuditSeal(models.Model):
    """A link in the chain of digests over the audit log: covers the events `first` to `last`, both included.

    Links follow on each other without a gap. Rows are written only by `accounts.audit.seal`. Append-only.
    """

    first = models.BigIntegerField(_("first event"))
    last = models.BigIntegerField(_("last event"), unique=True)
    # The earliest time among its events: tells which seals a decision on retention reaches.
    first_at = models.DateTimeField(_("first event's time"))
    count = models.PositiveIntegerField(_("events"))
    previous_digest = models.CharField(_("digest before"), max_length=64, blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed"), default=clock.now)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.sealed_at:%Y-%m-%d %H:%M} {self.digest[:12]}"


class Retirement(models.Model):
    """Rows of an append-only table that left by decision. Written by `portal_retire` in the database alone."""

    table_name = models.CharField(_("table"), max_length=100)
    before = models.DateTimeField(_("everything before"))
    decision = models.CharField(_("decision"), max_length=200)
    count = models.BigIntegerField(_("rows"))
    at = models.DateTimeField(_("time"))
    by = models.CharField(_("database role"), max_length=100)

    class Meta:
        verbose_name = _("retirement of records")
        verbose_name_plural = _("retirements of records")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.table_name} {self.before:%Y-%m-%d} {self.decision}"


class Notice(models.Model):
    """Something waits for a person, or for those who read a function mailbox. Holds a kind, a number and an address;
    never a title, a name or a text.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="notices")
    # A notice to a provider or unit, instead of to a person: told by e-mail alone.
    mailbox = models.EmailField(blank=True)
    provider = models.ForeignKey("accounts.Provider", models.CASCADE, null=True, related_name="+")
    # Shown only while the person works under this assignment, so that no other employer's matter shows.
    assignment = models.ForeignKey("accounts.Assignment", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40, blank=True, help_text="A case or document number.")
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)
    # E-mails handed over of which it is not known whether they went out: a worker may be killed in the middle.
    emails_in_flight = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=["user", "assignment"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, mailbox="") | (Q(user=None, provider__isnull=False) & ~Q(mailbox="")),
                name="notice_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


DRAFT_DAYS = 30


class Draft(models.Model):
    """Text that a person is typing in one form, encrypted; its token is also the idempotency key of the submission.

    Made, changed and marked as sent by `accounts.forms.drafts` alone.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="drafts")
    assignment = models.ForeignKey("accounts.Assignment", models.CASCADE, null=True, related_name="+")
    form_key = models.CharField(max_length=60)
    payload = EncryptedJSONField(default=dict)
    # Counts what is saved, and names the tab that saved last: two tabs of one draft do not overwrite each other.
    revision = models.PositiveIntegerField(default=0)
    writer = models.CharField(max_length=40, blank=True)
    # Files that came with a form that could not be sent yet; the paths in clear, for the sweep of storage.
    files = EncryptedJSONField(default=list)
    file_paths = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    # Set by the verb that took the draft, in its transaction: the same content again is answered with the same thing.
    submitted_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ("-updated_at",)

    def __str__(self) -> str:
        return f"{self.form_key} {self.token}"
