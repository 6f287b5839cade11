"""Drafts are kept for a while and no longer."""

from procrastinate.contrib.django import app

from accounts.forms import drafts


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.purge_drafts", queueing_lock="purge_drafts")
def purge_drafts(timestamp: int) -> None:
    drafts.purge()
