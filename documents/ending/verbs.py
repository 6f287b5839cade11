"""How a document, or a version of it, comes to an end: verbs, each one transaction and one event (`lifecycle`)."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core.refused import WrongState
from documents.acts import event, locked_document, settle, version_for
from documents.acts.course import give_way_to_former
from documents.acts.table import step, takes
from documents.models import Document, Version
from documents.visibility.preview import Side, shut_out

S = Version.State


@transaction.atomic
def take_back(version: Version, *, by: Reader, shown: str | None = None) -> Version:
    """A version that is published and not shown yet is approved again, and the one before it stays the current one. If
    another is being worked on already it is withdrawn: a document has one unfinished version.
    """
    locked = locked_document(version.document, by, shown=shown)
    back = version_for(version, "take_back")
    if not back.is_to_come:
        raise WrongState(_("It is shown already. Publish a new version, or withdraw this one."))
    if locked.versions.unfinished().exists():
        step("withdraw", back)
    else:
        step("take_back", back)
        back.published_at = None
    back.save(update_fields=["state", "published_at"])
    former = give_way_to_former(back)
    event(locked, "taken_back", by, back, after={"current": former.number if former else None, "state": back.state})
    settle(locked)
    return back


@transaction.atomic
def withdraw(
    version: Version, *, by: Reader, reason: str = "", restore: bool = False, shown: str | None = None
) -> Version:
    """Take a version away: a draft that came to nothing, or a published one that must not be read. It is kept.

    `restore` makes the version before a current one current again; else nothing of the document applies. One that has
    not been shown yet always gives way to the one before it, which applies already.
    """
    locked = locked_document(version.document, by, shown=shown)
    gone = version_for(version, "withdraw")
    if gone.state in (S.PUBLISHED, S.SUPERSEDED) and not reason.strip():
        raise WrongState(_("Write why the version is withdrawn."))
    before, was_to_come = gone.state, gone.is_to_come
    step("withdraw", gone)
    gone.save(update_fields=["state"])
    former = give_way_to_former(gone) if before == S.PUBLISHED and (restore or was_to_come) else None
    after = {"current": former.number} if former else {}
    event(locked, "withdrawn", by, gone, reason=reason.strip(), before={"state": before}, after=after)
    settle(locked)
    return gone


class ShutsOut(WrongState):
    """Not all who read a document can read what is to replace it; `side` tells who, `mark` what was told."""

    def __init__(self, replacement: Document, side: Side) -> None:
        super().__init__(_("Not all who read it can read %s. Look at who they are, and decide.") % replacement.number)
        self.replacement, self.side, self.mark = replacement, side, mark_of_shut_out(replacement, side)


def mark_of_shut_out(replacement: Document, side: Side) -> str:
    told = repr((replacement.pk, sorted(side.assignments), side.public))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


@transaction.atomic
def revoke(
    document: Document,
    *,
    by: Reader,
    reason: str,
    replaced_by: Document | None = None,
    knows: str = "",
    shown: str | None = None,
) -> Document:
    """The document no longer applies. It stays readable for those who could read it, with that said on top.

    `knows`: the mark (`mark_of_shut_out`) of those who were shown to lose what they read, where not all of them can
    read what replaces it. Raises ShutsOut where others would.
    """
    if not reason.strip():
        raise WrongState(_("Write why the document is revoked."))
    locked = locked_document(document, by, shown=shown)
    if replaced_by is not None and replaced_by.pk == locked.pk:
        raise WrongState(_("A document cannot replace itself."))
    side = shut_out(locked, replaced_by) if replaced_by is not None and by.is_person else None
    if replaced_by is not None and side and knows != mark_of_shut_out(replaced_by, side):
        raise ShutsOut(replaced_by, side)
    step("revoke", locked)
    locked.replaced_by = replaced_by
    locked.save(update_fields=["state", "replaced_by"])
    after = {"replaced_by": replaced_by.number if replaced_by else None}
    event(locked, "revoked", by, reason=reason.strip(), after=after)
    settle(locked)
    return locked


@transaction.atomic
def archive(document: Document, *, by: Reader, shown: str | None = None) -> Document:
    """A revoked document is put away: from now on only those who work on it find it. Its number is never used again."""
    locked = _ended(document, by, "archive", shown)
    step("archive", locked)
    return _moved(locked, "archived", by)


@transaction.atomic
def reinstate(document: Document, *, by: Reader, reason: str, shown: str | None = None) -> Document:
    """One step back: what is archived is revoked, with its readers; what is revoked applies again, as it did."""
    if not reason.strip():
        raise WrongState(_("Write why."))
    locked = _ended(document, by, "reinstate", shown)
    step("reinstate", locked)
    if locked.state == Document.State.ACTIVE:
        locked.replaced_by = None
    return _moved(locked, "reinstated", by, reason)


def _ended(document: Document, by: Reader, act: str, shown: str | None) -> Document:
    locked = locked_document(document, by, revoked=True, shown=shown)
    if not takes(act, locked):
        raise WrongState(_("The document is %s, and this cannot be done with it.") % locked.get_state_display())
    return locked


def _moved(locked: Document, verb: str, by: Reader, reason: str = "") -> Document:
    locked.save(update_fields=["state", "replaced_by"])
    event(locked, verb, by, reason=reason.strip()[:500], after={"state": locked.state})
    settle(locked)
    return locked
