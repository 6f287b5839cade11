"""Jobs that keep the portal in order: what a killed worker left, what is finished, what nobody points at."""

from __future__ import annotations

import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from accounts.models import Assignment, Notice
from accounts.notices import notify
from accounts.roles import Role
from core import jobs
from documents.reading.jobs import give_up_reading

log = logging.getLogger(__name__)

# A job that has taken a worker with it this many times is not given to another.
MAX_KILLS = 5
# The last act of a job that is given up, with its arguments.
GIVEN_UP: dict[str, Callable[..., None]] = {"documents.read_text": give_up_reading}
JOBS_PAGE = "/admin/procrastinate/procrastinatejob/"


@app.periodic(cron="* * * * *")
@app.task(name="portal.take_up_stalled", queueing_lock="take_up_stalled", pass_context=True)
async def take_up_stalled(context: JobContext, timestamp: int) -> None:
    """What a worker had in its hands when it was killed is done by another. All jobs bear to be done twice."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=jobs.SILENT.total_seconds()):
        if job.queueing_lock:
            # Periodic: the next time does it, and may wait already under the same lock.
            await manager.finish_job(job, status=Status.ABORTED, delete_job=False)
        elif job.attempts + 1 >= MAX_KILLS:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
            await sync_to_async(_give_up)(job)
        else:
            log.warning("a job of a killed worker is taken up again", extra={"job_id": job.id, "task": job.task_name})
            await manager.retry_job(job)


def _give_up(job: Job) -> None:
    log.error("a job has taken its worker with it again and again", extra={"job_id": job.id, "task": job.task_name})
    if act := GIVEN_UP.get(job.task_name):
        act(**job.task_kwargs)


@app.periodic(cron="7 * * * *")
@app.task(name="portal.tell_of_stuck_jobs", queueing_lock="tell_of_stuck_jobs")
def tell_of_stuck_jobs(timestamp: int) -> None:
    tell_operator()


@transaction.atomic
def tell_operator() -> int:
    """Stuck jobs are told in the log and to the system administrators, once until they have looked."""
    now = jobs.standing()
    if not now.stuck:
        return 0
    log.error("jobs are stuck", extra={"count": now.stuck})
    told = Notice.objects.filter(kind="jobs_stuck", read_at=None).values("assignment")
    untold = Assignment.objects.with_role(Role.SYSTEM_ADMIN).exclude(pk__in=told)
    return notify(untold, kind="jobs_stuck", subject=str(now.stuck), url=JOBS_PAGE)


@app.periodic(cron="23 2 * * *")
@app.task(name="portal.sweep_jobs", queueing_lock="sweep_jobs", pass_context=True)
async def sweep_jobs(context: JobContext, timestamp: int) -> None:
    """Finished jobs go after three days, failed ones when nobody is told of them any more."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=72, include_cancelled=True, include_aborted=True)
    await manager.delete_old_jobs(nb_hours=24 * jobs.FAILED_DAYS, include_failed=True)


@app.periodic(cron="41 2 * * *")
@app.task(name="portal.sweep_files", queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:
    """At night, when no copy of database and files is likely to be half done (docs/operations.md)."""
    call_command("sweep_files")


@app.periodic(cron="11 2 * * *")
@app.task(name="portal.check_visibility", queueing_lock="check_visibility")
def check_visibility(timestamp: int) -> None:
    """A difference is mended at once, and the failed job tells of it: somebody has written past the triggers."""
    call_command("check_visibility", "--mend")


@app.periodic(cron="53 2 * * *")
@app.task(name="portal.clear_sessions", queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    call_command("clearsessions")
