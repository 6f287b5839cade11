"""What every verb of documents stands on: who may, the lock, the event, and how one is refused."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.granting import administers
from accounts.models import Assignment
from accounts.readers import Reader
from documents.models import Document, DocumentEvent, Version


class LifecycleError(Exception):
    """A verb was refused. Its text is for the person, in the active language."""


class NotAllowed(LifecycleError):
    """The reader may not do this."""


class WrongState(LifecycleError):
    """The document or version is not in a state for this, or something needed is missing."""


class Moved(WrongState):
    """What the act was decided on is no longer so."""


def may_work_on(document: Document, by: Reader) -> bool:
    """Whether the reader may change this document: an editor or approver of its owner, or an
    administrator."""
    return edits(by, [document.pk]) or administers(by)


def edits(by: Reader, ids: list[int]) -> bool:
    """Whether the reader works on all these documents. SECURITY: their assignment is asked again, at this very moment:
    a request may have waited for a lock while it ended."""
    if not Assignment.objects.current().filter(pk=by.assignment_id).exists():
        return False
    return Document.objects.editable_by(by).filter(pk__in=ids).count() == len(set(ids))


def locked_document(document: Document, by: Reader, *, revoked: bool = False) -> Document:
    """The document as it is now, locked. Raises NotAllowed, and WrongState for one that is revoked."""
    now = Document.objects.select_for_update().get(pk=document.pk)
    if not may_work_on(now, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    if now.state != Document.State.ACTIVE and not revoked:
        raise WrongState(_("The document is revoked and can no longer be changed."))
    return now


def event(document: Document, verb: str, by: Reader, version: Version | None = None, **facts: Any) -> DocumentEvent:
    return DocumentEvent.objects.create(
        document=document,
        document_number=document.number,
        version_number=version.number if version else None,
        verb=verb,
        by_id=by.user_id,
        by_label=by.record_label,
        door=by.door,
        **facts,
    )
