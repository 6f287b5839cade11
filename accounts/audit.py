"""Who read, exported, looked, signed in: writing the audit log, sealing it and proving that it is whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction

from accounts import clock
from accounts.models import AuditEvent, AuditSeal
from accounts.readers import Reader

_SEAL_LOCK = 0x5EA1


def record(
    action: str,
    *,
    by: Reader,
    target_type: str = "",
    target_id: object = "",
    reason: str = "",
    **data: Any,
) -> AuditEvent:
    """Write one event. `data` holds ids, counts and states, never texts or names of patients.

    Raises ValueError when the actor is a person without an id: a log that does not say who is worth nothing.
    """
    if by.kind == "person" and by.user_id is None:
        raise ValueError("an audit event needs to say who")
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return AuditEvent.objects.create(
        action=action,
        actor_id=by.user_id,
        actor_label=by.record_label,
        assignment_id=by.assignment_id,
        provider_id=by.provider_id,
        target_type=target_type,
        target_id=str(target_id),
        reason=reason,
        door=by.door,
        data=data,
        request_id=str(request_id),
    )


_FIELDS = ("pk", "at", "action", "actor_id", "actor_label", "assignment_id", "provider_id", "target_type",
           "target_id", "reason", "door", "data", "request_id")  # fmt: skip


def _digest(previous: str, low: int, high: int) -> tuple[str, int]:
    """SHA-256 over the previous link and every event of the transactions [low, high), in order of id."""
    digest, count = hashlib.sha256(previous.encode()), 0
    rows = AuditEvent.objects.filter(transaction__gte=low, transaction__lt=high).order_by("pk").values_list(*_FIELDS)
    for row in rows.iterator(chunk_size=2000):
        digest.update(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False).encode())
        digest.update(b"\n")
        count += 1
    return digest.hexdigest(), count


def seal() -> AuditSeal | None:
    """Seal what has been written since the last seal; None when nothing is ready.

    The upper bound is the oldest transaction still running, so that no row can appear below it later.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        high = cursor.fetchone()[0]
        last = AuditSeal.objects.order_by("-pk").first()
        low, previous = (last.high, last.digest) if last else (0, "")
        if not AuditEvent.objects.filter(transaction__gte=low, transaction__lt=high).exists():
            return None
        digest, count = _digest(previous, low, high)
        return AuditSeal.objects.create(
            low=low, high=high, count=count, previous_digest=previous, digest=digest, sealed_at=clock.now()
        )


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `broken` is the first seal that does not hold, or None."""

    seals: int
    events: int
    broken: AuditSeal | None


def verify() -> Verdict:
    """Recompute every link. A changed, added or removed event, or a removed seal, breaks the chain."""
    previous, low, seals, events = "", 0, 0, 0
    for seal_ in AuditSeal.objects.order_by("pk"):
        digest, count = _digest(previous, seal_.low, seal_.high)
        if (seal_.previous_digest, seal_.low, seal_.digest, seal_.count) != (previous, low, digest, count):
            return Verdict(seals, events, seal_)
        previous, low = digest, seal_.high
        seals, events = seals + 1, events + count
    return Verdict(seals, events, None)
