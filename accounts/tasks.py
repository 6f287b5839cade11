"""Jobs of this app."""

import hashlib

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import audit, crypto, drafts
from accounts.mail import send_address_changed, send_email
from accounts.models import Assignment, Notice, User

RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="accounts.email_notice", retry=RETRIES, queue="mail")
def email_notice(notice_id: int) -> None:
    notice = Notice.objects.select_related("user").filter(pk=notice_id, emailed_at=None).first()
    # SECURITY: access may have ended since the notice was made; then nothing is sent.
    if notice and Assignment.objects.current().filter(pk=notice.assignment_id).exists():
        send_email(notice)


@app.task(name="accounts.tell_former_address", retry=RETRIES, queue="mail")
def tell_former_address(user_id: int, address: str) -> None:
    """`address` is encrypted: a job's arguments lie readable in its table. Each time otherwise, so that it marks the
    job too."""
    if user := User.objects.filter(pk=user_id).first():
        send_address_changed(user, crypto.decrypt(address), which=hashlib.sha256(address.encode()).hexdigest()[:20])


@app.periodic(cron="* * * * *")
@app.task(name="accounts.seal_audit", queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:
    audit.seal()


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.purge_drafts", queueing_lock="purge_drafts")
def purge_drafts(timestamp: int) -> None:
    drafts.purge()
