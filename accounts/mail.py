"""Telling of a notice by e-mail, without saying what it is about."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Notice


def send_email(notice: Notice) -> None:
    """Says that something waits, and links; nothing of what it is. Sent once: a retried job finds it sent."""
    with translation.override(notice.user.language or settings.LANGUAGE_CODE):
        EmailMessage(
            subject=_("Something waits for you in %s") % settings.PORTAL_NAME,
            body=_("Something waits for you. Sign in to read it:\n\n%s\n\nThis message holds no details on purpose.")
            % f"{settings.PORTAL_URL}{notice.url}",
            to=[notice.user.email],
        ).send()
    notice.emailed_at = clock.now()
    notice.save(update_fields=["emailed_at"])
