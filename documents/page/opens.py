"""How often each document is opened, by day, and how often in vain, by kind of provider too: what many open is what
many look for. By whom is not kept.

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
# Numbers asked for that led nowhere, by kind of provider and day.
_missed: Counter[tuple[str, str, date]] = Counter()
_lock = threading.Lock()
_written_at = time.monotonic()


def count(document_id: int, reader: Reader) -> None:
    """Somebody has opened it; another's eyes do not count."""
    if reader.viewer is not None:
        return
    with _lock:
        _counted[document_id, clock.today()] += 1
    _write_now_and_then()


def count_missed(number: str, reader: Reader) -> None:
    """Somebody at a provider has asked for a number that does not exist for them.

    SECURITY: the same is done whether such a document exists or not; which of them do is found out when it is written.
    """
    if reader.viewer is not None or not reader.is_let_in:
        return
    with _lock:
        if len(_missed) < 10 * OPENINGS:
            _missed[number[:40], reader.provider_kind, clock.today()] += 1
    _write_now_and_then()


def _write_now_and_then() -> None:
    with _lock:
        waiting = sum(_counted.values()) + sum(_missed.values())
        is_time = waiting and (time.monotonic() - _written_at > SECONDS or waiting >= OPENINGS)
    if is_time:
        write()


def write() -> None:
    """Put what has been counted into the database. A document that is gone meanwhile is left out."""
    global _written_at
    with _lock:
        counted, missed = dict(_counted), dict(_missed)
        _counted.clear()
        _missed.clear()
        _written_at = time.monotonic()
    if missed:
        _write_missed(missed)
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


def _write_missed(missed: dict[tuple[str, str, date], int]) -> None:
    numbers, kinds, days, times = zip(*((*key, n) for key, n in sorted(missed.items())), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_documenttried (document_id, provider_kind, day, times)"
            " SELECT d.id, c.kind, c.day, c.times FROM unnest(%s::text[], %s::text[], %s::date[], %s::int[])"
            " AS c(number, kind, day, times) JOIN documents_document d ON d.number = c.number"
            " ON CONFLICT (document_id, provider_kind, day) DO UPDATE SET times = documents_documenttried.times"
            " + excluded.times",
            [list(numbers), list(kinds), list(days), list(times)],
        )


def sum_up() -> None:
    """The job: what each has been opened lately (`Document.opened_lately`), and what is old forgotten."""
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_documentuse WHERE day < %s", [today - KEPT])
        cursor.execute("DELETE FROM documents_documenttried WHERE day < %s", [today - KEPT])
        cursor.execute(
            "UPDATE documents_document d SET opened_lately = s.opened FROM ("
            " SELECT d.id, coalesce(sum(u.opened), 0) AS opened FROM documents_document d"
            " LEFT JOIN documents_documentuse u ON u.document_id = d.id AND u.day > %s GROUP BY d.id"
            ") s WHERE s.id = d.id AND d.opened_lately <> s.opened",
            [today - LATELY],
        )
