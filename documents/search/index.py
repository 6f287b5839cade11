"""The words that a document is found by: those of its name, and of the version that readers are shown."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DataError, OperationalError, connection, transaction
from psycopg.errors import ProgramLimitExceeded

from documents.models import Document, FormerNumber, SourceDocument, Version
from documents.predicate import CURRENT_FIRST
from documents.search import vocabulary
from documents.search.compounds import Lexicon
from documents.search.passages import Piece, pieces
from documents.search.spelled import marks
from documents.search.swedish import STOP, forms, normalise, tokens

# Counted up when what is written here changes: documents of a former edition are indexed anew by a job.
EDITION = 3
# The most characters of a text that are searched: a tsvector holds at most 1 MB.
MAX_INDEXED = 400_000
# The last place that PostgreSQL tells apart in a text.
LAST_PLACE = 16_383


_together: ContextVar[set[int] | None] = ContextVar("indexed_together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Several verbs on one document, in one transaction: what is changed within it is indexed once, at its end."""
    changed: set[int] = set()
    token = _together.set(changed)
    try:
        yield
    finally:
        _together.reset(token)
    reindex(changed)


def reindex(document_ids: Iterable[int]) -> None:
    """Write what these documents are found by. Call it in the transaction of the change.

    The words are those of the version readers are shown: published and available now (or for a document
    without one, the newest, which only those who work on it can find).
    """
    if (waits := _together.get()) is not None:
        waits.update(document_ids)
        return
    documents = Document.objects.filter(pk__in=list(document_ids)).select_related("type", "area")
    lexicon = vocabulary.current().lexicon
    for document in documents:
        version = _indexed_version(document)
        for limit in (MAX_INDEXED, MAX_INDEXED // 8, MAX_INDEXED // 64, 0):
            try:
                with transaction.atomic():
                    _write(document, version, lexicon, limit)
                break
            except (DataError, OperationalError) as error:
                # Too many different words for one tsvector; what else a database says is no matter of length.
                if limit == 0 or not isinstance(error.__cause__, ProgramLimitExceeded):
                    raise


def _indexed_version(document: Document) -> Version | None:
    versions = document.versions.select_related("reading")
    shown = versions.published().order_by(CURRENT_FIRST, "-number").first()
    return shown or versions.exclude(state=Version.State.WITHDRAWN).order_by("-number").first()


class Vector:
    """A tsvector while it is made: which words stand where, and how much each counts (A most, D least)."""

    def __init__(self, lexicon: Lexicon, *, spells: bool = True) -> None:
        """`spells`: words that no open list has are kept by their spelling too (`spelled.marks`)."""
        self.lexicon, self.spells = lexicon, spells
        self.places: dict[str, set[str]] = defaultdict(set)
        self.words: set[str] = set()
        # Words that no open list has, by their very spelling; where they stand is no matter.
        self.spelled: set[str] = set()
        self._before = self._after = 0

    def add(self, text: str, weight: str, of_parts: str) -> None:
        """The words of a text, after those before it. The parts of a compound stand in its place, and count less:
        `of_parts`.
        """
        at, self._before = 0, self._after
        for token in tokens(normalise(text)):
            at = token.at
            if token.word in STOP:
                continue
            place = min(self._after + at, LAST_PLACE)
            self.words.add(token.word)
            for form in forms(token.word):
                self.places[form].add(f"{place}{weight}")
            if self.spells:
                self.spelled.update(marks(token.word))
            for part in self.lexicon.parts_of(token.word):
                for form in forms(part):
                    if f"{place}{weight}" not in self.places[form]:
                        self.places[form].add(f"{place}{of_parts}")
        # A gap, so that no phrase goes on from one text to the next.
        self._after += at + 5

    def lessen(self, words: Iterable[str]) -> None:
        """These words, put in last, count least."""
        for word in words:
            for form in forms(normalise(word)):
                self.places[form] = {p[:-1] + "D" if self._is_last(p) else p for p in self.places[form]}

    def _is_last(self, place: str) -> bool:
        return int(place[:-1]) >= self._before

    def __str__(self) -> str:
        """As PostgreSQL reads it; a word holds letters, digits and full stops alone."""
        found = [f"'{word}':{','.join(sorted(places)[:200])}" for word, places in self.places.items()]
        return " ".join([*found, *(f"'{word}'" for word in sorted(self.spelled))])


def _write(document: Document, version: Version | None, lexicon: Lexicon, limit: int) -> None:
    vector = Vector(lexicon)
    vector.add(document.title, "A", "B")
    vector.add(document.number, "A", "A")
    # The kind in a number tells little: it stands in every document of the kind.
    vector.lessen(re.findall(r"[^\W\d_]+", document.number))
    # As people write it from memory: without the zeros.
    vector.add(" ".join(run.lstrip("0") for run in re.findall(r"\d+", document.number)), "A", "A")
    for number in _numbers_elsewhere(document):
        vector.add(number, "A", "A")
    said = pieces(version, limit) if version else []
    for heading in dict.fromkeys(piece.heading for piece in said if piece.heading):
        vector.add(heading, "B", "C")
    for word in document.keywords:
        vector.add(word, "B", "C")
    vector.add(document.summary, "B", "C")
    vector.add(f"{document.type.name_sv}\n{document.area or ''}", "C", "D")
    rows = []
    for piece in said:
        vector.add(piece.text, "D", "D")
        rows.append(_passage(piece, lexicon))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document SET search = %s::tsvector, indexed_by = %s WHERE id = %s",
            [str(vector), EDITION, document.pk],
        )
        cursor.execute(
            "DELETE FROM documents_passage USING documents_version v WHERE v.id = version_id AND v.document_id = %s",
            [document.pk],
        )
        cursor.executemany(
            "INSERT INTO documents_passage (version_id, ordinal, heading, anchor, page, text, words)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s::tsvector)",
            [(version.pk, ordinal, *row) for ordinal, row in enumerate(rows)] if version else [],
        )
    # Not in this transaction: two that index the same new word would wait for each other.
    transaction.on_commit(functools.partial(vocabulary.note, frozenset(vector.words)), robust=True)


def _numbers_elsewhere(document: Document) -> list[str]:
    """Its numbers in the source that it comes from, now and before, that are not its own here."""
    now = SourceDocument.objects.filter(document=document.pk).values_list("number", flat=True)
    former = FormerNumber.objects.filter(document=document.pk).values_list("number", flat=True)
    return sorted({*now, *former} - {document.number})


def _passage(piece: Piece, lexicon: Lexicon) -> tuple[Any, ...]:
    vector = Vector(lexicon, spells=False)
    vector.add(piece.heading, "B", "C")
    vector.add(piece.text, "A", "D")
    return piece.heading, piece.anchor, piece.page, piece.text, str(vector)
