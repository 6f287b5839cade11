"""Lists of documents for other pages: what changed, and the programme areas with how much one may see in each."""

from __future__ import annotations

from django.db.models import Count

from accounts.readers import Reader
from documents.models import Document, ProgrammeArea, Version


def changed_documents(reader: Reader, *, limit: int) -> list[Version]:
    """The latest published current versions of documents the reader may see, newest first."""
    return list(
        Version.objects.visible_to(reader)
        .published()
        .filter(state=Version.State.PUBLISHED, document__state=Document.State.ACTIVE)
        .defer("body", "document__search")
        .select_related("document", "document__type")
        .order_by("-published_at", "-pk")[:limit]
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
