"""A file is kept, looked through and carried out: verbs of the agreement managers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import manages_agreements
from accounts.models import RegisterList
from accounts.readers import Reader
from accounts.register_lists import reading, rows
from accounts.register_lists.reading import Answer, Outcome
from core import clock
from core.files.tables import Table
from core.refused import Moved, NotAllowed, WrongState

# As many rows as one request carries out, at some 20 ms for each that makes a provider, a unit and an agreement; a file
# that has more is sent in parts.
MOST = 1000
KEPT_DAYS = 7
# How the sum of each answer looks: the colour and icon of its badge.
_LOOKS = {
    Outcome.FAULT: ("stop", "warning"),
    Outcome.NEW: ("done", "plus"),
    Outcome.CHANGED: ("act", "edit"),
    Outcome.SAME: ("", "check"),
}


@dataclass(frozen=True)
class Sum:
    """How many rows have an answer of one kind."""

    outcome: Outcome
    count: int

    @property
    def words(self) -> str:
        return f"{self.count} {self.outcome.label.lower()}"

    @property
    def colour(self) -> str:
        return _LOOKS[self.outcome][0]

    @property
    def icon(self) -> str:
        return _LOOKS[self.outcome][1]


def answers(made: RegisterList) -> list[Answer]:
    return [Answer(**told) for told in made.answers]


def sums(found: Iterable[Answer]) -> list[Sum]:
    """By kind of answer, those that some row has."""
    counts = Counter(answer.outcome for answer in found)
    return [Sum(outcome, counts[outcome]) for outcome in Outcome if counts[outcome]]


def make(table: Table, *, by: Reader) -> RegisterList:
    """Keep the rows of a table, each with the answer it would get. Nothing is changed. Raises Refused."""
    if not manages_agreements(by):
        raise NotAllowed(_("Only an agreement manager does this."))
    found = rows.kept(table)
    if len(found) > MOST:
        raise WrongState(_("The file has more than %d rows. Send it in parts.") % MOST)
    told = reading.try_out(found, by=by)
    return RegisterList.objects.create(
        made_by_id=by.user_id, made_by_label=by.person_name, rows=found, answers=[asdict(a) for a in told]
    )


class _Otherwise(Exception):
    """The rows would do something else than was shown."""

    def __init__(self, found: list[Answer]) -> None:
        self.found = found


def carry_out(made: RegisterList, *, shown: str, by: Reader) -> RegisterList:
    """Carry the rows out as they were shown (`reading.mark`), those that are wrong left out. Raises Refused; Moved
    where the register has changed meanwhile, and then the rows have new answers."""
    try:
        return _carried_out(made, shown, by)
    except _Otherwise as other:
        RegisterList.objects.filter(pk=made.pk, applied_at=None).update(answers=[asdict(a) for a in other.found])
        raise Moved(_("The register has changed meanwhile. Look at the answers as they are now.")) from other


@transaction.atomic
def _carried_out(made: RegisterList, shown: str, by: Reader) -> RegisterList:
    locked = RegisterList.objects.select_for_update().get(pk=made.pk)
    if locked.applied_at:
        raise WrongState(_("The file has been carried out already."))
    found = reading.carry_out(locked.rows, by=by)  # type: ignore[arg-type]
    if reading.mark(found) != shown:
        raise _Otherwise(found)
    counts = Counter(str(a.outcome) for a in found)
    if not counts[Outcome.NEW] + counts[Outcome.CHANGED]:
        raise WrongState(_("No row of the file changes anything."))
    locked.answers, locked.rows, locked.applied_at = [asdict(a) for a in found], [], clock.now()  # type: ignore[assignment]
    locked.made_by_id, locked.made_by_label = by.user_id, by.person_name  # type: ignore[assignment]
    locked.save()
    audit.record("register_read_in", by=by, target_type="registerlist", target_id=locked.pk, rows=dict(counts))
    return locked


def one(key: uuid.UUID) -> RegisterList | None:
    return RegisterList.objects.filter(key=key).first()


def latest() -> RegisterList | None:
    """The last file that was carried out."""
    return RegisterList.objects.exclude(applied_at=None).order_by("-applied_at").first()


def waiting() -> list[RegisterList]:
    """Files that have been looked through and not carried out, the latest first."""
    return list(RegisterList.objects.filter(applied_at=None, created_at__gt=oldest_kept())[:5])


def oldest_kept() -> dt.datetime:
    return clock.now() - dt.timedelta(days=KEPT_DAYS)
