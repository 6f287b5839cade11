"""Documents that somebody misses: asked for, told to the publication stewards, answered."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, drafts
from accounts.granting import administers
from accounts.models import Assignment
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import Role
from documents.lifecycle import NotAllowed, WrongState
from documents.models import MissingDocument

# The form's key among drafts.
FORM = "missing"


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
        drafts.mark_sent(sending, by=by, form_key=FORM, result=str(made.pk))
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
    locked.answer, locked.answered_at = answer.strip(), clock.now()
    locked.save(update_fields=["answer", "answered_at"])
    return locked
