"""Outside addresses are asked each night."""

from procrastinate.contrib.django import app

from documents.links import asking


@app.periodic(cron="5 2 * * *")
@app.task(name="documents.ask_addresses", queue="files", queueing_lock="ask_addresses")
def ask_addresses(timestamp: int = 0) -> None:
    """Whether what texts link to elsewhere is still there; nothing while the door out is closed."""
    asking.ask_some()
