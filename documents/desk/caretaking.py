"""Care of a document: somebody is reminded before it is to be looked through, others are told when that is late, and it
can be handed over.

A document is looked after by a person (its content owner) while they work on documents at its owner; else by those who
do so at its unit; else by all who do at its owner. So nobody's leaving leaves a document alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.granting import administers_provider
from accounts.models import Assignment, User
from accounts.notices import notify
from accounts.readers import SYSTEM, Reader
from accounts.roles import DOCUMENT_ROLES
from core import clock
from core.refused import NotAllowed, WrongState
from documents.acts import event
from documents.approval.review_clock import REMINDER_DAYS, with_review_due
from documents.models import Document, DocumentEvent, Version

S = Version.State
REMINDED, ESCALATED = "review_reminded", "review_escalated"


class Workers:
    """Those who work on the documents of some providers today, asked once."""

    def __init__(self, owners: Iterable[int]) -> None:
        found = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider__in=set(owners)).select_related("user")
        self._at: dict[int, list[Assignment]] = {}
        for assignment in found.order_by("user__family_name", "user__given_name", "pk"):
            self._at.setdefault(assignment.provider_id, []).append(assignment)

    def of(self, document: Document) -> list[Assignment]:
        return self._at.get(document.owner_id, [])

    def caretakers(self, document: Document) -> list[Assignment]:
        """The people who look after it now; empty if the owner has nobody who works on documents."""
        there = self.of(document)
        person = [a for a in there if a.user_id == document.content_owner_id]
        unit = [a for a in there if a.unit_id and a.unit_id == document.owner_unit_id]
        return person or unit or there


# Reminders --------------------------------------------------------------------------------------------------------
@transaction.atomic
def remind() -> int:
    """Tell those who look after a document that it is to be looked through within 60 days, and all who work on its
    owner's documents when that is late: once for each day it is due. Gives how many documents were told of.
    """
    today = clock.today()
    active = Document.objects.filter(state=Document.State.ACTIVE).defer("search", "search_title")
    known = with_review_due(active).filter(review_due__lte=today + timedelta(days=REMINDER_DAYS))
    waits = {verb: _told(verb) for verb in (REMINDED, ESCALATED)}
    untold = []
    for document in known.order_by("pk"):
        due: date = document.review_due  # type: ignore[attr-defined]
        verb = ESCALATED if due < today else REMINDED
        if (document.pk, due.isoformat()) not in waits[verb]:
            untold.append((verb, due, document))
    workers = Workers(document.owner_id for _verb, _due, document in untold)
    counts: dict[str, Counter[Assignment]] = {REMINDED: Counter(), ESCALATED: Counter()}
    for verb, due, document in untold:
        told = workers.caretakers(document) if verb == REMINDED else workers.of(document)
        counts[verb].update(told)
        event(document, verb, SYSTEM, after={"due": due.isoformat(), "told": len(told)})
    for verb, counted in counts.items():
        for assignment, count in counted.items():
            notify([assignment], kind=verb, subject=str(count), url=reverse("desk"))
    return len(untold)


def _told(verb: str) -> set[tuple[int, str]]:
    events = DocumentEvent.objects.filter(verb=verb, at__gte=clock.now() - timedelta(days=3660))
    return set(events.values_list("document_id", "after__due"))


# Handing over -----------------------------------------------------------------------------------------------------
@dataclass
class Holder:
    """A person with something to hand over at a provider: documents they look after, versions they write."""

    person: User
    # How many documents.
    total: int
    # Which, for those who may read them; empty for a provider's administrator, who only hands them over.
    documents: list[Document]
    drafts: list[Version]
    # Nobody would be reminded through them: they work on no documents here any more.
    has_left: bool

    @property
    def mark(self) -> str:
        """A mark of all that a page shows of it, to be compared when it is decided on."""
        shown = sorted({d.number for d in self.documents} | {f"{v.document.number}/{v.number}" for v in self.drafts})
        return hashlib.sha256(" ".join([self.person.email, str(self.total), *shown]).encode()).hexdigest()[:32]


def may_hand_over(by: Reader) -> bool:
    return by.edits_documents or administers_provider(by, by.provider_id)


def receivers(by: Reader) -> list[Assignment]:
    """The people at the own provider who could look after documents; each person once."""
    found = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=by.provider_id).select_related("user", "unit")
    ordered = found.order_by("user__family_name", "user__given_name", "pk")
    return list({a.user_id: a for a in ordered}.values())


def holders(by: Reader) -> list[Holder]:
    """Those with something to hand over at the own provider; who has left stands first."""
    documents = Document.objects.filter(owner=by.provider_id).exclude(content_owner=None)
    kept = documents.filter(state=Document.State.ACTIVE).defer("search", "search_title").order_by("number")
    drafts = _drafts(by).exclude(author=None).select_related("document").defer("body")
    found: dict[int, Holder] = {}
    works = {a.user_id for a in receivers(by)}
    keys = {d.content_owner_id for d in kept} | {v.author_id for v in drafts}
    for person in User.objects.filter(pk__in=keys - {None}):
        found[person.pk] = Holder(person, 0, [], [], person.pk not in works)
    for document in kept:
        found[document.content_owner_id].documents.append(document)  # type: ignore[index]
    for version in drafts:
        found[version.author_id].drafts.append(version)  # type: ignore[index]
    for holder in found.values():
        holder.total = len({d.pk for d in holder.documents} | {v.document_id for v in holder.drafts})
        # SECURITY: drafts, and documents that are not shown to all of the provider, exist only for who edits them.
        if not by.edits_documents:
            holder.documents, holder.drafts = [], []
    return sorted(found.values(), key=lambda h: (not h.has_left, h.person.family_name, h.person.given_name))


def left_behind(by: Reader) -> int:
    """How many documents of the own provider hang on somebody who no longer works on its documents."""
    works = [a.user_id for a in receivers(by)]
    drafts = _drafts(by).filter(document=OuterRef("pk")).exclude(author=None).exclude(author__in=works)
    looked_after = Q(content_owner__isnull=False) & ~Q(content_owner__in=works)
    own = Document.objects.filter(owner=by.provider_id, state=Document.State.ACTIVE)
    return own.filter(looked_after | Q(Exists(drafts))).count()


def _drafts(by: Reader) -> QuerySet[Version]:
    return Version.objects.unfinished().filter(document__owner=by.provider_id, document__state=Document.State.ACTIVE)


@transaction.atomic
def hand_over(person: User, to: Assignment, *, by: Reader) -> int:
    """All that a person looks after and writes at the provider of `by` goes to another who works on documents there.

    Gives how many documents; raises NotAllowed, and WrongState where there is nothing. Whoever takes over a draft is
    one of those who wrote it: they do not approve it. Told to the one who takes over.
    """
    current = Assignment.objects.current().filter(pk=by.assignment_id, user=by.user_id).exists()
    if not (current and may_hand_over(by)):
        raise NotAllowed(_("You may not hand over documents here."))
    if to.pk not in {a.pk for a in receivers(by)} or to.user_id == person.pk:
        raise NotAllowed(_("Choose somebody else, who writes or approves your documents."))
    own = Document.objects.filter(owner=by.provider_id, state=Document.State.ACTIVE)
    lies = Q(content_owner=person) | Q(pk__in=_drafts(by).filter(author=person).values("document"))
    documents = list(own.filter(lies).select_for_update().order_by("pk"))
    if not documents:
        raise WrongState(_("There is nothing left to hand over: somebody has done it already."))
    names = {"before": {"person": person.get_full_name()}, "after": {"person": to.user.get_full_name()}}
    for document in documents:
        draft = document.versions.unfinished().filter(author=person).first()
        event(document, "handed_over", by, draft, **names)
    _drafts(by).filter(author=person, document__in=documents).update(author=to.user_id)
    own.filter(pk__in=[d.pk for d in documents], content_owner=person).update(content_owner=to.user_id)
    if to.user_id != by.user_id:
        notify([to], kind="documents_handed_over", subject=str(len(documents)), url=reverse("desk"))
    return len(documents)


def _works_elsewhere(leaving: Assignment) -> bool:
    """The person works on the provider's documents by another assignment too."""
    others = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(user=leaving.user_id, provider=leaving.provider_id)
    return others.exclude(pk=leaving.pk).exists()


def _hangs_on(leaving: Assignment) -> int:
    """How many of the provider's documents hang on the person, and on this assignment alone."""
    if _works_elsewhere(leaving):
        return 0
    own = Document.objects.filter(owner=leaving.provider_id, state=Document.State.ACTIVE)
    drafts = Version.objects.unfinished().filter(author=leaving.user_id, document=OuterRef("pk"))
    return own.filter(Q(content_owner=leaving.user_id) | Q(Exists(drafts))).count()


def _heirs(leaving: Assignment, by: Reader) -> list[Assignment]:
    return [a for a in receivers(by) if a.user_id != leaving.user_id] if may_hand_over(by) else []


def _hand_over_all(leaving: Assignment, to: Assignment, by: Reader) -> int:
    return hand_over(leaving.user, to, by=by)


# For the page where an assignment ends (`accounts.people.leaving.Belongings`).
LEAVING = (_hangs_on, _heirs, _hand_over_all)
