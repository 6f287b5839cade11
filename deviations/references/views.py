"""The list of matters elsewhere."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from deviations.references import listing


@require_safe
@signed_in
def references(request: HttpRequest) -> HttpResponse:
    """For others than case handlers it does not exist."""
    reader = reader_of(request)
    if not reader.handles_cases:
        raise Http404
    return render(request, "deviations/references/list.html", listing.page(reader, request.GET))
