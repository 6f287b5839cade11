"""Lists of documents for other pages: what changed, and the programme areas with how much one may see in each."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef

from accounts.readers import Reader
from documents.models import Document, ProgrammeArea, Version


def changed_documents(reader: Reader, *, limit: int) -> list[Version]:
    """The latest published current versions of documents the reader may see, newest first."""
    current = Version.objects.published().filter(state=Version.State.PUBLISHED)
    # By the document's own column first: an index keeps it in order, and a handful is read of however many there are.
    latest = (
        Document.objects.visible_to(reader)
        .filter(Exists(current.filter(document=OuterRef("pk"))), state=Document.State.ACTIVE)
        .order_by("-changed_at", "-pk")
        .values_list("pk", flat=True)[:limit]
    )
    return list(
        current.filter(document__in=list(latest))
        .defer("body", "document__search", "document__search_title")
        .select_related("document", "document__type")
        .order_by("-published_at", "-pk")
    )


def programme_areas(reader: Reader, *, limit: int | None = None) -> list[ProgrammeArea]:
    """Areas annotated with `seen`: how many documents in them the reader may see. Largest first, empty left out."""
    counts = (
        Document.objects.visible_to(reader)
        .filter(state=Document.State.ACTIVE, area__isnull=False)
        .order_by()
        .values("area")
        .annotate(n=Count("pk"))
    )
    by_area = {row["area"]: row["n"] for row in counts}
    areas = [a for a in ProgrammeArea.objects.all() if by_area.get(a.pk)]
    for area in areas:
        area.seen = by_area[area.pk]  # type: ignore[attr-defined]
    areas.sort(key=lambda a: (-by_area[a.pk], a.name_sv))
    return areas[:limit]
