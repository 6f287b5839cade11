"""Changing whom a document is visible to: the act, its defaults, and what must be confirmed by another."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.granting import administers
from accounts.models import Assignment, CareUnit, Provider
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import Kind
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from documents.acts import approvers, edits, event
from documents.models import Document, DocumentType, VisibilityGrant, VisibilityProposal
from documents.signals import visibility_changed
from documents.visibility.preview import (
    Grant,
    Visibility,
    VisibilityChange,
    decided_on,
    describe,
    described,
    grant_names,
    opens,
    stamp,
)

P = VisibilityProposal.State


# Defaults ---------------------------------------------------------------------------------------
def default_visibility(
    *, type: DocumentType, owner: Provider, applies_to_all: bool, is_sensitive: bool = False
) -> Visibility:
    """Whom a new document is visible to. Closed unless the type opens it (ADR 0008).

    Another provider's document: that provider alone. The region's that applies to all: as its type says. The region's
    that applies to some, or is sensitive: the region's own, where its type opens to anybody at all.
    """
    if owner.kind != Kind.REGIONAL:
        return Visibility(grants=(Grant(owner.pk, None),))
    by_type = Visibility(type.default_public, type.default_regional, type.default_private, type.default_municipal)
    if applies_to_all and not is_sensitive:
        return by_type
    return Visibility(regional=any(by_type.flags.values()))


def default_of(document: Document) -> Visibility:
    """The default of a document of this type, owner and reach."""
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

    A change that opens a sensitive document waits for another's yes (`waiting`), and raises WrongState if nobody could
    give it.

    `shown` is the mark (`visibility_preview.stamp`) of how things were when the consequence was shown; raises
    Moved where they are no longer so.
    """
    if not reason.strip():
        raise WrongState(_("Write why the visibility is changed."))
    change = VisibilityChange.to(change) if isinstance(change, Visibility) else change
    ids = [d.pk for d in documents]
    # Locked in one order, so that two such changes never wait for each other in a ring.
    locked = list(Document.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    # SECURITY: under the lock. The second of two who decide on the same preview decides anew.
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
        if must_be_confirmed(document, old, new, by):
            _propose(document, old, new, by=by, reason=reason.strip())
        else:
            _write(document, old, new, by=by, reason=reason.strip())
    return locked


def _write(document: Document, old: Visibility, new: Visibility, *, by: Reader, reason: str) -> None:
    for name, value in new.flags.items():
        setattr(document, name, value)
    document.save(update_fields=list(new.flags))
    write_grants(document, old, new)
    names = grant_names((*old.grants, *new.grants))
    event(document, "visibility_changed", by, reason=reason, before=describe(old, names), after=describe(new, names))
    visibility_changed.send(sender=Document, document=document, by=by)


# The second yes -------------------------------------------------------------------------------------------------
def must_be_confirmed(document: Document, old: Visibility, new: Visibility, by: Reader) -> bool:
    """To open what is commercially sensitive takes two: who asks, and an approver of the owner. The portal's own
    commands (demonstration, taking over from a source) open what they were told to.
    """
    return document.is_sensitive and opens(old, new) and by.kind != "system"


def may_unmark(document: Document, by: Reader) -> bool:
    """Whether the reader may say that the document is no longer sensitive: else the mark would stop nobody."""
    return by.kind == "system" or approvers.approves_now(by, document.owner_id)


def approvers_of(document: Document, *, but: int | None) -> list[Assignment]:
    """Those who could confirm what somebody (`but`) asks for."""
    return list(approvers.approvers_at(document.owner_id).exclude(user=but).select_related("user"))


def _propose(document: Document, old: Visibility, new: Visibility, *, by: Reader, reason: str) -> None:
    to_ask = approvers_of(document, but=by.user_id)
    if not to_ask:
        raise WrongState(
            _("%s is commercially sensitive, and its owner has no other approver who can confirm that it is opened.")
            % document.number
        )
    if document.proposals.filter(state=P.WAITING).exists():
        raise WrongState(_("An opening of %s waits already. Withdraw it first.") % document.number)
    names = grant_names((*old.grants, *new.grants))
    made = document.proposals.create(
        before=describe(old, names),
        proposed=describe(new, names),
        reason=reason,
        asked_by_id=by.user_id,
        asked_as_id=by.assignment_id,
        asked_by_label=by.record_label,
    )
    event(document, "opening_proposed", by, reason=reason, before=made.before, after=made.proposed)
    notify(to_ask, kind="opening_waits", subject=document.number, url=visibility_address(document))


def visibility_address(document: Document) -> str:
    return f"{document.get_absolute_url()}synlighet/"


def waiting(document: Document) -> VisibilityProposal | None:
    return document.proposals.filter(state=P.WAITING).first()


def _locked_proposal(document: Document) -> tuple[Document, VisibilityProposal]:
    locked = Document.objects.select_for_update().get(pk=document.pk)
    proposal = waiting(locked)
    if proposal is None:
        raise WrongState(_("It has been answered or withdrawn already."))
    return locked, proposal


def may_confirm(document: Document, proposal: VisibilityProposal, by: Reader) -> bool:
    """An approver of the owner, and not the one who asks."""
    return by.user_id != proposal.asked_by_id and approvers.approves_now(by, document.owner_id)


@transaction.atomic
def confirm_opening(document: Document, *, by: Reader, shown: str) -> Document:
    """Yes: the change is made as it was asked for. `shown` is the mark (`decided_on`) of what the approver was shown;
    raises Moved where things are no longer so.
    """
    locked, proposal = _locked_proposal(document)
    if not may_confirm(locked, proposal, by):
        raise NotAllowed(_("Another approver of the owner confirms it, not the one who asked."))
    old, new = Visibility.of(locked), described(proposal.proposed)
    # SECURITY: under the lock, as for every change of visibility.
    if decided_on(stamp([locked]), new) != shown:
        raise Moved(_("Somebody has changed the visibility since it was shown to you. Look again, and decide anew."))
    check_grants(new)
    _decide(proposal, P.CONFIRMED, by)
    if new != old:
        _write(locked, old, new, by=by, reason=proposal.reason)
    return locked


@transaction.atomic
def refuse_opening(document: Document, *, by: Reader, reason: str) -> Document:
    """No, and why."""
    locked, proposal = _locked_proposal(document)
    if not may_confirm(locked, proposal, by):
        raise NotAllowed(_("Another approver of the owner answers it, not the one who asked."))
    if not reason.strip():
        raise WrongState(_("Write why it is not opened."))
    _decide(proposal, P.REFUSED, by, reason.strip())
    event(locked, "opening_refused", by, reason=reason.strip(), after=proposal.proposed)
    return locked


@transaction.atomic
def withdraw_opening(document: Document, *, by: Reader) -> Document:
    """Taken back, by anybody who works on the document."""
    locked, proposal = _locked_proposal(document)
    if not edits(by, [locked.pk]):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    _decide(proposal, P.WITHDRAWN, by)
    event(locked, "opening_withdrawn", by, after=proposal.proposed)
    return locked


def _decide(proposal: VisibilityProposal, state: str, by: Reader, reason: str = "") -> None:
    proposal.state, proposal.decision = state, reason
    proposal.decided_at, proposal.decided_by_id, proposal.decided_by_label = clock.now(), by.user_id, by.record_label
    proposal.save()
    if proposal.asked_as and proposal.asked_by_id != by.user_id:
        document = proposal.document
        notify([proposal.asked_as], kind="opening_decided", subject=document.number, url=visibility_address(document))


# Named readers --------------------------------------------------------------------------------------------------
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


def granted_to(provider_id: int) -> int:
    """How many documents are opened to the provider, or to a unit of it, by name today."""
    grants = VisibilityGrant.objects.filter(provider=provider_id).exclude(until__lt=clock.today())
    return grants.values("document").distinct().count()
