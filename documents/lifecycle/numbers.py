"""Which number a new document gets."""

from __future__ import annotations

from django.db import connection

from documents.models import DocumentEvent


def lock(name: str) -> None:
    """Until the transaction ends, nobody else gives this number, or the next one of this prefix."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"documents.number.{name.casefold()}"])


def next_number(prefix: str) -> str:
    """The next number of a prefix: `RUT-0413`. Never one that a document or an event has had.

    Numbers that came from a source are passed over and do not move the series: a source may begin it anywhere. Call it
    in the transaction that uses the number: a lock on the prefix is held until that ends.
    """
    lock(prefix)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(substring(n from length(%(p)s) + 2)::bigint), 0) + 1 FROM ("
            " SELECT id AS document_id, number AS n FROM documents_document"
            " UNION ALL SELECT document_id, document_number FROM documents_documentevent"
            ") known WHERE n ~ ('^' || %(p)s || '-[0-9]{1,9}$') AND NOT EXISTS ("
            " SELECT FROM documents_sourcedocument s WHERE s.document_id = known.document_id)",
            {"p": prefix},
        )
        following = cursor.fetchone()[0]
    while has_been_used(number := f"{prefix}-{following:04d}"):
        following += 1
    return number


def has_been_used(number: str) -> bool:
    """Whether a document has, or ever had, this number, however it is spelt. A number is never used again."""
    return DocumentEvent.objects.filter(document_number__iexact=number).exists()
