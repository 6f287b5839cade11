"""Changing whom a document is visible to: the act, its defaults, and what must be confirmed by another."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.granting import administers
from accounts.models import CareUnit, Provider
from accounts.readers import Reader
from accounts.roles import Kind
from documents.acts import Moved, NotAllowed, WrongState, edits, event
from documents.models import Document, DocumentType, VisibilityGrant
from documents.signals import visibility_changed
from documents.visibility_preview import Grant, Visibility, VisibilityChange, describe, grant_names, stamp


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
        return Visibility(grants=(Grant(owner.pk, None),))
    by_type = Visibility(type.default_public, type.default_regional, type.default_private, type.default_municipal)
    if applies_to_all and not is_sensitive:
        return by_type
    return Visibility(regional=any(by_type.flags.values()))


def default_of(document: Document) -> Visibility:
    """What a document of this type, owner and reach has by default."""
    applies_to_all = document.applies_regional and document.applies_private and document.applies_municipal
    return default_visibility(
        type=document.type,
        owner=document.owner,
        applies_to_all=applies_to_all,
        is_sensitive=document.is_sensitive,
    )


# Verbs ------------------------------------------------------------------------------------------------------


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
    if not administers(by) and not edits(by, ids):
        raise NotAllowed(_("You may not change who reads these documents. Ask their owners."))
    for document in locked:
        old = Visibility.of(document)
        new = change.applied_to(old)
        if new == old:
            continue
        check_grants(new)
        for name, value in new.flags.items():
            setattr(document, name, value)
        document.save(update_fields=list(new.flags))
        write_grants(document, old, new)
        names = grant_names((*old.grants, *new.grants))
        event(
            document,
            "visibility_changed",
            by,
            reason=reason.strip(),
            before=describe(old, names),
            after=describe(new, names),
        )
        visibility_changed.send(sender=Document, document=document, by=by)
    return locked


def check_grants(visibility: Visibility) -> None:
    units = dict(
        CareUnit.objects.filter(pk__in=[g.unit for g in visibility.grants if g.unit]).values_list("pk", "provider_id")
    )
    if any(g.unit is not None and units.get(g.unit) != g.provider for g in visibility.grants):
        raise WrongState(_("A named unit belongs to another provider."))
    if any(g.until and g.until < clock.today() for g in visibility.grants):
        raise WrongState(_("The last day for a named reader has passed. Give a later one, or none."))


def write_grants(document: Document, old: Visibility, new: Visibility) -> None:
    gone, come = set(old.grants) - set(new.grants), set(new.grants) - set(old.grants)
    # One that held until a day that has passed gives place to a new one.
    for grant in gone | come:
        VisibilityGrant.objects.filter(document=document, provider=grant.provider, unit=grant.unit).delete()
    VisibilityGrant.objects.bulk_create(
        [
            VisibilityGrant(document=document, provider_id=g.provider, unit_id=g.unit, until=g.until)
            for g in sorted(come, key=str)
        ]
    )
