"""Finding documents, ranking and paging them, and counting the choices beside them.

One query finds, ranks and pages, narrowed by `visible_to` in itself: nothing here can find, count or show
words of what the reader may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import models
from django.db.models import (
    Case,
    Count,
    F,
    FloatField,
    Func,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Left, Replace, Round, Upper
from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.readers import Reader
from documents.models import Document, DocumentType, ProgrammeArea, Version
from documents.search.index import UNPARSEABLE
from documents.search.words import clean_query, parse, squeezed
from documents.visibility import CURRENT_FIRST, DocumentQuerySet

PAGE = 20
_SNIPPET_FROM = 100_000
# Private characters round a hit, put there by the database and turned into markup after escaping.
_ON, _OFF = "\ue000", "\ue001"
KINDS = ("regional", "private", "municipal")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: codes of types and areas, and kinds it applies to. Unknown values are
    dropped.
    """

    types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict | Mapping[str, list[str]]) -> Filters:
        get = query.getlist if isinstance(query, QueryDict) else lambda name: query.get(name, [])
        types = set(DocumentType.objects.values_list("code", flat=True))
        areas = set(ProgrammeArea.objects.values_list("code", flat=True))
        return cls(
            tuple(v for v in dict.fromkeys(get("typ")) if v in types),
            tuple(v for v in dict.fromkeys(get("omrade")) if v in areas),
            tuple(v for v in dict.fromkeys(get("galler")) if v in KINDS),
        )

    def __len__(self) -> int:
        return len(self.types) + len(self.areas) + len(self.applies)

    def q(self) -> Q:
        """The condition on a document, in the database."""
        found = Q()
        if self.types:
            found &= Q(type__code__in=self.types)
        if self.areas:
            found &= Q(area__code__in=self.areas)
        if self.applies:
            applies = Q()
            for kind in self.applies:
                applies |= Q(**{f"applies_{kind}": True})
            found &= applies
        return found

    def lets_through(self, row: Mapping[str, Any], *, but: str = "") -> bool:
        """The same condition on a row of a tally; `but` leaves one filter out, for counting its own choices."""
        return (
            (not self.types or but == "types" or row["type__code"] in self.types)
            and (not self.areas or but == "areas" or row["area__code"] in self.areas)
            and (not self.applies or but == "applies" or any(row[f"applies_{kind}"] for kind in self.applies))
        )


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
    next_key: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


class _SwedishOrder(Func):
    """A key that sorts å, ä, ö after z, whatever the database's collation."""

    template = "(translate(lower(%(expressions)s), 'åäö', '{|}') COLLATE \"C\")"
    output_field = TextField()


def search(reader: Reader, text: str, *, filters: Filters = Filters(), after: str = "", page: int = PAGE) -> Results:
    """What the reader finds by these words, best first; without words all they may see, by title.

    `after` is the `next_key` of the page before: the number of its last document. A constant number of
    queries.
    """
    text = clean_query(text)
    query = parse(text) if text else None
    seen = Document.objects.visible_to(reader)
    found = seen if not text else _matching(seen, text, query)
    rows = found.filter(filters.q())
    ordered = _ranked(rows, text, query) if text else _by_title(rows)
    last = ordered.filter(number=after).first() if after else None
    if last is not None:
        ordered = _after(ordered, last)
    ordered = ordered.with_in_revision().defer("search")
    documents = list(ordered.select_related("type", "area", "owner")[: page + 1])
    more = len(documents) > page
    documents = documents[:page]
    tally = _Tally.of(found)
    return Results(
        text=text,
        hits=_hits(reader, documents, query),
        total=tally.total(filters),
        next_key=documents[-1].number if more else "",
        counts=tally.counts(filters),
    )


def _squeezed(expression: Any) -> Any:
    for sign in "-._ ":
        expression = Replace(expression, Value(sign), Value(""))
    return Upper(expression)


def _matching(seen: DocumentQuerySet, text: str, query: SearchQuery | None) -> DocumentQuerySet:
    exact = Q(squeezed=squeezed(text))
    found = exact if query is None else exact | Q(search=query)
    return seen.annotate(squeezed=_squeezed(F("number"))).filter(found)


def _ranked(rows: DocumentQuerySet, text: str, query: SearchQuery | None) -> DocumentQuerySet:
    """The number itself first, then by rank; what no longer applies comes after all that does."""
    rank: Any = Value(0.0, output_field=FloatField())
    if query is not None:
        rank = Cast(SearchRank(F("search"), query, normalization=Value(1)), FloatField())
    exact = Case(When(squeezed=squeezed(text), then=Value(10.0)), default=Value(0.0))
    title = Case(When(title__iexact=text, then=Value(2.0)), default=Value(0.0))
    gone = Case(When(state=Document.State.ACTIVE, then=Value(0.0)), default=Value(-5.0))
    score = Round(Cast(rank + exact + title + gone, models.DecimalField(max_digits=12, decimal_places=6)), 6)
    return rows.annotate(key=score).order_by("-key", "pk")


def _by_title(rows: DocumentQuerySet) -> DocumentQuerySet:
    return rows.annotate(key=_SwedishOrder(F("title"))).order_by("key", "pk")


def _after(ordered: DocumentQuerySet, last: Document) -> DocumentQuerySet:
    further = "key__lt" if str(ordered.query.order_by[0]).startswith("-") else "key__gt"
    key = last.key  # type: ignore[attr-defined]
    return ordered.filter(Q(**{further: key}) | Q(key=key, pk__gt=last.pk))


def _hits(reader: Reader, documents: list[Document], query: SearchQuery | None) -> list[Hit]:
    ids = [d.pk for d in documents]
    # SECURITY: the words of a snippet come from a version this reader may open, chosen as the page chooses
    # it.
    versions = Version.objects.visible_to(reader).filter(document__in=ids).defer("body")
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


@dataclass(frozen=True)
class _Tally:
    """How many documents were found of each type, area and set of whom they apply to: one query counts them
    all, however many choices there are.
    """

    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, found: DocumentQuerySet) -> _Tally:
        columns = ("type__code", "area__code", *(f"applies_{kind}" for kind in KINDS))
        return cls(list(found.order_by().values(*columns).annotate(n=Count("pk"))))

    def total(self, filters: Filters) -> int:
        return sum(row["n"] for row in self.rows if filters.lets_through(row))

    def counts(self, filters: Filters) -> dict[str, dict[str, int]]:
        """How many there are of each choice, given the other filters."""

        def by(column: str, name: str) -> dict[str, int]:
            found: Counter[str] = Counter()
            for row in self.rows:
                if row[column] and filters.lets_through(row, but=name):
                    found[row[column]] += row["n"]
            return dict(found)

        applies = [row for row in self.rows if filters.lets_through(row, but="applies")]
        return {
            "types": by("type__code", "types"),
            "areas": by("area__code", "areas"),
            "applies": {kind: sum(row["n"] for row in applies if row[f"applies_{kind}"]) for kind in KINDS},
        }
