"""What a document is found by: the words of its name, and of the version that readers are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import DataError, OperationalError, connection, transaction
from psycopg.errors import ProgramLimitExceeded

from documents import markdown
from documents.models import Document, Version
from documents.sandbox.text import without_endless
from documents.visibility import CURRENT_FIRST

# tsvector holds at most 1 MB; far more than this is never asked for.
MAX_INDEXED = 400_000
# A blank to the search: from each `<!--` PostgreSQL's parser goes on to the end of the text and back.
UNPARSEABLE = "<"


def reindex(document_ids: Iterable[int]) -> None:
    """Write what these documents are found by. Call it in the transaction of the change.

    The words are those of the version readers are shown: published and available now (or for a document
    without one, the newest, which only those who work on it can find).
    """
    documents = Document.objects.filter(pk__in=list(document_ids)).select_related("type", "area")
    for document in documents:
        version = _indexed_version(document)
        for limit in (MAX_INDEXED, MAX_INDEXED // 8, MAX_INDEXED // 64, 0):
            try:
                with transaction.atomic():
                    _write(document, version, limit)
                break
            except (DataError, OperationalError) as error:
                # Too many different words for one tsvector; what else a database says is no matter of length.
                if limit == 0 or not isinstance(error.__cause__, ProgramLimitExceeded):
                    raise


def _parseable(text: str) -> str:
    return without_endless(text.replace(UNPARSEABLE, " "))


def _indexed_version(document: Document) -> Version | None:
    versions = document.versions.select_related("reading")
    shown = versions.published().order_by(CURRENT_FIRST, "-number").first()
    return shown or versions.exclude(state=Version.State.WITHDRAWN).order_by("-number").first()


def _write(document: Document, version: Version | None, limit: int) -> None:
    squeezed = re.sub(r"\W", "", document.number)
    parts = re.sub(r"\W", " ", document.number)
    # Written in several ways, since the parser takes "-0187" for a negative number.
    digits = " ".join(d for run in re.findall(r"\d+", document.number) for d in (run, run.lstrip("0")))
    names = f"{document.title} {document.number} {squeezed} {parts} {digits}"
    heads = " ".join(h.text for h in markdown.headings(version.read.html, deepest=4)) if version else ""
    said = " ".join([*document.keywords, heads, document.summary, document.type.name_sv, str(document.area or "")])
    body = version.read.text[:limit] if version else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document SET search ="
            " setweight(to_tsvector('swedish', %(a)s) || to_tsvector('simple', %(a)s), 'A') ||"
            " setweight(to_tsvector('swedish', %(b)s) || to_tsvector('simple', %(b)s), 'B') ||"
            " setweight(to_tsvector('swedish', %(c)s), 'C') WHERE id = %(id)s",
            {"a": _parseable(names), "b": _parseable(said[:limit]), "c": _parseable(body), "id": document.pk},
        )
