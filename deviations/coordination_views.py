"""The regional coordinator's page. For others it does not exist."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, notices
from accounts.kept_form import signed_in
from accounts.readers import Reader, reader_of
from deviations import workflow
from deviations.access import coordinates
from deviations.acts import COORDINATION
from deviations.coordination import coordination as coordination_of
from deviations.fields import RecipientField
from deviations.models import Case


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
    if request.method == "POST":
        return _route(request, reader)
    notices.mark_read(request, url=COORDINATION)
    found = coordination_of(reader, after=request.GET.get("efter", ""), before=request.GET.get("fore", ""))
    if found.raised:
        audit.record("read_raised_cases", by=reader, target_type="case", numbers=[c.number for c in found.raised])
    forms_of = [(case, RouteForm(reader=reader, auto_id=f"{case.number}_%s")) for case in found.raised]
    return render(request, "deviations/coordination.html", {"found": found, "raised": forms_of})


def _route(request: HttpRequest, reader: Reader) -> HttpResponse:
    case = get_object_or_404(Case.objects.coordinated_by(reader), number=request.POST.get("case", "")[:20])
    form = RouteForm(request.POST, reader=reader)
    if not form.is_valid():
        messages.error(request, _("Choose who is to have %s.") % case.number)
        return redirect(COORDINATION)
    chosen = form.cleaned_data["recipient"]
    try:
        sent = workflow.route(case, to_provider=chosen.provider, to_unit=chosen.unit, by=reader)
    except workflow.NotAllowed as refusal:
        messages.error(request, f"{case.number}: {refusal}")
    else:
        messages.success(request, _("%(number)s is sent to %(who)s.") % {"number": case.number, "who": sent.label})
    return redirect(COORDINATION)
