"""The source that a document comes from: what it is master of is not changed here."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.readers import Reader
from core.refused import WrongState
from documents.models import Document, Source, SourceDocument


def kept_elsewhere(document: Document) -> SourceDocument | None:
    """The source in use that is master of the document, or None: its text, dates and state are changed there
    and read here. Whom it is visible to is decided here all the same (`documents.visibility`)."""
    return SourceDocument.objects.filter(document=document.pk, source__is_active=True).select_related("source").first()


def is_silent(source: Source) -> bool:
    """Whether the publication watch has found that it does not deliver within its days: what comes from it may be
    older than it seems."""
    return source.watch_findings.filter(rule="silent_source", closed_at=None).exists()


def check_kept_here(document: Document, by: Reader) -> None:
    """Raises WrongState for a person's act on what a source is master of."""
    if by.kind != "system" and (elsewhere := kept_elsewhere(document)):
        raise WrongState(_("The document comes from %s and is changed there.") % elsewhere.source.name)
