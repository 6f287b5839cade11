"""The page of definitions."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from deviations.defined import queries
from deviations.figures import page


@require_safe
@signed_in
def definitions(request: HttpRequest) -> HttpResponse:
    """How each figure of the reader's statistics counts; does not exist for those who count nothing."""
    found = queries.defined(reader_of(request), request.GET.dict())
    if found is None:
        raise Http404
    context = {"figures": found, "definitions": page.definitions(), "query": request.GET.urlencode()}
    return render(request, "deviations/defined/page.html", context)
