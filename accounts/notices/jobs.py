"""E-mails of notices go out from here."""

import hashlib

from procrastinate.contrib.django import app

from accounts.models import Assignment, Notice, Provider, User
from accounts.notices.mail import RETRIES, send_address_changed, send_digest, send_email
from core import crypto


@app.task(name="accounts.email_notice", retry=RETRIES, queue="mail")
def email_notice(notice_id: int) -> None:
    notice = Notice.objects.select_related("user").filter(pk=notice_id, emailed_at=None).first()
    if notice is None:
        return
    # SECURITY: access may have ended since the notice was made; then nothing is sent.
    of_person = Assignment.objects.current().filter(pk=notice.assignment_id)
    of_mailbox = Provider.objects.with_access().filter(pk=notice.provider_id)
    if (of_mailbox if notice.mailbox else of_person).exists():
        send_email(notice)


@app.periodic(cron="30 6 * * *")
@app.task(name="accounts.send_digests", queueing_lock="send_digests")
def send_digests(timestamp: int) -> None:
    """A job for each, so that one address that is refused does not keep the others waiting."""
    waits = Notice.objects.filter(user__email_pace=User.EmailPace.DAILY, emailed_at=None, read_at=None)
    for user_id in waits.order_by("user").values_list("user", flat=True).distinct():
        email_digest.defer(user_id=user_id)


@app.task(name="accounts.email_digest", retry=RETRIES, queue="mail")
def email_digest(user_id: int) -> None:
    if user := User.objects.filter(pk=user_id).first():
        send_digest(user)


@app.task(name="accounts.tell_former_address", retry=RETRIES, queue="mail")
def tell_former_address(user_id: int, address: str) -> None:
    """`address` is encrypted: a job's arguments lie readable in its table. Each time otherwise, so that it marks the
    job too."""
    if user := User.objects.filter(pk=user_id).first():
        send_address_changed(user, crypto.decrypt(address), which=hashlib.sha256(address.encode()).hexdigest()[:20])
