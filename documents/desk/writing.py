"""A version being written: what it begins from, what is saved of it, and whether somebody else has saved since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import markdown
from core.files import receiving
from core.refused import Moved, WrongState
from documents import lifecycle
from documents.acts import event, locked_document
from documents.acts.course import course_of
from documents.acts.origin import kept_elsewhere
from documents.acts.said import SAID, said_of
from documents.comparing.comparison import Comparison, compare
from documents.lifecycle.to_come import FILE
from documents.models import Document, Reading, Version
from documents.reading import readings

TEXT = (*SAID, "body", "change_summary", "is_major")


@dataclass(frozen=True)
class Writing:
    """The text under work: the draft, and the version that it begins from. That is what readers have now, and never one
    that is to come, which nobody has read; only where readers have had nothing does it begin from that.
    """

    document: Document
    draft: Version | None
    source: Version | None
    # Published, and shown later: it is not written on, and what becomes of it is chosen when this one is published.
    to_come: Version | None

    @property
    def overtaken(self) -> Version | None:
        """The version that readers have now, if the draft was begun from another."""
        begun_elsewhere = self.draft and self.source and self.draft.begins_from_id != self.source.pk
        return self.source if begun_elsewhere and self.source != self.to_come else None

    @property
    def number(self) -> int:
        """The number of the version under work, or the next free one."""
        newest = self.document.versions.order_by("-number").values_list("number", flat=True).first() or 0
        return self.draft.number if self.draft else newest + 1

    @property
    def file_of(self) -> Version | None:
        """The version whose file this one has, or would go on with."""
        begun = self.draft or self.source
        return begun if begun and begun.file else None

    @property
    def text(self) -> dict[str, Any]:
        """TEXT, as the page begins with it."""
        if self.draft:
            return {name: getattr(self.draft, name) for name in TEXT}
        said = said_of(self.source or self.document)
        return {**said, "body": self.source.body if self.source else "", "change_summary": "", "is_major": False}

    @property
    def mark(self) -> str:
        """A short mark of the saved content. The same for two who saw the same; of a document that is locked, it
        stands."""
        columns = [getattr(Document._meta.get_field(name), "attname") for name in sorted(lifecycle.DETAILS)]  # noqa: B009
        details = [getattr(self.document, column) for column in columns]
        begins = self.source.pk if self.source else None
        coming = self.to_come.pk if self.to_come else None
        saved = [details, self.number, self.text, self.draft and self.draft.file_sha256, begins, coming]
        return hashlib.sha256(json.dumps(saved, sort_keys=True, default=str).encode()).hexdigest()[:32]


def writing_of(document: Document) -> Writing:
    """Raises WrongState where a version is past being written: it waits for somebody's yes or no."""
    course = course_of(document)
    unfinished = course.unfinished
    if unfinished and unfinished.state != Version.State.DRAFT:
        raise WrongState(
            _("Version %(n)d is %(state)s. Its text can be changed when it has been sent back.")
            % {"n": unfinished.number, "state": unfinished.get_state_display()}
        )
    return Writing(document, unfinished, course.base or course.to_come, course.to_come)


@transaction.atomic
def save(
    document: Document,
    *,
    by: Reader,
    details: Mapping[str, Any],
    text: Mapping[str, Any],
    came: receiving.Received | None = None,
    keeps_file: bool = True,
    seen: str,
) -> Version:
    """Save the draft, and what is said of the document. `came` is a file that `lifecycle.take_in` received; without
    one the file of the draft, or of the version it begins from, is kept or (`keeps_file` False) left.

    `seen` is the mark of what the writer had before them; raises Moved where it has been saved since, by somebody else
    or in another tab.
    """
    locked = locked_document(document, by)
    before = writing_of(locked)
    if seen != before.mark:
        raise Moved(_("The draft has been saved since you opened the page."))
    lifecycle.update_document(locked, by=by, **details)
    draft = before.draft
    if draft is None:
        draft = lifecycle.add_version(locked, by=by, begins_from=before.source, **text)
    else:
        draft = lifecycle.update_draft(draft, by=by, **text)
    if came:
        lifecycle.attach_file(draft, came, by=by)
    elif not keeps_file:
        _leave_file(draft, by)
    elif before.draft is None and before.file_of:
        _go_on_with_file(draft, before.file_of, by)
    return draft


def _go_on_with_file(draft: Version, source: Version, by: Reader) -> None:
    for name in FILE:
        setattr(draft, name, getattr(source, name))
    draft.save(update_fields=FILE)
    readings.wait(draft)
    event(draft.document, "file_attached", by, draft, after={"sha256": draft.file_sha256, "from": source.number})


def _leave_file(draft: Version, by: Reader) -> None:
    if not draft.file:
        return
    empty = Version()
    before = {"sha256": draft.file_sha256}
    for name in FILE:
        setattr(draft, name, getattr(empty, name))
    draft.save(update_fields=FILE)
    readings.without_file(draft)
    event(draft.document, "file_left", by, draft, before=before)


@dataclass(frozen=True)
class SavedMeanwhile:
    """The saving that came between: by whom, and the changes that one's own text would make in it. `comparison`: None
    where there is no draft any more, or the text is too heavy to be shown.
    """

    is_own: bool
    who: str
    older: Version | None
    newer: Version | None
    comparison: Comparison | None


def saved_meanwhile(now: Writing, body: str, by: Reader) -> SavedMeanwhile:
    """`body`: the text that was not saved."""
    last = now.document.events.order_by("-pk").first()
    is_own, who = bool(last and last.by_id == by.user_id), last.by_label if last else ""
    if now.draft is None:
        return SavedMeanwhile(is_own, who, None, None, None)
    kept = {name: getattr(now.draft, name) for name in FILE}
    typed = Version(document=now.document, number=now.draft.number, body=body, **kept)
    try:
        html = markdown.render(body, now.document.number)
    except markdown.TooHeavy:
        return SavedMeanwhile(is_own, who, now.draft, typed, None)
    typed.reading = Reading(version=typed, html=html, text=body, state=now.draft.read.state)
    return SavedMeanwhile(is_own, who, now.draft, typed, compare(now.draft, typed))


# Things of a file that are not in the text, or stand there otherwise (`core.markdown.LeftOut`).
LEFT_OUT: dict[str, Promise] = {
    "picture": gettext_lazy("A picture, put it in yourself"),
    "part": gettext_lazy("A part that could not be read as words"),
    "running": gettext_lazy("Said on every page of the file, and left out"),
    "merged": gettext_lazy("Merged cells are divided; a text over several rows stands in each"),
    "lines": gettext_lazy("The lines of a cell stand on one"),
    "letters": gettext_lazy("A list with letters: they are written as words"),
    "header": gettext_lazy("A table without a header: its first row is the header now"),
    "box": gettext_lazy("A box, which is a quotation now"),
    "words": gettext_lazy("Words that are missing"),
}


@dataclass(frozen=True)
class FromFile:
    """A version that is a file and no text, as the text that somebody can go on with. `left_out`: what the writer is to
    look at in the file, in words, with its page (0: not known). `is_begun_from`: the file stays under a version that
    readers have or have had, and need not come along.
    """

    version: Version
    text: str
    left_out: list[tuple[Promise, int, str]]
    is_begun_from: bool


def from_file(now: Writing) -> FromFile | None:
    """The file whose text can be gone on with here, or was; None where there is none that has been read, and for a
    document that a source is master of."""
    version = next((v for v in (now.draft, now.source) if v and v.file and not v.body), None)
    if version is None or not version.read.is_read or kept_elsewhere(now.document):
        return None
    reading = version.read
    # Words that no page could be made of are paragraphs, line by line.
    lines = (
        f"<p>{escape(line)}</p>" for page in reading.text.split("\f") for line in page.splitlines() if line.strip()
    )
    found = markdown.taken(markdown.without_title(reading.html or "".join(lines), now.document.title))
    told = [(LEFT_OUT[one.kind], one.page, one.says) for one in found.left_out]
    is_begun_from = version == now.source or (now.source is not None and version.file_sha256 == now.source.file_sha256)
    return FromFile(version, found.text, told, is_begun_from)
