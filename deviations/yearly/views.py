"""A year's tables as a Word file, and the page and papers of the frozen reports."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import paper, refused
from core.files import serving
from deviations.entry.fields import CleanText
from deviations.figures.scope import few
from deviations.following_up import tables as following_up
from deviations.models import FrozenReport
from deviations.predicate import coordinates
from deviations.yearly import freezing, tables

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class CommentForm(forms.Form):
    comment = CleanText(
        label=gettext_lazy("Comment"),
        help_text=gettext_lazy("What do the numbers say, and what is done about it? It stands first in the report."),
        max_length=4000,
        rows=6,
        error_messages={"required": gettext_lazy("Write a comment. A sentence is enough.")},
    )


@require_safe
@signed_in
def year_tables(request: HttpRequest, year: int) -> HttpResponse:
    """The reader's own year as tables in a Word file; does not exist for those who count none of their own."""
    reader = reader_of(request)
    found = tables.blocks(reader, year)
    if found is None:
        raise Http404
    audit.record("exported_statistics", by=reader, target_type="provider", target_id=str(reader.provider_id))
    title, blocks = found
    return serving.as_download(paper.docx(title, blocks, author=reader.place), f"avvikelser-{year}.docx", DOCX)


def _reads(reader: Reader) -> bool:
    """Frozen reports are read by those who follow up, and by the coordinators who make them."""
    return following_up.follows_up(reader) or (reader.viewer is None and coordinates(reader))


@require_safe
@signed_in
def report(request: HttpRequest, day: dt.date) -> HttpResponse:
    """The paper of a frozen report, byte for byte as it was approved."""
    reader = reader_of(request)
    if not _reads(reader):
        raise Http404
    found = get_object_or_404(FrozenReport, day=day)
    audit.record("read_followed_figures", by=reader, target_type="report", target_id=day.isoformat())
    return serving.as_download(bytes(found.pdf), f"avvikelser-{day.isoformat()}.pdf", "application/pdf")


@signed_in
def reports(request: HttpRequest) -> HttpResponse:
    """The frozen reports, and for a coordinator the one that is due."""
    reader = reader_of(request)
    if not _reads(reader):
        raise Http404
    day = freezing.due() if coordinates(reader) else None
    if day is None:
        if request.method == "POST":
            messages.error(request, _("That report is frozen already, or its day has not passed."))
            return redirect("frozen_reports")
        return _page(request, None, CommentForm(), None)
    session = FormSession(request, f"fr-{day.isoformat()}")
    if request.method != "POST":
        return _page(request, day, CommentForm(initial=session.typed()), session)
    form, status = CommentForm(request.POST), 422
    if form.is_valid():
        comment, shown = form.cleaned_data["comment"], shown_to(request)
        try:
            with session.kept_on_failure():
                session.once("freeze", lambda: freezing.freeze(day, comment=comment, by=reader, shown=shown))
            messages.success(request, _("The report is frozen, and those who follow up are told."))
            return redirect("frozen_reports")
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, day, form, session, status)


def _page(
    request: HttpRequest, day: dt.date | None, form: CommentForm, session: FormSession | None, status: int = 200
) -> HttpResponse:
    built = freezing.build(day) if day else None
    told = {
        "reports": FrozenReport.objects.defer("pdf", "content"),
        "day": day,
        "shown": freezing.shown(built) if built else None,
        "mark": freezing.mark(built) if built else "",
        "makes": coordinates(reader_of(request)),
        "limit": few(),
        "form": form,
        "form_has_errors": form.is_bound,
        "ticket": session.ticket if session else None,
        "form_key": session.key if session else "",
    }
    return render(request, "deviations/yearly/reports.html", told, status=status)
