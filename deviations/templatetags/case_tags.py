"""Cases on pages of other apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from accounts.readers import Reader
from deviations.actions import revising
from deviations.inbox import walking
from deviations.models import Action, Case
from documents.models import Document

register = template.Library()


@register.simple_tag
def cases_citing(document: Document, reader: Reader, limit: int = 10) -> list[Case]:
    """The cases that exist for the reader and name the document, newest first: `{% cases_citing document
    reader as cases %}`.
    """
    cases = Case.objects.visible_to(reader).filter(documents=document).only("number")
    return list(cases.order_by("-submitted_at")[:limit])


@register.inclusion_tag("deviations/next_case.html", takes_context=True)
def next_case(context: Context, number: str) -> dict[str, Any]:
    """The way on from a case in the list that its handler came from; nothing for others."""
    request = context["request"]
    return {"walk": walking.walk(request.session, request.reader, number)}


@register.simple_tag
def revisions_asked(reader: Reader) -> list[Action]:
    """The actions that ask for a revision of a document that the reader works on: `{% revisions_asked reader as asked
    %}`.
    """
    return list(revising.asked_of(reader))


@register.simple_tag
def count_citing(document: Document, reader: Reader) -> dict[str, int]:
    """How many cases name the document, to who works on it: `{% count_citing document reader as citing %}`."""
    return Case.objects.count_citing(document, reader)
