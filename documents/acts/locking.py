"""The footing of every verb of documents: who may, the lock, the event, and the refusals."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.granting import administers
from accounts.readers import Reader, renewed
from core.refused import Moved, NotAllowed, WrongState
from documents import search
from documents.acts import origin
from documents.acts.course import course_of, moved_since
from documents.acts.said import bring_up_to_date
from documents.acts.table import takes
from documents.models import Document, DocumentEvent, Version


def may_work_on(document: Document, by: Reader) -> bool:
    """Whether the reader may change this document: an editor or approver of its owner, or an
    administrator."""
    return edits(by, [document.pk]) or administers(by)


def edits(by: Reader, ids: list[int]) -> bool:
    """Whether the reader works on all these documents. SECURITY: asked with the reader made anew (`renewed`), at this
    very moment: a request may have waited for a lock while the assignment ended or the role was taken away."""
    own = Document.objects.editable_by(renewed(by)).filter(pk__in=ids)
    return bool(ids) and own.count() == len(set(ids))


def locked_document(
    document: Document, by: Reader, *, revoked: bool = False, shown: str | None = None, kept_here: bool = True
) -> Document:
    """The document as it is now, locked. Raises NotAllowed, and WrongState for one that is revoked, or that a source is
    master of. `kept_here`: False for an act on what the portal itself is master of, whatever the document comes from.

    `shown` is the mark (`Course.mark`) of what somebody decided on; raises Moved where it is no longer so. Only
    commands, which show nothing to anybody, leave it out.
    """
    now = Document.objects.select_for_update().get(pk=document.pk)
    if not may_work_on(now, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    if shown is not None and shown != course_of(now).mark:
        raise Moved(moved_since(now, shown))
    if kept_here:
        origin.check_kept_here(now, by)
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


def version_for(version: Version, verb: str) -> Version:
    """The version as it is now; its document must be locked. Raises WrongState unless the verb takes its
    state."""
    found = Version.objects.select_related("document__type", "document__owner").get(pk=version.pk)
    if not takes(verb, found):
        raise WrongState(_("This version is %s and cannot be changed that way.") % found.get_state_display())
    return found


def settle(document: Document) -> None:
    """After its versions have changed, or a moment has come: the locked document says what its readers' version says,
    and is found by it."""
    bring_up_to_date(document)
    search.reindex([document.pk])
