"""What happens to documents: the verbs.

Each verb is one transaction: it locks the document, asks whether the reader may and whether the state allows, changes
what it changes, brings the search index up to date and writes one event. Nothing else changes a state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import clock
from accounts.granting import administers
from accounts.models import Assignment, CareUnit, Provider
from accounts.readers import Reader
from accounts.roles import Kind
from documents import files, markdown, numbers, readings, search, tasks
from documents.models import Document, DocumentEvent, DocumentType, Version, VisibilityGrant
from documents.signals import version_published, visibility_changed
from documents.visibility_preview import Visibility, VisibilityChange, describe, grant_names, stamp

S = Version.State
# Which states a verb takes a version from, and where to. Review and approval in steps come between draft and
# published.
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "update_draft": (frozenset({S.DRAFT}), S.DRAFT),
    "attach_file": (frozenset({S.DRAFT}), S.DRAFT),
    "publish": (frozenset({S.DRAFT, S.APPROVED}), S.PUBLISHED),
    "supersede": (frozenset({S.PUBLISHED}), S.SUPERSEDED),
    "withdraw": (
        frozenset({S.DRAFT, S.CONSULTATION, S.IN_REVIEW, S.APPROVED, S.PUBLISHED, S.SUPERSEDED}),
        S.WITHDRAWN,
    ),
}
DETAILS = frozenset(
    {
        "title",
        "summary",
        "keywords",
        "type",
        "area",
        "owner_unit",
        "content_owner",
        "contact",
        "registry_number",
        "applies_regional",
        "applies_private",
        "applies_municipal",
        "is_sensitive",
    }
)
DRAFT_FIELDS = frozenset(
    {"body", "change_summary", "is_major", "valid_from", "valid_to", "available_from", "available_to"}
)


class LifecycleError(Exception):
    """A verb was refused. Its text is for the person, in the active language."""


class NotAllowed(LifecycleError):
    """The reader may not do this."""


class WrongState(LifecycleError):
    """The document or version is not in a state for this, or something needed is missing."""


class Moved(WrongState):
    """What the act was decided on is no longer so."""


# Asking
# ------------------------------------------------------------------------------------------------------
def may_work_on(document: Document, by: Reader) -> bool:
    """Whether the reader may change this document: an editor or approver of its owner, or an
    administrator."""
    return _edits(by, [document.pk]) or administers(by)


def _edits(by: Reader, ids: list[int]) -> bool:
    """Whether the reader works on all these documents. SECURITY: their assignment is asked again, at this very moment:
    a request may have waited for a lock while it ended."""
    if not Assignment.objects.current().filter(pk=by.assignment_id).exists():
        return False
    return Document.objects.editable_by(by).filter(pk__in=ids).count() == len(set(ids))


def _locked(document: Document, by: Reader, *, revoked: bool = False) -> Document:
    locked = Document.objects.select_for_update().get(pk=document.pk)
    if not may_work_on(locked, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    if locked.state != Document.State.ACTIVE and not revoked:
        raise WrongState(_("The document is revoked and can no longer be changed."))
    return locked


def _version(version: Version, verb: str) -> Version:
    """The version as it is now; its document must be locked. Raises WrongState unless the verb takes its
    state."""
    found = Version.objects.select_related("document").get(pk=version.pk)
    if found.state not in TRANSITIONS[verb][0]:
        raise WrongState(_("This version is %s and cannot be changed that way.") % found.get_state_display())
    return found


def _event(document: Document, verb: str, by: Reader, version: Version | None = None, **facts: Any) -> DocumentEvent:
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


# Defaults ---------------------------------------------------------------------------------------
def default_visibility(
    *, type: DocumentType, owner: Provider, applies_to_all: bool, is_sensitive: bool = False
) -> Visibility:
    """Whom a new document is visible to. Closed unless the type opens it (DESIGN, Visibility).

    Another provider's document: that provider alone. The region's that applies to all: as its type says. The
    region's
    that applies to some, or is sensitive: the region's own, where its type opens to anybody at all.
    """
    if owner.kind != Kind.REGIONAL:
        return Visibility(grants=((owner.pk, None),))
    by_type = Visibility(type.default_public, type.default_regional, type.default_private, type.default_municipal)
    if applies_to_all and not is_sensitive:
        return by_type
    return Visibility(regional=any(by_type.flags.values()))


# Verbs ------------------------------------------------------------------------------------------------------
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
    if DocumentEvent.objects.filter(document_number__iexact=number).exists():
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
    _write_grants(document, Visibility(), opened)
    _event(document, "created", by, after={"title": title, "visibility": describe(opened)})
    search.reindex([document.pk])
    return document


@transaction.atomic
def update_document(document: Document, *, by: Reader, **changes: Any) -> Document:
    """Change what is said of a document (DETAILS): its title, whom it applies to, its contact. Not its
    visibility."""
    if unknown := set(changes) - DETAILS:
        raise TypeError(f"no details of a document: {', '.join(sorted(unknown))}")
    locked = _locked(document, by)
    before, after = {}, {}
    for name, value in changes.items():
        old = getattr(locked, name)
        if old != value:
            before[name], after[name] = _fact(old), _fact(value)
            setattr(locked, name, value)
    if after:
        locked.full_clean(exclude=["search"])
        locked.save(update_fields=list(after))
        _event(locked, "updated", by, before=before, after=after)
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
) -> Version:
    """A new draft. A document has one unfinished version at a time; raises WrongState while there is one."""
    html = markdown.render(body)  # a second or more for a long text: before anything is locked
    with transaction.atomic():
        locked = _locked(document, by)
        if locked.versions.unfinished().exists():
            raise WrongState(_("There is already a version in the making. Publish or withdraw it first."))
        newest = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = Version(
            document=locked,
            number=newest + 1,
            body=body,
            author_id=by.user_id,
            change_summary=change_summary,
            is_major=is_major,
            valid_from=valid_from,
            valid_to=valid_to,
            available_from=available_from,
            available_to=available_to,
        )
        version.full_clean(exclude=["author"])
        version.save()
        readings.write(version, html)
        _event(locked, "version_added", by, version)
        search.reindex([locked.pk])
    return version


def update_draft(version: Version, *, by: Reader, **changes: Any) -> Version:
    """Change a draft's text, dates or what it says has changed (DRAFT_FIELDS)."""
    if unknown := set(changes) - DRAFT_FIELDS:
        raise TypeError(f"no fields of a draft: {', '.join(sorted(unknown))}")
    html = markdown.render(changes.get("body", ""))  # before anything is locked
    with transaction.atomic():
        locked = _locked(version.document, by)
        draft = _version(version, "update_draft")
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
            _event(locked, "draft_updated", by, draft, after={"fields": changed})
            search.reindex([locked.pk])
    return draft


def take_in(document: Document, file: IO[bytes], *, by: Reader, name: str | None = None) -> files.Received:
    """Receive a file for a draft of a document, before there is one to attach it to.

    Slow: not within a transaction. `file` is seekable; its name is taken from it unless given. Raises
    files.RejectedFile for a file that may not come in, with what is wrong and how to mend it.
    """
    if not may_work_on(document, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    name = name or str(getattr(file, "name", "") or "")
    return files.receive(file, name=name, app="documents", max_bytes=settings.PORTAL_MAX_FILE_BYTES)


def attach_file(version: Version, file: IO[bytes] | files.Received, *, by: Reader, name: str | None = None) -> Version:
    """Give a draft its file (PDF, DOCX or ODT), and enqueue the reading of its text.

    A `file` that `take_in` has not received yet goes through it first. What an earlier file left is swept later.
    """
    # The slow work is done before the lock is taken; a file whose row never comes is swept.
    came = file if isinstance(file, files.Received) else take_in(version.document, file, by=by, name=name)
    with transaction.atomic():
        locked = _locked(version.document, by)
        draft = _version(version, "attach_file")
        seen, served, original = came.inspected, came.served, came.original
        draft.file, draft.file_name, draft.file_type = served.path, seen.safe_name, seen.content_type
        draft.file_size, draft.file_sha256 = served.size, served.sha256
        draft.original_file, draft.original_sha256 = (original.path, original.sha256) if original else ("", "")
        draft.file_removed = list(came.removed)
        draft.save()
        readings.wait(draft)
        _event(
            locked,
            "file_attached",
            by,
            draft,
            after={"sha256": seen.sha256, "size": seen.size, "removed": list(came.removed)},
        )
        search.reindex([locked.pk])
    return draft


@transaction.atomic
def publish(
    version: Version, *, by: Reader, approver_label: str | None = None, approved_at: date | None = None
) -> Version:
    """Make a version the current one; the former becomes superseded.

    `approver_label` and `approved_at` are who approved it and when; without them, the one who publishes,
    today.
    Sends `version_published` in the transaction.
    """
    locked = _locked(version.document, by)
    new = _version(version, "publish")
    if not (new.body.strip() or new.file):
        raise WrongState(_("The version has neither text nor a file. Write or choose one before you publish."))
    if locked.versions.filter(state__in=[S.PUBLISHED, S.SUPERSEDED], number__gt=new.number).exists():
        raise WrongState(_("A later version is already published."))
    _check_not_over(new, by)
    former = locked.versions.filter(state=S.PUBLISHED).first()
    if former:
        former.state = TRANSITIONS["supersede"][1]
        former.save(update_fields=["state"])
    own_label = ", ".join(part for part in (by.person_name, by.title) if part)
    new.state, new.published_at = TRANSITIONS["publish"][1], clock.now()
    new.valid_from = new.valid_from or clock.today()
    new.approved_at = approved_at or new.approved_at or clock.today()
    new.approver_label = approver_label or new.approver_label or own_label
    new.full_clean(exclude=["author"])
    new.save()
    _event(locked, "published", by, new, before={"current": former.number if former else None})
    search.reindex([locked.pk])
    _reindex_when_shown(new)
    version_published.send(sender=Document, version=new, by=by)
    return new


def _check_not_over(new: Version, by: Reader) -> None:
    # What is taken over from elsewhere by a command may be over since long; a person who publishes has overlooked it.
    earliest = clock.today() if by.is_person or not new.valid_from else new.valid_from
    if new.valid_to and new.valid_to < earliest:
        raise WrongState(
            _("The last day it applies, %s, has passed. Change it in the draft before you publish.")
            % date_format(new.valid_to, "j F Y")
        )
    if by.is_person and new.available_to and new.available_to <= clock.now():
        raise WrongState(_("It was to be visible until a moment that has passed. Change it before you publish."))


def _reindex_when_shown(version: Version) -> None:
    """What is searched is what is shown: asked again at the moments a version appears and goes."""
    for moment in (version.available_from, version.available_to):
        if moment and moment > clock.now():
            tasks.reindex.configure(schedule_at=moment + timedelta(seconds=1)).defer(document_id=version.document_id)


@transaction.atomic
def withdraw(version: Version, *, by: Reader, reason: str = "") -> Version:
    """Take a version away: a draft that came to nothing, or a published one that must not be read. It is
    kept."""
    locked = _locked(version.document, by)
    gone = _version(version, "withdraw")
    if gone.state in (S.PUBLISHED, S.SUPERSEDED) and not reason.strip():
        raise WrongState(_("Write why the version is withdrawn."))
    before = gone.state
    gone.state = TRANSITIONS["withdraw"][1]
    gone.save(update_fields=["state"])
    _event(locked, "withdrawn", by, gone, reason=reason.strip(), before={"state": before})
    search.reindex([locked.pk])
    return gone


@transaction.atomic
def revoke(document: Document, *, by: Reader, reason: str, replaced_by: Document | None = None) -> Document:
    """The document no longer applies. It stays readable for those who could read it, with that said on
    top."""
    if not reason.strip():
        raise WrongState(_("Write why the document is revoked."))
    locked = _locked(document, by)
    if replaced_by is not None and replaced_by.pk == locked.pk:
        raise WrongState(_("A document cannot replace itself."))
    locked.state, locked.replaced_by = Document.State.REVOKED, replaced_by
    locked.save(update_fields=["state", "replaced_by"])
    after = {"replaced_by": replaced_by.number if replaced_by else None}
    _event(locked, "revoked", by, reason=reason.strip(), after=after)
    search.reindex([locked.pk])
    return locked


def change_visibility(
    document: Document, *, by: Reader, change: VisibilityChange | Visibility, reason: str
) -> Document:
    """Change whom a document is visible to. A reason is demanded; nothing is written where nothing changes.

    Takes effect with the commit, everywhere: all doors ask the same rows. Sends `visibility_changed`.
    """
    return change_visibility_in_bulk([document], by=by, change=change, reason=reason)[0]


@transaction.atomic
def change_visibility_in_bulk(
    documents: Sequence[Document],
    *,
    by: Reader,
    change: VisibilityChange | Visibility,
    reason: str,
    shown: str | None = None,
) -> list[Document]:
    """The same change to many documents, all or none; an event for each that changed. Gives them as they now are.

    `shown` is the mark (`visibility_preview.stamp`) of how things were when the consequence was shown; raises
    Moved where they are no longer so.
    """
    if not reason.strip():
        raise WrongState(_("Write why the visibility is changed."))
    change = VisibilityChange.to(change) if isinstance(change, Visibility) else change
    ids = [d.pk for d in documents]
    # Locked in one order, so that two such changes never wait for each other in a ring.
    locked = list(Document.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    # SECURITY: under the lock. Of two that decide on the same preview, the second decides anew.
    if shown is not None and stamp(locked) != shown:
        raise Moved(_("Somebody has changed the visibility since it was shown to you. Look again, and decide anew."))
    if not administers(by) and not _edits(by, ids):
        raise NotAllowed(_("You may not change who reads these documents. Ask their owners."))
    for document in locked:
        old = Visibility.of(document)
        new = change.applied_to(old)
        if new == old:
            continue
        _check_grants(new)
        for name, value in new.flags.items():
            setattr(document, name, value)
        document.save(update_fields=list(new.flags))
        _write_grants(document, old, new)
        names = grant_names((*old.grants, *new.grants))
        _event(
            document,
            "visibility_changed",
            by,
            reason=reason.strip(),
            before=describe(old, names),
            after=describe(new, names),
        )
        visibility_changed.send(sender=Document, document=document, by=by)
    return locked


def _check_grants(visibility: Visibility) -> None:
    units = dict(
        CareUnit.objects.filter(pk__in=[u for _p, u in visibility.grants if u]).values_list("pk", "provider_id")
    )
    if any(u is not None and units.get(u) != p for p, u in visibility.grants):
        raise WrongState(_("A named unit belongs to another provider."))


def _write_grants(document: Document, old: Visibility, new: Visibility) -> None:
    gone, come = set(old.grants) - set(new.grants), set(new.grants) - set(old.grants)
    # One that held until a day that has passed gives place to a new one.
    for provider_id, unit_id in gone | come:
        VisibilityGrant.objects.filter(document=document, provider=provider_id, unit=unit_id).delete()
    VisibilityGrant.objects.bulk_create(
        [VisibilityGrant(document=document, provider_id=p, unit_id=u) for p, u in sorted(come, key=str)]
    )
