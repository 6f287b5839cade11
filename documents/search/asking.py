"""Finding documents: ranking and paging them, and what is done when nothing was found.

Every query begins from `visible_to`: nothing here can find, count or show words of what the reader may not see. The
next question depends only on what this reader's search found, so that the same is asked whether hidden hits exist or
not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils.safestring import SafeString

from accounts.readers import Reader
from documents.models import Document, Version
from documents.predicate import CURRENT_FIRST, DocumentQuerySet
from documents.search import vocabulary
from documents.search.explaining import Reason, explained, lacks
from documents.search.narrowing import KINDS, Filters, Tally
from documents.search.ranking import RELEVANCE, by_title, ordered, page_after, tiers
from documents.search.repair import Repaired, repaired
from documents.search.snippets import Snippet, snippets
from documents.search.words import Question, TsQuery, clean_query, numbers, parse, with_excluded

PAGE = 20
# The columns of a document and its version that a list shows.
SHOWN = ("document_id", "number", "state", "available_from", "valid_from", "valid_to")
LISTED = ("number", "title", "summary", "state", "type_id", "owner_id", *(f"applies_{kind}" for kind in KINDS))


@dataclass
class Hit:
    """One document of a list: the version the reader is shown, and for a search where the words stand."""

    document: Document
    version: Version | None
    snippet: SafeString | str = ""
    # The snippet's place: the heading it is under or its page, and that place's address within the document's.
    place: str = ""
    anchor: str = ""
    # For those who write documents: why it is among the hits.
    reasons: list[Reason] = field(default_factory=list)
    # Words of the search that it has not.
    lacks: tuple[str, ...] = ()

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
    # The words that were asked instead, if the typed ones found nothing: other spellings, or some of the words.
    instead: str = ""
    is_part: bool = False
    # Another spelling by which more is found.
    suggestion: str = ""
    # Words that mean the same and were asked too.
    meant: list[str] = field(default_factory=list)
    # Words after a minus: what has them was left out.
    excluded: tuple[str, ...] = ()
    # The search that takes them in.
    taken_in: str = ""

    @property
    def in_vain(self) -> list[str]:
        """Words that none of the hits on this page has."""
        first, *others = [hit.lacks for hit in self.hits] or [()]
        return [word for word in first if all(word in lacks for lacks in others)]


def search(
    reader: Reader,
    text: str,
    *,
    filters: Filters | None = None,
    after: str = "",
    page: int = PAGE,
    only_these: bool = False,
    order: str = RELEVANCE,
) -> Results:
    """The documents that the reader finds by these words, best first; without words all they may see, by title.

    `after` is the `next_key` of the page before: the number of its last document. If the typed words find nothing, the
    search takes what may have been meant (`Results.instead`), else some of the words (`Results.is_part`); `only_these`
    looks for these words alone. `order` is one of ORDERS.
    """
    filters = Filters.of({}) if filters is None else filters
    text = clean_query(text)
    seen = Document.objects.visible_to(reader)
    if not text:
        return _listed(reader, seen, filters, after, page, order)
    asked, tally = _asked(seen, text, filters, only_these=only_these)
    rows = asked.found(seen).filter(filters.q())
    ranked = tiers(rows, asked.question, asked.condition, text, reader, total=tally.total)
    documents, more = page_after(ordered(rows, order) or ranked, after, page, LISTED)
    return Results(
        text=text,
        hits=_hits(reader, documents, filters, asked.question),
        total=tally.total,
        is_more=tally.is_more,
        next_key=documents[-1].number if more else "",
        counts=tally.counts,
        instead=asked.instead,
        is_part=asked.is_part,
        suggestion=asked.suggestion,
        meant=asked.question.meant,
        excluded=asked.question.excluded,
        taken_in=with_excluded(text),
    )


def _listed(reader: Reader, seen: DocumentQuerySet, filters: Filters, after: str, page: int, order: str) -> Results:
    tally = Tally.of(seen, filters)
    rows = seen.filter(filters.q())
    documents, more = page_after(ordered(rows, order) or [by_title(rows)], after, page, LISTED)
    hits = _hits(reader, documents, filters, None)
    return Results("", hits, tally.total, tally.is_more, documents[-1].number if more else "", tally.counts)


# The question ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Asked:
    question: Question
    # The database's words for it; empty where only a number can match.
    condition: str
    number: str
    # Questions that the name alone is enough for.
    nearly: str = ""
    instead: str = ""
    is_part: bool = False
    suggestion: str = ""

    def found(self, seen: DocumentQuerySet) -> DocumentQuerySet:
        """By the number, or by the words: each an index of its own, and nothing is computed for a row."""
        ways = Q(number_key__in=numbers(self.number))
        if self.condition:
            ways |= Q(search=TsQuery(self.condition))
        if self.nearly:
            ways |= Q(search_title=TsQuery(self.nearly))
        return seen.filter(ways)


# Fewer hits than this, and another spelling that finds more is offered.
FEW = 3


def _asked(seen: DocumentQuerySet, text: str, filters: Filters, *, only_these: bool) -> tuple[_Asked, Tally]:
    known = vocabulary.current()
    question = parse(text, known, only_these=only_these)
    condition = question.most_of_it() if question.is_sentence else question.all_of_it
    asked = _Asked(question, condition, text, "" if only_these else question.nearly)
    tally = Tally.of(asked.found(seen), filters)
    if not question or tally.found >= FEW or only_these:
        return asked, tally
    mended = repaired(seen, question, vocabulary.refresh())
    if tally.found:
        return replace(asked, suggestion=mended.offered), tally
    asked = replace(asked, suggestion=mended.offered)
    for other in _instead(asked, mended):
        tally = Tally.of(other.found(seen), filters)
        if tally.found:
            return other, tally
    return asked, tally


def _instead(asked: _Asked, mended: Repaired) -> list[_Asked]:
    """Further questions when nothing was found, the nearest to the typed words first."""
    ways = []
    if mended.is_other:
        ways.append(replace(asked, question=mended.question, condition=mended.question.all_of_it, instead=mended.said))
    if len(mended.question.terms) > 1:
        part = replace(asked, question=mended.question, instead=mended.said, is_part=True)
        least = mended.question.most_of_it()
        ways += [replace(part, condition=least), replace(part, condition=mended.question.most_of_it(fewer=2))]
    if any(term.parts for term in mended.question.terms):
        loose = mended.question.loosely
        ways.append(replace(asked, question=loose, condition=loose.any_of_it, instead=mended.said, is_part=True))
    return ways


# The answer -----------------------------------------------------------------------------------------------------
def _hits(reader: Reader, documents: list[Document], filters: Filters, question: Question | None) -> list[Hit]:
    # SECURITY: the words of a snippet come from a version this reader may open, chosen as the page chooses it.
    versions = Version.objects.of_visible(documents, reader).with_applies().only(*SHOWN)
    versions = versions.order_by("document_id", CURRENT_FIRST, "-number").distinct("document_id")
    by_document = {v.document_id: v for v in versions}
    found = snippets([v.pk for v in by_document.values()], question) if question else {}
    reasons = explained([d.pk for d in documents], question) if question and reader.edits_documents else {}
    lacking = lacks([d.pk for d in documents], question) if question and not question.is_sentence else {}
    hits = []
    for document in documents:
        document.type = filters.known_types[document.type_id]
        version = by_document.get(document.pk)
        shown = found.get(version.pk, Snippet()) if version else Snippet()
        hits.append(
            Hit(
                document,
                version,
                shown.marked,
                shown.place,
                shown.anchor,
                reasons.get(document.pk, []),
                lacking.get(document.pk, ()),
            )
        )
    return hits
