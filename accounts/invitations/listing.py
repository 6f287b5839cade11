"""The invitations of a provider, or of one of its units."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Cast, LPad, TruncDate
from django.utils.http import urlencode

from accounts.granting import Reach
from accounts.models import Invitation
from core import clock
from core.lists.keyset import page_by_key

FEW = 5


@dataclass(frozen=True)
class Page:
    """One page of the list; what can still be accepted comes first, the latest first."""

    rows: list[Invitation]
    words: str
    previous_url: str | None
    next_url: str | None


def under_way(reach: Reach) -> QuerySet[Invitation]:
    """Those within reach that are neither accepted nor taken back."""
    return Invitation.objects.under_way().filter(reach.people).select_related("provider", "unit")


def page(reach: Reach, asked: Mapping[str, str]) -> Page:
    """The page that an address asks for (`q`, `efter`, `fore`)."""
    words = asked.get("q", "").replace("\x00", "").strip()[:200]
    rows = under_way(reach)
    for word in words.split()[:5]:
        named = Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(email__icontains=word)
        rows = rows.filter(named | Q(unit__name__icontains=word))
    rows = rows.annotate(
        sort_rank=Case(When(expires_at__lte=clock.now(), then=Value(1)), default=Value(0)),
        sort_day=TruncDate("created_at"),
        sort_number=LPad(Cast("pk", models.CharField()), 12, Value("0")),
    )
    keys, before, after = page_by_key(rows, asked.get("efter", ""), asked.get("fore", ""), newest_first=True)
    found = under_way(reach).in_bulk([key.pk for key in keys])
    query = {"q": words} if words else {}
    return Page(
        rows=[found[key.pk] for key in keys],
        words=words,
        previous_url=f"?{urlencode({**query, 'fore': str(keys[0])})}" if before and keys else None,
        next_url=f"?{urlencode({**query, 'efter': str(keys[-1])})}" if after and keys else None,
    )


def one(reach: Reach, key: str) -> Invitation | None:
    """The invitation with this key within reach; None for what is none of them."""
    try:
        asked = uuid.UUID(key)
    except ValueError:
        return None
    return Invitation.objects.filter(reach.people, key=asked).select_related("provider", "unit").first()
