"""Telling of a notice by e-mail, without saying what it is about."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Notice, User


def send_address_changed(user: User, former: str) -> None:
    """To the address that a person had: so that a change that nobody asked for is noticed."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        EmailMessage(
            subject=_("Your address in %s has been changed") % settings.PORTAL_NAME,
            body=_(
                "An administrator has changed the address that you sign in with. This address is no longer used.\n\n"
                "Did you not ask for it? Tell the administrator of your care provider at once. Roles that open cases "
                "are suspended until they have confirmed that it is you."
            ),
            to=[former],
        ).send()


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
