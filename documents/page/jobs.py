"""How often each document is opened is summed up each night."""

from procrastinate.contrib.django import app

from documents.page import opens


@app.periodic(cron="55 2 * * *")
@app.task(name="documents.sum_up_use", queue="files", queueing_lock="sum_up_use")
def sum_up_use(timestamp: int) -> None:
    """How often each document has been opened lately."""
    opens.sum_up()
