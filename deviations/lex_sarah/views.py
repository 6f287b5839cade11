"""The pages of lex Sarah: the handlers hand an event over, the social care lead judges and sees to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import clock, refused
from deviations.investigation.page import Desk, desk_or_404
from deviations.lex_sarah import acts, listing
from deviations.lex_sarah.forms import DecisionForm, FactsForm, FlagForm
from deviations.models import Case, LegalReference, LexSarah


@signed_in
def flag(request: HttpRequest, number: str) -> HttpResponse:
    """For those who handle a municipality's own part; for others it does not exist."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    desk = desk_or_404(opened, request.GET.get("del", ""))
    if not desk.part.is_municipal:
        raise Http404
    session = FormSession(request, f"ls-{desk.number}-{opened.case.number.lower()}")
    if request.method != "POST":
        return _flag_page(request, desk, FlagForm(initial=session.typed()), session)
    if "take_back" in request.POST:
        return _taken_back(request, desk)
    form, status = FlagForm(request.POST), 422
    if form.is_valid():
        try:
            with session.kept_on_failure():
                told, by, shown = form.cleaned_data, session.reader, shown_to(request)
                session.once("flag", lambda: acts.flag(desk.part, **told, by=by, shown=shown))
            messages.success(request, _("It is handed to the social care lead."))
            return redirect(request.get_full_path())
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _flag_page(request, desk, form, session, status)


def _flag_page(
    request: HttpRequest, desk: Desk, form: FlagForm, session: FormSession, status: int = 200
) -> HttpResponse:
    told = {
        "desk": desk,
        "case": desk.opened.case,
        "part": desk.part,
        "matter": LexSarah.objects.filter(party=desk.part).first(),
        "report": acts.report_of(desk.part),
        "leads": [lead.user.get_full_name() for lead in acts.leads(desk.part)],
        "form": form,
        "form_has_errors": form.is_bound,
        "ticket": session.ticket,
        "form_key": session.key,
        "shown": acts.digest_of(desk.part),
    }
    return render(request, "deviations/lex_sarah/flag.html", told, status=status)


def _taken_back(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        acts.take_back(desk.part, by=desk.opened.reader)
        messages.success(request, _("It is taken back. The social care lead had not opened it."))
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.get_full_path())


@require_safe
@signed_in
def matters(request: HttpRequest) -> HttpResponse:
    """The lead's list; does not exist for others."""
    reader = reader_of(request)
    if not reader.leads_social_care:
        raise Http404
    return render(request, "deviations/lex_sarah/list.html", listing.page(reader, request.GET))


@signed_in
def matter(request: HttpRequest, key: UUID) -> HttpResponse:
    reader = reader_of(request)
    found = get_object_or_404(
        LexSarah.objects.open_to(reader).select_related("party__provider", "party__unit"), key=key
    )
    if request.method == "POST":
        return _done(request, found)
    audit.record("read_lex_sarah", by=reader, target_type="lex_sarah", target_id=str(found.key))
    notices.mark_read(request, url=request.path)
    acts.receive(found, by=reader)
    return _page(request, found)


def _form(found: LexSarah, act: str, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    if act == "decide":
        return DecisionForm(data, initial=initial or {}, auto_id="decide_%s")
    return FactsForm(data, matter=found, initial=initial or {}, auto_id="facts_%s")


def _session(request: HttpRequest, found: LexSarah, act: str) -> FormSession:
    return FormSession(request, f"ls-{act}-{found.key.hex[:12]}")


def _page(
    request: HttpRequest, found: LexSarah, bound: tuple[str, forms.Form, FormSession] | None = None, status: int = 200
) -> HttpResponse:
    """`bound`: the act, the form that came back and its session."""
    decisions = list(found.decisions.all())
    told: dict[str, Any] = {
        "matter": found,
        "decisions": decisions,
        "latest": decisions[-1] if decisions else None,
        "days": max(0, (clock.today() - clock.swedish(found.at).date()).days),
        "references": LegalReference.objects.filter(code__contains="lex-sarah"),
        "shown": acts.mark(found),
        "bound": bound[1] if bound else None,
        "form_has_errors": bound is not None,
    }
    for act in ("decide", "facts"):
        came_back = bound is not None and bound[0] == act
        session = bound[2] if bound and came_back else _session(request, found, act)
        form = bound[1] if bound and came_back else _form(found, act, initial=session.typed())
        told[act] = {"form": form, "ticket": session.ticket, "form_key": session.key, "is_open": came_back}
    return render(request, "deviations/lex_sarah/page.html", told, status=status)


def _done(request: HttpRequest, found: LexSarah) -> HttpResponse:
    """One act of the lead. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    act = "decide" if "decide" in request.POST else "facts"
    session, form, status = _session(request, found, act), _form(found, act, request.POST), 422
    if form.is_valid():
        try:
            with session.kept_on_failure():
                told, shown = form.cleaned_data, shown_to(request)
                session.once(act, lambda: _do(found, act, told, session.reader, shown))
            messages.success(
                request, _("Your judgement is saved, with your name.") if act == "decide" else _("It is saved.")
            )
            return redirect(request.path)
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    found.refresh_from_db()
    return _page(request, found, (act, form, session), status)


def _do(found: LexSarah, act: str, told: dict[str, Any], by: Reader, shown: str) -> None:
    if act == "decide":
        acts.decide(found, **told, by=by, shown=shown)
    else:
        acts.put_facts(found, told, by=by, shown=shown)
