"""Yearly reviews take their next step each morning."""

from procrastinate.contrib.django import app

from accounts.access_review.rounds import advance


@app.periodic(cron="50 5 * * *")
@app.task(name="accounts.advance_reviews", queueing_lock="advance_reviews")
def advance_reviews(timestamp: int) -> None:
    advance()
