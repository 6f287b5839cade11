"""How the jobs in the background are doing: what is stuck, and whether anybody works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

# A worker says every ten seconds that it lives; after this long without it, it is taken for dead.
SILENT = timedelta(seconds=30)
# A job that waits this long past its time is late.
LATE = timedelta(minutes=10)
# Failed jobs are kept, and told of, this long.
FAILED_DAYS = 30


def _had(kind: str, since: timedelta) -> Exists:
    events = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), type=kind, at__gt=Now() - since)
    return Exists(events)


def failed() -> QuerySet[ProcrastinateJob]:
    """Jobs that were tried as often as they may be, and will not be tried again by themselves."""
    return ProcrastinateJob.objects.filter(_had("failed", timedelta(days=FAILED_DAYS)), status="failed")


def late() -> QuerySet[ProcrastinateJob]:
    """Jobs whose time came LATE ago, and that nobody has begun. One without a set time was due when it was made."""
    due = Q(scheduled_at__lt=Now() - LATE) | Q(scheduled_at=None) & ~_had("deferred", LATE)
    return ProcrastinateJob.objects.filter(due, status="todo")


def stalled() -> QuerySet[ProcrastinateJob]:
    """Jobs in the hands of a worker that has fallen silent."""
    dead = Q(worker=None) | Q(worker__last_heartbeat__lt=Now() - SILENT)
    return ProcrastinateJob.objects.filter(dead, status="doing")


STUCK = {"failed": failed, "late": late, "stalled": stalled}


@dataclass(frozen=True)
class Standing:
    """How many jobs are stuck, by kind; `worker`: at least one has said lately that it lives."""

    failed: int
    late: int
    stalled: int
    worker: bool

    @property
    def stuck(self) -> int:
        return self.failed + self.late + self.stalled

    @property
    def is_well(self) -> bool:
        return self.worker and not self.stuck


def standing() -> Standing:
    living = ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - 2 * SILENT)
    return Standing(**{name: found().count() for name, found in STUCK.items()}, worker=living.exists())
