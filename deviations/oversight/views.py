"""The pages of the medically responsible: their list, a case to read, and the day when the board was told of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.session import shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from core.files import serving
from deviations.entry.fields import SwedishDateField
from deviations.investigation import report
from deviations.models import Case
from deviations.oversight import board, listing, page
from deviations.predicate import OpenedCase


class BoardForm(forms.Form):
    day = SwedishDateField(
        label=gettext_lazy("Told to the board on"),
        help_text=gettext_lazy("The case handlers of that part see the day. Left empty, it is taken away."),
        required=False,
    )


@require_safe
@signed_in
def cases(request: HttpRequest) -> HttpResponse:
    """The list; does not exist for others."""
    reader = reader_of(request)
    if not reader.is_medically_responsible:
        raise Http404
    return render(request, "deviations/oversight/list.html", listing.page(reader, request.GET))


@signed_in
def case(request: HttpRequest, number: str) -> HttpResponse:
    opened = Case.objects.overseen_or_404(reader_of(request), number)
    if request.method == "POST":
        return _told_board(request, opened)
    audit.record("oversaw_case", by=opened.reader, target_type="case", target_id=opened.case.number)
    notices.mark_read(request, url=request.path)
    return _page(request, opened)


def _page(request: HttpRequest, opened: OpenedCase, bound: Any = None, status: int = 200) -> HttpResponse:
    """`bound`: the number of a part, and its form that came back."""
    told = page.context(opened)
    shown = []
    for one in told["overseen"]:
        day = one.matter.board_told_on if one.matter else None
        came_back = bound is not None and bound[0] == one.number
        form = bound[1] if came_back else BoardForm(initial={"day": day}, auto_id=f"del{one.number}_%s")
        shown.append((one, form))
    told |= {"overseen": shown, "bound": bound[1] if bound else None, "form_has_errors": bound is not None}
    return render(request, "deviations/oversight/case.html", told, status=status)


def _told_board(request: HttpRequest, opened: OpenedCase) -> HttpResponse:
    one = page.part_or_404(opened, request.POST.get("part", ""))
    form, status = BoardForm(request.POST, auto_id=f"del{one.number}_%s"), 422
    if form.is_valid():
        try:
            board.tell_board(one.party, day=form.cleaned_data["day"], by=opened.reader, shown=shown_to(request))
            messages.success(request, _("It is saved."))
            return redirect(request.path)
        except refused.Refused as refusal:
            form.add_error("day", str(refusal))
            status = 409
    return _page(request, opened, (one.number, form), status)


@require_safe
@signed_in
def investigation(request: HttpRequest, number: str) -> HttpResponse:
    """The investigation of the municipality's own part, as a paper."""
    opened = Case.objects.overseen_or_404(reader_of(request), number)
    desk = page.paper_or_404(opened, request.GET.get("del", ""))
    number = opened.case.number
    audit.record("exported_investigation", by=opened.reader, target_type="case", target_id=number)
    return serving.as_download(report.pdf(desk), f"utredning-{number}.pdf", "application/pdf")
