"""The figures of equal access are counted each night, after the watch has looked at everything."""

from procrastinate.contrib.django import app

from documents.equal import finding, records


@app.periodic(cron="5 3 * * *")
@app.task(name="documents.ask_titles", queue="files", queueing_lock="ask_titles")
def ask_titles(timestamp: int = 0) -> None:
    """Which documents are found by their own titles."""
    finding.ask_all()


@app.periodic(cron="30 4 * * *")
@app.task(name="documents.record_access", queue="files", queueing_lock="record_access")
def record_access(timestamp: int = 0) -> None:
    """The figures of the day."""
    records.record()
