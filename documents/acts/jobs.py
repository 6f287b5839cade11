"""A document is brought up to date at the moments when a version appears and goes."""

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from documents.acts.locking import settle
from documents.models import Document

ATTEMPTS = 5


@app.task(name="documents.reindex", queue="files", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4))
def reindex(document_id: int) -> None:
    """A version appears or goes at a set moment: search what is shown then, under the title it has."""
    with transaction.atomic():
        settle(Document.objects.select_for_update().get(pk=document_id))
