"""The letter of a month comes in the first days of the next."""

from procrastinate.contrib.django import app

from documents.letters import telling


@app.periodic(cron="20 6 1-7 * *")
@app.task(name="documents.tell_of_letter", queueing_lock="tell_of_letter")
def tell_of_letter(timestamp: int) -> None:
    telling.tell()
