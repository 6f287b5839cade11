"""The log of a provider that has left: all that its people did, for its administrators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.departed.former import Former
from accounts.departed.package import Piece
from accounts.models import AuditEvent


def _events(former: Former) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(provider=former.assignment.provider_id, at__lt=former.left_at)


def count(former: Former) -> int:
    return _events(former).count()


def pieces(former: Former) -> Iterator[Piece]:
    """One file of lines, the oldest first."""
    yield Piece("logg/logg.jsonl", lines=_lines(former))


def _lines(former: Former) -> Iterator[dict[str, Any]]:
    for event in _events(former).order_by("pk").iterator(chunk_size=1000):
        yield {
            "at": event.at.isoformat(),
            "action": event.action,
            "who": event.actor_label,
            "target_type": event.target_type,
            "target": event.target_id,
            "reason": event.reason,
            "door": event.door,
            "facts": event.data,
        }
