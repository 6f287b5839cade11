"""Equal access as a page: open to everybody, by kind of provider; a provider's own figure for its people."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.forms.session import shown_to
from accounts.readers import Reader, reader_of
from accounts.roles import READING_KINDS, Kind
from core.refused import Refused
from core.typed import TypedText
from documents.equal import freezing, presenting, records
from documents.models import AccessFigure


@require_safe
def equal_access(request: HttpRequest) -> HttpResponse:
    """Equal access: today, over time, in three steps, how long it takes, what is frozen. No document and no provider is
    named, but one's own."""
    reader = reader_of(request)
    rows, months = records.latest(), records.months()
    figures = presenting.figures(rows, months)
    context = {
        "figures": figures, "months": months[::-1], "chart": presenting.chart(months),
        "day": rows[0].day if rows else None,
        "gaps": [months[0].gap, months[-1].gap] if months else [], "times": _times(rows),
        "mending": records.days_to_mend(), "frozen": _frozen_rows(), "aim": records.AIM,
        "applies": max((row.applies for row in rows), default=0), **_own(reader), **_for_stewards(reader),
    }  # fmt: skip
    return render(request, "documents/equal/equal.html", context)


def _times(rows: list[AccessFigure]) -> list[tuple[str, AccessFigure]]:
    return [(presenting.kind_names()[row.kind], row) for row in rows if row.days_median is not None]


def _own(reader: Reader) -> dict[str, Any]:
    """A provider's own figure, for its people; the region's is the one of its kind."""
    if not reader.is_let_in or reader.provider_id is None or reader.provider_kind == Kind.REGIONAL:
        return {}
    row = records.of_provider(reader.provider_id)
    if row is None:
        return {}
    months = records.months(reader.provider_id)
    of_kind = next((r for r in records.latest() if r.kind == row.kind), None)
    return {
        "own": row, "own_percent": records.percent(row.open, row.applies), "own_missing": row.applies - row.open,
        "own_chart": presenting.own_chart(months, reader),
        "own_months": [m for m in months[::-1] if "own" in m.percents],
        "own_kind": presenting.short_names()[row.kind], "own_kind_code": row.kind,
        "kind_percent": records.percent(of_kind.open, of_kind.applies) if of_kind else None,
    }  # fmt: skip


def _for_stewards(reader: Reader) -> dict[str, Any]:
    """Every provider's figure, with the way to the documents behind it; and what is to be frozen."""
    if not freezing.may_freeze(reader):
        return {}
    providers = [(row, records.percent(row.open, row.applies)) for row in records.of_all_providers()]
    return {"providers": providers, "to_freeze": freezing.to_freeze(), "is_steward": True}


def _frozen_rows() -> list[dict[str, Any]]:
    names = presenting.kind_names()
    return [
        {"row": row, "percents": [(n, row.figures["kinds"].get(kind, {}).get("percent")) for kind, n in names.items()]}
        for row in freezing.frozen()
    ]


@require_safe
def equal_csv(request: HttpRequest) -> HttpResponse:
    """The months as a table: what the page shows, for everybody."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="lika-tillgang.csv"'
    response.write("\ufeff")
    rows = csv.writer(response, delimiter=";")
    rows.writerow([_("Day"), *(f"{name}, %" for name in presenting.kind_names().values()), _("Difference")])
    for month in records.months():
        told = [month.percents.get(kind.value) for kind in READING_KINDS]
        rows.writerow([month.day.isoformat(), *("" if v is None else v for v in told), month.gap])
    return response


class FreezeForm(forms.Form):
    comment = TypedText(
        label=gettext_lazy("Comment for the board"),
        help_text=gettext_lazy(
            "What has happened since the last report, and what is being done. It cannot be changed."
        ),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Write a comment: the board reads the figures with it.")},
    )


def freeze(request: HttpRequest, day: str) -> HttpResponse:
    """The figures of a report day, looked at and frozen with a comment."""
    reader = reader_of(request)
    when = next((d for d in freezing.to_freeze() if d.isoformat() == day), None)
    if not freezing.may_freeze(reader) or when is None:
        raise Http404
    proposed = freezing.proposed(when)
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shown = json.loads(shown_to(request) or "null")
            freezing.freeze(when, comment=form.cleaned_data["comment"], shown=shown, by=reader)
        except (Refused, ValueError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The figures of %s are frozen.") % date_format(when, "j F Y"))
            return redirect("equal_access")
    kinds = [(presenting.kind_names()[kind], told) for kind, told in proposed["kinds"].items()]
    counted = dt.date.fromisoformat(proposed["counted_on"])
    context = {"day": when, "form": form, "kinds": kinds, "shown": json.dumps(proposed), "counted": counted}
    return render(request, "documents/equal/freeze.html", context, status=422 if form.errors else 200)
