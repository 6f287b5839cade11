"""A list of people to invite is kept, corrected and sent: verbs of whoever made it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.granting import reach_of
from accounts.invitation_lists import rows as lists
from accounts.invitations import inviting
from accounts.models import Invitation, InvitationList
from accounts.readers import Reader
from core import clock
from core.files.tables import Table
from core.refused import Moved, NotAllowed, WrongState

KEPT_DAYS = 7


def make(table: Table, *, by: Reader) -> InvitationList:
    """Keep the rows of a table. Raises WrongState where it holds none."""
    reach, found = reach_of(by), lists.kept(table)
    if reach is None:
        raise NotAllowed(_("Only an administrator of that provider does this."))
    if not found:
        raise WrongState(_("The list holds no row. Write one person on each line."))
    return InvitationList.objects.create(
        provider_id=reach.provider_id, made_by_id=by.user_id, assignment_id=by.assignment_id, rows=found
    )


def own(by: Reader, key: uuid.UUID) -> InvitationList | None:
    """The list with this key, if the reader made it under this assignment."""
    mine = InvitationList.objects.filter(made_by=by.user_id, assignment=by.assignment_id, provider=by.provider_id)
    return mine.filter(key=key, updated_at__gt=oldest_kept()).first()


def oldest_kept() -> dt.datetime:
    return clock.now() - dt.timedelta(days=KEPT_DAYS)


def latest(by: Reader) -> list[InvitationList]:
    """The lists that wait for the reader, the latest first."""
    mine = InvitationList.objects.filter(made_by=by.user_id, assignment=by.assignment_id, provider=by.provider_id)
    return [row for row in mine.filter(updated_at__gt=oldest_kept())[:5] if row.rows]


def rows_of(batch: InvitationList) -> list[lists.Kept]:
    """The rows as they are kept."""
    return batch.rows  # type: ignore[return-value]


def _locked(batch: InvitationList, by: Reader) -> InvitationList:
    locked = InvitationList.objects.select_for_update().get(pk=batch.pk)
    if (locked.made_by_id, locked.assignment_id) != (by.user_id, by.assignment_id):
        raise NotAllowed(_("Only whoever made the list does this."))
    return locked


@transaction.atomic
def correct(batch: InvitationList, written: Mapping[str, Mapping[str, str]], *, by: Reader) -> InvitationList:
    """Put what was written in the place of what stood: by row (`id`), the columns that were written in; `skip` is "1"
    for a row that is passed over. A row that was read oddly is as it is written now.
    """
    locked = _locked(batch, by)
    for row in rows_of(locked):
        changes = written.get(row["id"])
        if not changes:
            continue
        if row.get("email", "") != changes.get("email", row.get("email", "")):
            row.pop("odd", None)
        row |= {name: text.strip()[:300] for name, text in changes.items() if name in (*lists.COLUMNS, "skip")}
    locked.updated_at = clock.now()
    locked.save(update_fields=["rows", "updated_at"])
    return locked


@transaction.atomic
def send(batch: InvitationList, *, by: Reader, shown: str) -> list[Invitation]:
    """Invite those whose rows are ready, all or none; the rows that need mending stay. `shown`: `lists.mark` of what
    was seen. Raises Refused.
    """
    locked, reach = _locked(batch, by), reach_of(by)
    if reach is None:
        raise NotAllowed(_("Only an administrator of that provider does this."))
    found = lists.answers(rows_of(locked), reach)
    ready = [answer.wish for answer in found if answer.wish and answer.is_ready]
    if not ready:
        raise WrongState(_("No row is ready. Mend one, or write another list."))
    if lists.mark(found) != shown:
        raise Moved(_("The rows are no longer as they were shown. Look at them as they are now."))
    made = inviting.invite(ready, by=by, batch=locked)
    locked.rows = [answer.row for answer in found if answer.faults]  # type: ignore[assignment]
    locked.updated_at = clock.now()
    locked.save(update_fields=["rows", "updated_at"])
    return made


@dataclass(frozen=True)
class Progress:
    """How many of a list's invitations have gone out, of how many."""

    sent: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.sent >= self.total


def progress(batch: InvitationList) -> Progress:
    made = Invitation.objects.filter(batch=batch)
    over = Q(emailed_at__isnull=False) | Q(accepted_at__isnull=False) | Q(withdrawn_at__isnull=False)
    counts = made.aggregate(total=Count("pk"), sent=Count("pk", filter=over))
    return Progress(counts["sent"], counts["total"])
