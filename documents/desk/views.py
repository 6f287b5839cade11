"""An editor's desk."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import notices
from accounts.readers import reader_of
from core import clock
from documents import intake
from documents.desk import caretaking
from documents.desk.waiting import desk_of
from documents.models import Source


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The documents that wait for the reader's hand, and one click from each to its act."""
    reader = reader_of(request)
    if not reader.edits_documents:
        raise Http404
    notices.mark_read(request, url=request.path)
    context = {
        "desk": desk_of(reader), "left": caretaking.left_behind(reader), "today": clock.today(),
        "sources": intake.sources.may_read(reader) and Source.objects.filter(owner=reader.provider_id).exists(),
    }  # fmt: skip
    return render(request, "documents/desk.html", context)
