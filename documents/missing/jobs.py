"""Unanswered questions are told again."""

from procrastinate.contrib.django import app

from documents.missing.asking import remind


@app.periodic(cron="20 5 * * *")
@app.task(name="documents.remind_missing", queueing_lock="remind_missing")
def remind_missing(timestamp: int) -> None:
    remind()
