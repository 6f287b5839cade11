"""Each figure of the statistics in words, with the query that the database is asked.

The query is not written here: the figure is counted, and what the database was asked meanwhile is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlparse
from django.db import connection
from django.utils.translation import gettext as _

from accounts.readers import Reader
from deviations.figures import counting, own, page
from deviations.figures.counting import Asked
from deviations.figures.falling import looked_at
from deviations.figures.scope import Scope, scope_of


@dataclass(frozen=True)
class Defined:
    """A figure: its name, how it counts in words, and the queries that count it for this reader."""

    key: str
    name: str
    words: str
    queries: list[str]


def asked_meanwhile(count: Callable[[], Any]) -> list[str]:
    """The queries that the database was asked while something was counted, with their values, laid out to be read."""
    found: list[str] = []

    def kept(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        composed = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]
        found.append(sqlparse.format(composed, reindent=True))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(kept):
        count()
    return found


def defined(reader: Reader, asked: dict[str, str]) -> list[Defined] | None:
    """All figures of the reader's page of statistics, as it was asked for; None for those who count nothing."""
    scope = scope_of(reader, asked.get("vardgivare", "").replace("\x00", "")[:200])
    if scope is None:
        return None
    narrowing, _year = page.asked_of(asked)
    is_own = scope_of(reader) != Scope()
    figures = [*_of_all(scope, narrowing), *(_of_ones_own(scope, narrowing, reader) if is_own else ())]
    return [Defined(key, name, words, asked_meanwhile(count)) for key, name, words, count in figures]


Figure = tuple[str, str, str, Callable[[], Any]]


def _of_all(scope: Scope, asked: Asked) -> list[Figure]:
    whole = "between" if scope.is_all else "sent"
    figures: list[Figure] = []
    if not scope.is_all:
        figures = [
            ("skickade", _("What you reported, by month"), _(
                "Reports by the month they were sent, by whoever reported. Those taken back are not counted."
            ), lambda: counting.by_month("sent", scope, asked)),
            ("mottagna", _("What you were sent, by month"), _(
                "Concerned parts by the month they came. Refused and sent on: counted where they ended up."
            ), lambda: counting.by_month("had", scope, asked)),
        ]  # fmt: skip
    figures += [
        ("mellan", _("Between care providers, by month"), _(
            "Concerned parts by the month of the report, where another provider reported. A case to two is two."
        ), lambda: counting.by_month("between", scope, asked)),
        ("riktning", _("Directions"), _(
            "The same by the kind of provider that reports and the kind it is about, as they are today."
        ), lambda: counting.directions(scope, asked)),
        ("matris", _("Provider to provider"), _(
            "The same by the provider that reports and the one it is about. The second query is the period before."
        ), lambda: counting.pairs(scope, asked)),
        ("slag", _("By kind of event"), _(
            "Near misses and risks are set beside events by the same numbers."
        ), lambda: counting.breakdown(whole, "event_kind", scope, asked, {})),
        ("omrade", _("By area"), _(
            "By the area that the case has today: one that was moved counts in its new area, in all months."
        ), lambda: counting.breakdown(whole, "type", scope, asked, {})),
        ("skada", _("By harm"), _(
            "By the harm as judged today. Cases that nobody has judged are counted as such."
        ), lambda: counting.breakdown(whole, "harm", scope, asked, {})),
    ]  # fmt: skip
    for step, name in page.STEP_NAMES.items():
        figures.append(
            (f"tid-{step}", str(name), _(
                "Swedish days from one to the other, of what came in the months; in time of those done or past due."
            ), lambda step=step: counting.taken(step, scope, asked))  # type: ignore[misc]
        )  # fmt: skip
    figures += [
        ("fokus", _("Learning examples by focus area"), _(
            "Examples published in the months, by the focus area that was chosen."
        ), lambda: counting.learnt_by_focus(scope, asked)),
        ("tystnar", _("Falling silent"), _(
            "The months that are judged: up to five years of past, and at most three that are watched."
        ), lambda: counting.by_month(whole, scope, Asked(looked_at()))),
    ]  # fmt: skip
    return figures


def _of_ones_own(scope: Scope, asked: Asked, reader: Reader) -> list[Figure]:
    return [
        ("enheter", _("By unit"), _(
            "Reports by the unit that sent them. Without a unit: the whole provider."
        ), lambda: counting.units("sent", scope, asked)),
        ("orsaker", _("Causes, by category"), _(
            "The first cause of each chain, in investigations of what came in the months. Removed ones are not counted."
        ), lambda: own.causes(scope, asked, {})),
        ("atgarder", _("Actions, by strength"), _(
            "Actions in investigations of what came in the months, but for those removed or not carried out."
        ), lambda: own.actions(scope, asked, {})),
        ("fokus-atgarder", _("Actions by focus area"), _(
            "The same actions, by the focus area that was chosen."
        ), lambda: own.actions_by_focus(scope, asked)),
        ("lex-maria", _("Lex Maria decisions"), _(
            "Days from the event to the first decision, of what came in the months."
        ), lambda: own.lex_maria(scope, asked)),
        ("rutiner", _("Routines that your cases name"), _(
            "The documents named in cases that came in the months, of those that you may read."
        ), lambda: own.routines("had", scope, asked, reader)),
    ]  # fmt: skip
