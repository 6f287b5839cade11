"""A person's latest searches, under one of their assignments: kept for 30 days, shown to them alone, and theirs to
clear.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Window
from django.db.models.functions import RowNumber

from accounts.readers import Reader
from core import clock
from core.identity.numbers import find_identity_numbers
from documents.models import RecentSearch

KEPT = timedelta(days=30)
MOST = 30


def keep(reader: Reader, text: str) -> None:
    """Remember it, for a person under an assignment: never for nobody, for another's eyes, or an identity number."""
    if not text or reader.assignment_id is None or reader.viewer is not None or find_identity_numbers(text):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_recentsearch (assignment_id, text, at) VALUES (%s, %s, %s)"
            " ON CONFLICT (assignment_id, text) DO UPDATE SET at = excluded.at",
            [reader.assignment_id, text.casefold()[:200], clock.now()],
        )


def of(reader: Reader, *, beginning: str = "", limit: int = MOST) -> list[str]:
    """The latest first."""
    if reader.assignment_id is None or reader.viewer is not None:
        return []
    mine = RecentSearch.objects.filter(assignment=reader.assignment_id, at__gt=clock.now() - KEPT)
    mine = mine.filter(text__startswith=beginning.casefold()) if beginning else mine
    return list(mine.order_by("-at").values_list("text", flat=True)[:limit])


def clear(reader: Reader) -> None:
    """All of it is forgotten."""
    RecentSearch.objects.filter(assignment=reader.assignment_id).exclude(assignment=None).delete()


def purge() -> int:
    """Deletes searches older than KEPT, and all but the MOST latest of each assignment; returns how many."""
    gone = RecentSearch.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
    place = Window(RowNumber(), partition_by="assignment", order_by="-at")
    beyond = RecentSearch.objects.annotate(place=place).filter(place__gt=MOST).values_list("pk", flat=True)
    return gone + RecentSearch.objects.filter(pk__in=list(beyond)).delete()[0]
