"""The report that is frozen three times a year: the tables for follow-up, and how this year goes against the last.

SECURITY: of finished years the suppressed tables and no other cuts; of the year that goes on only changes in per cent,
rounded, of numbers that are large. Counts of part of a year could be taken from those of the whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.models import Assignment
from accounts.readers import Reader, renewed
from accounts.roles import Kind, Role
from core import clock, paper
from core.refused import Moved, NotAllowed, WrongState
from deviations.figures import counting
from deviations.figures.counting import KINDS, Asked
from deviations.figures.scope import Months, Scope
from deviations.following_up import tables
from deviations.models import FrozenReport
from deviations.predicate import coordinates

# The days as of which it is frozen, each in the days after it.
DAYS = ((4, 30), (8, 31), (12, 31))
# A change is told where both numbers are at least this large, to the nearest so many per cent.
LARGE, STEP = 20, 5
Content = dict[str, Any]


def due(today: dt.date | None = None) -> dt.date | None:
    """The latest of the days that has passed, where its report is not frozen yet."""
    today = today or clock.today()
    days = [dt.date(year, *day) for year in (today.year - 1, today.year) for day in DAYS]
    latest = max(day for day in days if day < today)
    return None if FrozenReport.objects.filter(day=latest).exists() else latest


def build(day: dt.date) -> Content:
    """All that the report holds, the comment apart. JSON's own types alone; kinds by their codes."""
    years = [day.year - n + (1 if day.month == 12 else 0) for n in range(1, tables.YEARS + 1)]
    return {
        "day": day.isoformat(),
        "kinds": [str(kind.value) for kind in KINDS],
        "tables": [
            {"year": year, "rows": [list(cells) for _name, cells in tables.table(year, "").rows]} for year in years
        ],
        "changes": [] if day.month == 12 else changes(day),
        "silent": [list(one) for one in tables.silent_codes()],
    }


def changes(day: dt.date) -> list[list[Any]]:
    """For each direction with large numbers: from, to, and the change in per cent against the same months of the year
    before.
    """
    end = day + clock.ONE_DAY
    now, then = (
        counting.directions(Scope(), Asked(Months(dt.date(year, 1, 1), end.replace(year=year))))
        for year in (day.year, day.year - 1)
    )
    found = []
    for row, before in zip(now, then, strict=True):
        for cell, was in zip(row, before, strict=True):
            if min(cell.n, was.n) >= LARGE:
                found.append([cell.sender, cell.to, STEP * round(100 * (cell.n - was.n) / was.n / STEP)])
    return found


def mark(content: Content) -> str:
    """The content as it was shown."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def named(kind: str) -> str:
    return str(Kind(kind).label)


def change_words(percent: int) -> str:
    if percent == 0:
        return _("about the same")
    return (_("up about %d %%") if percent > 0 else _("down about %d %%")) % abs(percent)


def shown(content: Content) -> Content:
    """The content in words, for the template and the paper: `tables` of (year, rows of a name and its cells)."""
    names = [capfirst(named(kind)) for kind in content["kinds"]]
    return {
        "names": names,
        "tables": [(one["year"], list(zip([*names, _("Sum")], one["rows"], strict=True))) for one in content["tables"]],
        "changes": [(named(sender), named(to), change_words(by)) for sender, to, by in content["changes"]],
        "silent": [(named(sender), named(to)) for sender, to in content["silent"]],
    }


def blocks(content: Content, comment: str) -> list[paper.Block]:
    """The report as a paper."""
    told = shown(content)
    found = [
        *paper.text(_("Reports of deviations between care providers, by kind of provider. No case is told of.")),
        paper.heading(_("Comment")),
        *paper.text(comment or "–"),
    ]
    for year, rows in told["tables"]:
        found.append(paper.heading(_("The year %s") % year))
        cells = [[name, *(_("hidden") if cell is None else str(cell) for cell in row)] for name, row in rows]
        found.append(paper.table([_("From, and to"), *told["names"], _("Sum")], cells))
    if told["changes"]:
        found.append(paper.heading(_("This year so far, against the same months of the year before")))
        found.append(paper.table([_("From"), _("To"), _("Change")], [list(one) for one in told["changes"]]))
    found.append(paper.heading(_("Reporting falls silent")))
    if told["silent"]:
        found.append(
            paper.bullets([_("From %(sender)s to %(to)s") % {"sender": a, "to": b} for a, b in told["silent"]])
        )
    else:
        found += paper.text(_("Nowhere that is more than chance."))
    found.append(paper.heading(_("How to read it")))
    found += paper.text(
        _(
            "Low numbers can mean that little goes wrong, that little is shared, or that nobody reports. They rank "
            "nobody. Numbers below five are hidden, and as many more as are needed so that none can be worked out."
        )
    )
    return found


@transaction.atomic
def freeze(day: dt.date, *, comment: str, by: Reader, shown: str) -> FrozenReport:
    """Approve and freeze the report as it was shown. Raises Refused."""
    if not coordinates(renewed(by)):
        raise NotAllowed(_("Only a regional coordinator does this."))
    if due() != day:
        raise WrongState(_("That report is frozen already, or its day has not passed."))
    content = build(day)
    if mark(content) != shown:
        raise Moved(_("A number has changed since the page was shown. Look at it as it is now, and freeze it again."))
    made = FrozenReport(
        day=day,
        content=content,
        comment=comment,
        approved_by_id=by.user_id,
        approved_label=by.record_label,
        at=clock.now(),
    )
    # The paper is the region's, whoever freezes it in whatever language.
    with translation.override("sv"):
        made.pdf = _as_paper(made, by)
    made.save(force_insert=True)
    audit.record("froze_report", by=by, target_type="report", target_id=day.isoformat())
    readers = Assignment.objects.with_role(Role.FOLLOW_UP).select_related("user")
    notices.notify(readers, kind="report_frozen", subject="", url=reverse("followed"))
    return made


def _as_paper(made: FrozenReport, by: Reader) -> bytes:
    day = date_format(made.day, "j F Y")
    footer = _("As of %(day)s. Approved by %(who)s, %(at)s") % {
        "day": day,
        "who": made.approved_label,
        "at": date_format(clock.swedish(made.at), "j F Y"),
    }
    title = _("Deviations between care providers, as of %s") % day
    found = blocks(made.content, made.comment)
    return paper.pdf(
        title, found, author=by.provider_name, footer=footer, page_word=_("Page"), language="sv", made_at=made.at
    )
