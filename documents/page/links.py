"""Which links of a text lead to documents, and which of those somebody had better look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from accounts.readers import Reader
from documents.models import Document
from documents.page import presentation

_LINK = re.compile(r'href="/dokument/([^/"?#]+)/')
MAX_LINKS = 100


@dataclass(frozen=True)
class Doubtful:
    """A link to a document that no longer applies (`standing` says how), or that is not there for the writer."""

    number: str
    standing: presentation.Standing | None


def linked_numbers(html: str) -> list[str]:
    """The numbers of the documents that rendered text links to, each once, in its order; at most MAX_LINKS."""
    return list(dict.fromkeys(unquote(number) for number in _LINK.findall(html)))[:MAX_LINKS]


def doubtful(html: str, reader: Reader) -> list[Doubtful]:
    """Links that readers are ill served by. A document that the writer may not see is told as one that is not there."""
    numbers = linked_numbers(html)
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
