"""How a document, or a version of it, comes to an end: verbs, each one transaction and one event (`lifecycle`)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.readers import Reader
from documents import search
from documents.acts import TRANSITIONS, WrongState, event, locked_document, version_for
from documents.models import Document, Version

S = Version.State


@transaction.atomic
def take_back(version: Version, *, by: Reader) -> Version:
    """A version that is published and not shown yet is approved again, and the one before it stays the current one."""
    locked = locked_document(version.document, by)
    back = version_for(version, "take_back")
    if not back.is_to_come:
        raise WrongState(_("It is shown already. Publish a new version, or withdraw this one."))
    back.state, back.published_at = TRANSITIONS["take_back"][1], None
    back.save(update_fields=["state", "published_at"])
    former = _give_way_to_former(back)
    event(locked, "taken_back", by, back, after={"current": former.number if former else None})
    search.reindex([locked.pk])
    return back


@transaction.atomic
def withdraw(version: Version, *, by: Reader, reason: str = "", restore: bool = False) -> Version:
    """Take a version away: a draft that came to nothing, or a published one that must not be read. It is kept.

    `restore` makes the version before a current one current again; else nothing of the document applies. One that has
    not been shown yet always gives way to the one before it, which applies already.
    """
    locked = locked_document(version.document, by)
    gone = version_for(version, "withdraw")
    if gone.state in (S.PUBLISHED, S.SUPERSEDED) and not reason.strip():
        raise WrongState(_("Write why the version is withdrawn."))
    before, was_to_come = gone.state, gone.is_to_come
    gone.state = TRANSITIONS["withdraw"][1]
    gone.save(update_fields=["state"])
    former = _give_way_to_former(gone) if before == S.PUBLISHED and (restore or was_to_come) else None
    after = {"current": former.number} if former else {}
    event(locked, "withdrawn", by, gone, reason=reason.strip(), before={"state": before}, after=after)
    search.reindex([locked.pk])
    return gone


def _give_way_to_former(version: Version) -> Version | None:
    """The one before it, if that is still there, is the current one again."""
    earlier = version.document.versions.filter(state=S.SUPERSEDED, number__lt=version.number)
    former = earlier.order_by("-number").first()
    if former:
        former.state = S.PUBLISHED
        former.save(update_fields=["state"])
    return former


@transaction.atomic
def revoke(document: Document, *, by: Reader, reason: str, replaced_by: Document | None = None) -> Document:
    """The document no longer applies. It stays readable for those who could read it, with that said on top."""
    if not reason.strip():
        raise WrongState(_("Write why the document is revoked."))
    locked = locked_document(document, by)
    if replaced_by is not None and replaced_by.pk == locked.pk:
        raise WrongState(_("A document cannot replace itself."))
    locked.state, locked.replaced_by = Document.State.REVOKED, replaced_by
    locked.save(update_fields=["state", "replaced_by"])
    after = {"replaced_by": replaced_by.number if replaced_by else None}
    event(locked, "revoked", by, reason=reason.strip(), after=after)
    search.reindex([locked.pk])
    return locked


@transaction.atomic
def archive(document: Document, *, by: Reader) -> Document:
    """A revoked document is put away: from now on only those who work on it find it. Its number is never used again."""
    locked = _ended(document, by, Document.State.REVOKED)
    locked.state = Document.State.ARCHIVED
    return _moved(locked, "archived", by)


@transaction.atomic
def reinstate(document: Document, *, by: Reader, reason: str) -> Document:
    """One step back: what is archived is revoked, with its readers; what is revoked applies again, as it did."""
    if not reason.strip():
        raise WrongState(_("Write why."))
    locked = _ended(document, by, Document.State.REVOKED, Document.State.ARCHIVED)
    if locked.state == Document.State.ARCHIVED:
        locked.state = Document.State.REVOKED
    else:
        locked.state, locked.replaced_by = Document.State.ACTIVE, None
    return _moved(locked, "reinstated", by, reason)


def _ended(document: Document, by: Reader, *states: str) -> Document:
    locked = locked_document(document, by, revoked=True)
    if locked.state not in states:
        raise WrongState(_("The document is %s, and this cannot be done with it.") % locked.get_state_display())
    return locked


def _moved(locked: Document, verb: str, by: Reader, reason: str = "") -> Document:
    locked.save(update_fields=["state", "replaced_by"])
    event(locked, verb, by, reason=reason.strip()[:500], after={"state": locked.state})
    search.reindex([locked.pk])
    return locked
