"""Which links of a text lead to documents, and which of those somebody had better look at."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.readers import Reader
from documents.links import noting
from documents.models import Document
from documents.page import presentation


@dataclass(frozen=True)
class Doubtful:
    """A link to a document that no longer applies (`standing` says how), or that is not there for the writer."""

    number: str
    standing: presentation.Standing | None


def doubtful(html: str, reader: Reader) -> list[Doubtful]:
    """Links that readers are ill served by. A document that the writer may not see is told as one that is not there."""
    numbers = noting.linked_numbers(html)
    found = Document.objects.visible_to(reader).filter(number__in=numbers).defer("search", "search_title")
    there = {document.number: document for document in found}
    doubts = []
    for number in numbers:
        if number not in there:
            doubts.append(Doubtful(number, None))
            continue
        current = there[number].versions.filter(state="published").defer("body").first()
        standing = presentation.standing(there[number], current)
        if not standing.is_valid:
            doubts.append(Doubtful(number, standing))
    return doubts
