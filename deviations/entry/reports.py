"""The parts of a report, between the form (or another door) and the verb that makes a case of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accounts.models import CareUnit, Provider
from core.typed import shortened, visible
from deviations.models import DeviationType
from documents.models import Document

HEADING_CHARS = 120


@dataclass(frozen=True)
class Recipient:
    """A provider, or one of its units."""

    provider: Provider
    unit: CareUnit | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that has been inspected and stored, and waits for its row."""

    path: str
    name: str
    content_type: str
    size: int
    sha256: str
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Attachment:
        """From what `asdict` gave: a draft keeps its files so."""
        return cls(**{**kept, "warnings": tuple(kept["warnings"])})

    def called(self, number: int) -> Attachment:
        """The same file under a name that tells nothing: bilaga-1.pdf."""
        return replace(self, name=f"bilaga-{number}.{self.name.rpartition('.')[2]}")

    def columns(self) -> dict[str, Any]:
        return {
            "key": uuid.uuid4(), "file": self.path, "file_name": self.name, "file_type": self.content_type,
            "file_size": self.size, "file_sha256": self.sha256, "warnings": list(self.warnings),
        }  # fmt: skip


def heading_of(type: DeviationType, place: str) -> str:
    """The kind of event and its place, for a reporter who gave no heading."""
    return shortened(", ".join(filter(None, (str(type), visible(place)))), HEADING_CHARS)


@dataclass(frozen=True)
class Report:
    """One report. Times are aware; `concerns` may be empty, then the reporting provider's handlers choose."""

    event_kind: str
    type: DeviationType
    occurred_at: datetime
    description: str
    title: str = ""
    occurred_time_known: bool = True
    detected_at: datetime | None = None
    detected_time_known: bool = True
    place: str = ""
    consequence: str = ""
    immediate_action: str = ""
    suggestion: str = ""
    concerns: tuple[Recipient, ...] = ()
    documents: tuple[Document, ...] = ()
    wants_feedback: bool = True
    shares_reporter_name: bool = False
    files: tuple[Attachment, ...] = ()
    # SECURITY: goes straight to a record of its own (`entry.patients.keep`), and stands in no repr.
    patient_number: str = field(default="", repr=False)

    @property
    def heading(self) -> str:
        """The reporter's own heading, or what kind of thing and where: never words of the text, which may tell the
        patient's age and sex to whoever sees a list.

        At most HEADING_CHARS code points, which is what the column counts.
        """
        return shortened(visible(self.title), HEADING_CHARS) or heading_of(self.type, self.place)
