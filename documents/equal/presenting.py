"""The figures in words and drawings, for the page of equal access and for the watch."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.readers import Reader
from core.charts import LineChart, Series
from documents.equal import records
from documents.models import AccessFigure

LOOKS = {"regional": "ring", "private": "square", "municipal": "triangle"}


def kind_names() -> dict[str, str]:
    """The kinds as the page names them."""
    return {
        "regional": pgettext("whose access is counted", "The region's own"),
        "private": pgettext("whose access is counted", "Private providers"),
        "municipal": pgettext("whose access is counted", "Municipalities"),
    }


def short_names() -> dict[str, str]:
    return {
        "regional": pgettext("short, in a chart", "The region"),
        "private": pgettext("short, in a chart", "Private"),
        "municipal": pgettext("short, in a chart", "Municipal"),
    }


def figures(rows: list[AccessFigure], months: list[records.Month]) -> list[dict[str, Any]]:
    before = months[-2] if len(months) > 1 else None
    return [
        {
            "name": kind_names()[row.kind], "row": row, "percent": records.percent(row.open, row.applies),
            "before": before.percents.get(row.kind) if before else None, "before_on": before.day if before else None,
            "legible": records.percent(row.legible, row.applies), "missing": row.applies - row.open,
            "found": records.percent(row.found, row.measured) if row.measured else None,
        }
        for row in rows
    ]  # fmt: skip


def _label(day: dt.date) -> str:
    return str(MONTHS_3[day.month])


def chart(months: list[records.Month]) -> LineChart | None:
    if not months:
        return None
    lines, told = [], []
    for kind, name in short_names().items():
        values = [month.percents.get(kind) for month in months]
        known = [v for v in values if v is not None]
        if known:
            lines.append(Series(f"{name} {known[-1]}", values, LOOKS[kind]))
            went = {"name": kind_names()[kind], "first": known[0], "last": known[-1]}
            told.append(_("%(name)s: from %(first)s to %(last)s per cent.") % went)
    return LineChart(
        "lika", _("The share of what applies to them that they can read, month by month"),
        " ".join([*told, _("All values are in the table.")]), [_label(m.day) for m in months], lines,
        aim=records.AIM, aim_words=_("Aim %d per cent") % records.AIM,
    )  # fmt: skip


def own_chart(months: list[records.Month], reader: Reader) -> LineChart | None:
    own = [month.percents.get("own") for month in months]
    known = [v for v in own if v is not None]
    if not known or reader.provider_kind not in LOOKS:
        return None
    kind = [month.percents.get(reader.provider_kind) for month in months]
    of_kind = [v for v in kind if v is not None]
    lines = [
        Series(f"{short_names()[reader.provider_kind]} {of_kind[-1] if of_kind else ''}", kind, LOOKS["private"]),
        Series(pgettext("short, in a chart", "You %d") % known[-1], own, "own"),
    ]
    return LineChart(
        "egen", _("The share of what applies to you that you can read"),
        _("From %(first)s to %(last)s per cent. All values are in the table.") % {"first": known[0], "last": known[-1]},
        [_label(m.day) for m in months], lines, aim=records.AIM, aim_words=_("Aim %d per cent") % records.AIM,
    )  # fmt: skip
