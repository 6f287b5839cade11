"""Outside addresses in published texts: asked now and then whether they are still there."""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F

from core import clock, outbound
from documents.models import OutsideAddress

# Each is asked so often, and a run asks so many and for so long.
EVERY = timedelta(days=7)
MOST, SECONDS = 500, 300.0
# One that is gone is asked again the next night; so many nights in a row make it a finding.
NIGHTS = 3


def ask_some() -> int:
    """Asks those whose turn it is. Gives how many; none while the door is closed (`PORTAL_OUTBOUND`)."""
    if not settings.PORTAL_OUTBOUND:
        return 0
    _take_up()
    until, asked = time.monotonic() + SECONDS, 0
    due = OutsideAddress.objects.filter(next_at__lte=clock.now()).order_by("next_at")[:MOST]
    for row in due:
        if time.monotonic() > until:
            break
        try:
            answer = outbound.ask(row.url)
        except outbound.NotAllowed:
            answer = outbound.Answer(0, "not_allowed")
        keep(row, answer)
        asked += 1
    return asked


def keep(row: OutsideAddress, answer: outbound.Answer) -> None:
    row.status, row.asked_at = answer.status, clock.now()
    row.gone_nights = F("gone_nights") + 1 if answer.is_gone else 0
    row.next_at = clock.now() + (timedelta(hours=20) if answer.is_gone else EVERY)
    row.save()


def _take_up() -> None:
    """The addresses of the texts that are shown now; those that no text has any more are forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_outsideaddress (url, next_at, status, gone_nights)"
            " SELECT DISTINCT url, %s::timestamptz, 0, 0 FROM documents_reading r"
            " JOIN documents_version v ON v.id = r.version_id AND v.state = 'published',"
            " unnest(r.addresses) AS url ON CONFLICT (url) DO NOTHING",
            [clock.now()],
        )
        cursor.execute(
            "DELETE FROM documents_outsideaddress o WHERE NOT EXISTS (SELECT 1 FROM documents_reading r"
            " JOIN documents_version v ON v.id = r.version_id AND v.state = 'published'"
            " WHERE r.addresses @> ARRAY[o.url])"
        )
