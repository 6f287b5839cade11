"""In which order what was found stands, and the pages of it."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db import models
from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.functions import Cast, Round

from accounts import clock
from accounts.readers import Reader
from documents.models import Document
from documents.search.narrowing import KINDS
from documents.search.words import Question, TsQuery, squeezed
from documents.sorting import SwedishOrder
from documents.visibility import DocumentQuerySet

# So many hits are ranked by all their words; where there are more, the best are chosen by name and headings.
RANKED = 1000
# How much a word counts in the text, in what says what the document is about, in headings, in its name (D, C, B, A).
WEIGHTS = [0.1, 0.3, 0.5, 1.0]
# What else counts, beside the words' own one: that all of them stand in the name; that it applies to the reader; that
# it is new.
NAMED, APPLIES, NEW = 0.6, 0.08, 0.04
NUMBER, TITLE, GONE = 10.0, 2.0, -5.0


@dataclass(frozen=True)
class Tier:
    """Rows in an order by `key` and then `pk`, which another page goes on from."""

    rows: DocumentQuerySet
    descending: bool = False

    def ordered(self) -> DocumentQuerySet:
        order = ("-key", "-pk") if self.descending else ("key", "pk")
        return self.rows.order_by(*order)

    def after(self, last: Document) -> Tier:
        how = "lt" if self.descending else "gt"
        key = last.key  # type: ignore[attr-defined]
        further = Q(**{f"key__{how}": key}) | Q(**{"key": key, f"pk__{how}": last.pk})
        return Tier(self.rows.filter(further), self.descending)


def page_of(order: Sequence[Tier], after: str, size: int, listed: Sequence[str]) -> tuple[list[Document], bool]:
    """The first `size` rows of the tiers, one after the other, or those after the document with that number; and
    whether there are more.
    """
    left = list(order)
    if after:
        for place, tier in enumerate(left):
            if last := tier.rows.filter(number=after).only("pk").first():
                left = [tier.after(last), *left[place + 1 :]]
                break
    documents: list[Document] = []
    for tier in left:
        if len(documents) > size:
            break
        documents += tier.ordered().with_in_revision().only(*listed)[: size + 1 - len(documents)]
    return documents[:size], len(documents) > size


def tiers(
    rows: DocumentQuerySet, question: Question, condition: str, text: str, reader: Reader, *, total: int
) -> list[Tier]:
    """Few hits are all ranked. Of many, those with the words in name and headings come first, ranked by these alone;
    the rest by standing and how lately they were published: to rank all their texts would take as long as reading
    them.
    """
    if total <= RANKED or not condition:
        return [_ranked(rows, question, text, reader, "search")]
    named = Q(number_key=squeezed(text)) | Q(search_title=TsQuery(condition))
    rest, active = rows.filter(~named), Q(state=Document.State.ACTIVE)
    first = _ranked(rows.filter(named), question, text, reader, "search_title")
    return [first, _latest(rest.filter(active)), _latest(rest.filter(~active))]


def _latest(rows: DocumentQuerySet) -> Tier:
    # What is to come tells nothing by its place.
    key = Case(When(changed_at__lte=clock.now(), then=F("changed_at")), default=F("created_at"))
    return Tier(rows.annotate(key=key), descending=True)


def _ranked(rows: DocumentQuerySet, question: Question, text: str, reader: Reader, words: str) -> Tier:
    """The number itself first, then by rank; what no longer applies comes after all that does."""
    parts: list[Any] = [_of(Q(number_key=squeezed(text)), NUMBER), _of(Q(title__iexact=text), TITLE)]
    parts.append(_of(~Q(state=Document.State.ACTIVE), GONE))
    if question:
        # Normalised by the length of the text, a little: its logarithm.
        whole = sum(term.weight for term in question.terms)
        for term in question.terms:
            rank = SearchRank(F(words), TsQuery(term.asked), weights=WEIGHTS, normalization=Value(1))
            parts.append(Cast(rank, FloatField()) * Value(term.weight / whole * 4))
        parts.append(_of(Q(search_title=TsQuery(_named(question))), NAMED))
    if reader.provider_kind in KINDS:
        parts.append(_of(Q(**{f"applies_{reader.provider_kind}": True}), APPLIES))
    parts.append(_of(Q(changed_at__gte=clock.now() - timedelta(days=365), changed_at__lte=clock.now()), NEW))
    score = Cast(functools.reduce(operator.add, parts), models.DecimalField(max_digits=12, decimal_places=6))
    # Negated, so that the older of two equal ones comes first.
    return Tier(rows.annotate(key=Round(score * Value(-1), 6)))


def _named(question: Question) -> str:
    return " & ".join(f"({term.asked})" for term in question.terms)


def _of(condition: Q, points: float) -> Case:
    return Case(When(condition, then=Value(points)), default=Value(0.0), output_field=FloatField())


def by_title(rows: DocumentQuerySet) -> Tier:
    return Tier(rows.annotate(key=SwedishOrder(F("title"))))
