"""The e-mails of invitations go out from here."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import formats, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.models import Invitation
from accounts.notices import mail
from core import clock


@app.task(name="accounts.email_invitation", retry=mail.RETRIES, queue="mail")
def email_invitation(invitation_id: int, sending: int) -> None:
    """`sending`: which of its sendings; one that has been sent anew since, taken back or accepted is not sent."""
    row = Invitation.objects.open().filter(pk=invitation_id, sending=sending, emailed_at=None)
    invitation = row.select_related("provider").first()
    if invitation is None:
        return
    with translation.override(settings.LANGUAGE_CODE):
        mail.send_once(row, _message(invitation))


def _message(invitation: Invitation) -> EmailMessage:
    body = _(
        "%(provider)s invites you to %(portal)s, where you read care routines and report deviations.\n\n"
        "Open this link and choose a password:\n\n%(link)s\n\n"
        "The link is yours alone. It works once, until %(day)s. If you did not expect it, do nothing."
    )
    values = {
        "provider": invitation.provider.name,
        "portal": settings.PORTAL_NAME,
        "link": invitation.link,
        "day": formats.date_format(clock.swedish(invitation.expires_at), "j F Y"),
    }
    return EmailMessage(
        subject=_("Invitation to %s") % settings.PORTAL_NAME,
        body=body % values,
        to=[invitation.email],
        headers={"Message-ID": mail.message_id("invitation", f"{invitation.key}-{invitation.sending}")},
    )
