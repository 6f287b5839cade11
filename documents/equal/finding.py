"""Is a document among the first that are found by its own title? Asked as each kind of provider that can read it."""

from __future__ import annotations

import time

from django.db.models import F, QuerySet

from accounts.readers import Reader
from accounts.roles import READING_KINDS
from core import clock
from documents import search
from documents.models import Document, TitleAsked

FIRST = 3
# A run takes so long at most, in seconds; what was asked longest ago comes first.
SECONDS = 900.0


def somebody_of(kind: str) -> Reader:
    """A reader of the kind who belongs to no provider in particular: sees what the kind sees."""
    return Reader(kind="person", assignment_id=0, provider_id=0, provider_kind=kind, door="job")


def ask_all(*, seconds: float = SECONDS) -> int:
    """Asks for the titles of what applies to others than its owner, for so long. Gives how many."""
    until, asked = time.monotonic() + seconds, 0
    for document in _oldest_first().iterator(chunk_size=200):
        if time.monotonic() > until:
            break
        missed = [kind.value for kind in READING_KINDS if not is_found(document, kind.value)]
        told = {"asked_at": clock.now(), "missed_by": missed}
        TitleAsked.objects.update_or_create(document=document, defaults=told)
        asked += 1
    return asked


def _oldest_first() -> QuerySet[Document]:
    shown = Document.objects.filter(state=Document.State.ACTIVE, shown__hold=clock.now())
    asked = TitleAsked.objects.filter(asked_at__gte=clock.start_of_day(clock.today()))
    rows = shown.exclude(pk__in=asked.values("pk")).annotate(asked_at=F("title_asked__asked_at"))
    return rows.order_by(F("asked_at").asc(nulls_first=True), "pk").only("title", "number")


def is_found(document: Document, kind: str) -> bool:
    """Whether somebody of the kind has it among the first, by its title. One who cannot read it does not."""
    hits = search.search(somebody_of(kind), document.title, page=FIRST).hits
    return any(hit.document.pk == document.pk for hit in hits[:FIRST])
