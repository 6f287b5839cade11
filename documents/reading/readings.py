"""The reading of a version, which is shown and searched: its Markdown, its file's text, or both."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q, QuerySet
from procrastinate.contrib.django import app

from core import markdown
from core.files import extraction
from documents.models import Reading, Version

# A delivery's ten thousand files are read after whatever a person waits for, mail above all.
PATIENT = -10


def _defer(version: Version, *, priority: int = 0) -> None:
    """The worker reads the file. By its name: the module of the jobs stands on this one."""
    task = app.configure_task("documents.read_text", allow_unknown=False, priority=priority)
    task.defer(version_id=version.pk)


def write(version: Version, html: str) -> None:
    """After a draft's text is saved: what is written in the portal is what is shown. `html` is its rendering."""
    reading = version.read
    reading.html = html
    if not version.file:
        reading.text = markdown.plain(html)
    reading.save()


def wait(version: Version, *, priority: int = 0) -> None:
    """The version's file is to be read; until then nothing of an earlier one is shown or found. `priority`: of the job,
    0 where a person waits for it."""
    reading = version.read
    reading.state, reading.fault, reading.warnings, reading.pages = Reading.State.WAITING, "", [], None
    reading.found_late, reading.read_at = [], None
    if not version.body:
        reading.text = reading.html = ""
    reading.save()
    _defer(version, priority=priority)


def without_file(version: Version) -> None:
    """The version has no file any more: what is written is all that it says."""
    reading = version.read
    html = reading.html if version.body else ""  # of the text, made when that was saved
    reading.state, reading.fault, reading.warnings, reading.pages = Reading.State.NONE, "", [], None
    reading.html, reading.text = html, markdown.plain(html)
    reading.save()


@transaction.atomic
def read_again(version: Version) -> None:
    """Read the file once more, as the reader of files now does. The former reading is shown meanwhile."""
    Reading.objects.filter(pk=version.pk).exclude(version__file="").update(state=Reading.State.WAITING)
    _defer(version)


def former() -> QuerySet[Version]:
    """Versions whose files an earlier edition of the reader has read. The newest first: what readers see comes before
    former versions, and drafts come last."""
    older = Q(reading=None) | Q(reading__reader__lt=extraction.READER)
    found = Version.objects.filter(older).exclude(file="").exclude(reading__state=Reading.State.WAITING)
    return found.order_by(F("published_at").desc(nulls_last=True), "pk").only("pk")


def read_former(most: int) -> int:
    """Takes up some of those, where nobody's new file would wait for them. Gives how many."""
    if Reading.objects.filter(state=Reading.State.WAITING).exclude(version__file="").count() >= most // 2:
        return 0
    taken = list(former()[:most])
    for version in taken:
        read_again(version)
    return len(taken)
