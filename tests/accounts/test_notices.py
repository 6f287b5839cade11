"""Something waits: the page, and the e-mail that says so and no more."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connections, transaction
from django.http import HttpRequest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import notices
from accounts.models import Assignment, Notice
from accounts.notices.jobs import email_digest, email_notice, send_digests
from core import clock
from tests import cast

NUMBER, URL = "AVV-26-7K3F9Q", "/avvikelser/AVV-26-7K3F9Q/"


def tell(*assignments: Assignment) -> int:
    with transaction.atomic():
        return notices.notify(assignments, kind="case_received", subject=NUMBER, url=URL)


def work() -> None:
    """A real worker, that does what waits and ends."""
    call_command("procrastinate", "worker", "--one-shot", "--queues", "mail")


@pytest.fixture(autouse=True)
def _close_workers_connections():
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_the_e_mail_holds_a_link_and_nothing_of_the_matter():
    person = cast.person(language="sv")
    tell(cast.assign(person, cast.private("Björkens vård AB")))
    assert mail.outbox == []
    work()
    (sent,) = mail.outbox
    assert sent.to == [person.email]
    assert f"{settings.PORTAL_URL}{URL}" in sent.body
    rest = (sent.subject + sent.body).replace(URL, "")
    for told in (NUMBER, "Björken", person.given_name, person.family_name, "test notice"):
        assert told not in rest
    assert sent.attachments == []
    assert sent.content_subtype == "plain"


@pytest.mark.django_db(transaction=True)
def test_the_e_mail_is_sent_once_however_often_the_job_runs():
    tell(cast.assign(None, cast.private()))
    work()
    email_notice.defer(notice_id=Notice.objects.get().pk)
    work()
    email_notice(notice_id=Notice.objects.get().pk)
    assert len(mail.outbox) == 1
    assert Notice.objects.get().emailed_at is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ended", ["assignment", "person", "agreement"])
def test_nothing_is_sent_after_access_ended(ended):
    assignment = cast.assign(None, cast.private())
    tell(assignment)
    if ended == "assignment":
        Assignment.objects.update(valid_to=cast.day(-1))
    elif ended == "person":
        type(assignment.user).objects.update(is_active=False)
    else:
        assignment.provider.agreements.update(valid_to=cast.day(-1))
    work()
    assert mail.outbox == []
    assert Notice.objects.get().emailed_at is None
    assert not ProcrastinateJob.objects.filter(queue_name="mail").exclude(status="succeeded").exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_told_nobody():
    assignment = cast.assign(None, cast.private())
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        notices.notify([assignment], kind="case_received", subject=NUMBER, url=URL)
        raise RuntimeError
    work()
    assert mail.outbox == []
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_a_person_is_told_once_of_one_thing():
    person = cast.person()
    two = [cast.assign(person, cast.private("Alen AB")), cast.assign(person, cast.private("Björken AB"))]
    assert tell(*two) == 1
    with pytest.raises(KeyError):
        notices.notify(two, kind="unheard of", subject="", url="/")


@pytest.mark.django_db
def test_notices_show_under_the_assignment_they_concern_only(client):
    person = cast.person()
    here, there = (
        cast.assign(person, cast.private("Alen AB")),
        cast.assign(person, cast.private("Björken AB")),
    )
    tell(there)
    assert notices.for_reader(cast.reader(there)).count() == 1
    assert notices.for_reader(cast.reader(here)).count() == 0
    cast.sign_in(client, person)
    assert NUMBER not in client.get(reverse("notices")).content.decode()
    client.post(reverse("assignments"), {"assignment": there.pk})
    assert NUMBER in client.get(reverse("notices")).content.decode()


@pytest.mark.django_db
def test_the_newest_stand_first_and_all_can_be_marked_read(client):
    person = cast.person(language="en")
    assignment = cast.assign(person, cast.private())
    for number in ("AVV-26-AAAAAA", "AVV-26-BBBBBB"):
        notices.notify([assignment], kind="case_received", subject=number, url=f"/avvikelser/{number}/")
    request = HttpRequest()
    request.reader = cast.reader(assignment)
    request.unread = notices.unread_urls(request.reader)
    notices.mark_read(request, url="/avvikelser/AVV-26-BBBBBB/")
    assert request.unread == ["/avvikelser/AVV-26-AAAAAA/"]
    cast.sign_in(client, person)
    html = client.get(reverse("notices")).content.decode()
    assert html.index("AVV-26-BBBBBB") < html.index("AVV-26-AAAAAA")
    assert html.count("card--wait") == 1
    unread = client.get(reverse("notices"), {"vy": "olasta"}).content.decode()
    assert "AVV-26-AAAAAA" in unread
    assert "AVV-26-BBBBBB" not in unread

    assert client.post(reverse("notices")).status_code == 302
    html = client.get(reverse("notices")).content.decode()
    assert "card--wait" not in html
    assert "You have read everything" in client.get(reverse("notices"), {"vy": "olasta"}).content.decode()
    assert "Mark all as read" not in html
    assert not Notice.objects.filter(read_at=None).exists()


@pytest.mark.django_db
def test_marking_read_touches_ones_own_only(client):
    mine, other = cast.assign(None, cast.private("Alen AB")), cast.assign(None, cast.private("Björken AB"))
    tell(mine, other)
    cast.sign_in(client, mine.user)
    client.post(reverse("notices"))
    assert set(Notice.objects.filter(read_at=None).values_list("user", flat=True)) == {other.user_id}


@pytest.mark.django_db
def test_an_empty_page_says_what_will_come(client):
    cast.sign_in(client, cast.person(language="en"))
    assert "Nothing waits for you" in client.get(reverse("notices")).content.decode()


# One e-mail a day, and function mailboxes --------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_who_wants_one_e_mail_a_day_gets_one_in_the_morning(client):
    person = cast.person(language="sv")
    assignment = cast.assign(person, cast.private())
    cast.sign_in(client, person)
    assert "Sparat" in client.post(reverse("notices"), {"pace": "daily"}, follow=True).content.decode()
    assert "Välj hur" in client.post(reverse("notices"), {"pace": "hourly"}, follow=True).content.decode()
    for _ in range(3):
        tell(assignment)
    work()
    assert mail.outbox == []
    assert client.get(reverse("notices")).content.decode().count("card--wait") == 3  # in the portal at once
    Notice.objects.filter(pk=Notice.objects.first().pk).update(read_at=clock.now())
    send_digests(timestamp=0)
    work()
    (sent,) = mail.outbox
    assert sent.to == [person.email]
    assert "2 saker väntar på dig" in sent.body
    assert f"{settings.PORTAL_URL}/konto/notiser/" in sent.body
    assert NUMBER not in sent.subject + sent.body
    send_digests(timestamp=0)
    email_digest(user_id=person.pk)
    work()
    assert len(mail.outbox) == 1  # once
    tell(assignment)
    email_digest(user_id=person.pk)
    assert "En sak väntar på dig" in mail.outbox[1].body
    assert mail.outbox[0].extra_headers["Message-ID"] != mail.outbox[1].extra_headers["Message-ID"]


@pytest.mark.django_db(transaction=True)
def test_what_waited_for_the_morning_is_sent_to_who_no_longer_waits_for_it(client):
    person = cast.person(language="sv", email_pace="daily")
    assignment = cast.assign(person, cast.private())
    cast.sign_in(client, person)
    tell(assignment)
    tell(assignment)
    work()
    assert mail.outbox == []
    client.post(reverse("notices"), {"pace": "at_once"})
    work()
    assert ["2 saker väntar" in sent.body for sent in mail.outbox] == [True]
    tell(assignment)
    work()
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_a_morning_e_mail_that_breaks_off_is_sent_again_under_the_same_id(monkeypatch):
    person = cast.person(email_pace="daily")
    tell(cast.assign(person, cast.private()))
    real, sent = EmailBackend.send_messages, []

    def breaks(self, messages):
        sent.extend(m.extra_headers["Message-ID"] for m in messages)
        if len(sent) == 1:
            raise OSError("cut")
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", breaks)
    with pytest.raises(OSError, match="cut"):
        email_digest(user_id=person.pk)
    email_digest(user_id=person.pk)
    email_digest(user_id=person.pk)
    assert sent == [sent[0]] * 2
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_morning_e_mail_counts_only_where_one_still_has_access():
    person = cast.person(email_pace="daily")
    ended = cast.assign(person, cast.private("Alen AB"), valid_to=cast.day(-1))
    tell(ended)
    email_digest(user_id=person.pk)
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_access", [True, False])
def test_a_function_mailbox_is_told_that_something_waits_while_its_provider_has_access(has_access: bool):
    provider = cast.private("Björken AB")
    with transaction.atomic():
        boxes = [(provider.pk, "avvikelser@bjorken.example")] * 2
        notices.notify([], kind="case_received", subject=NUMBER, url=URL, mailboxes=boxes)
    if not has_access:
        provider.agreements.update(valid_to=cast.day(-1))
    work()
    assert [m.to for m in mail.outbox] == ([["avvikelser@bjorken.example"]] if has_access else [])
    if has_access:
        assert NUMBER not in mail.outbox[0].body.replace(URL, "")
