"""In which order what was found stands, and the pages of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.expressions import RawSQL

from accounts.readers import Reader
from core import clock
from documents.models import Document
from documents.models.sorting import SwedishOrder
from documents.predicate import DocumentQuerySet
from documents.search.narrowing import KINDS
from documents.search.words import Question, TsQuery, numbers

# The most hits that are ranked by all their words; if there are more, the best are chosen by name and headings.
RANKED = 1000
# How much a word counts in the text, in what says what the document is about, in headings, in its name (D, C, B, A).
WEIGHTS = [0.1, 0.3, 0.5, 1.0]
# The other points, beside the words' own one: all of them stand in the name; it applies to the reader; it is new; many
# open it.
NAMED, APPLIES, NEW, USED = 0.6, 0.08, 0.04, 0.06
# A document that does not apply any longer, though nothing has replaced it. A document whose name and headings have all
# the words is the one that was meant: then it stands after its equals alone, with its warning.
EXPIRED, EXPIRED_NAMED = -7.0, -0.8
_EXPIRED = (
    "EXISTS (SELECT FROM documents_version v WHERE v.document_id = {document}.id AND v.state = 'published'"
    " AND v.valid_to < %s)"
)
_D = '"documents_document"'
# No words earn as much as what does not apply loses: it stands after all that does.
NUMBER, TITLE, GONE = 30.0, 2.0, -14.0
# All that the words can earn together.
EARNED = 4
# The weight of a compound's parts against the compound itself.
TOGETHER = 0.3


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


def page_after(order: Sequence[Tier], after: str, size: int, listed: Sequence[str]) -> tuple[list[Document], bool]:
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
    """Few hits are all ranked. Among many hits, those with the words in name and headings come first, ranked by these
    alone; the rest by standing and how lately they were published: to rank all their texts would take as long as
    reading them.
    """
    if total <= RANKED or not condition:
        return [_ranked(rows, question, text, reader, "search")]
    named = Q(number_key__in=numbers(text)) | Q(search_title=TsQuery(condition))
    rest, active = rows.filter(~named), Q(state=Document.State.ACTIVE)
    first = _ranked(rows.filter(named), question, text, reader, "search_title")
    return [first, _latest(rest.filter(active)), _latest(rest.filter(~active))]


def _latest(rows: DocumentQuerySet) -> Tier:
    # A version to come tells nothing by its place.
    key = Case(When(changed_at__lte=clock.now(), then=F("changed_at")), default=F("created_at"))
    return Tier(rows.annotate(key=key), descending=True)


def _ranked(rows: DocumentQuerySet, question: Question, text: str, reader: Reader, words: str) -> Tier:
    """The number itself first, then by rank; what is revoked comes after all that applies, and so does what has
    expired, unless its name says that it is what was asked for.

    Written as SQL: of a search's time, most would else go to putting this together.
    """
    parts: list[str] = []
    values: list[Any] = []

    def points(of: float, condition: str, *asked: Any) -> None:
        parts.append(f"CASE WHEN {condition} THEN {of} ELSE 0 END")
        values.extend(asked)

    points(NUMBER, f"{_D}.number_key = ANY(%s)", numbers(text))
    points(TITLE, f"upper({_D}.title) = upper(%s)", text)
    points(GONE, f"{_D}.state <> 'active'")
    points(NEW, f"{_D}.changed_at BETWEEN %s AND %s", clock.now() - timedelta(days=365), clock.now())
    # From none to USED, which a thousand openings earn.
    parts.append(f"{USED} * least(1, ln(1 + {_D}.opened_lately) / ln(1001))")
    if reader.provider_kind in KINDS:
        points(APPLIES, f"{_D}.applies_{reader.provider_kind}")
    expired = _EXPIRED.format(document=_D)
    if question:
        named = f"{_D}.search_title @@ %s::tsquery"
        points(NAMED, named, _named(question))
        points(EXPIRED_NAMED, f"{named} AND {expired}", _named(question), clock.today())
        points(EXPIRED, f"NOT {named} AND {expired}", _named(question), clock.today())
        whole = sum(term.weight for term in question.terms)
        for term in question.terms:
            # Normalised by the length of the text, a little: its logarithm.
            for asked, share in ((term.ways, 1.0), ((term.together,), TOGETHER)):
                if any(asked):
                    earned = EARNED * share * term.weight / whole
                    ranks = ", ".join(f"ts_rank(%s::real[], {_D}.{words}, %s::tsquery, 1)" for _ in asked)
                    parts.append(f"{earned:.4f} * greatest({ranks})")
                    values += [value for way in asked for value in (WEIGHTS, way)]
    # Negated, so that the older of two equal ones comes first.
    sql = f"round((-({' + '.join(parts)}))::numeric, 6)"
    # Conditions and numbers of ours alone: what was typed is among the values.
    key = RawSQL(sql, values, output_field=models.DecimalField(max_digits=12, decimal_places=6))  # noqa: S611
    return Tier(rows.annotate(key=key))


def _named(question: Question) -> str:
    return " & ".join(f"({term.asked})" for term in question.terms)


# The orders of a list, as they are written in an address.
RELEVANCE, TITLES, LATEST = "relevans", "titel", "andrad"
ORDERS = (RELEVANCE, TITLES, LATEST)


def ordered(rows: DocumentQuerySet, order: str) -> list[Tier]:
    """In the order asked for, or nothing where that is relevance."""
    if order == TITLES:
        return [by_title(rows)]
    return [_latest(rows)] if order == LATEST else []


def by_title(rows: DocumentQuerySet) -> Tier:
    return Tier(rows.annotate(key=SwedishOrder(F("title"))))
