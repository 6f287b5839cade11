"""The page of statistics, made ready for the template; and the same figures as rows of a file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import CareUnit, Provider
from accounts.readers import Reader, named
from accounts.roles import Kind
from core import clock
from core.charts import BarChart, LineChart, Series
from deviations.figures import counting, falling, own, signals, silence
from deviations.figures.counting import KINDS, Asked, Share
from deviations.figures.falling import Falling
from deviations.figures.scope import Months, Scope, few, latest, of_year, scope_of, short_scope_of
from deviations.models import Action, Case, Cause, DeviationType, FocusArea, Silence

# A chart of two years, so that chance can be told from change.
SHOWN = 24
YEARS = 5
# So many providers stand by name in the matrix; the file has them all.
MATRIX = 12


@dataclass(frozen=True)
class Counted:
    """One series on the page: a chart, its table, and whether it is more than chance."""

    key: str
    title: str
    chart: LineChart
    rows: list[tuple[dt.date, int]]
    runs: signals.Runs | None
    falling: Falling | None


def asked_of(asked: Mapping[str, str]) -> tuple[Asked, str]:
    """The narrowing that an address asks for, and its period as a choice ("" is the latest twelve months)."""
    year = asked.get("ar", "")
    years = [str(clock.today().year - n) for n in range(YEARS)]
    kind = asked.get("slag", "")
    months = of_year(int(year)) if year in years else latest()
    months = months if months.each else latest()
    chosen = year if year in years and months != latest() else ""
    return Asked(months, kind if kind in Case.EventKind.values else ""), chosen


def context(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any] | None:
    """The context of deviations/figures/page.html; None for those who count nothing."""
    wanted = asked.get("vardgivare", "").replace("\x00", "")[:200]
    scope = scope_of(reader, wanted)
    if scope is None:
        return None
    narrowing, year = asked_of(asked)
    counts_all = scope_of(reader) == Scope()
    names = _SERIES_NAMES | (_THEIR_NAMES if counts_all else {})
    which = ("between",) if scope.is_all else ("sent", "had")
    series = [_counted(key, str(names[key]), scope, narrowing) for key in which]
    taken = {step: counting.taken(step, scope, narrowing) for step in counting.STEPS}
    return {
        "scope": scope,
        "where": _where(reader, scope),
        "months": narrowing.months,
        "year": year,
        "years": [str(clock.today().year - n) for n in range(YEARS)],
        # Those that have a whole month, for tables of a year.
        "paper_years": [y for y in (clock.today().year - 1, clock.today().year) if of_year(y).each],
        "event_kind": narrowing.event_kind,
        "event_kinds": [(value, capfirst(str(label))) for value, label in Case.EventKind.choices],
        "counts_all": counts_all,
        "providers": Provider.objects.order_by("name").values_list("name", flat=True) if counts_all else (),
        "provider": "" if scope.is_all else wanted if counts_all else "",
        "cards": _cards(scope, narrowing, names, taken),
        "series": series,
        "fallen": [one for one in series if one.falling and one.falling.is_raised],
        "near": _near(scope, narrowing),
        "own": None if counts_all else _own(reader, scope, narrowing),
        "focus": _focus(scope, narrowing, is_own=not counts_all),
        "silences": [(_of(one), one) for one in silence.silences(scope)],
        "never": silence.never_reported(scope),
        "kinds": [str(kind.label) for kind in KINDS],
        "directions": _directions(scope, narrowing),
        "matrix": _matrix(scope, narrowing),
        "others": _others(scope, narrowing),
        "units": _units(scope, narrowing),
        "taken": [(str(STEP_NAMES[step]), found) for step, found in taken.items()],
        "breakdowns": list(_breakdowns(scope, narrowing, names)),
        "fall": round(100 * signals.FALL),
        "definitions": definitions(),
    }


def short(reader: Reader) -> dict[str, Any] | None:
    """The context of deviations/figures/short.html, for those who report; None for others. Numbers below the limit are
    not told: among few people, a single report has a face.
    """
    scope = short_scope_of(reader)
    if scope is None:
        return None
    now = Asked(latest())
    feedback = counting.taken("feedback", scope, now)
    counts = [counting.chosen("sent", scope, one).count() for one in (now, now.before())]
    return {
        "where": named(reader.unit_name, reader.provider_name),
        "months": now.months,
        "counts": [n if n >= few() else None for n in counts],
        "few": few(),
        "feedback": feedback if feedback.due >= few() else None,
    }


def _near(scope: Scope, asked: Asked) -> dict[str, int]:
    """Near misses and risks beside what harmed: many near misses for each event mean that people dare to tell."""
    which, kinds = "between" if scope.is_all else "sent", Case.EventKind
    rows = dict(counting.chosen(which, scope, asked).values_list("case__event_kind").annotate(n=Count("pk")))
    return {"near": rows.get(kinds.NEAR_MISS, 0) + rows.get(kinds.RISK, 0), "events": rows.get(kinds.ADVERSE_EVENT, 0)}


def _own(reader: Reader, scope: Scope, asked: Asked) -> dict[str, Any]:
    """The figures of one's own work, for the part of the page that only own people see."""
    strengths = {value: capfirst(str(label)) for value, label in Action.Strength.choices}
    return {
        "causes": own.causes(scope, asked, {v: capfirst(str(label)) for v, label in Cause.Category.choices}),
        "actions": own.actions(scope, asked, strengths),
        "lex_maria": own.lex_maria(scope, asked),
        "routines": own.routines("had", scope, asked, reader),
    }


@dataclass(frozen=True)
class Focus:
    """Actions and learning examples by the focus area they serve; `measures` names the counts of each row."""

    chart: BarChart
    measures: list[str]
    rows: list[tuple[str, list[int]]]


def _focus(scope: Scope, asked: Asked, *, is_own: bool) -> Focus:
    """SECURITY: actions are counted of one's own parts alone (`own`). The kind of event narrows them alone."""
    learnt = counting.learnt_by_focus(scope, asked)
    done = own.actions_by_focus(scope, asked) if is_own else {}
    areas = FocusArea.objects.offered() | FocusArea.objects.filter(pk__in=[key for key in {*learnt, *done} if key])
    rows: list[tuple[str, int | None]] = [
        (str(area), area.pk) for area in areas.select_related("plan").order_by("plan__code", "position", "pk")
    ]
    rows = [*rows, *([(_("None chosen"), None)] if None in learnt or None in done else [])]
    measures = [*([_("Actions")] if is_own else []), _("Learning examples")]
    found = [(name, [*([done.get(key, 0)] if is_own else []), learnt.get(key, 0)]) for name, key in rows]
    told = _("%d focus areas. All values stand in the table.") % len(found)
    return Focus(BarChart("fokus", _("Focus areas, as bars"), told, measures, found), measures, found)


def _of(one: Silence) -> str:
    """Whose silence it is: a unit with its provider, a provider, or a direction."""
    if one.provider:
        return named(one.unit.name if one.unit else "", one.provider.name)
    return _("From %(sender)s to %(to)s") % {
        "sender": Kind(one.sender_kind).label,
        "to": Kind(one.to_kind).label,
    }


def _where(reader: Reader, scope: Scope) -> str:
    if scope.is_all:
        return _("All care providers")
    if scope.provider_id == reader.provider_id:
        return named(reader.unit_name, reader.provider_name) if scope.unit_id else reader.provider_name
    return Provider.objects.values_list("name", flat=True).get(pk=scope.provider_id)


_SERIES_NAMES = {
    "between": gettext_lazy("Reports between care providers"),
    "sent": gettext_lazy("What you reported"),
    "had": gettext_lazy("What you were sent"),
}
# The same of another's, for those who count all.
_THEIR_NAMES = {
    "sent": gettext_lazy("Reported by them"),
    "had": gettext_lazy("Sent to them"),
}
STEP_NAMES = {
    "acknowledged": gettext_lazy("From received to acknowledged"),
    "answered": gettext_lazy("From received to answered"),
    "feedback": gettext_lazy("From reported to feedback"),
    "closed": gettext_lazy("From received to closed"),
}


def _counted(which: str, title: str, scope: Scope, asked: Asked) -> Counted:
    # A fall is watched for among all reports: a kind of event alone would be few.
    looked = latest(SHOWN) if asked.event_kind else falling.looked_at()
    counted = counting.by_month(which, scope, Asked(looked, asked.event_kind))
    watched = None if asked.event_kind else falling.judged([n for _day, n in counted], looked.last.month)
    rows = counted[-SHOWN:]
    values = [n for _day, n in rows]
    found = signals.runs(values)
    labels = [date_format(day, "M")[:3].lower() if place % 3 == 0 else "" for place, (day, _n) in enumerate(rows)]
    middle = found.median if found else None
    told = _("%(n)d months, %(least)d to %(most)d a month. All values stand in the table.") % {
        "n": len(values), "least": min(values), "most": max(values),
    }  # fmt: skip
    words = _("Median %s") % f"{middle:g}".replace(".", ",") if middle is not None else ""
    chart = LineChart(
        which, title, told, labels, [Series("", values)], aim=middle or None, aim_words=words, from_nought=True
    )
    return Counted(which, title, chart, rows, found, watched)


def _cards(
    scope: Scope, asked: Asked, names: Mapping[str, Any], taken: Mapping[str, counting.Taken]
) -> list[dict[str, Any]]:
    which = "between" if scope.is_all else "sent"
    before = asked.before()
    now, then = (counting.chosen(which, scope, one).count() for one in (asked, before))
    cards = [{"figure": str(now), "words": str(names[which]), "note": _("%d in the period before") % then}]
    for step, words in (
        ("answered", _("answered in time")),
        ("feedback", _("of those who reported had feedback in time")),
    ):
        found, earlier = taken[step], counting.taken(step, scope, before)
        figure = f"{found.percent} %" if found.percent is not None else "–"
        share = _("%(part)d of %(whole)d") % {"part": found.in_time, "whole": found.due}
        note = share if earlier.percent is None else f"{share}. " + _("%d %% in the period before") % earlier.percent
        cards.append({"figure": figure, "words": words, "note": note})
    return cards


def _directions(scope: Scope, asked: Asked) -> list[tuple[str, list[Any], int]]:
    """Each kind that reports, its cells, and the sum of the row."""
    rows = counting.directions(scope, asked)
    return [(str(Kind(row[0].sender).label), row, sum(cell.n for cell in row)) for row in rows]


@dataclass(frozen=True)
class Matrix:
    """The reports from each provider to each other: `names` of the columns, and for each row its name, a count for each
    column, and its sum. `pooled`: how many providers are counted together in the last row and column.
    """

    names: list[str]
    rows: list[tuple[str, list[int], int]]
    sums: list[int]
    pooled: int


def _names(keys: set[int]) -> dict[int, str]:
    """The names of providers, in their order."""
    return dict(Provider.objects.filter(pk__in=keys).order_by("name").values_list("pk", "name"))


def _matrix(scope: Scope, asked: Asked) -> Matrix | None:
    """For those who count all. Those with most reports, either way, stand by name and in its order: it ranks nobody."""
    found = counting.pairs(scope, asked) if scope.is_all else {}
    counts = {pair: n for pair, (n, _before) in found.items() if n}
    if not counts:
        return None
    size: Counter[int] = Counter()
    for pair, n in counts.items():
        for key in pair:
            size[key] += n
    largest = {key for key, _n in sorted(size.items(), key=lambda one: (-one[1], one[0]))[:MATRIX]}
    names: dict[int, str] = _names(largest)
    places = {key: place for place, key in enumerate(names)}
    wide = len(names) + (len(size) > len(names))
    cells = [[0] * wide for _row in range(wide)]
    for (sender, to), n in counts.items():
        cells[places.get(sender, len(names))][places.get(to, len(names))] += n
    heads = [*names.values(), *([_("Others")] if wide > len(names) else [])]
    rows = [(name, row, sum(row)) for name, row in zip(heads, cells, strict=True)]
    sums = [sum(column) for column in zip(*cells, strict=True)]
    return Matrix(heads, rows, [*sums, sum(sums)], len(size) - len(names))


@dataclass(frozen=True)
class Other:
    """Another provider: what was reported to it, and what came from it; each with the period before."""

    name: str
    to: tuple[int, int]
    came: tuple[int, int]


def _others(scope: Scope, asked: Asked) -> list[Other]:
    """Those that a provider or unit reports to or hears from, by name."""
    if scope.is_all:
        return []
    own, found = scope.provider_id, counting.pairs(scope, asked)
    to = {pair[1]: n for pair, n in found.items() if pair[0] == own}
    came = {pair[0]: n for pair, n in found.items() if pair[1] == own}
    names = _names({*to, *came})
    return [Other(name, to.get(key, (0, 0)), came.get(key, (0, 0))) for key, name in names.items()]


def _units(scope: Scope, asked: Asked) -> list[Other]:
    """The units of a provider by name, and what is the whole provider's: what each reported, and what it was sent."""
    if scope.is_all or scope.unit_id:
        return []
    sent, had = (counting.units(which, scope, asked) for which in ("sent", "had"))
    keys = [key for key in {*sent, *had} if key]
    names: dict[int | None, str] = dict(CareUnit.objects.filter(pk__in=keys).order_by("name").values_list("pk", "name"))
    if None in sent or None in had:
        names[None] = _("The whole provider")
    return [Other(name, sent.get(key, (0, 0)), had.get(key, (0, 0))) for key, name in names.items()]


def _breakdowns(scope: Scope, asked: Asked, series: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Share]]]:
    """Key, title and rows of each: of what is reported, and for a scope of its own of what it has."""
    which = "between" if scope.is_all else "had"
    names = {
        "type": (_("By area"), counting.names_of_types(DeviationType.objects.all())),
        "event_kind": (_("By kind of event"), {v: capfirst(str(label)) for v, label in Case.EventKind.choices}),
        "harm": (
            _("By the harm it led to, as judged"),
            {v: capfirst(str(label)) for v, label in Case.Harm.choices} | {"": _("Not judged")},
        ),
    }
    for field, (title, words) in names.items():
        yield (
            field,
            f"{title}: {str(series[which]).lower()}",
            counting.breakdown(which, field, scope, asked, words),
        )


def definitions() -> list[tuple[str, str]]:
    """How each figure counts, in words."""
    return [
        (_("A report"), _("Counted in the month it was sent, by whoever reported. Taken back: not counted.")),
        (
            _("What one was sent"),
            _("Counted in the month it came. What was refused or sent on is counted where it ended up."),
        ),
        (
            _("Between care providers"),
            _("A case to two providers is two. A case within a provider is none, and stands in its own figures."),
        ),
        (
            _("In time"),
            _("Of what is done, or whose day has passed: done on the day at the latest. All else is not counted."),
        ),
        (_("Days"), _("Calendar days. The median: half were as fast. Nine of ten were within the other number.")),
        (
            _("Moved and corrected"),
            _("Area, kind of event and kind of provider count as they are today, in all months alike."),
        ),
        (_("Practice"), _("Practice cases are never counted.")),
    ]


def table(reader: Reader, asked: Mapping[str, str]) -> list[list[Any]] | None:
    """All figures of the page as rows: table, row, column, value. The first rows say what was asked for."""
    told = context(reader, asked)
    if told is None:
        return None
    months: Months = told["months"]
    kinds = dict(told["event_kinds"])
    rows: list[list[Any]] = [
        [_("Table"), _("Row"), _("Column"), _("Value")],
        [_("Chosen"), _("Whose"), "", told["where"]],
        [_("Chosen"), _("From"), "", months.first.isoformat()],
        [_("Chosen"), _("To and including"), "", months.last.isoformat()],
        [_("Chosen"), _("Kind of event"), "", kinds.get(told["event_kind"], _("All kinds"))],
    ]
    for one in told["series"]:
        rows += [[one.title, day.strftime("%Y-%m"), _("How many"), n] for day, n in one.rows]
    for sender, cells, _total in told["directions"]:
        for to, cell in zip(told["kinds"], cells, strict=True):
            rows.append([_("Who reports to whom"), sender, to, cell.n])
            rows.append([_("Who reports to whom, the period before"), sender, to, cell.before])
    rows += _pair_rows(told["scope"], asked_of(asked)[0])
    for one in told["units"]:
        rows += _both(_("By unit"), one.name, _("Reported"), one.to) + _both(
            _("By unit"), one.name, _("Was sent"), one.came
        )
    for name, found in told["taken"]:
        for column, value in (
            (_("Done"), found.done), (_("Median, days"), found.median), (_("Nine of ten within, days"), found.p90),
            (_("Due"), found.due), (_("In time"), found.in_time),
        ):  # fmt: skip
            rows.append([name, "", column, value])
    for _key, title, shares in told["breakdowns"]:
        for share in shares:
            rows += [
                [title, share.name, _("How many"), share.n],
                [title, share.name, _("The period before"), share.before],
            ]
    for name, counts in told["focus"].rows:
        measures = told["focus"].measures
        rows += [[_("By focus area"), name, measure, n] for measure, n in zip(measures, counts, strict=True)]
    return rows + _own_rows(told["own"]) if told["own"] else rows


def _both(title: str, name: str, column: str, counts: tuple[int, int]) -> list[list[Any]]:
    before = _("%s, the period before") % column
    return [[title, name, column, counts[0]], [title, name, before, counts[1]]]


def _pair_rows(scope: Scope, asked: Asked) -> list[list[Any]]:
    """Every pair of providers, in the order of their names."""
    found = counting.pairs(scope, asked)
    names = _names({key for pair in found for key in pair})
    order = {key: place for place, key in enumerate(names)}
    pairs = sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]]))
    title = _("Provider to provider")
    return [row for pair in pairs for row in _both(title, names[pair[0]], names[pair[1]], found[pair])]


def _own_rows(told: dict[str, Any]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for share in told["causes"]:
        rows.append([_("Causes, by category"), share.name, _("How many"), share.n])
        rows.append([_("Causes, by category"), share.name, _("The period before"), share.before])
    for one in told["actions"]:
        for column, value in (
            (_("How many"), one.n), (_("Done"), one.done), (_("Due"), one.due), (_("In time"), one.in_time),
            (_("Effect judged"), one.judged), (_("Helped"), one.helped),
        ):  # fmt: skip
            rows.append([_("Actions, by strength"), one.name, column, value])
    rows += [
        [_("Routines that your cases name"), document.number, _("How many"), n] for document, n in told["routines"]
    ]
    return rows
