"""The parts of a rule: what it may ask the database, what it finds, and what is said of that."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise

from accounts.models import Assignment
from accounts.roles import DOCUMENT_ROLES
from core import clock
from documents import reach

# Findings of what is to come are told so many days before.
AHEAD_DAYS = 60
PAGE = "/dokument/publiceringskontroll/"
Evidence = dict[str, Any]

_SHOWN = f"""
SELECT d.id, v.id, v.valid_to IS NULL OR v.valid_to >= %(today)s FROM documents_document d
CROSS JOIN LATERAL ({reach.SHOWN} ORDER BY v.number DESC LIMIT 1) v WHERE d.id = ANY(%(ids)s) AND d.state = 'active'
"""  # noqa: S608 (constants)
_ROWS = """unnest(%({0})s::bigint[], %({0}_versions)s::bigint[]) AS looked(document_id, version_id)
    JOIN documents_document d ON d.id = looked.document_id
    LEFT JOIN accounts_provider o ON o.id = d.owner_id LEFT JOIN documents_version v ON v.id = looked.version_id
    LEFT JOIN documents_reading r ON r.version_id = looked.version_id"""
# The words of capitals in a rule's SQL. A rule does not pay for the tables that it does not name: they are joined from
# the left by their keys.
_WORDS = {
    # Documents `d` with owner `o`, shown version `v` and its reading `r`, that apply today; also those that have
    # expired and are shown; also all that are not revoked or archived, with their owner alone.
    "APPLYING": _ROWS.format("applying"),
    "SHOWN": _ROWS.format("shown"),
    "ACTIVE": (
        "unnest(%(ids)s::bigint[]) AS looked(document_id) JOIN documents_document d ON d.id = looked.document_id"
        " AND d.state = 'active' JOIN accounts_provider o ON o.id = d.owner_id"
    ),
    # Providers `p` with access today; whether the document applies to one, and whether it can read it.
    "PROVIDERS": reach.PROVIDERS,
    "DOUBTFUL": reach.DOUBTFUL,
    "TOLD_TO": reach.APPLIES,
    # The tokens of those who work for the whole of the owner.
    "OWNERS_TOKENS": reach.OWNERS_TOKENS,
    # The same question of another document, `t`.
    "THERE_READABLE": reach.READABLE.replace("d.", "t."),
    "READABLE": reach.READABLE,
    "OPEN_TO": reach.OPEN,
}


@dataclass(frozen=True)
class Found:
    """A fault of a document, or of a source. `evidence`: facts for the words. `key` tells several of one document
    apart. `on_day`: the day from which it will be so."""

    document: int | None
    evidence: Evidence = field(default_factory=dict)
    key: str = ""
    on_day: dt.date | None = None
    source: int | None = None


class World:
    """The portal outside the documents, as all rules of a run see it: asked once."""

    def __init__(self) -> None:
        self.today, self.now = clock.today(), clock.now()

    @cached_property
    def facts(self) -> dict[str, Any]:
        works = Assignment.objects.with_role(*DOCUMENT_ROLES).values_list("user", "provider").distinct()
        pairs = sorted(works)
        return {
            "today": self.today, "now": self.now, "ahead": self.today + dt.timedelta(days=AHEAD_DAYS),
            "workers": [user for user, _at in pairs], "works_at": [at for _user, at in pairs],
            "unpublished_before": self.today - dt.timedelta(days=settings.PORTAL_UNPUBLISHED_DAYS),
            **reach.providers_with_access(),
        }  # fmt: skip


class Scope:
    """The documents that a rule is asked of, by their keys."""

    def __init__(self, ids: list[int], world: World) -> None:
        self.world = world
        self.facts = world.facts | {"ids": ids}
        with connection.cursor() as cursor:
            cursor.execute(_SHOWN, {"ids": ids, "now": world.now, "today": world.today})
            rows = cursor.fetchall()
        for name, kept in (("shown", rows), ("applying", [row for row in rows if row[2]])):
            self.facts[name], self.facts[f"{name}_versions"] = [r[0] for r in kept], [r[1] for r in kept]

    def find(self, sql: str, **params: object) -> Iterator[Found]:
        """A finding for each row of a query, whose columns are those of `Found`. Words of capitals stand for what
        _WORDS says; `%(today)s`, `%(now)s` and the other facts of the run can be used."""
        for word, meaning in _WORDS.items():
            sql = sql.replace(word, meaning)
        with connection.cursor() as cursor:
            cursor.execute(sql, self.facts | params)
            columns = [column.name for column in cursor.description or ()]
            for row in cursor.fetchall():
                told = dict(zip(columns, row, strict=True))
                if isinstance(told.get("evidence"), str):
                    told["evidence"] = json.loads(told["evidence"])
                yield Found(**{"document": None, **told})


@dataclass(frozen=True)
class Rule:
    """A rule of the watch. `level` 1 to 4 says how much a finding matters; `mend` names the act that mends it
    (`documents.watch.mending.ACTS`)."""

    code: str
    number: int
    name: Promise | str
    looks_for: Promise | str
    says: Promise | str | Callable[[Evidence], str]
    level: int
    mend: str
    ask: Callable[[Scope], Iterator[Found]]
    of_sources: bool = False

    def words(self, evidence: Evidence) -> str:
        """The finding in a sentence."""
        return self.says(evidence) if callable(self.says) else str(self.says).format(**evidence)


RULES: dict[str, Rule] = {}
Ask = Callable[[Scope], Iterator[Found]]


def rule(
    number: int,
    name: Promise | str,
    looks_for: Promise | str,
    says: Promise | str | Callable[[Evidence], str],
    *,
    level: int,
    mend: str,
    of_sources: bool = False,
) -> Callable[[Ask], Ask]:
    """Makes a function a rule of the watch, under the function's name."""

    def keep(ask: Ask) -> Ask:
        RULES[ask.__name__] = Rule(ask.__name__, number, name, looks_for, says, level, mend, ask, of_sources)
        return ask

    return keep
