"""The audit log is sealed in batches, each digest over the one before, and proved to be whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min
from psycopg.errors import LockNotAvailable

from accounts.models import AuditEvent, AuditSeal, Retirement

log = structlog.get_logger("accounts.audit")

_SEAL_LOCK = 0x5EA1
# How long those who write to the log may be kept waiting while a seal finds out where it ends.
_PATIENCE = timedelta(milliseconds=300)
# The most events under one seal: bounds the work that one transaction holds on to.
BATCH = 50_000


_FIELDS = (
    "pk",
    "at",
    "action",
    "actor_id",
    "actor_label",
    "assignment_id",
    "provider_id",
    "target_type",
    "target_id",
    "reason",
    "door",
    "data",
    "request_id",
)
_PK, _AT = 0, 1
Row = tuple[Any, ...]


def _rows(**bounds: int) -> Iterator[Row]:
    events = AuditEvent.objects.filter(**bounds).order_by("pk").values_list(*_FIELDS)
    return iter(events.iterator(chunk_size=2000))


class _Link:
    """The digest of one link as its events are added: SHA-256 over the link before, its bounds and each row."""

    def __init__(self, previous: str, first: int, last: int, first_at: datetime) -> None:
        self.count = 0
        self._sha = hashlib.sha256(f"{previous} {first} {last} {first_at.astimezone(UTC).isoformat()}\n".encode())

    def add(self, row: Row) -> None:
        self._sha.update(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False).encode() + b"\n")
        self.count += 1

    @property
    def digest(self) -> str:
        return self._sha.hexdigest()


def _settled() -> int | None:
    """The highest id below which no event can appear any more; None where the log is empty or too busy to tell.

    INSERT locks the table before it takes an id, so whoever holds it alone for a moment sees every id there is.
    """
    try:
        # SECURITY: a transaction of its own. The lock must be gone before the work on the digests begins.
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [f"{_PATIENCE // timedelta(milliseconds=1)}ms"]
            )
            cursor.execute("LOCK TABLE accounts_auditevent IN SHARE MODE")
            return AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.warning("audit_seal_postponed")
        return None


def seal() -> list[AuditSeal]:
    """Seal what has been written since the last seal, in order; an empty list when nothing is ready.

    Not to be called within a transaction. A transaction that has written to the log may stay open: nobody then waits
    for longer than a moment, and the next call seals.
    """
    settled = _settled()
    if settled is None:
        return []
    made = []
    while link := _seal_batch(settled):
        made.append(link)
        # The log of the server is another place than the database: a chain made anew does not fit what it says.
        log.info("audit_sealed", seal=link.pk, count=link.count, digest=link.digest)
    return made


def _seal_batch(settled: int) -> AuditSeal | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
        before = AuditSeal.objects.order_by("-pk").first()
        events = AuditEvent.objects.filter(pk__lte=settled)
        if before:
            events = events.filter(pk__gt=before.last)
        batch = events.order_by("pk")[:BATCH].aggregate(first=Min("pk"), last=Max("pk"), first_at=Min("at"))
        if batch["last"] is None:
            return None
        if before:
            batch["first"] = before.last + 1
        previous = before.digest if before else ""
        link = _Link(previous, **batch)
        for row in _rows(pk__gte=batch["first"], pk__lte=batch["last"]):
            link.add(row)
        return AuditSeal.objects.create(**batch, count=link.count, previous_digest=previous, digest=link.digest)


@dataclass
class Verdict:
    """The result of `verify`.

    `events` are those found as they were sealed; `retired` the seals whose events have left by a recorded decision;
    `unsealed` the events since the last seal; `strays` the events from before the first seal, that no seal covers;
    `broken` the first seal that does not hold, or None; `newest` the digest of the last seal.
    """

    seals: int = 0
    events: int = 0
    retired: int = 0
    unsealed: int = 0
    strays: int = 0
    broken: AuditSeal | None = None
    newest: str = ""

    @property
    def whole(self) -> bool:
        return self.broken is None and not self.strays


def verify() -> Verdict:
    """Recompute every link. A changed, added or removed event, or a seal taken out from between, breaks the chain.

    Seals taken away from the end show only to one who holds the digest of one of them, as the server's log does.
    """
    with transaction.atomic():
        # SECURITY: seals are read from before events, and events from before retirements. Events that are sealed or
        # retired meanwhile are then never taken for a change.
        seals = _begun(iter(AuditSeal.objects.order_by("pk").iterator(chunk_size=2000)))
        events = _Reading(_rows())
        retirements = Retirement.objects.filter(table_name=AuditEvent._meta.db_table)
        retired = retirements.aggregate(before=Max("before"))["before"]
        return _walk(seals, events, retired)


def _walk(seals: Iterator[AuditSeal], events: _Reading, retired: datetime | None) -> Verdict:
    verdict = Verdict()
    before: AuditSeal | None = None
    for seal in seals:
        verdict.strays += sum(1 for _ in events.up_to(seal.first - 1))
        link = _Link(seal.previous_digest, seal.first, seal.last, seal.first_at)
        times = []
        for row in events.up_to(seal.last):
            link.add(row)
            times.append(row[_AT])
        follows = not before or seal.first == before.last + 1
        if seal.previous_digest != (before.digest if before else "") or not follows:
            verdict.broken = seal
        elif (link.digest, link.count) == (seal.digest, seal.count):
            verdict.events += link.count
        elif retired and seal.first_at < retired <= min(times, default=retired) and link.count < seal.count:
            verdict.retired += 1
        else:
            verdict.broken = seal
        if verdict.broken:
            return verdict
        verdict.seals, verdict.newest, before = verdict.seals + 1, seal.digest, seal
    verdict.unsealed = sum(1 for _ in events.up_to(None))
    return verdict


def _begun(items: Iterator[AuditSeal]) -> Iterator[AuditSeal]:
    """The same items, with the question to the database already asked."""
    return chain([first], items) if (first := next(items, None)) is not None else iter(())


class _Reading:
    """Rows in the order of their ids, taken a stretch at a time."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def up_to(self, last: int | None) -> Iterator[Row]:
        """Those not yet taken with an id of at most `last`; all where it is None."""
        while (row := self._next) and (last is None or row[_PK] <= last):
            self._next = next(self._rows, None)
            yield row
