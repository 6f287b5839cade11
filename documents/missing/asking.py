"""Documents that somebody misses: asked for, told to the publication stewards, answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from accounts.forms import drafts
from accounts.granting import administers
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents import search
from documents.models import MissingDocument
from documents.reading import mentions

# The form's key among drafts.
MISSING_KEY = "missing"
# The page on which one asks, and reads the answers.
PAGE = "/saknas/"
# The most documents that one question is taken to be for.
ANSWERS = 3


def _stewards() -> Iterable[Assignment]:
    return Assignment.objects.with_role(Role.PUBLICATION_STEWARD)


@transaction.atomic
def report_missing(what: str, unit: str, *, by: Reader, sending: drafts.Sending | None = None) -> MissingDocument:
    """Somebody misses a document: kept, and told to the publication stewards.

    The same sending again gives what it became; raises `drafts.OtherContent` where it was another.
    """
    if sending:
        drafts.lock_sending(sending)
        if before := drafts.sent_before(sending, by=by):
            return MissingDocument.objects.get(pk=int(before.result))
    made = MissingDocument.objects.create(
        what=what, unit=unit, provider_id=by.provider_id, asked_by_id=by.user_id, created_at=clock.now()
    )
    if sending:
        drafts.mark_sent(sending, by=by, form_key=MISSING_KEY, result=str(made.pk))
    notify(_stewards(), kind="document_missing", subject=str(made.pk), url="/dokument/saknade/")
    return made


@transaction.atomic
def answer_missing(missing: MissingDocument, answer: str, *, by: Reader) -> MissingDocument:
    """The steward's answer. Raises NotAllowed for others, WrongState where it is already answered or
    empty."""
    current = Assignment.objects.with_role(Role.PUBLICATION_STEWARD).filter(pk=by.assignment_id)
    if not (administers(by) or current.exists()):
        raise NotAllowed(_("Only a publication steward answers this."))
    locked = MissingDocument.objects.select_for_update().get(pk=missing.pk)
    if locked.answered_at:
        raise WrongState(_("This is already answered."))
    if not answer.strip():
        raise WrongState(_("Write an answer."))
    locked.answer, locked.answered_at, locked.answered_by_label = answer.strip(), clock.now(), by.record_label[:400]
    locked.save(update_fields=["answer", "answered_at", "answered_by_label"])
    works = Assignment.objects.current().filter(user=locked.asked_by_id).select_related("user")
    # Under the assignment that it was asked under, where that is still so.
    told = works.filter(provider=locked.provider_id).first() or works.first()
    notify([told] if told else [], kind="missing_answered", subject="", url=PAGE)
    return locked


def asked_by(reader: Reader) -> QuerySet[MissingDocument]:
    """The person's questions in the last year, the latest first."""
    if reader.user_id is None:
        return MissingDocument.objects.none()
    since = max(filter(None, (clock.now() - timedelta(days=365), reader.reports_wait_from)))
    return MissingDocument.objects.filter(asked_by=reader.user_id, created_at__gte=since)


def waiting() -> list[MissingDocument]:
    """The unanswered questions, longest waiting first."""
    rows = MissingDocument.objects.filter(answered_at=None).select_related("provider").order_by("created_at")
    return list(rows[:200])


def answered(words: str = "") -> QuerySet[MissingDocument]:
    """The answered questions, the latest first; of those, the ones with all these words."""
    rows = MissingDocument.objects.exclude(answered_at=None).select_related("provider").order_by("-answered_at")
    for word in words.split()[:5]:
        rows = rows.filter(Q(what__icontains=word) | Q(answer__icontains=word) | Q(unit__icontains=word))
    return rows


def in_html(answer: str, reader: Reader) -> str:
    """An answer as its reader sees it: the documents that it names are links, where the reader may see them."""
    return mentions.linked(linebreaks(answer, autoescape=True), reader)


def look_again() -> int:
    """The job: which unanswered questions seem to be for a document that whoever asked may not see. Asked of its title,
    with most of the words. Gives how many were looked at."""
    unlooked = MissingDocument.objects.filter(answered_at=None, looked_at=None).exclude(provider=None)
    rows = list(unlooked.order_by("pk"))
    for one in rows:
        hidden = search.titled(one.what)[:ANSWERS]
        with transaction.atomic():
            one.hidden.set(hidden)
            MissingDocument.objects.filter(pk=one.pk).update(looked_at=clock.now())
    return len(rows)


def remind() -> int:
    """Each morning the stewards are told of what should have been answered. Gives how many there are."""
    late = [m for m in waiting() if m.is_late]
    if late:
        notify(_stewards(), kind="missing_late", subject=str(len(late)), url="/dokument/saknade/")
    return len(late)
