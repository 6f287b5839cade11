"""Telling of a notice by e-mail, without saying what it is about."""

from __future__ import annotations

import logging
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate import RetryStrategy

from accounts.models import Assignment, Notice, User
from core import clock

log = logging.getLogger(__name__)

RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)
# One that may have gone out is sent once more, under the same Message-ID, and then no more.
MAX_IN_FLIGHT = 2
# The other side has said no: it did not take the e-mail.
REFUSED = (SMTPResponseException, SMTPRecipientsRefused)


def message_id(kind: str, which: str) -> str:
    """The Message-ID of an e-mail: the same each time it is sent, so that a second one is seen to be the first."""
    return f"<{kind}-{which}@{urlsplit(settings.PORTAL_URL).hostname}>"


def send_address_changed(user: User, former: str, *, which: str) -> None:
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
            headers={"Message-ID": message_id("address", which)},
        ).send()


def send_email(notice: Notice) -> None:
    """Says that something waits, and links; nothing of what it is. Sent once: a retried job finds it sent.

    Raises what the connection raises. If sending broke off in the middle, nobody knows whether the e-mail went out: it
    is sent at most once more.
    """
    with translation.override((notice.user.language if notice.user else "") or settings.LANGUAGE_CODE):
        body = _("Something waits for you. Sign in to read it:\n\n%s\n\nThis message holds no details on purpose.")
        _send(notice, body % f"{settings.PORTAL_URL}{notice.url}")


def send_digest(user: User) -> bool:
    """One e-mail for all that the person has not read and not been e-mailed of, where they still have access.

    The latest of them carries it: a retried job finds it sent, as of one notice. False where there was nothing.
    """
    current = Assignment.objects.current().filter(user=user)
    waits = Notice.objects.filter(user=user, assignment__in=current, emailed_at=None, read_at=None).order_by("-pk")
    carrier, count = waits.select_related("user").first(), waits.count()
    if carrier is None:
        return False
    with translation.override(user.language or settings.LANGUAGE_CODE):
        body = ngettext(
            "One thing waits for you. Sign in to read it:\n\n%(url)s\n\nThis message holds no details on purpose.",
            "%(n)d things wait for you. Sign in to read them:\n\n%(url)s\n\nThis message holds no details on purpose.",
            count,
        )
        _send(carrier, body % {"n": count, "url": f"{settings.PORTAL_URL}/konto/notiser/"})
    Notice.objects.filter(user=user, emailed_at=None, pk__lte=carrier.pk).update(emailed_at=clock.now())
    return True


def _send(notice: Notice, body: str) -> None:
    message = EmailMessage(
        subject=_("Something waits for you in %s") % settings.PORTAL_NAME,
        body=body,
        to=[notice.user.email if notice.user else notice.mailbox],
        headers={"Message-ID": message_id("notice", f"{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}")},
    )
    send_once(Notice.objects.filter(pk=notice.pk), message)


def send_once(row: QuerySet[Any], message: EmailMessage) -> None:
    """Send the e-mail of one row, which counts it in `emailed_at` and `emails_in_flight`. Nothing where it is sent.

    Raises what the connection raises. One that may have gone out before a worker was killed is sent once more, and then
    no more: none is lost, and only one that was in flight can come twice, under the same Message-ID.
    """
    # A connection that is not made has sent nothing.
    with get_connection() as connection:
        if not _claim(row):
            log.error("an e-mail may have gone out twice and is not tried again", extra={"kind": row.model.__name__})
            return
        try:
            connection.send_messages([message])
        except REFUSED:
            row.update(emails_in_flight=F("emails_in_flight") - 1)
            raise
    row.update(emailed_at=clock.now())


def _claim(row: QuerySet[Any]) -> bool:
    free = row.filter(emailed_at=None, emails_in_flight__lt=MAX_IN_FLIGHT)
    return bool(free.update(emails_in_flight=F("emails_in_flight") + 1))
