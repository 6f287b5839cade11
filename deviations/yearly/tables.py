"""A provider's own year in tables, to be put into its patient safety report (patientsäkerhetsberättelse, PSL 3:10),
which is written by the first of March. The figures are those of the page of statistics.
"""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.readers import Reader
from core import paper
from deviations.figures import counting, page
from deviations.figures.counting import Asked
from deviations.models import LearningExample


def blocks(reader: Reader, year: int) -> tuple[str, list[paper.Block]] | None:
    """The title and the tables of the reader's own provider or unit; None for those who count no cases of their own.

    SECURITY: the coordinator, who counts others' cases, has no such paper.
    """
    told = page.context(reader, {"ar": str(year)})
    if told is None or told["own"] is None or (told["months"].first.year, told["months"].last.year) != (year, year):
        return None
    months = told["months"]
    found = [
        paper.facts(
            [
                (_("Care provider"), told["where"]),
                (_("From"), date_format(months.first, "j F Y")),
                (_("To and including"), date_format(months.last, "j F Y")),
            ]
        ),
        *_months(told),
        *_directions(told),
        *_times(told),
        *_breakdowns(told),
        *_own(told),
        *_focus(told),
        *_learning(told),
        paper.heading(_("How it is counted")),
        *(block for name, words in told["definitions"] for block in paper.text(f"{name}: {words}")),
    ]
    return _("Deviations %(year)s, %(where)s") % {"year": year, "where": told["where"]}, found


def _months(told: dict[str, Any]) -> list[paper.Block]:
    series = [
        (one.title, dict(counting.by_month(one.key, told["scope"], Asked(told["months"])))) for one in told["series"]
    ]
    rows = [
        [capfirst(date_format(day, "F")), *(str(values.get(day, 0)) for _title, values in series)]
        for day in told["months"].each
    ]
    sums = [_("Sum"), *(str(sum(values.values())) for _title, values in series)]
    header = [_("Month"), *(title for title, _values in series)]
    return [paper.heading(_("By month")), paper.table(header, [*rows, sums])]


def _directions(told: dict[str, Any]) -> list[paper.Block]:
    rows = [[capfirst(name), *(str(cell.n) for cell in cells), str(total)] for name, cells, total in told["directions"]]
    header = [_("From, and to"), *(capfirst(kind) for kind in told["kinds"]), _("Sum")]
    return [paper.heading(_("Who reports to whom")), paper.table(header, rows)]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}".replace(".", ",")


def _times(told: dict[str, Any]) -> list[paper.Block]:
    rows = [
        [name, str(one.done), _number(one.median), _number(one.p90), f"{one.in_time} / {one.due}" if one.due else "–"]
        for name, one in told["taken"]
    ]
    header = [_("Step"), _("Done"), _("Median, days"), _("Nine of ten within, days"), _("In time")]
    return [paper.heading(_("How long it took")), paper.table(header, rows)]


def _shares(title: str, rows: list[Any]) -> list[paper.Block]:
    if not rows:
        return [paper.heading(title), *paper.text("–")]
    header = ["", _("This year"), _("The year before")]
    return [paper.heading(title), paper.table(header, [[one.name, str(one.n), str(one.before)] for one in rows])]


def _breakdowns(told: dict[str, Any]) -> list[paper.Block]:
    return [block for _key, title, rows in told["breakdowns"] for block in _shares(title, rows)]


def _own(told: dict[str, Any]) -> list[paper.Block]:
    own = told["own"]
    rows = [
        [one.name, str(one.n), str(one.done), f"{one.in_time} / {one.due}" if one.due else "–", str(one.judged)]
        for one in own["actions"]
    ]
    header = [_("Strength"), _("How many"), _("Done"), _("In time"), _("Effect judged")]
    actions = [paper.table(header, rows)] if rows else paper.text("–")
    lex_maria = own["lex_maria"]
    return [
        *_shares(_("Causes, by category"), own["causes"]),
        paper.heading(_("Actions, by strength")),
        *actions,
        paper.heading("Lex Maria"),
        paper.facts(
            [
                (_("Decided"), str(lex_maria.done)),
                (_("Median, days"), _number(lex_maria.median)),
                (_("Nine of ten within, days"), _number(lex_maria.p90)),
            ]
        ),
    ]


def _focus(told: dict[str, Any]) -> list[paper.Block]:
    focus = told["focus"]
    rows = [[name, *map(str, counts)] for name, counts in focus.rows]
    found = [paper.table([_("Focus area"), *focus.measures], rows)] if rows else paper.text("–")
    return [paper.heading(_("By focus area")), *found]


def _learning(told: dict[str, Any]) -> list[paper.Block]:
    rows = LearningExample.objects.filter(told["months"].holds("approved_at"), told["scope"].parts("party__"))
    found = [f"{row.document.number} {row.document.title}" for row in rows.select_related("document") if row.document]
    return [paper.heading(_("Learning examples")), paper.bullets(sorted(found)) if found else paper.text("–")[0]]
