"""Jobs of this app."""

from __future__ import annotations

from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from documents import files, markdown, search
from documents.models import Document, Version

ATTEMPTS = 5
KIND_OF_TYPE = {content_type: kind for kind, content_type in files.CONTENT_TYPES.items()}


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
    version = Version.objects.filter(pk=version_id, text_state=Version.TextState.WAITING).first()
    if version is None or not version.file:
        return
    try:
        # Outside any transaction: reading may take half a minute, and nothing is locked meanwhile.
        with files.local_path(version.file) as path:
            found = files.extract_text(path, KIND_OF_TYPE[version.file_type])
    except files.ExtractionFailed as failure:
        _save_fault(version, failure.code)
    except OSError:
        if context.job.attempts + 1 < ATTEMPTS:
            raise
        _save_fault(version, "storage")
    else:
        _save_text(version, found)


def _waiting(version: Version) -> Version | None:
    """The version, its document locked, if it still waits for the text of this very file."""
    Document.objects.select_for_update().get(pk=version.document_id)
    return Version.objects.filter(pk=version.pk, file=version.file, text_state=Version.TextState.WAITING).first()


@transaction.atomic
def _save_fault(version: Version, code: str) -> None:
    if current := _waiting(version):
        current.text_state, current.text_fault = Version.TextState.FAILED, code
        current.save(update_fields=["text_state", "text_fault"])
        search.reindex([current.document_id])


@transaction.atomic
def _save_text(version: Version, found: files.Extracted) -> None:
    current = _waiting(version)
    if current is None:
        return
    current.text_state, current.text_fault = Version.TextState.READ, ""
    current.text_warnings, current.file_pages = list(found.warnings), found.pages
    if current.body:
        # What is written in the portal is what is shown; the file's words are searched all the same.
        current.text = f"{markdown.plain(current.html)}\n{found.text}"
    else:
        current.text = found.text
        current.html = found.html
    current.save(update_fields=["text_state", "text_fault", "text_warnings", "file_pages", "text", "html"])
    search.reindex([current.document_id])


def give_up_reading(version_id: int) -> None:
    """The file has taken its reader with it again and again: said to be unreadable, so that nobody waits for it."""
    if version := Version.objects.filter(pk=version_id, text_state=Version.TextState.WAITING).first():
        _save_fault(version, "memory")


@app.task(name="documents.reindex", queue="files", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4))
def reindex(document_id: int) -> None:
    """A version appears or goes at a set moment: search what is shown then."""
    with transaction.atomic():
        search.reindex([document_id])
