"""Why a document is among the hits, and where: for those who write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.search.words import Question

# The field in which a word counts: by its weight in the index. A part of a compound counts one step less than the
# compound.
_WHERE = {
    "A": gettext_lazy("in the name or the number"),
    "B": gettext_lazy("in headings, keywords or the summary, or in a compound of the name"),
    "C": gettext_lazy("in the type or the area, or in a compound of a heading"),
    "D": gettext_lazy("in the text"),
}
_QUOTED = re.compile(r"'([^']+)'(:\*)?")


@dataclass(frozen=True)
class Reason:
    """One thing looked for, and where this document has it."""

    said: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        return _("%(word)s %(where)s") % {"word": self.said, "where": ", ".join(self.where)}


def explained(documents: Collection[int], question: Question) -> dict[int, list[Reason]]:
    """For each document, the fields in which it has each term. One statement.

    SECURITY: of documents that the reader's own search has found.
    """
    if not documents or not question:
        return {}
    terms = question.terms
    asked = [(n, weight) for n in range(len(terms)) for weight in ("", *_WHERE)]
    named = [" | ".join(f"({way})" for way in term.ways) for term in terms]
    values = [_weighed(named[n], weight) if weight else terms[n].asked for n, weight in asked]
    found: dict[int, list[Reason]] = {}
    for key, there in _holding(documents, values):
        where: dict[int, list[str]] = {}
        for (n, weight), is_there in zip(asked, there, strict=True):
            if is_there:
                where.setdefault(n, []).extend([str(_WHERE[weight])] if weight else [])
        made_of = [_("by what it is made of or means")]
        found[key] = [Reason(terms[n].said, tuple(places or made_of)) for n, places in where.items()]
    return found


def lacks(documents: Collection[int], question: Question) -> dict[int, tuple[str, ...]]:
    """For each document, the words that it has not, if several were asked for. One statement.

    SECURITY: of documents that the reader's own search has found.
    """
    if not documents or len(question.terms) < 2:
        return {}
    held = _holding(documents, [term.asked for term in question.terms])
    return {
        key: tuple(term.said for term, is_there in zip(question.terms, there, strict=True) if not is_there)
        for key, there in held
    }


def _holding(documents: Collection[int], conditions: Sequence[str]) -> list[tuple[int, list[bool]]]:
    """For each document, the conditions that it meets. One statement."""
    columns = ", ".join(["search @@ %s::tsquery"] * len(conditions))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {columns} FROM documents_document WHERE id = ANY(%s)",  # noqa: S608 (no word of a request)
            [*conditions, list(documents)],
        )
        return [(key, there) for key, *there in cursor.fetchall()]


def _weighed(asked: str, weight: str) -> str:
    return _QUOTED.sub(lambda m: f"'{m[1]}':{'*' if m[2] else ''}{weight}", asked)
