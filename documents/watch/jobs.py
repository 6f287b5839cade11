"""The watch runs each minute over what has changed, each night over everything, and tells who can mend it: daily those
who look after the documents, weekly the stewards of the owner.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from django.db import transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import Assignment
from accounts.notices import notify
from accounts.roles import Role
from core import clock
from documents.desk.caretaking import Workers
from documents.models import WatchFinding
from documents.watch import looking
from documents.watch.ruling import PAGE

MONDAY = 0


# Jobs -----------------------------------------------------------------------------------------------------------------


@app.periodic(cron="* * * * *")
@app.task(name="documents.watch_changes", queueing_lock="watch_changes")
def watch_changes(timestamp: int = 0) -> None:
    """Looks at all that has changed since the last time."""
    looking.look_at_changed()


@app.periodic(cron="45 3 * * *")
@app.task(name="documents.watch_all", queue="files", queueing_lock="watch_all")
def watch_all(timestamp: int = 0) -> None:
    """All documents and sources: what a day alone has changed is found here."""
    looking.look_at_all()


@app.periodic(cron="40 5 * * *")
@app.task(name="documents.tell_findings", queueing_lock="tell_findings")
def tell_findings(timestamp: int = 0) -> None:
    """Those who can mend something are told of what is new; on Mondays the stewards of all that is open."""
    tell()


def soon() -> None:
    """Everything is looked at once the transaction has ended, and not first in the night."""

    def ask() -> None:
        # In a transaction of its own: all who ask for the same would wait for the end of a longer one.
        with suppress(AlreadyEnqueued):
            watch_all.defer()

    transaction.on_commit(ask)


# Telling --------------------------------------------------------------------------------------------------------------


def to_mend() -> QuerySet[WatchFinding]:
    """Open findings that wait for somebody here: not put aside, and not handed to a source."""
    open_ones = WatchFinding.objects.filter(closed_at=None, asked_at=None)
    return open_ones.filter(Q(snoozed_until=None) | Q(snoozed_until__lt=clock.today()))


@transaction.atomic
def tell() -> int:
    """Each caretaker is told how many of their findings are new; on Mondays each steward how many are open. Gives how
    many persons were told."""
    new = list(to_mend().filter(told_at=None).select_related("document", "source"))
    workers = Workers(finding.owner_id for finding in new)
    counted: Counter[Assignment] = Counter()
    for finding in new:
        # A source's silence is the stewards' to mend.
        told = workers.caretakers(finding.document) if finding.document else _stewards(finding.owner_id)
        counted.update(told)
    for assignment, n in counted.items():
        notify([assignment], kind="watch_new", subject=str(n), url=PAGE)
    WatchFinding.objects.filter(pk__in=[finding.pk for finding in new]).update(told_at=clock.now())
    return len(counted) + (_weekly() if clock.today().weekday() == MONDAY else 0)


def _stewards(owner: int) -> list[Assignment]:
    found = Assignment.objects.with_role(Role.PUBLICATION_STEWARD).filter(provider=owner)
    return list(found.select_related("user"))


def _weekly() -> int:
    told = 0
    counts = Counter(to_mend().values_list("owner", flat=True))
    for owner, n in counts.items():
        told += notify(_stewards(owner), kind="watch_weekly", subject=str(n), url=f"{PAGE}?vy=alla")
    return told
