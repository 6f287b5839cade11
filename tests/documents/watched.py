"""Documents with and without faults, for the tests of the publication watch."""

from __future__ import annotations

from core import clock
from documents.models import Document, ProgrammeArea, Source, SourceDocument
from documents.visibility.acts import change_visibility
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add

PAGE = "/dokument/publiceringskontroll/"
OPEN = Visibility(public=True)


def made(cast: Cast, visibility: Visibility = OPEN, **facts) -> Document:
    """A document without any fault: of a public type, with area and owner; `facts` go to the row."""
    document = add(cast, f"made{Document.objects.count()}", Visibility(), valid_from=clock.today())
    change_visibility(document, by=PORTAL, change=visibility, reason="Så ska det vara.")
    facts = {"area": ProgrammeArea.objects.first(), "content_owner": cast.elin} | facts
    Document.objects.filter(pk=document.pk).update(**facts)
    document.refresh_from_db()
    return document


APPLIES_TO_ALL = {"applies_regional": True, "applies_private": True, "applies_municipal": True}


def came(document: Document, source: Source, **told) -> SourceDocument:
    facts = {"state": "published", "version": "3"} | told.pop("facts", {})
    return SourceDocument.objects.create(
        source=source,
        document=document,
        number=f"C-{document.number}",
        version="3",
        facts=facts,
        rights=["public"],
        **told,
    )
