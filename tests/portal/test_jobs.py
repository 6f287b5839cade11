"""No job is lost: a killed worker's are taken up again, an e-mail goes out twice at most, and what is stuck is told."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from accounts import notices
from accounts.models import AuditEvent, Notice
from accounts.notices.jobs import email_notice
from accounts.notices.mail import MAX_IN_FLIGHT, send_email
from accounts.roles import Role
from core import jobs
from documents import lifecycle, reference
from documents.models import Reading
from documents.visibility.preview import Visibility
from portal.tasks import MAX_KILLS, tell_operator
from tests import cast
from tests.core import makers
from tests.documents import library

ROOT = Path(settings.BASE_DIR)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _close_workers_connections():
    yield
    connections.close_all()


class Inbox:
    """A real SMTP server that notes what it takes in, and can keep a message back before it says that it has it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.holds = threading.Event()
        self.has_one = threading.Event()

    async def handle_DATA(self, server: SMTP, session, envelope) -> str:
        self.taken.append(envelope.content.decode())
        self.has_one.set()
        while self.holds.is_set():
            await asyncio.sleep(0.02)
        return "250 OK"

    def ids(self) -> list[str]:
        return [line for text in self.taken for line in text.splitlines() if line.startswith("Message-ID")]


@pytest.fixture
def inbox():
    handler = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.port = port
    yield handler
    handler.holds.clear()
    controller.stop()


def worker(*arguments: str, port: int) -> subprocess.Popen[bytes]:
    """A worker of its own on the test's database, with e-mail that is really sent."""
    database = {**connection.settings_dict}
    code = (
        "import django; from django.conf import settings; django.setup();"
        f"settings.DATABASES['default']['NAME'] = {database['NAME']!r};"
        "settings.EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend';"
        f"settings.EMAIL_HOST, settings.EMAIL_PORT = '127.0.0.1', {port};"
        "from django.core.management import call_command;"
        f"call_command('procrastinate', 'worker', *{arguments!r})"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env)


def silence() -> None:
    """Half a minute passes in which no worker says anything."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 seconds'")


def take_up(*queues: str) -> None:
    """One turn of the portal's own housekeeping, and of what it brings about."""
    with contextlib.suppress(AlreadyEnqueued):
        app.configure_task("portal.take_up_stalled").defer(timestamp=0)
    call_command("procrastinate", "worker", "--one-shot", "--queues", ",".join(("default", *queues)))


def tell() -> Notice:
    notices.notify([cast.assign(None, cast.private())], kind="case_received", subject="AVV-26-7K3F9Q", url="/x/")
    return Notice.objects.get()


def test_an_e_mail_whose_worker_is_killed_comes_once_more_with_the_same_id(inbox):
    notice = tell()
    inbox.holds.set()
    process = worker("--queues", "mail", port=inbox.port)
    assert inbox.has_one.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    inbox.holds.clear()
    assert ProcrastinateJob.objects.get(task_name="accounts.email_notice").status == "doing"
    assert not jobs.stalled().exists()  # it may still be at work
    silence()
    assert jobs.stalled().exists()
    take_up()
    again = worker("--queues", "mail", "--one-shot", port=inbox.port)
    assert again.wait(30) == 0
    notice.refresh_from_db()
    assert notice.emailed_at is not None
    assert len(inbox.taken) == 2
    assert len(set(inbox.ids())) == 1
    email_notice(notice_id=notice.pk)
    assert len(inbox.taken) == 2


def test_an_e_mail_that_may_have_gone_out_twice_is_not_sent_a_third_time(settings):
    notice = tell()
    Notice.objects.update(emails_in_flight=MAX_IN_FLIGHT)
    send_email(notice)
    assert mail.outbox == []


def test_an_e_mail_that_was_never_taken_is_tried_until_it_is(inbox, settings):
    notice = tell()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    for _ in range(4):
        with pytest.raises(OSError, match="refused"):
            send_email(notice)
    settings.EMAIL_PORT = inbox.port
    send_email(notice)
    assert len(inbox.taken) == 1
    notice.refresh_from_db()
    assert (notice.emailed_at is not None, notice.emails_in_flight) == (True, 1)


def test_a_job_that_takes_its_workers_with_it_is_given_up_and_told():
    admin = cast.assign(None, cast.region(), Role.SYSTEM_ADMIN)
    notice = tell()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", [MAX_KILLS - 1])
    take_up()
    assert ProcrastinateJob.objects.get(args={"notice_id": notice.pk}).status == "failed"
    assert jobs.standing().failed == 1
    tell_operator()
    assert tell_operator() == 0
    assert Notice.objects.get(kind="jobs_stuck").assignment == admin


def test_a_job_nobody_begins_is_late():
    tell()
    assert jobs.standing().late == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - %s", [jobs.LATE + timedelta(seconds=1)])
    assert jobs.standing().late == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
    assert jobs.standing().late == 0


def test_finished_jobs_are_swept_and_failed_ones_kept_a_while():
    for _ in range(3):
        last = app.configure_task("documents.reindex").defer(document_id=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [last])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'doing'")
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '4 days'")
    app.configure_task("portal.sweep_jobs").defer(timestamp=0)
    call_command("procrastinate", "worker", "--one-shot")
    left = ProcrastinateJob.objects.filter(task_name="documents.reindex").values_list("pk", flat=True)
    assert list(left) == [last]


def test_the_administration_shows_what_is_stuck_and_tries_it_again(client):
    person = cast.person(is_staff=True, is_superuser=True)
    cast.assign(person, cast.region(), Role.SYSTEM_ADMIN)
    cast.sign_in(client, person)
    assert "Ingen arbetsprocess" in client.get("/admin/").content.decode()
    tell()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert "Ett jobb har misslyckats" in client.get("/admin/").content.decode()
    address = "/admin/procrastinate/procrastinatejob/"
    pk = ProcrastinateJob.objects.get().pk
    assert "accounts.email_notice" in client.get(f"{address}?stuck=failed").content.decode()
    assert "accounts.email_notice" not in client.get(f"{address}?stuck=late").content.decode()
    client.post(address, {"action": "try_again", "_selected_action": [pk]})
    assert ProcrastinateJob.objects.get().status == "todo"
    assert AuditEvent.objects.filter(action="job_tried_again", target_id=str(pk)).exists()


def test_a_file_whose_worker_is_killed_is_read_by_another(inbox):
    reference.load()
    made = cast.make(library.Cast)
    document = library.add(made, "fil", Visibility(public=True), published=False)
    draft = lifecycle.update_draft(document.versions.get(), by=library.PORTAL, body="")
    file = io.BytesIO(makers.word_of_headings(4000, "Granskogens rubrik"))
    lifecycle.attach_file(draft, file, by=library.PORTAL, name="rutin.docx")
    job = ProcrastinateJob.objects.filter(task_name="documents.read_text")
    process = worker("--queues", "files", port=inbox.port)
    deadline = time.monotonic() + 30
    while job.get().status != "doing":
        assert time.monotonic() < deadline, "the worker did not begin"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reading = Reading.objects.get(pk=draft.pk)
    assert (reading.state, job.get().status) == ("waiting", "doing")
    silence()
    take_up("files")
    reading.refresh_from_db()
    assert reading.state == "read"
    assert "Granskogens rubrik" in reading.text
    assert job.get().status == "succeeded"
