"""How often each document is opened, by day: what many open is what many look for. By whom is not kept.

Counted in the memory of each process and written now and then: a process that is killed loses some seconds of it, and
no page waits.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import date, timedelta

from django.db import connection

from accounts.readers import Reader
from core import clock

# Seconds and openings after which the counts are written, whichever comes first; with the next opening.
SECONDS, OPENINGS = 30.0, 200
LATELY = timedelta(days=90)
KEPT = timedelta(days=365)

_counted: Counter[tuple[int, date]] = Counter()
_lock = threading.Lock()
_written_at = time.monotonic()


def count(document_id: int, reader: Reader) -> None:
    """Somebody has opened it; another's eyes do not count."""
    if reader.viewer is not None:
        return
    with _lock:
        _counted[document_id, clock.today()] += 1
        is_time = time.monotonic() - _written_at > SECONDS or sum(_counted.values()) >= OPENINGS
    if is_time:
        write()


def write() -> None:
    """Put what has been counted into the database. A document that is gone meanwhile is left out."""
    global _written_at
    with _lock:
        counted = dict(_counted)
        _counted.clear()
        _written_at = time.monotonic()
    if not counted:
        return
    keys, days, times = zip(*((key, day, n) for (key, day), n in sorted(counted.items())), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_documentuse (document_id, day, opened)"
            " SELECT d.id, c.day, c.times FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS c(id, day, times)"
            " JOIN documents_document d ON d.id = c.id"
            " ON CONFLICT (document_id, day) DO UPDATE SET opened = documents_documentuse.opened + excluded.opened",
            [list(keys), list(days), list(times)],
        )


def sum_up() -> None:
    """The job: what each has been opened lately (`Document.opened_lately`), and what is old forgotten."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_documentuse WHERE day < %s", [today - KEPT])
        cursor.execute(
            "UPDATE documents_document d SET opened_lately = s.opened FROM ("
            " SELECT d.id, coalesce(sum(u.opened), 0) AS opened FROM documents_document d"
            " LEFT JOIN documents_documentuse u ON u.document_id = d.id AND u.day > %s GROUP BY d.id"
            ") s WHERE s.id = d.id AND d.opened_lately <> s.opened",
            [today - LATELY],
        )
