"""A remark is told to those who work on the document, and answered by one of them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import notices
from accounts.models import Assignment
from accounts.readers import Reader, reader_for, renewed
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents.models import Document, Remark, Version

WORK = (Role.DOCUMENT_EDITOR, Role.APPROVER)


def address(document: Document) -> str:
    return reverse("remarks", args=[document.number])


def told_by(document: Document, reader: Reader) -> QuerySet[Remark]:
    """The reader's own remarks on the document, the latest first."""
    if reader.user_id is None or reader.viewer is not None:
        return Remark.objects.none()
    own = Remark.objects.filter(document=document, told_by=reader.user_id).order_by("-at", "-pk")
    # SECURITY: what the person told before it came in doubt who they are is theirs alone.
    return own.filter(at__gte=reader.reports_wait_from) if reader.reports_wait_from else own


def to_answer(reader: Reader) -> QuerySet[Remark]:
    """Those without an answer on documents that the reader works on, the longest waiting first."""
    own = Document.objects.editable_by(reader).values("pk")
    return Remark.objects.filter(document__in=own, answered_at=None).select_related("document")


@transaction.atomic
def tell(document: Document, version: Version, *, place: str, text: str, by: Reader) -> Remark:
    """Keep the remark, and tell those who work on the document. Raises NotAllowed for whoever may not read it now."""
    by = renewed(by)
    # SECURITY: it may have been closed since the page was shown.
    if by.user_id is None or not Version.objects.visible_to(by).filter(pk=version.pk).exists():
        raise NotAllowed(_("You have no access to this document any more."))
    made = Remark.objects.create(
        document=document, version=version.number, place=place, text=text, told_by_id=by.user_id,
        provider_id=by.provider_id, label=by.record_label[:400],
    )  # fmt: skip
    works = Assignment.objects.with_role(*WORK).filter(provider=document.owner_id).exclude(user=by.user_id)
    notices.notify(works.select_related("user"), kind="remark_told", subject=document.number, url=address(document))
    return made


@transaction.atomic
def answer(remark: Remark, *, outcome: str, words: str, by: Reader) -> Remark:
    """Answer it, once. Whoever told it hears, where they can still open the document. Raises Refused."""
    row = Remark.objects.select_for_update(of=("self",)).select_related("document").get(pk=remark.pk)
    if not Document.objects.editable_by(renewed(by)).filter(pk=row.document_id).exists():
        raise NotAllowed(_("Only those who work on the document answer this."))
    if row.answered_at:
        raise WrongState(_("Somebody has answered this already. Read the answer below."))
    row.outcome, row.answer, row.answered_at = outcome, words, clock.now()
    row.answered_label = by.record_label[:400]
    row.save(update_fields=["outcome", "answer", "answered_at", "answered_label"])
    current = Assignment.objects.current().filter(user=row.told_by_id).select_related("user", "provider", "unit")
    ordered = sorted(current, key=lambda one: one.provider_id != row.provider_id)
    seen = Document.objects.filter(pk=row.document_id)
    told = [one for one in ordered if seen.visible_to(reader_for(one.user, one)).exists()]
    notices.notify(told[:1], kind="remark_answered", subject=row.document.number, url=address(row.document))
    return row
