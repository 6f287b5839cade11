"""Unanswered questions are told again."""

from procrastinate.contrib.django import app

from documents.missing.asking import look_again, remind


@app.periodic(cron="20 5 * * *")
@app.task(name="documents.remind_missing", queueing_lock="remind_missing")
def remind_missing(timestamp: int) -> None:
    remind()


@app.periodic(cron="58 2 * * *")
@app.task(name="documents.look_for_missing", queue="files", queueing_lock="look_for_missing")
def look_for_missing(timestamp: int = 0) -> None:
    """Whether what somebody misses is there and hidden from them."""
    look_again()
