"""E-mails to those who ask to be let in, and the forgetting of what they asked."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.models import AccessRequest
from accounts.notices import mail
from core import clock

UNCONFIRMED_DAYS, ANSWERED_DAYS = 7, 90


@app.task(name="accounts.email_access_request", retry=mail.RETRIES, queue="mail")
def email_request(request_id: int) -> None:
    row = AccessRequest.objects.filter(pk=request_id, confirmed_at=None, emailed_at=None)
    request = row.first()
    if request is None or request.has_expired:
        return
    with translation.override(settings.LANGUAGE_CODE):
        body = _(
            "Somebody has asked that this address be let in to %(portal)s.\n\n"
            "Was it you? Open this link and confirm that the address is yours. Nobody is asked before that.\n\n%(link)s"
            "\n\nThe link works for two days. Was it not you, do nothing."
        )
        message = EmailMessage(
            subject=_("Confirm your address in %s") % settings.PORTAL_NAME,
            body=body % {"portal": settings.PORTAL_NAME, "link": request.link},
            to=[request.email],
            headers={"Message-ID": mail.message_id("request", str(request.key))},
        )
        mail.send_once(row, message)


@app.task(name="accounts.email_access_refused", retry=mail.RETRIES, queue="mail")
def email_no(request_id: int) -> None:
    request = AccessRequest.objects.filter(pk=request_id).first()
    if request is None:
        return
    with translation.override(settings.LANGUAGE_CODE):
        EmailMessage(
            subject=_("Your question to be let in to %s") % settings.PORTAL_NAME,
            body=_("The care provider that you asked has said no. Talk to its administrator if you work there."),
            to=[request.email],
            headers={"Message-ID": mail.message_id("request-answered", str(request.key))},
        ).send()


@app.periodic(cron="40 3 * * *")
@app.task(name="accounts.forget_access_requests", queueing_lock="forget_access_requests")
def forget_access_requests(timestamp: int) -> None:
    """Questions hold names and addresses of people who may never come in: unconfirmed ones go after a week, answered
    ones after ninety days. One that waits for an answer stays."""
    now = clock.now()
    AccessRequest.objects.filter(confirmed_at=None, created_at__lt=now - dt.timedelta(days=UNCONFIRMED_DAYS)).delete()
    AccessRequest.objects.filter(answered_at__lt=now - dt.timedelta(days=ANSWERED_DAYS)).delete()
