"""Lists of documents for other pages: what changed, and the programme areas with how much one may see in each."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.readers import Reader
from core import clock
from documents.models import Document, ProgrammeArea, Version
from documents.search import narrowing

# The facts of a document that has changed.
CHANGED = (
    *("number", "change_summary", "valid_from", "valid_to", "published_at"),
    *(f"document__{name}" for name in ("number", "title", "summary")),
)


def changed_documents(reader: Reader, *, limit: int) -> list[Version]:
    """The latest published current versions of documents the reader may see, newest first."""
    return list(
        Version.objects.visible_to(reader)
        .published()
        .filter(state=Version.State.PUBLISHED, document__state=Document.State.ACTIVE)
        # By the document's own column: an index keeps it in order, and a handful is read of however many there are. A
        # version to come tells nothing by its place.
        .filter(document__changed_at__lte=clock.now())
        .order_by("-document__changed_at", "-document_id")
        .select_related("document")
        .only(*CHANGED)[:limit]
    )


@dataclass(frozen=True)
class AreaShown:
    """A programme area with something in it. `seen`: how many documents the reader may see there; None where there
    are more in all than are counted.
    """

    area: ProgrammeArea
    seen: int | None


def programme_areas(reader: Reader, *, limit: int | None = None) -> list[AreaShown]:
    """Areas that have documents the reader may see, largest first."""
    found = Document.objects.visible_to(reader).filter(state=Document.State.ACTIVE, area__isnull=False)
    by_area = narrowing.by_area(found)
    is_more = sum(by_area.values()) > narrowing.COUNTED
    areas = [a for a in ProgrammeArea.objects.all() if a.pk in by_area]
    areas.sort(key=lambda a: (-by_area[a.pk], a.name_sv))
    return [AreaShown(a, None if is_more else by_area[a.pk]) for a in areas[:limit]]
