"""The people told of a new safety letter: once each, where it holds something for them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.urls import reverse

from accounts import notices
from accounts.models import Assignment, Notice, User
from accounts.readers import Reader, reader_for
from accounts.roles import Role
from documents.letters import content
from documents.models import LetterChoice

KIND = "safety_letter"
# Those who are to spread what others learnt (PSL 3:10); all others choose it for themselves.
BY_ROLE = (
    *(Role.CASE_HANDLER, Role.LEX_MARIA_OFFICER, Role.UNIT_MANAGER, Role.PROVIDER_ADMIN, Role.SAFETY_COORDINATOR),
    *(Role.MEDICALLY_RESPONSIBLE_NURSE, Role.MEDICALLY_RESPONSIBLE_REHAB, Role.SOCIAL_CARE_LEAD),
)


def address(month: dt.date) -> str:
    return reverse("safety_letter", args=[month])


def wants(reader: Reader) -> bool:
    """Whether the reader is told of each letter: as they chose, or else by their roles."""
    chosen = LetterChoice.objects.filter(user=reader.user_id).values_list("wants", flat=True).first()
    return bool(reader.roles & set(BY_ROLE)) if chosen is None else chosen


def choose(user: User, *, wanted: bool) -> None:
    LetterChoice.objects.update_or_create(user=user, defaults={"wants": wanted})


@transaction.atomic
def tell() -> int:
    """The letter of the month that is over, to those who were not told of it yet. Gives how many."""
    month = content.latest()
    url = address(month)
    choices = dict(LetterChoice.objects.values_list("user", "wants"))
    told = set(Notice.objects.filter(kind=KIND, url=url).values_list("user", flat=True))
    by_role = set(Assignment.objects.with_role(*BY_ROLE).values_list("pk", flat=True))
    rows = Assignment.objects.current().select_related("user", "provider", "unit").order_by("pk")
    # Those at one place see alike, but for the editors, who see all that is their provider's own: one is asked for all.
    places: dict[tuple[int, int | None, bool, bool], list[Assignment]] = defaultdict(list)
    for row in rows:
        if row.user_id not in told and choices.get(row.user_id, row.pk in by_role):
            reader = reader_for(row.user, row)
            places[row.provider_id, row.unit_id, reader.is_let_in, reader.edits_documents].append(row)
    asked = [
        one
        for those in places.values()
        if content.letter(reader_for(those[0].user, those[0]), month).count
        for one in those
    ]
    return notices.notify(asked, kind=KIND, subject=f"{month:%Y-%m}", url=url)
