"""A version's file is read in the background, and read anew after an upgrade of the reader."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from accounts.models import Assignment
from accounts.notices import notify
from accounts.roles import DOCUMENT_ROLES
from core import clock, markdown
from core.files import extraction, storage
from core.files.types import CONTENT_TYPES
from core.sandbox.html import without_title
from documents import search
from documents.models import Document, Reading, Version
from documents.predicate import UNFINISHED
from documents.reading import findings, late_findings, readings

ATTEMPTS = 5
READING = extraction.Limits()
# The number of former readings taken up at a time, when hardly anything else waits to be read.
SLOWLY = 10
KIND_OF_TYPE = {content_type: kind for kind, content_type in CONTENT_TYPES.items()}


@app.task(
    name="documents.read_text",
    queue="files",
    pass_context=True,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4),
)
def read_text(context: JobContext, version_id: int) -> None:
    """Read a version's file and put its text where it is searched and shown.

    Idempotent: a second run finds nothing waiting. A file that cannot be read is marked so, with the fault's
    code, and not tried again; a fault of ours or of the storage is tried again, and marked when it stays.
    """
    version = Version.objects.filter(pk=version_id, reading__state=Reading.State.WAITING).first()
    if version is None or not version.file:
        return
    try:
        # Outside any transaction: reading may take half a minute, and nothing is locked meanwhile.
        with storage.local_path(version.file) as path:
            found = extraction.extract_text(path, KIND_OF_TYPE[version.file_type], limits=READING)
    except extraction.ExtractionFailed as failure:
        if failure.is_passing and context.job.attempts + 1 < ATTEMPTS:
            raise
        _save_fault(version, failure.code)
    except OSError:
        if context.job.attempts + 1 < ATTEMPTS:
            raise
        _save_fault(version, "storage")
    else:
        _save_text(version, found)


def _waiting(version: Version) -> Reading | None:
    """The version's reading, its document locked, if it still waits for the text of this very file."""
    Document.objects.select_for_update().get(pk=version.document_id)
    waiting = Reading.objects.select_related("version").filter(pk=version.pk, state=Reading.State.WAITING)
    return waiting.filter(version__file=version.file).first()


@transaction.atomic
def _save_fault(version: Version, code: str) -> None:
    if reading := _waiting(version):
        late_findings.keep(reading, [code])
        reading.state, reading.fault = Reading.State.FAILED, code
        reading.reader, reading.read_at = extraction.READER, clock.now()
        reading.save()
        search.reindex([version.document_id])
        _tell_uploader(version)


def _save_text(version: Version, found: extraction.Extracted) -> None:
    # Text written in the portal is what is shown; the file's words are searched all the same.
    written = version.read.html if version.body else ""
    text = f"{markdown.plain(written)}\n{found.text}" if version.body else found.text
    with transaction.atomic():
        reading = _waiting(version)
        if reading is None:
            return
        if reading.version.body != version.body:
            # Somebody wrote in it meanwhile: what was made of it above is not what it says now.
            read_text.defer(version_id=version.pk)
            return
        late_findings.keep(reading, found.warnings)
        reading.state, reading.fault, reading.warnings = Reading.State.READ, "", list(found.warnings)
        reading.pages, reading.reader, reading.read_at = found.pages, extraction.READER, clock.now()
        reading.text, reading.html = text, written or without_title(found.html, version.title)
        reading.save()
        search.reindex([version.document_id])
        if any(findings.FOUND[code].weight == findings.Weight.STOP for code in reading.warnings):
            _tell_uploader(version)


def _tell_uploader(version: Version) -> None:
    """The one who chose the file may have left the page before it was read: a finding that must not come out by mistake
    is told."""
    if version.state not in UNFINISHED:
        return
    chosen = version.document.events.filter(verb="file_attached", version_number=version.number).first()
    at_owner = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=version.document.owner_id)
    told = at_owner.filter(user=chosen.by_id if chosen else None).first()
    if told is not None:
        number = version.document.number
        notify([told], kind="file_findings", subject=number, url=reverse("write", args=[number]))


def give_up_reading(version_id: int) -> None:
    """The file has taken its reader with it again and again: said to be unreadable, so that nobody waits for it."""
    if version := Version.objects.filter(pk=version_id, reading__state=Reading.State.WAITING).first():
        _save_fault(version, "memory")


@app.periodic(cron="*/2 * * * *")
@app.task(name="documents.read_former", queueing_lock="read_former")
def read_former(timestamp: int) -> None:
    """After an upgrade: files that a former edition of the reader read are read anew, a few at a time, those first that
    readers see. `manage.py read_again` takes all at once."""
    readings.read_former(SLOWLY)
