"""What is read from a version, and shown and searched: its Markdown, its file's text, or both."""

from __future__ import annotations

from django.db import transaction

from documents import markdown, tasks
from documents.models import Reading, Version


def write(version: Version, html: str) -> None:
    """After a draft's text is saved: what is written in the portal is what is shown. `html` is its rendering."""
    reading = version.read
    reading.html = html
    if not version.file:
        reading.text = markdown.plain(html)
    reading.save()


def wait(version: Version) -> None:
    """The version's file is to be read; until then nothing of an earlier one is shown or found."""
    reading = version.read
    reading.state, reading.fault, reading.warnings, reading.pages = Reading.State.WAITING, "", [], None
    reading.found_late, reading.read_at = [], None
    if not version.body:
        reading.text = reading.html = ""
    reading.save()
    tasks.read_text.defer(version_id=version.pk)


def without_file(version: Version) -> None:
    """The version has no file any more: what is written is all that it says."""
    reading = version.read
    html = reading.html if version.body else ""  # of the text, made when that was saved
    reading.state, reading.fault, reading.warnings, reading.pages = Reading.State.NONE, "", [], None
    reading.html, reading.text = html, markdown.plain(html)
    reading.save()


@transaction.atomic
def read_again(version: Version) -> None:
    """Read the file once more, as the reader of files now does. What was read before is shown meanwhile."""
    Reading.objects.filter(pk=version.pk).exclude(version__file="").update(state=Reading.State.WAITING)
    tasks.read_text.defer(version_id=version.pk)
