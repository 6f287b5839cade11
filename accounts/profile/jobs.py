"""The two e-mails of a change of address."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.models import AddressLink
from accounts.notices import mail


@app.task(name="accounts.email_address_link", retry=mail.RETRIES, queue="mail")
def email_address_link(link_id: int) -> None:
    row = AddressLink.objects.filter(pk=link_id, confirmed_at=None, emailed_at=None)
    link = row.select_related("change__user").first()
    if link is None or link.has_expired:
        return
    with translation.override(link.change.user.language or settings.LANGUAGE_CODE):
        body = _(
            "Somebody who is signed in wants to sign in to %(portal)s with another address.\n\n"
            "Was it you? Open this link and confirm; the other address gets a link too.\n\n%(link)s\n\n"
            "The link works for a day. Was it not you? Change your password."
        )
        message = EmailMessage(
            subject=_("Confirm your address in %s") % settings.PORTAL_NAME,
            body=body % {"portal": settings.PORTAL_NAME, "link": link.link},
            to=[link.email],
            headers={"Message-ID": mail.message_id("address-change", str(link.key))},
        )
        mail.send_once(row, message)
