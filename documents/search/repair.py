"""The likely meaning of a word that finds nothing: å, ä and ö typed as a and o, a fault of the fingers, a word that is
not finished.

SECURITY: a candidate counts only if the reader's own documents hold it, as it is spelled or where an open list of words
has it (`spelled`). All are asked for in one statement; what else is in the vocabulary can neither be shown nor change
what is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from rapidfuzz.distance import OSA

from documents.predicate import DocumentQuerySet
from documents.search.spelled import MARK, is_open, proven
from documents.search.swedish import folded, has_digit
from documents.search.vocabulary import Vocabulary
from documents.search.words import Question, Term, TsQuery, beginning, parse

# The fewest letters of a word's beginning that are asked for.
SHORTEST_BEGINNING = 4
# The most documents counted to tell which of two spellings is the more usual.
COUNTED = 20
CANDIDATES = 60
# The factor by which more documents hold a spelling that is offered.
MORE = 5
_PLACE = "'a place for a condition'"


@dataclass(frozen=True)
class Repaired:
    """The question with other words in the place of those that found nothing. `said`: as it would have been typed."""

    question: Question
    said: str = ""
    is_other: bool = False
    # With words that far more documents hold, in the place of those that hardly any does.
    offered: str = ""


def repaired(seen: DocumentQuerySet, question: Question, known: Vocabulary) -> Repaired:
    """Each word of the question that the reader's documents do not hold, as what they hold and it may have meant."""
    doubtful = [word for term in question.terms for word in term.words if not has_digit(word)]
    candidates = {word: _candidates(word, known) for word in dict.fromkeys(doubtful)}
    asked = {word: _term(word, known) for of in candidates.items() for word in (of[0], *of[1])}
    found = {word: term.asked for word, term in asked.items() if term}
    # SECURITY: what was typed may be said again; what else is said must be the reader's to know as it is spelled.
    proofs = {f"{MARK}{word}": proven(word, way) for word, way in found.items() if word not in candidates}
    counts = held(seen, found | proofs)
    there = {word: counts.get(word if word in candidates else f"{MARK}{word}", 0) for word in found}
    # A word that anybody could know is no fault of the fingers, and what a medicine is called is mended to no other
    # name: what is like it may be offered, and is never shown as found.
    right = {word for word in candidates if is_open(word) or word in known.named}
    terms, said, offered, is_other = [], question.text, question.text, False
    for term in question.terms:
        others: list[str] = []
        for word in term.words:
            if there.get(word):
                usual = [c for c in candidates.get(word, []) if there.get(c, 0) >= MORE * there[word]]
                offered = _exchanged(offered, word, _best(word, usual, there) or word)
                continue
            if word in right and word not in known.named:
                offered = _exchanged(offered, word, _best(word, _slips(word, candidates[word]), there) or word)
            likely = known.unaccented(word) if word in right else candidates.get(word, [])
            chosen = _best(word, likely, there)
            spelled = chosen
            if not chosen and word not in right:
                taken_apart = {c: known.lexicon.parts_of(c) for c in candidates.get(word, [])}
                chosen = _best(word, [c for c, parts in taken_apart.items() if _all_open(parts)], counts)
                spelled = " ".join(taken_apart.get(chosen, ()))
            if chosen:
                others.append(chosen)
                said = _exchanged(said, word, spelled)
            elif len(word) >= SHORTEST_BEGINNING and word not in right:
                term = term.also([beginning(word)])
                is_other = True
        if others:
            is_other = True
            term = term.also(way for word in others if (way := asked[word]))
        terms.append(term)
    return Repaired(
        replace(question, terms=tuple(terms)),
        said if said != question.text else "",
        is_other,
        offered if offered != question.text else "",
    )


def _slips(word: str, candidates: Sequence[str]) -> list[str]:
    """The spellings that one slip after its first letter makes of a right word."""
    return [c for c in candidates if c[:1] == word[:1] and OSA.distance(folded(word), folded(c)) == 1]


def _all_open(parts: Sequence[str]) -> bool:
    """A compound that nobody here may be shown is said as the words it is made of, where anybody could know those."""
    return bool(parts) and all(is_open(part) for part in parts)


def _candidates(word: str, known: Vocabulary) -> list[str]:
    found = [*known.unaccented(word), *known.near(word)]
    return list(dict.fromkeys([*found, *known.assembled(word)]))[:CANDIDATES]


def _term(word: str, known: Vocabulary) -> Term | None:
    terms = parse(word, known).terms
    return terms[0] if len(terms) == 1 else None


def _best(word: str, candidates: Sequence[str], counts: dict[str, int]) -> str:
    """The nearest that the reader's documents hold; of those as near, the most usual among them."""
    there = [c for c in candidates if counts.get(c)]
    return min(there, key=lambda c: (OSA.distance(folded(word), folded(c)), -counts[c], c), default="")


def held(seen: DocumentQuerySet, asked: dict[str, str]) -> dict[str, int]:
    """How many of the reader's documents hold each, counted to COUNTED: one statement, whatever it finds."""
    if not asked:
        return {}
    # Put together once: they differ in one value alone.
    rows = seen.filter(search=TsQuery(_PLACE)).order_by().values("pk")[:COUNTED]
    sql, params = rows.query.sql_with_params()
    one = f"SELECT %s::text, (SELECT count(*) FROM ({sql}) found)"  # noqa: S608 (the ORM's own SQL)
    values: list[Any] = []
    for word, condition in asked.items():
        values += [word, *(condition if value == _PLACE else value for value in params)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(asked)), values)
        return dict(cursor.fetchall())


def _exchanged(text: str, word: str, other: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, text, flags=re.IGNORECASE)
