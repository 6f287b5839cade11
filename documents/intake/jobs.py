"""An uploaded delivery is looked through or taken in by the worker."""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta
from pathlib import Path

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from core import clock
from core.files import storage
from core.refused import NotAllowed
from documents.delivery import mapping, package
from documents.intake import runs
from documents.models import Intake

log = logging.getLogger(__name__)
ATTEMPTS = 3
# An uploaded delivery is kept so long, to be taken in as it was looked through.
KEPT = timedelta(days=14)


@app.task(
    name="documents.carry_out_delivery",
    queue="files",
    retry=RetryStrategy(max_attempts=ATTEMPTS, wait=30),
)
def carry_out_delivery(run_id: int) -> None:
    """Done again after the worker died it goes on; one that has ended is left alone."""
    run = Intake.objects.select_related("source__owner").get(pk=run_id)
    if not (run.is_under_way or run.state == Intake.State.BROKEN) or not run.file:
        return
    with storage.local_path(run.file) as path, contextlib.suppress(mapping.BadMapping, package.BadDelivery, NotAllowed):
        # The reason of each of these stands in the report.
        runs.carry_out(run, Path(path))
    log.info("a delivery has been carried out", extra={"source": run.source.code, "run": run.pk, "state": run.state})


@app.periodic(cron="17 3 * * *")
@app.task(name="documents.let_deliveries_go", queueing_lock="let_deliveries_go")
def let_deliveries_go(timestamp: int) -> None:
    """Files of old deliveries are no longer pointed at, and are swept. Their reports stay."""
    Intake.objects.filter(begun_at__lt=clock.now() - KEPT).exclude(file="").update(file="")
