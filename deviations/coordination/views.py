"""The regional coordinator's page. For others it does not exist."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, notices
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import refused
from deviations.coordination.overview import CLOSED
from deviations.coordination.overview import coordination as coordination_of
from deviations.entry.fields import CleanText, RecipientField
from deviations.models import Case, Party
from deviations.predicate import coordinates
from deviations.verbs import coordinating
from deviations.verbs.locking import COORDINATION


class HandBackForm(forms.Form):
    reason = CleanText(
        label=gettext_lazy("What do you say to those who raised it?"),
        help_text=gettext_lazy("Only they read it. The case stays with those who have it now."),
        rows=3,
        error_messages={"required": gettext_lazy("Write why.")},
    )


class RouteForm(forms.Form):
    recipient = RecipientField(label=gettext_lazy("Who is to have the case?"))

    def __init__(self, *args: object, reader: Reader, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["recipient"].offer(reader)  # type: ignore[attr-defined]


@signed_in
def coordination(request: HttpRequest) -> HttpResponse:
    """All cases by their facts, and those raised: read, and sent to whom they concern."""
    reader = reader_of(request)
    if not coordinates(reader):
        raise Http404
    if request.method == "POST" and "part" in request.POST:
        return _send_on(request, reader)
    if request.method == "POST":
        case = get_object_or_404(Case.objects.coordinated_by(reader), number=request.POST.get("case", "")[:20])
        return _hand_back(request, case, reader) if "hand_back" in request.POST else _route(request, case, reader)
    return _page(request, reader)


def _page(request: HttpRequest, reader: Reader, sent: tuple[Case, HandBackForm] | None = None) -> HttpResponse:
    """`sent`: what came back with a fault, which stands where it was typed."""
    notices.mark_read(request, url=COORDINATION)
    asked = {"after": request.GET.get("efter", ""), "before": request.GET.get("fore", "")}
    found = coordination_of(reader, closed=request.GET.get("vy") == CLOSED, **asked)
    if found.raised:
        audit.record("read_raised_cases", by=reader, target_type="case", numbers=[c.number for c in found.raised])
    raised = []
    for case in found.raised:
        back = sent[1] if sent and sent[0].pk == case.pk else HandBackForm(auto_id=f"{case.number}_%s")
        raised.append((case, RouteForm(reader=reader, auto_id=f"{case.number}_%s"), back))
    left = [(part, RouteForm(reader=reader, auto_id=f"part{part.pk}_%s")) for part in found.left]
    context = {"found": found, "raised": raised, "left": left}
    return render(request, "deviations/coordination.html", context, status=422 if sent else 200)


def _hand_back(request: HttpRequest, case: Case, reader: Reader) -> HttpResponse:
    form = HandBackForm(request.POST, auto_id=f"{case.number}_%s")
    if not form.is_valid():
        return _page(request, reader, (case, form))
    try:
        coordinating.hand_back(case, reason=form.cleaned_data["reason"], by=reader)
    except refused.NotAllowed as refusal:
        messages.error(request, f"{case.number}: {refusal}")
    else:
        messages.success(request, _("%s stays with those who have it. They are told why.") % case.number)
    return redirect(COORDINATION)


def _send_on(request: HttpRequest, reader: Reader) -> HttpResponse:
    """A part whose provider has left goes to somebody else."""
    key, form = request.POST["part"], RouteForm(request.POST, reader=reader)
    parts = Party.objects.filter(case__in=Case.objects.coordinated_by(reader)).select_related("case")
    part = get_object_or_404(parts, pk=key if key.isdecimal() and len(key) < 19 else 0)
    if not form.is_valid():
        messages.error(request, _("Choose who is to have %s.") % part.case.number)
        return redirect(COORDINATION)
    chosen = form.cleaned_data["recipient"]
    try:
        sent = coordinating.send_on(part, to_provider=chosen.provider, to_unit=chosen.unit, by=reader)
    except refused.NotAllowed as refusal:
        messages.error(request, f"{part.case.number}: {refusal}")
    else:
        messages.success(request, _("%(number)s is sent to %(who)s.") % {"number": part.case.number, "who": sent.label})
    return redirect(COORDINATION)


def _route(request: HttpRequest, case: Case, reader: Reader) -> HttpResponse:
    form = RouteForm(request.POST, reader=reader)
    if not form.is_valid():
        messages.error(request, _("Choose who is to have %s.") % case.number)
        return redirect(COORDINATION)
    chosen = form.cleaned_data["recipient"]
    try:
        sent = coordinating.route(case, to_provider=chosen.provider, to_unit=chosen.unit, by=reader)
    except refused.NotAllowed as refusal:
        messages.error(request, f"{case.number}: {refusal}")
    else:
        messages.success(request, _("%(number)s is sent to %(who)s.") % {"number": case.number, "who": sent.label})
    return redirect(COORDINATION)
