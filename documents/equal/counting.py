"""The count of a day: how many documents apply to each kind of provider and each provider, and how many it can read.

Counted are documents that apply today: a version of them is shown, has not expired, and they are not revoked. A kind
has one when every provider of that kind with access today can read it; a provider has what all of it can read. Legible
is one without an open finding of the rule `unreadable`; found is one that is also among the first for its own title, of
those that have been asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.roles import READING_KINDS
from core import clock
from documents import reach
from documents.reach import APPLIES, NAMED, OPEN, PROVIDERS


@dataclass
class Count:
    """The count of a kind, or of a provider (its key)."""

    kind: str
    provider: int | None = None
    applies: int = 0
    open: int = 0
    legible: int = 0
    found: int = 0
    measured: int = 0

    def add(self, n: int, is_open: bool, is_legible: bool, is_found: bool | None) -> None:
        """Some documents that are alike; `is_found` is None where their titles have not been asked for."""
        self.applies += n
        self.open += n * is_open
        is_legible = is_open and is_legible
        self.legible += n * is_legible
        self.measured += n * (is_legible and is_found is not None)
        self.found += n * (is_legible and bool(is_found))


# The documents that apply today, each with its owner, whether its file can be read, and how its title was found.
_CURRENT = f"""
CREATE TEMPORARY TABLE equal_current ON COMMIT DROP AS
SELECT d.id, d.owner_id, d.visible_public, d.visible_regional, d.visible_private, d.visible_municipal,
    d.applies_regional, d.applies_private, d.applies_municipal, bad.document_id IS NULL AS legible, t.missed_by
FROM documents_document d
LEFT JOIN (SELECT DISTINCT document_id FROM documents_watchfinding WHERE rule = 'unreadable' AND closed_at IS NULL
    AND document_id IS NOT NULL) bad ON bad.document_id = d.id
LEFT JOIN documents_titleasked t ON t.document_id = d.id
CROSS JOIN LATERAL ({reach.SHOWN} ORDER BY v.number DESC LIMIT 1) v
WHERE d.state = 'active' AND (v.valid_to IS NULL OR v.valid_to >= %(today)s)
"""  # noqa: S608 (constants)
_FOUND = "CASE WHEN d.missed_by IS NOT NULL THEN NOT p.kind::varchar = ANY(d.missed_by) END"
# By kind, of documents that apply to the kind as such: open to it by a flag, or named one by one.
_BY_KIND = f"""
SELECT p.kind, {OPEN} OR NOT EXISTS (
    SELECT 1 FROM {PROVIDERS.replace(" AS p(", " AS q(")} WHERE q.kind = p.kind AND NOT {NAMED.replace("p.id", "q.id")}
) AS is_open, d.legible, {_FOUND} AS is_found, count(*)
FROM equal_current d JOIN accounts_provider o ON o.id = d.owner_id CROSS JOIN unnest(%(all_kinds)s::text[]) AS p(kind)
WHERE {reach.by_kind("applies")} AND (o.kind = 'regional' OR p.kind <> o.kind) GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (constants)
# By provider, of what is open to its kind by a flag, and of what is not: the same for all of a kind.
_BY_FLAG = f"""
SELECT p.kind, {OPEN} AS is_open, d.legible, {_FOUND} AS is_found, count(*)
FROM equal_current d JOIN accounts_provider o ON o.id = d.owner_id CROSS JOIN unnest(%(all_kinds)s::text[]) AS p(kind)
WHERE {reach.by_kind("applies")} AND (o.kind = 'regional' OR p.kind <> o.kind) GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (constants)
# Its name adds something to that, and there is its own.
_BY_NAME = f"""
SELECT p.id, p.kind, d.legible, {_FOUND} AS is_found, count(*)
FROM equal_current d JOIN accounts_provider o ON o.id = d.owner_id
JOIN (SELECT DISTINCT document_id, provider_id FROM documents_visibilitygrant) named ON named.document_id = d.id
JOIN {PROVIDERS} ON p.id = named.provider_id
WHERE {reach.by_kind("applies")} AND (o.kind = 'regional' OR p.kind <> o.kind) AND NOT {OPEN} AND {NAMED}
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 (constants)
_OWN = f"""
SELECT p.id, p.kind, {OPEN} OR {NAMED} AS is_open, d.legible, {_FOUND} AS is_found, count(*)
FROM equal_current d JOIN accounts_provider o ON o.id = d.owner_id JOIN {PROVIDERS} ON p.id = o.id
WHERE o.kind <> 'regional' AND {APPLIES} GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 (constants)


def count() -> list[Count]:
    """The counts of today, of the kinds and of all providers with access. Inside a transaction; five questions."""
    with_access = reach.providers_with_access()
    facts: dict[str, Any] = with_access | {
        "today": clock.today(), "now": clock.now(), "all_kinds": [kind.value for kind in READING_KINDS],
    }  # fmt: skip
    by_kind = {kind.value: Count(kind.value) for kind in READING_KINDS}
    providers = {pk: Count(str(kind), int(str(pk))) for pk, kind in zip(*with_access.values(), strict=True)}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS equal_current")
        cursor.execute(_CURRENT, facts)
        cursor.execute("ANALYZE equal_current")

        def rows(sql: str) -> Iterator[tuple[Any, ...]]:
            cursor.execute(sql, facts)
            yield from cursor.fetchall()

        for kind, is_open, legible, found, n in rows(_BY_KIND):
            by_kind[kind].add(n, is_open, legible, found)
        for kind, is_open, legible, found, n in rows(_BY_FLAG):
            for one in providers.values():
                if one.kind == kind:
                    one.add(n, is_open, legible, found)
        for pk, _kind, legible, found, n in rows(_BY_NAME):
            providers[pk].add(-n, False, legible, found)
            providers[pk].add(n, True, legible, found)
        for pk, _kind, is_open, legible, found, n in rows(_OWN):
            providers[pk].add(n, is_open, legible, found)
    return [*by_kind.values(), *providers.values()]
