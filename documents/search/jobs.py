"""The search learns, forgets and is brought up to date in the background."""

import time

from django.db import transaction
from procrastinate.contrib.django import app

from documents import search
from documents.models import Document
from documents.search import recent, unanswered


@app.periodic(cron="* * * * *")
@app.task(name="documents.reindex_former", queue="files", queueing_lock="reindex_former")
def reindex_former(timestamp: int) -> None:
    """After an upgrade: what a former edition of the search has indexed is indexed anew, for a minute at a time."""
    until = time.monotonic() + 50
    while time.monotonic() < until:
        former = Document.objects.filter(indexed_by__lt=search.EDITION).order_by("pk")
        keys = list(former.values_list("pk", flat=True)[:50])
        if not keys:
            return
        with transaction.atomic():
            search.reindex(Document.objects.select_for_update().filter(pk__in=keys).values_list("pk", flat=True))


@app.periodic(cron="40 2 * * *")
@app.task(name="documents.learn_words", queue="files", queueing_lock="learn_words")
def learn_words(timestamp: int) -> None:
    """Learn the words of the documents anew; what holds a compound that is now taken apart otherwise is indexed too."""
    search.learn()


@app.periodic(cron="25 3 * * *")
@app.task(name="documents.forget_searches", queueing_lock="forget_searches")
def forget_searches(timestamp: int) -> None:
    """Forgets searches of more than 30 days ago, and unanswered ones of more than a year ago."""
    recent.purge()
    unanswered.purge()


@app.periodic(cron="50 2 * * *")
@app.task(name="documents.look_again", queue="files", queueing_lock="look_again")
def look_again(timestamp: int) -> None:
    """Whether what was not found is there and hidden from who looked for it."""
    unanswered.look_again()
