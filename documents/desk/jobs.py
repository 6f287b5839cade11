"""Those who look after documents are reminded."""

from procrastinate.contrib.django import app

from documents.desk import caretaking


@app.periodic(cron="15 5 * * *")
@app.task(name="documents.remind_reviews", queueing_lock="remind_reviews")
def remind_reviews(timestamp: int) -> None:
    caretaking.remind()
