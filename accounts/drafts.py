"""Nothing typed is lost: the one mechanism that keeps what is being typed, for every form of more than one field."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.models import Draft
from accounts.models.records import DRAFT_DAYS
from accounts.readers import Reader

MAX_FIELDS, MAX_CHARS = 200, 200_000


def own(reader: Reader) -> QuerySet[Draft]:
    """The person's own live drafts under the assignment they work under now."""
    if reader.user_id is None:
        return Draft.objects.none()
    return Draft.objects.filter(
        user=reader.user_id,
        assignment=reader.assignment_id,
        submitted_at=None,
        updated_at__gte=clock.now() - timedelta(days=DRAFT_DAYS),
    )


def parse_token(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def find(reader: Reader, form_key: str, token: str | None = None) -> Draft | None:
    """The draft with this token, or the latest of the form. Only one's own is ever found."""
    drafts = own(reader).filter(form_key=form_key)
    if token is not None:
        return drafts.filter(token=parse_token(token) or uuid.uuid4()).first()
    return drafts.order_by("-updated_at").first()


def start(reader: Reader, form_key: str) -> Draft:
    return Draft.objects.create(user_id=reader.user_id, assignment_id=reader.assignment_id, form_key=form_key)


def save(draft: Draft, data: dict[str, list[str]]) -> None:
    """Keep what stands in the form. Bounded; a submitted draft is left as it is."""
    kept: dict[str, Any] = {}
    room = MAX_CHARS
    for key, values in list(data.items())[:MAX_FIELDS]:
        if key in {"csrfmiddlewaretoken", "token"}:
            continue
        kept[key] = []
        for value in values:
            kept[key].append(str(value)[:room])
            room -= len(kept[key][-1])
        if room <= 0:
            break
    with transaction.atomic():
        locked = Draft.objects.select_for_update().filter(pk=draft.pk, submitted_at=None).first()
        if locked:
            locked.payload = kept  # type: ignore[assignment]
            locked.updated_at = clock.now()
            locked.save(update_fields=["payload", "updated_at"])


def purge() -> int:
    """Delete drafts older than the promised days; returns how many."""
    return Draft.objects.filter(updated_at__lt=clock.now() - timedelta(days=DRAFT_DAYS)).delete()[0]
