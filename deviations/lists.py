"""Lists of cases for other pages."""

from __future__ import annotations

from accounts.readers import Reader
from deviations.models import Case


def start_page_cases(reader: Reader, *, limit: int) -> list[Case]:
    """One's own reported cases and those one handles, newest first, with their parties."""
    return list(
        Case.objects.visible_to(reader)
        .select_related("type")
        .prefetch_related("parties__provider", "parties__unit")
        .order_by("-submitted_at")[:limit]
    )
