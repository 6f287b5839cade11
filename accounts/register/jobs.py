"""Agreements that end are told of each morning."""

from procrastinate.contrib.django import app

from accounts.register.reminding import remind


@app.periodic(cron="10 6 * * *")
@app.task(name="accounts.remind_of_agreements", queueing_lock="remind_of_agreements")
def remind_of_agreements(timestamp: int) -> None:
    remind()
