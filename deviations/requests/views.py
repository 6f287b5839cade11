"""The page of what one's part asks of others in a case, and what others ask of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import refused
from deviations.closing import gates
from deviations.investigation.page import Desk, desk_or_404
from deviations.models import OPEN, Action, Case, PartyRequest
from deviations.requests import acts
from deviations.requests.forms import AnswerForm, AskForm


@signed_in
def requests(request: HttpRequest, number: str) -> HttpResponse:
    """For those who handle a live part; for others it does not exist."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    desk = desk_or_404(opened, request.GET.get("del", ""))
    if desk.part.has_ended:
        raise Http404
    if request.method != "POST":
        return _page(request, desk)
    asked = _asked(desk, request.POST.get("answers", "")) if "answers" in request.POST else None
    key = _key(desk, asked)
    session, status = FormSession(request, key), 422
    form = AnswerForm(request.POST, auto_id=f"{key}_%s") if asked else _ask_form(desk, request.POST)
    if form.is_valid():
        try:
            with session.kept_on_failure():
                _once(desk, form, session, asked)
            messages.success(request, _said(asked))
            return redirect(request.get_full_path())
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, desk, bound=(key, form, session), status=status)


def _said(asked: PartyRequest | None) -> str:
    if asked is None:
        return _("The request is sent.")
    if asked.kind != PartyRequest.Kind.ACTION:
        return _("The answer is sent.")
    return _("The answer is sent. Where you said yes, the action stands among yours: choose its kind and its owner.")


def _key(desk: Desk, asked: PartyRequest | None) -> str:
    name = f"svar-{asked.key.hex[:12]}" if asked else "be"
    return f"{name}-{desk.number}-{desk.opened.case.number.lower()}"


def _asked(desk: Desk, wanted: str) -> PartyRequest:
    found = next((one for one in acts.received_by(desk.part) if str(one.key) == wanted), None)
    if found is None:
        raise Http404
    return found


def _ask_form(desk: Desk, data: Any = None, initial: dict[str, Any] | None = None) -> AskForm:
    parties = enumerate(sorted(desk.opened.parties(), key=lambda p: p.pk), 1)
    others = [(n, p) for n, p in parties if p.pk != desk.part.pk and not p.has_ended and p.state in OPEN]
    live = (Action.State.PROPOSED, Action.State.PLANNED, Action.State.UNDER_WAY)
    rows = desk.found.actions.filter(removed_at=None, state__in=live) if desk.found else Action.objects.none()
    serious = gates.is_serious(desk.opened.case)
    return AskForm(data, others=others, actions=list(rows), serious=serious, initial=initial or {}, auto_id="ask_%s")


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    bound: tuple[str, forms.Form, FormSession] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bound`: the form that came back, by its key."""

    def shown(asked: PartyRequest | None) -> dict[str, Any]:
        key = _key(desk, asked)
        if bound and bound[0] == key:
            return {"form": bound[1], "ticket": bound[2].ticket, "form_key": key, "is_open": True}
        session = FormSession(request, key)
        typed = session.typed()
        form = AnswerForm(initial=typed, auto_id=f"{key}_%s") if asked else _ask_form(desk, initial=typed)
        return {"form": form, "ticket": session.ticket, "form_key": key, "is_open": False}

    received = [(one, None if one.answered_at else shown(one)) for one in acts.received_by(desk.part)]
    told = {
        "desk": desk,
        "case": desk.opened.case,
        "part": desk.part,
        "made": acts.made_by(desk.part),
        "received": received,
        "ask": shown(None),
        "bound": bound[1] if bound else None,
        "form_has_errors": bound is not None,
    }
    return render(request, "deviations/requests/page.html", told, status=status)


def _do(desk: Desk, form: Any, by: Reader, asked: PartyRequest | None) -> None:
    if asked:
        acts.answer(asked, answer=form.cleaned_data["answer"], text=form.cleaned_data["text"], by=by)
    else:
        acts.ask(desk.part, by=by, **form.arguments())


def _once(desk: Desk, form: Any, session: FormSession, asked: PartyRequest | None) -> None:
    """The request or the answer, unless this very sending has done it."""
    act, number = "answer" if asked else "ask", desk.opened.case.number
    session.once(act, lambda: _do(desk, form, session.reader, asked), result=number)
