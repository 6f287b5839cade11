"""A document is made and its versions are written: the verbs.

Each verb is one transaction: it locks the document, asks whether the reader may and whether the state allows, changes
what it changes, brings the search index up to date and writes one event. Nothing else changes a state.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.granting import administers
from accounts.models import Assignment, CareUnit, Provider
from accounts.readers import Reader
from core import markdown
from core.files import receiving
from core.refused import NotAllowed, WrongState
from documents import search
from documents.acts import event, locked_document, may_work_on, origin, settle, version_for
from documents.acts.said import SAID, said_of
from documents.lifecycle import numbers
from documents.models import Document, DocumentType, Version
from documents.reading import readings
from documents.visibility.acts import (
    default_visibility,
    may_unmark,
    write_grants,
)
from documents.visibility.preview import Visibility, describe

S = Version.State
DETAILS = frozenset(
    {
        "type",
        "area",
        "owner_unit",
        "content_owner",
        "contact",
        "registry_number",
        "is_sensitive",
        "pages_first",
    }
)
PUBLISHING_FIELDS = frozenset(
    {"change_summary", "is_major", "valid_from", "valid_to", "available_from", "available_to"}
)
DRAFT_FIELDS = PUBLISHING_FIELDS | {"body", *SAID}


@transaction.atomic
def create_document(
    *,
    by: Reader,
    title: str,
    type: DocumentType,
    owner: Provider,
    number: str | None = None,
    visibility: Visibility | None = None,
    owner_unit: CareUnit | None = None,
    applies_regional: bool = True,
    applies_private: bool = False,
    applies_municipal: bool = False,
    is_sensitive: bool = False,
    **details: Any,
) -> Document:
    """A new document without versions, with the visibility its type and owner give it (or the one given).

    `details`: summary, keywords, area, content_owner, contact, registry_number. Raises NotAllowed, WrongState
    for a
    number that has been used, and ValidationError for what the model refuses.
    """
    works_here = by.edits_documents and by.provider_id == owner.pk
    current = works_here and Assignment.objects.current().filter(pk=by.assignment_id).exists()
    if not (current or administers(by)):
        raise NotAllowed(_("You may not make documents for %s.") % owner.name)
    number = number or numbers.next_number(type.code)
    # One that is asked for twice at the same moment is given once, and the other is told so.
    numbers.lock(number)
    if numbers.has_been_used(number):
        raise WrongState(_("The number %s has been used. A number is never used again.") % number)
    applies = {"regional": applies_regional, "private": applies_private, "municipal": applies_municipal}
    opened = visibility or default_visibility(
        type=type, owner=owner, applies_to_all=all(applies.values()), is_sensitive=is_sensitive
    )
    document = Document(
        number=number,
        title=title,
        type=type,
        owner=owner,
        owner_unit=owner_unit,
        is_sensitive=is_sensitive,
        **{f"applies_{kind}": value for kind, value in applies.items()},
        **opened.flags,
        **details,
    )
    document.full_clean(exclude=["search"])
    document.save()
    write_grants(document, Visibility(), opened)
    event(document, "created", by, after={"title": title, "visibility": describe(opened)})
    search.reindex([document.pk])
    return document


@transaction.atomic
def update_document(document: Document, *, by: Reader, **changes: Any) -> Document:
    """Change what a document is (DETAILS): its type, its unit, its contact. Not its visibility; and not what its
    versions say of it, which is written, approved and published with them."""
    if unknown := set(changes) - DETAILS:
        raise TypeError(f"no details of a document: {', '.join(sorted(unknown))}")
    locked = locked_document(document, by, kept_here=False)
    if "type" in changes and changes["type"] != locked.type:
        origin.check_kept_here(locked, by)
    if locked.is_sensitive and changes.get("is_sensitive") is False and not may_unmark(locked, by):
        raise NotAllowed(
            _("Only an approver of the owner takes away the mark that a document is commercially sensitive.")
        )
    before, after = {}, {}
    for name, value in changes.items():
        old = getattr(locked, name)
        if old != value:
            before[name], after[name] = _fact(old), _fact(value)
            setattr(locked, name, value)
    if after:
        locked.full_clean(exclude=["search"])
        locked.save(update_fields=list(after))
        event(locked, "updated", by, before=before, after=after)
        search.reindex([locked.pk])
    return locked


def _fact(value: Any) -> Any:
    return value if isinstance(value, (bool, int, list, type(None))) else str(value)


def add_version(
    document: Document,
    *,
    by: Reader,
    body: str = "",
    change_summary: str = "",
    is_major: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
    available_from: datetime | None = None,
    available_to: datetime | None = None,
    begins_from: Version | None = None,
    number: int | None = None,
    **said: Any,
) -> Version:
    """A new draft. A document has one unfinished version at a time; raises WrongState while there is one.

    `number`: the one that its source gives it, if it comes after all others; else the next.

    `said` (SAID): what it says of its document; left out, as `begins_from` says it, or the document.
    """
    if unknown := set(said) - set(SAID):
        raise TypeError(f"nothing that a version says: {', '.join(sorted(unknown))}")
    html = _rendered(body, document.number)
    with transaction.atomic():
        locked = locked_document(document, by)
        if locked.versions.unfinished().exists():
            raise WrongState(_("There is already a version in the making. Publish or withdraw it first."))
        newest = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = Version(
            document=locked,
            number=max(newest + 1, number or 0),
            body=body,
            author_id=by.user_id,
            change_summary=change_summary,
            is_major=is_major,
            valid_from=valid_from,
            valid_to=valid_to,
            available_from=available_from,
            available_to=available_to,
            begins_from=begins_from,
            **{**said_of(begins_from or locked), **said},
        )
        version.full_clean(exclude=["author"])
        version.save()
        readings.write(version, html)
        event(locked, "version_added", by, version)
        settle(locked)
    return version


def update_draft(version: Version, *, by: Reader, **changes: Any) -> Version:
    """Change a draft's text, dates, what it says of its document or that has changed (DRAFT_FIELDS)."""
    if unknown := set(changes) - DRAFT_FIELDS:
        raise TypeError(f"no fields of a draft: {', '.join(sorted(unknown))}")
    html = _rendered(changes.get("body", ""), version.document.number)
    with transaction.atomic():
        locked = locked_document(version.document, by)
        draft = version_for(version, "update_draft")
        changed = sorted(name for name, value in changes.items() if getattr(draft, name) != value)
        for name in changed:
            setattr(draft, name, changes[name])
        if changed:
            draft.full_clean(exclude=["author"])
            draft.save()
            if "body" in changed:
                readings.write(draft, html)
                if draft.file:
                    readings.wait(draft)  # its words are found beside what is written now, or shown again
            event(locked, "draft_updated", by, draft, after={"fields": changed})
            settle(locked)
    return draft


def _rendered(body: str, number: str) -> str:
    """Some seconds for a long text: before anything is locked."""
    try:
        return markdown.render(body, number)
    except markdown.TooHeavy as heavy:
        raise WrongState(str(heavy)) from None


def take_in(document: Document, file: IO[bytes], *, by: Reader, name: str | None = None) -> receiving.Received:
    """Receive a file for a draft of a document, before there is one to attach it to.

    Slow: not within a transaction. `file` is seekable; its name is taken from it unless given. Raises
    files.RejectedFile for a file that may not come in, with what is wrong and how to mend it.
    """
    if not may_work_on(document, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    name = name or str(getattr(file, "name", "") or "")
    return receiving.receive(file, name=name, app="documents", max_bytes=settings.PORTAL_MAX_FILE_BYTES)


def attach_file(
    version: Version, file: IO[bytes] | receiving.Received, *, by: Reader, name: str | None = None
) -> Version:
    """Give a draft its file (PDF, DOCX or ODT), and enqueue the reading of its text.

    A `file` that `take_in` has not received yet goes through it first. The leftovers of an earlier file are swept
    later.
    """
    # The slow work is done before the lock is taken; a file whose row never comes is swept.
    came = file if isinstance(file, receiving.Received) else take_in(version.document, file, by=by, name=name)
    with transaction.atomic():
        locked = locked_document(version.document, by)
        draft = version_for(version, "attach_file")
        seen, served, original = came.inspected, came.served, came.original
        draft.file, draft.file_name, draft.file_type = served.path, seen.safe_name, seen.content_type
        draft.file_size, draft.file_sha256 = served.size, served.sha256
        draft.original_file, draft.original_sha256 = (original.path, original.sha256) if original else ("", "")
        draft.file_removed = list(came.removed)
        draft.save()
        readings.wait(draft, priority=0 if by.is_person else readings.PATIENT)
        event(
            locked,
            "file_attached",
            by,
            draft,
            after={"sha256": seen.sha256, "size": seen.size, "removed": list(came.removed)},
        )
        search.reindex([locked.pk])
    return draft
