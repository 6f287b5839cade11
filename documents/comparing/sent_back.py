"""A version as it was when it was sent back: what is mended since is compared with that, and said where nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from documents.acts import said
from documents.comparing import comparison
from documents.comparing.comparison import Comparison
from documents.models import DocumentEvent, Reading, SentBack, Version

FILE = ("file", "file_name", "file_type", "file_size", "file_sha256")


@dataclass(frozen=True)
class Answer:
    """The wishes of whoever sent it back, and the changes since."""

    asked: DocumentEvent
    comparison: Comparison
    # The version's words about its document: label, before, after.
    facts: list[tuple[str, str, str]]

    @property
    def is_unchanged(self) -> bool:
        return self.comparison.is_same and not self.facts


def keep(version: Version) -> None:
    """The latest sending back is kept, until the version is published."""
    reading = version.read
    kept = {name: getattr(version, name) for name in FILE}
    SentBack.objects.update_or_create(
        version=version,
        defaults={
            "body": version.body, "html": reading.html, "text": reading.text, "reading_state": reading.state,
            "said": said.said_of(version) | {"change_summary": version.change_summary}, "file": kept,
        },
    )  # fmt: skip


def let_go(version: Version) -> None:
    SentBack.objects.filter(version=version).delete()


def answer_of(version: Version) -> Answer | None:
    """For one that is sent anew after it was sent back; None for others."""
    if version.sent_at is None:
        return None
    events = version.document.events.filter(version_number=version.number)
    asked = events.filter(verb="sent_back", at__lt=version.sent_at).first()
    kept = SentBack.objects.filter(version=version).first()
    if asked is None or kept is None:
        return None
    before = _as_it_was(version, kept)
    return Answer(asked, comparison.compare(before, version), said.differing(before, version))


def _as_it_was(version: Version, kept: SentBack) -> Version:
    words = {name: value for name, value in kept.said.items() if name in said.SAID}
    before = Version(document=version.document, number=version.number, body=kept.body, **words, **kept.file)
    before.reading = Reading(version=before, html=kept.html, text=kept.text, state=kept.reading_state)
    return before
