"""Suggestions while one types: documents by their names, words to go on with, one's latest searches, contacts.

Nothing is offered that the reader's own search would not find. A constant number of statements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchRank
from django.db.models import Case, F, Q, Value, When

from accounts.readers import Reader
from documents.models import Document
from documents.predicate import DocumentQuerySet
from documents.search import recent, vocabulary
from documents.search.contacts import Contact, contacts
from documents.search.repair import held
from documents.search.spelled import proven
from documents.search.swedish import forms
from documents.search.vocabulary import Vocabulary
from documents.search.words import TsQuery, clean_query, in_name, parse, squeezed, without_last

DOCUMENTS, SEARCHES, RECENT, CONTACTS = 5, 4, 5, 3
COMPLETIONS = 30
# A word that is only to be completed by so much is not worth offering.
LONGER = 2

# Doors of apps above: given the reader and what was typed, an address to go straight to, or None. See `opener`.
OPENERS: list[Callable[[Reader, str], str | None]] = []


@dataclass
class Suggestions:
    """In the order they are shown. Empty ones are not shown at all."""

    text: str
    documents: list[Document] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.documents or self.searches or self.recent or self.contacts)


def suggest(reader: Reader, text: str) -> Suggestions:
    """For what has been typed so far; for nothing, what one looked for lately."""
    text = clean_query(text)
    lately = recent.of(reader, beginning=text, limit=RECENT)
    if len(text) < LONGER:
        return Suggestions(text, recent=lately)
    known = vocabulary.current()
    seen = Document.objects.visible_to(reader)
    before, last = without_last(text)
    ways = known.beginning(last, COMPLETIONS) if last else []
    return Suggestions(
        text,
        documents=_documents(seen, text, ways, known),
        searches=_searches(seen, before, last, ways, known, lately),
        recent=lately,
        contacts=contacts(text, limit=CONTACTS),
    )


def _documents(seen: DocumentQuerySet, text: str, ways: list[str], known: Vocabulary) -> list[Document]:
    """Those whose name or number it is the beginning of, what applies before what does not."""
    by_number = Q(number_key__startswith=squeezed(text)) if squeezed(text) else Q(pk=None)
    condition = in_name(text, ways, known)
    found = seen.filter(by_number | Q(search_title=TsQuery(condition)) if condition else by_number)
    gone = Case(When(state=Document.State.ACTIVE, then=Value(0)), default=Value(1))
    exact = Case(When(by_number, then=Value(0)), default=Value(1))
    # Its name before its headings.
    rank = SearchRank(F("search_title"), TsQuery(condition), weights=[0.0, 0.0, 0.1, 1.0]) if condition else Value(0.0)
    return list(found.order_by(exact, gone, -rank, "title", "pk").only("number", "title", "state")[:DOCUMENTS])


def _searches(
    seen: DocumentQuerySet, before: str, last: str, ways: list[str], known: Vocabulary, lately: list[str]
) -> list[str]:
    """The typed words with the last one finished, if that finds something."""
    whole = {f"{before} {way}".strip(): way for way in ways if len(way) >= len(last) + LONGER}
    typed = f"{before} {last}".strip()
    # SECURITY: with what was typed, so that a statement is asked whether there is a word to end it with or not.
    asked = {text: parse(text, known).all_of_it for text in (typed, *whole) if text not in lately}
    proofs = {text: proven(whole[text], way) if text in whole else way for text, way in asked.items() if way}
    counts = held(seen, proofs)
    found = sorted((t for t in asked if counts.get(t) and t != typed), key=lambda t: (-counts[t], len(t), t))
    # One form of each word.
    said: set[str] = set(forms(last))
    offered = []
    for text_ in found:
        if not said & set(forms(whole[text_])):
            offered.append(text_)
            said |= set(forms(whole[text_]))
    return offered[:SEARCHES]


def opener(reader: Reader, text: str) -> str | None:
    """The address that a whole number leads to at once: the document, or another app's thing; None for anything else,
    and for what the reader may not see.
    """
    text = clean_query(text)
    key = squeezed(text)
    if not any(c.isdigit() for c in key):
        return None
    exact = Document.objects.visible_to(reader).filter(number_key=key).only("number").first()
    if exact is not None:
        return exact.get_absolute_url()
    return next((address for find in OPENERS if (address := find(reader, text))), None)
