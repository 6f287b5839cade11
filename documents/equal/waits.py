"""How long it takes from a version's publication until those whom it applies to can read it."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.roles import READING_KINDS
from core import clock
from documents import reach
from documents.reach import APPLIES, NAMED, OPEN, PROVIDERS, READABLE

# A version is looked at within minutes of its publication, and within a day of a moment that was set for it.
FRESH = dt.timedelta(hours=30)
YEAR = dt.timedelta(days=365)

_SHOWN_FROM = "greatest(v.published_at, v.available_from)"
_FRESH = f"""
FROM documents_document d JOIN accounts_provider o ON o.id = d.owner_id
JOIN documents_version v ON v.document_id = d.id AND v.state = 'published'
WHERE (%(ids)s::bigint[] IS NULL OR d.id = ANY(%(ids)s)) AND d.state = 'active'
    AND {_SHOWN_FROM} BETWEEN %(fresh)s AND %(now)s AND {reach.DOUBTFUL}
"""
_LACKING = f"""
INSERT INTO documents_accesswait (version_id, kind, provider_id, since)
SELECT lacking.version_id, lacking.kind, CASE WHEN grouping(lacking.id) = 0 THEN lacking.id END, min(lacking.since)
FROM (SELECT v.id AS version_id, p.kind, p.id, {_SHOWN_FROM} AS since, p.id = o.id AND o.kind <> 'regional' AS own
    {_FRESH.replace("WHERE", f"JOIN {PROVIDERS} ON {APPLIES} AND NOT {READABLE} WHERE", 1)}) lacking
GROUP BY GROUPING SETS ((lacking.version_id, lacking.kind, lacking.id), (lacking.version_id, lacking.kind))
HAVING grouping(lacking.id) = 0 OR NOT bool_and(lacking.own)
ON CONFLICT DO NOTHING
"""  # noqa: S608 (constants)
_REACHED = f"""
UPDATE documents_accesswait w SET reached_at = %(now)s
FROM documents_version v, documents_document d, accounts_provider o
WHERE w.reached_at IS NULL AND v.id = w.version_id AND d.id = v.document_id AND o.id = d.owner_id
AND (%(ids)s::bigint[] IS NULL OR d.id = ANY(%(ids)s)) AND CASE WHEN w.provider_id IS NULL THEN NOT EXISTS (
    SELECT 1 FROM {PROVIDERS} WHERE p.kind = w.kind AND NOT {READABLE})
ELSE EXISTS (SELECT 1 FROM accounts_provider p WHERE p.id = w.provider_id AND ({OPEN} OR {NAMED})) END
"""  # noqa: S608 (constants)


def look_at(ids: list[int] | None) -> None:
    """After these documents (keys; None for all) have changed: waits begin for a version that has just been published,
    and end for those who can read it now."""
    facts: dict[str, Any] = reach.providers_with_access() | {
        "ids": ids, "now": clock.now(), "today": clock.today(), "fresh": clock.now() - FRESH,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, facts)
        cursor.execute(_REACHED, facts)


@dataclass(frozen=True)
class Times:
    """Days until it could be read, over the versions published in the last year (`published`)."""

    published: int
    median: float | None
    p90: float | None

    @property
    def median_days(self) -> int | None:
        return None if self.median is None else int(self.median)

    @property
    def p90_days(self) -> int | None:
        return None if self.p90 is None else math.ceil(self.p90)


def percentile(days: list[float], none: int, share: float) -> float | None:
    """The value that a `share` of these days, and of so many noughts, do not exceed."""
    total = none + len(days)
    if not total:
        return None
    place = max(0, -(-int(share * 1000) * total // 1000) - 1)  # rounded upwards
    return 0.0 if place < none else sorted(days)[place - none]


def times() -> dict[tuple[str, int | None], Times]:
    """By kind, and by kind and provider, of the last year. One who still waits has waited until now; a provider without
    a row has waited for nothing that its kind was given."""
    since = clock.now() - YEAR
    waited: dict[tuple[str, int | None], list[float]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, provider_id, extract(epoch FROM coalesce(reached_at, %s) - since) / 86400"
            " FROM documents_accesswait WHERE since >= %s",
            [clock.now(), since],
        )
        for kind, provider, days in cursor.fetchall():
            waited[kind, provider].append(float(days))
        cursor.execute(
            f"SELECT p.kind, count(*) FROM documents_version v JOIN documents_document d ON d.id = v.document_id"  # noqa: S608 (constants)
            f" JOIN accounts_provider o ON o.id = d.owner_id CROSS JOIN unnest(%s::text[]) AS p(kind)"
            f" WHERE v.state IN ('published', 'superseded') AND {_SHOWN_FROM} BETWEEN %s AND %s"
            f" AND {reach.by_kind('applies')} AND (o.kind = 'regional' OR p.kind <> o.kind) GROUP BY 1",
            [[kind.value for kind in READING_KINDS], since, clock.now()],
        )
        published: dict[str, int] = dict(cursor.fetchall())
    keys: Iterable[tuple[str, int | None]] = {*waited, *((kind.value, None) for kind in READING_KINDS)}
    return {key: _times(waited[key], published.get(key[0], 0)) for key in keys}


def _times(days: list[float], published: int) -> Times:
    total = max(published, len(days))
    none = total - len(days)
    return Times(total, percentile(days, none, 0.5), percentile(days, none, 0.9))
