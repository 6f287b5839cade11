"""Cases on pages of other apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from accounts.readers import Reader
from deviations.actions import revising
from deviations.inbox import walking
from deviations.learning import listing
from deviations.models import Action, Case
from deviations.predicate import OpenedCase
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


@register.inclusion_tag("deviations/learning/beside.html")
def learnt_beside(document: Document, reader: Reader) -> dict[str, Any]:
    """Learning examples about a routine; beside a learning example, its routines: all that the reader can read."""
    return {"examples": listing.beside(document, reader), "routines": listing.routines_of(document, reader)}


@register.simple_tag
def learning_offered(opened: OpenedCase) -> bool:
    """Whether the page of learning has something for the reader: `{% learning_offered opened as learns %}`."""
    part = opened.party
    return part is not None and not part.has_ended and listing.offered(part)


@register.simple_tag
def learnt_of(case: Case, reader: Reader) -> list[Document]:
    """The learning examples of a case that the reader sees: `{% learnt_of case reader as learnt %}`."""
    return listing.of_case(case.pk, reader)


@register.simple_tag
def learning_to_approve(reader: Reader) -> int:
    """How many learning examples wait for the reader's yes: `{% learning_to_approve reader as learnt %}`."""
    return len(listing.waiting(reader))


@register.simple_tag
def count_citing(document: Document, reader: Reader) -> dict[str, int]:
    """How many cases name the document, to who works on it: `{% count_citing document reader as citing %}`."""
    return Case.objects.count_citing(document, reader)
