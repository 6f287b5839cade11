"""Finding documents, ranking and paging them, with the words that were found.

Every query begins from `visible_to`: nothing here can find, count or show words of what the reader may not see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import models
from django.db.models import (
    Case,
    F,
    FloatField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Left, Replace, Round
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts import clock
from accounts.readers import Reader
from documents.models import Document, Version
from documents.search.index import UNPARSEABLE
from documents.search.narrowing import KINDS, Filters, Tally
from documents.search.words import clean_query, parse, squeezed
from documents.sorting import SwedishOrder
from documents.visibility import CURRENT_FIRST, DocumentQuerySet

PAGE = 20
_SNIPPET_FROM = 100_000
# What a list shows of a document and its version.
SHOWN = ("document_id", "number", "state", "available_from", "valid_from", "valid_to")
LISTED = ("number", "title", "summary", "state", "type_id", "owner_id", *(f"applies_{kind}" for kind in KINDS))
# Private characters round a hit, put there by the database and turned into markup after escaping.
_ON, _OFF = "\ue000", "\ue001"
# So many hits are ranked by all their words; where there are more, the best are chosen by name and headings.
RANKED = 1000


@dataclass
class Hit:
    """One document of a list: the version the reader is shown, and for a search where the words stand."""

    document: Document
    version: Version | None
    snippet: SafeString | str = ""

    @property
    def in_revision(self) -> bool:
        return bool(getattr(self.document, "in_revision", False))


@dataclass
class Results:
    """A page of hits, in order. `total` and `counts` are of what the reader may see, and of nothing else."""

    text: str
    hits: list[Hit]
    total: int
    # There are more than `total`: they are not counted further, and nor are the choices.
    is_more: bool = False
    next_key: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def search(reader: Reader, text: str, *, filters: Filters | None = None, after: str = "", page: int = PAGE) -> Results:
    """What the reader finds by these words, best first; without words all they may see, by title.

    `after` is the `next_key` of the page before: the number of its last document. A constant number of queries.
    """
    filters = filters or Filters.of({})
    text = clean_query(text)
    query = parse(text) if text else None
    seen = Document.objects.visible_to(reader)
    found = seen.filter(_matching(text, query)) if text else seen
    tally = Tally.of(found, filters)
    rows = found.filter(filters.q())
    tiers = _tiers(rows, text, query, is_many=tally.total > RANKED) if text else [_by_title(rows)]
    documents = _page(tiers, after, page + 1)
    more = len(documents) > page
    documents = documents[:page]
    for document in documents:
        document.type = filters.known_types[document.type_id]
    return Results(
        text=text,
        hits=_hits(reader, documents, query),
        total=tally.total,
        is_more=tally.is_more,
        next_key=documents[-1].number if more else "",
        counts=tally.counts,
    )


def _matching(text: str, query: SearchQuery | None) -> Q:
    """By the number, or by the words: each an index of its own, and nothing is computed for a row."""
    exact = Q(number_key=squeezed(text))
    return exact if query is None else exact | Q(search=query)


# Order ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Tier:
    """Rows in an order by `key` and then `pk`, which another page goes on from."""

    rows: DocumentQuerySet
    descending: bool = False

    def ordered(self) -> DocumentQuerySet:
        order = ("-key", "-pk") if self.descending else ("key", "pk")
        return self.rows.order_by(*order)

    def after(self, last: Document) -> _Tier:
        how = "lt" if self.descending else "gt"
        key = last.key  # type: ignore[attr-defined]
        further = Q(**{f"key__{how}": key}) | Q(**{"key": key, f"pk__{how}": last.pk})
        return _Tier(self.rows.filter(further), self.descending)


def _page(tiers: list[_Tier], after: str, size: int) -> list[Document]:
    """The first `size` rows of the tiers, one after the other, or those after the document with that number."""
    if after:
        for place, tier in enumerate(tiers):
            if last := tier.rows.filter(number=after).only("pk").first():
                tiers = [tier.after(last), *tiers[place + 1 :]]
                break
    documents: list[Document] = []
    for tier in tiers:
        if len(documents) == size:
            break
        documents += tier.ordered().with_in_revision().only(*LISTED)[: size - len(documents)]
    return documents


def _tiers(rows: DocumentQuerySet, text: str, query: SearchQuery | None, *, is_many: bool) -> list[_Tier]:
    """Few hits are all ranked. Of many, those with the words in name and headings come first, ranked by these alone;
    the rest by standing and how lately they were published: to rank all their texts would take as long as reading
    them.
    """
    if query is None or not is_many:
        return [_ranked(rows, text, query, "search")]
    named = Q(number_key=squeezed(text)) | Q(search_title=query)
    rest, active = rows.filter(~named), Q(state=Document.State.ACTIVE)
    first = _ranked(rows.filter(named), text, query, "search_title")
    return [first, _latest(rest.filter(active)), _latest(rest.filter(~active))]


def _latest(rows: DocumentQuerySet) -> _Tier:
    # What is to come tells nothing by its place.
    key = Case(When(changed_at__lte=clock.now(), then=F("changed_at")), default=F("created_at"))
    return _Tier(rows.annotate(key=key), descending=True)


def _ranked(rows: DocumentQuerySet, text: str, query: SearchQuery | None, words: str) -> _Tier:
    """The number itself first, then by rank; what no longer applies comes after all that does."""
    rank: Any = Value(0.0, output_field=FloatField())
    if query is not None:
        rank = Cast(SearchRank(F(words), query, normalization=Value(1)), FloatField())
    exact = Case(When(number_key=squeezed(text), then=Value(10.0)), default=Value(0.0))
    title = Case(When(title__iexact=text, then=Value(2.0)), default=Value(0.0))
    gone = Case(When(state=Document.State.ACTIVE, then=Value(0.0)), default=Value(-5.0))
    score = Cast(rank + exact + title + gone, models.DecimalField(max_digits=12, decimal_places=6))
    # Negated, so that the older of two equal ones comes first.
    return _Tier(rows.annotate(key=Round(score * Value(-1), 6)))


def _by_title(rows: DocumentQuerySet) -> _Tier:
    return _Tier(rows.annotate(key=SwedishOrder(F("title"))))


# What is shown of them ------------------------------------------------------------------------------------------
def _hits(reader: Reader, documents: list[Document], query: SearchQuery | None) -> list[Hit]:
    # SECURITY: the words of a snippet come from a version this reader may open, chosen as the page chooses it.
    versions = Version.objects.of_visible(documents, reader).with_applies().only(*SHOWN)
    versions = versions.order_by("document_id", CURRENT_FIRST, "-number").distinct("document_id")
    if query is not None:
        versions = versions.annotate(
            snip=SearchHeadline(
                Replace(Left("reading__text", _SNIPPET_FROM), Value(UNPARSEABLE), Value(" ")),
                query,
                config="swedish",
                start_sel=_ON,
                stop_sel=_OFF,
                max_words=32,
                min_words=16,
                max_fragments=2,
                fragment_delimiter=" … ",
            )
        )
    by_document = {v.document_id: v for v in versions}
    hits = []
    for document in documents:
        version = by_document.get(document.pk)
        hits.append(Hit(document, version, marked(getattr(version, "snip", "") or "")))
    return hits


def marked(snippet: str) -> SafeString | str:
    """A snippet with its hits in <mark>, all else escaped; empty where nothing is marked."""
    if _ON not in snippet:
        return ""
    parts = escape(" ".join(snippet.split())).split(_ON)
    out = [parts[0].replace(_OFF, "")]
    for part in parts[1:]:
        hit, _sep, rest = part.partition(_OFF)
        out.append(f"<mark>{hit}</mark>{rest.replace(_OFF, '')}")
    return mark_safe("".join(out))  # noqa: S308 (escaped above)
