"""Events of the audit log are written here."""

from __future__ import annotations

from typing import Any

import structlog

from accounts.models import AuditEvent
from accounts.readers import Reader


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
