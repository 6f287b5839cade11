"""Pictures in the text of documents: how they come in, and who may see one."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core.files import receiving
from core.files.types import PICTURE_KINDS
from core.refused import NotAllowed, WrongState
from documents.acts import event, locked_document, may_work_on
from documents.models import Document, Picture, Version
from documents.predicate import OpenedDocument

MAX_PICTURES = 200


def add(document: Document, file: IO[bytes], description: str, *, by: Reader) -> Picture:
    """Take in a picture (PNG, JPEG) for the document's texts, with what it shows in words.

    The place and the camera of a picture are not kept. Raises files.RejectedFile for what may not come in. Slow: not
    within a transaction.
    """
    if not may_work_on(document, by):
        raise NotAllowed(_("You may not change this document. Ask its owner."))
    name = str(getattr(file, "name", "") or "")
    limit = settings.PORTAL_MAX_FILE_BYTES
    came = receiving.receive(file, name=name, app="documents", max_bytes=limit, allowed=PICTURE_KINDS, bare=True)
    with transaction.atomic():
        locked = locked_document(document, by)
        last = locked.pictures.order_by("-ordinal").values_list("ordinal", flat=True).first() or 0
        if last >= MAX_PICTURES:
            raise WrongState(_("A document has at most %d pictures.") % MAX_PICTURES)
        picture = Picture.objects.create(
            document=locked,
            ordinal=last + 1,
            description=" ".join(description.split())[:300],
            file=came.served.path,
            file_type=came.inspected.content_type,
            file_size=came.served.size,
            file_sha256=came.served.sha256,
            added_by_id=by.user_id,
        )
        event(locked, "picture_added", by, after={"picture": str(picture), "sha256": picture.file_sha256})
    return picture


def shown_or_404(opened: OpenedDocument, ordinal: int, reader: Reader) -> Picture:
    """A picture of a document that was opened for the reader: one that a version they may read shows.

    SECURITY: those who work on the document see all; a draft's picture is nothing that its readers may have.
    """
    picture = opened.document.pictures.filter(ordinal=ordinal).first()
    if picture is None:
        raise Http404
    if not opened.works_on:
        versions = Version.objects.of_visible([opened.document], reader)
        if not versions.filter(reading__html__contains=f'/bild/{ordinal}/"').exists():
            raise Http404
    return picture
