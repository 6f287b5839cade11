"""Cases on pages of other apps."""

from __future__ import annotations

from django import template

from accounts.readers import Reader
from deviations.models import Case
from documents.models import Document

register = template.Library()


@register.simple_tag
def cases_citing(document: Document, reader: Reader, limit: int = 10) -> list[Case]:
    """The cases that exist for the reader and name the document, newest first: `{% cases_citing document
    reader as cases %}`.
    """
    cases = Case.objects.visible_to(reader).filter(documents=document).only("number")
    return list(cases.order_by("-submitted_at")[:limit])


@register.simple_tag
def count_citing(document: Document, reader: Reader) -> dict[str, int]:
    """How many cases name the document, to who works on it: `{% count_citing document reader as citing %}`."""
    return Case.objects.count_citing(document, reader)
