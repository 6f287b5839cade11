"""The pages of lex Maria: an officer's list, and one part's matter with its decision, days and numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import refused
from core.files import serving
from core.identity.numbers import find_identity_numbers
from core.typed import visible
from deviations.investigation.page import Desk, desk_or_404
from deviations.lex_maria import acts, listing, package, page
from deviations.lex_maria.forms import DecisionForm, FactsForm
from deviations.models import Case


@require_safe
@signed_in
def matters(request: HttpRequest) -> HttpResponse:
    """The officer's list; does not exist for others."""
    reader = reader_of(request)
    if not reader.decides_lex_maria:
        raise Http404
    return render(request, "deviations/lex_maria/list.html", listing.page(reader, request.GET))


@signed_in
def matter(request: HttpRequest, number: str) -> HttpResponse:
    opened = Case.objects.open_or_404(reader_of(request), number)
    desk = desk_or_404(opened, request.GET.get("del", ""))
    if request.method == "POST":
        return _done(request, desk)
    audit.record("read_lex_maria", by=opened.reader, target_type="case", target_id=opened.case.number)
    notices.mark_read(request, url=request.path)
    return _page(request, desk)


def _session(request: HttpRequest, desk: Desk, act: str) -> FormSession:
    return FormSession(request, f"lm-{act}-{desk.number}-{desk.opened.case.number.lower()}")


def _form(desk: Desk, act: str, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    if act == "decide":
        return DecisionForm(data, initial=initial or {}, auto_id="decide_%s")
    matter = page.matter_of(desk.part)
    return FactsForm(data, party=desk.part, matter=matter, initial=initial or {}, auto_id="facts_%s")


def _page(
    request: HttpRequest,
    desk: Desk,
    bound: forms.Form | None = None,
    session: FormSession | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bound` and `session`: the form that came back, with its ticket."""
    shown: dict[str, Any] = {}
    for act, form in (("decide", DecisionForm), ("facts", FactsForm)):
        came_back = isinstance(bound, form) and session is not None
        own = session if came_back and session else _session(request, desk, act)
        shown[act] = {
            "form": bound if came_back else _form(desk, act, initial=own.typed()),
            "ticket": own.ticket,
            "form_key": own.key,
            "is_open": came_back,
        }
    told = page.context(desk) | shown | {"bound": bound, "form_has_errors": bound is not None}
    told |= {"has_identity": package.identity_of(desk) is not None}
    told |= {"fetched": package.latest(desk.part), "files": list(desk.opened.files())}
    told |= {"shown": acts.mark(desk.part), "facts_shown": acts.facts_mark(told["matter"])}
    return render(request, "deviations/lex_maria/page.html", told, status=status)


def _done(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One act. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    if "package" in request.POST:
        return _package(request, desk)
    if "tell" in request.POST:
        try:
            acts.tell_others(desk.part, by=desk.opened.reader)
            messages.success(request, _("The other parties are told that it is decided."))
        except refused.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    act = "decide" if "decide" in request.POST else "facts"
    session, form, status = _session(request, desk, act), _form(desk, act, request.POST), 422
    if form.is_valid():
        try:
            with session.kept_on_failure():
                messages.success(request, _once(request, desk, act, form, session))
            return redirect(request.get_full_path())
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, desk, form, session, status)


def _package(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The zip, with the files that were chosen: each named by its key, which the page showed."""
    because = visible(request.POST.get("because", ""))[:300]
    if find_identity_numbers(because):
        messages.error(request, _("The reason holds what looks like an identity number. Take it out."))
        return redirect(request.get_full_path())
    chosen = [file for file in desk.opened.files() if str(file.key) in request.POST.getlist("file")]
    try:
        content = package.fetch(desk, chosen, by=desk.opened.reader, identity_because=because)
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    return serving.as_download(content, f"lex-maria-{desk.opened.case.number}.zip", "application/zip")


def _do(desk: Desk, act: str, data: dict[str, Any], by: Reader, shown: str) -> None:
    if act == "decide":
        acts.decide(desk.part, notifies=data["notifies"] == "yes", grounds=data["grounds"], by=by, shown=shown)
    else:
        acts.put_facts(desk.part, data, by=by, shown=shown)


def _once(request: HttpRequest, desk: Desk, act: str, form: forms.Form, session: FormSession) -> str:
    """The act, unless this very sending has done it, and the words that say that it is done."""
    data, by, shown = form.cleaned_data, session.reader, shown_to(request)
    session.once(act, lambda: _do(desk, act, data, by, shown), result=desk.opened.case.number)
    return _("The decision is made, with your name.") if act == "decide" else _("It is saved.")
