"""Which number a new document gets."""

from __future__ import annotations

from django.db import connection


def lock(name: str) -> None:
    """Until the transaction ends, nobody else gives this number, or the next one of this prefix."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"documents.number.{name.casefold()}"])


def next_number(prefix: str) -> str:
    """The next number of a prefix: `RUT-0413`. Never one that a document or an event has had.

    Call it in the transaction that uses the number: a lock on the prefix is held until that ends.
    """
    lock(prefix)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(substring(n from length(%(p)s) + 2)::bigint), 0) + 1 FROM ("
            " SELECT number AS n FROM documents_document"
            " UNION ALL SELECT document_number FROM documents_documentevent"
            ") known WHERE n ~ ('^' || %(p)s || '-[0-9]{1,9}$')",
            {"p": prefix},
        )
        return f"{prefix}-{cursor.fetchone()[0]:04d}"
