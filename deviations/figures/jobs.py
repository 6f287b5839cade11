"""Each morning reporting is judged anew; the figures change with the month."""

from __future__ import annotations

from procrastinate.contrib.django import app

from deviations.figures import silence


@app.periodic(cron="50 4 * * *")
@app.task(name="deviations.watch_for_silence", queueing_lock="deviations_silence")
def watch_for_silence(timestamp: int) -> None:
    silence.watch()
