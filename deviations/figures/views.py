"""The page of statistics, and the same as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import clock
from core.files import serving
from deviations.figures import page, silence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in
def statistics(request: HttpRequest) -> HttpResponse:
    """Figures of the reader's own cases, of all for the coordinator, and in short for those who report; does not exist
    for others.
    """
    told = page.context(reader_of(request), request.GET)
    if told is None:
        if (short := page.short(reader_of(request))) is None:
            raise Http404
        return render(request, "deviations/figures/short.html", short)
    notices.mark_read(request, url=silence.ADDRESS)
    return render(request, "deviations/figures/page.html", told | {"query": request.GET.urlencode()})


@require_safe
@signed_in
def as_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The figures of the page, as CSV or XLSX."""
    reader = reader_of(request)
    rows = page.table(reader, request.GET)
    if rows is None or kind not in ("csv", "xlsx"):
        raise Http404
    audit.record("exported_statistics", by=reader, target_type="provider", target_id=str(reader.provider_id or ""))
    name = f"avvikelser-{clock.today().isoformat()}.{kind}"
    rows = [[_plain(value) for value in row] for row in rows]
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows(rows)
        return serving.as_download(("\ufeff" + out.getvalue()).encode(), name, "text/csv; charset=utf-8")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Statistik")
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return serving.as_download(content.getvalue(), name, XLSX)


def _plain(value: Any) -> Any:
    """A text that a spreadsheet would take as a formula, kept as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
