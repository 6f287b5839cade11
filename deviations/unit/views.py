"""The page of a unit's reports."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.readers import reader_of
from deviations.unit import listing


@login_required
def unit_reports(request: HttpRequest) -> HttpResponse:
    """For a unit's manager alone; does not exist for others."""
    reader = reader_of(request)
    if not listing.manages_unit(reader):
        raise Http404
    return render(request, "deviations/unit_reports.html", {"page": listing.page(reader, request.GET)})
