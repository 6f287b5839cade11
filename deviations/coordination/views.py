"""The regional coordinator's page. For others it does not exist."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit, notices
from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import clock, refused
from deviations.coordination.figures import by_provider
from deviations.coordination.figures import figures as figures_of
from deviations.coordination.forms import HandBackForm, NudgeForm, RouteForm, usual_words
from deviations.coordination.narrowing import Asked, choices
from deviations.coordination.overview import coordination as coordination_of
from deviations.coordination.overview import late_parts, rows_of
from deviations.models import Case, Party
from deviations.predicate import coordinates
from deviations.verbs import coordinating
from deviations.verbs.locking import COORDINATION

# Reminded at once, at most; a page of the list holds fewer.
MOST = 100
# The form of the words to many.
NUDGE = "nudge-many"


@signed_in
def coordination(request: HttpRequest) -> HttpResponse:
    """All cases by their facts, and those raised: read, sent to whom they concern, reminded of."""
    reader = reader_of(request)
    if not coordinates(reader):
        raise Http404
    if request.method == "POST" and "part" in request.POST:
        return _send_on(request, reader)
    if request.method == "POST" and "nudge" in request.POST:
        return _nudge_many(request, reader)
    if request.method == "POST":
        case = get_object_or_404(
            Case.objects.coordinated_by(reader), number=request.POST.get("case", "").replace("\x00", "")[:20]
        )
        return _hand_back(request, case, reader) if "hand_back" in request.POST else _route(request, case, reader)
    if request.GET.get("format") == "csv":
        return _csv(reader, Asked.of(request.GET))
    return _page(request, reader)


def _page(
    request: HttpRequest,
    reader: Reader,
    sent: tuple[Case, HandBackForm] | None = None,
    nudge: NudgeForm | None = None,
    session: FormSession | None = None,
) -> HttpResponse:
    """`sent` and `nudge` (with its session): what came back with a fault, which stands where it was typed."""
    session = session or FormSession(request, NUDGE)
    notices.mark_read(request, url=COORDINATION)
    asked = {"after": request.GET.get("efter", ""), "before": request.GET.get("fore", "")}
    found = coordination_of(reader, Asked.of(request.GET), **asked)
    if found.raised:
        audit.record("read_raised_cases", by=reader, target_type="case", numbers=[c.number for c in found.raised])
    raised = []
    for case in found.raised:
        back = sent[1] if sent and sent[0].pk == case.pk else HandBackForm(auto_id=f"{case.number}_%s")
        raised.append((case, RouteForm(reader=reader, auto_id=f"{case.number}_%s"), back))
    context = {
        "found": found,
        "raised": raised,
        "left": [(part, RouteForm(reader=reader, auto_id=f"part{part.pk}_%s")) for part in found.left],
        "figures": figures_of(reader),
        "providers": by_provider(reader),
        "by_provider": request.GET.get("vy") == "vardgivare",
        "choices": choices(),
        "nudge": nudge or NudgeForm(initial={"words": usual_words()} | session.initial("words")),
        "nudge_ticket": session.ticket,
        "chosen": request.POST.getlist("v"),
    }
    return render(request, "deviations/coordination.html", context, status=422 if sent or nudge else 200)


def _csv(reader: Reader, asked: Asked) -> HttpResponse:
    """Every row of the list as it is narrowed, in its order."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="samordning.csv"'
    response["Cache-Control"] = "private, no-store"
    response.write("\ufeff")
    rows = csv.writer(response, delimiter=";")
    names = (_("Case"), _("Area"), _("From"), _("To"), _("State"), _("Could have led to (judged)"), _("Happened"))
    rows.writerow([*names, _("Reported"), _("Next step"), _("To be done by"), _("Days late")])
    for row in rows_of(reader, asked):
        step = row.next
        told = (row.number, row.title, row.sender, row.recipients, row.state.label, row.harm)
        days = (row.happened, row.reported)
        rows.writerow(
            [
                *told,
                *(clock.swedish(at).date().isoformat() for at in days),
                *((step.words, step.due or "", step.days_late if step.is_late else 0) if step else ("", "", 0)),
            ]
        )
    audit.record("exported_coordination", by=reader, target_type="case", query=asked.query)
    return response


def _nudge_many(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The late parts of the chosen cases are reminded in the same words; those that could not be are told of."""
    form, session = NudgeForm(request.POST), FormSession(request, NUDGE)
    if not form.is_valid():
        session.keep()
        return _page(request, reader, nudge=form, session=session)
    numbers = [number.replace("\x00", "")[:20] for number in request.POST.getlist("v")[:MOST]]
    chosen = Case.objects.coordinated_by(reader).filter(number__in=numbers)
    parts = list(late_parts(chosen))
    done = set()
    for part in parts:
        try:
            coordinating.nudge(part, words=form.cleaned_data["words"], by=reader)
            done.add(part.case.number)
        except refused.NotAllowed as refusal:
            messages.warning(request, f"{part.case.number}: {refusal}")
    if done:
        n = len(done)
        words = ngettext("Those late in one case are reminded.", "Those late in %(n)d cases are reminded.", n)
        messages.success(request, words % {"n": n})
    elif not parts:
        messages.error(request, _("Choose at least one case that is late."))
    session.done() if done else session.keep()
    return redirect(request.get_full_path())


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
