"""The steward's answer to the readers that a source proposes: held back, wider than here, or no longer told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.readers import Reader
from accounts.roles import GROUP_NAMES
from core.refused import NotAllowed, WrongState
from documents.acts import edits, event
from documents.models import Document, Source, SourceDocument

W = SourceDocument.Waits


def waiting(source: Source, reader: Reader) -> QuerySet[SourceDocument]:
    """The source's documents whose readers wait for a steward's answer, ordered by what they wait for.

    SECURITY: those alone that exist for this reader. A system administrator reaches the page of every source, and is
    not to learn there which documents nobody may read.
    """
    seen = Document.objects.visible_to(reader).values("pk")
    found = source.documents.exclude(waits=W.NOTHING).filter(document__in=seen).select_related("document", "source")
    return found.order_by("waits", "number").defer("document__search", "document__search_title")


def in_words(rights: list[str]) -> str:
    """The readers that a source proposes."""
    if not rights:
        return _("Missing, unknown or contradictory")
    return ", ".join(_("nobody") if right == "closed" else str(GROUP_NAMES[right]) for right in rights)


@transaction.atomic
def leave(one: SourceDocument, *, by: Reader) -> None:
    """The document keeps the readers that it has: the source's proposal is answered with no. Raises Refused."""
    document = Document.objects.select_for_update().get(pk=one.document_id)
    if not edits(by, [document.pk]):
        raise NotAllowed(_("You may not change who reads these documents. Ask their owners."))
    locked = SourceDocument.objects.select_for_update().get(pk=one.pk)
    if not locked.waits:
        raise WrongState(_("This has been answered already."))
    event(document, "rights_left", by, before={"waits": locked.waits, "rights": locked.rights})
    locked.waits = W.NOTHING
    locked.save(update_fields=["waits"])


def answered(document: Document, by: Reader, **_signal: Any) -> None:
    """A person who decides who reads the document has answered the source's proposal."""
    if by.is_person:
        SourceDocument.objects.filter(document=document.pk).exclude(waits=W.NOTHING).update(waits=W.NOTHING)
