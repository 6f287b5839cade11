"""Reminders of cases go out each morning, and of parts that nobody handles."""

from __future__ import annotations

from procrastinate.contrib.django import app

from deviations.actions import asking
from deviations.telling import officers, reminders


@app.periodic(cron="35 5 * * *")
@app.task(name="deviations.remind", queueing_lock="deviations_remind")
def remind(timestamp: int) -> None:
    reminders.remind()
    officers.remind_of_lex_maria()
    asking.remind()


@app.periodic(cron="*/5 * * * *")
@app.task(name="deviations.tell_of_abandoned", queueing_lock="deviations_abandoned")
def tell_of_abandoned(timestamp: int) -> None:
    reminders.tell_of_abandoned()
    officers.tell_of_no_officer()
