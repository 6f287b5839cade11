"""The coordinator's page of one case: its facts, and the acts that move it on. For others it does not exist."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import audit
from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import refused
from deviations.coordination.facts import Facts, facts_or_404
from deviations.coordination.forms import MeetingForm, NoteForm, NudgeForm, usual_words
from deviations.models import Party
from deviations.verbs import coordinating

FORMS: dict[str, type[forms.Form]] = {"nudge": NudgeForm, "meeting": MeetingForm, "note": NoteForm}


@signed_in
def case(request: HttpRequest, number: str) -> HttpResponse:
    facts = facts_or_404(reader_of(request), number)
    act = next((name for name in FORMS if name in request.POST), "note")
    if request.method == "POST":
        return _act(request, facts, act)
    audit.record("read_case_facts", by=reader_of(request), target_type="case", target_id=facts.case.number)
    return _page(request, facts)


def _act(request: HttpRequest, facts: Facts, act: str) -> HttpResponse:
    """One act, once for each sending of its form. Refused: the page comes back with what was typed."""
    session = _session(request, facts, act)
    form = FORMS[act](request.POST, auto_id=f"{act}_%s")
    if not form.is_valid():
        session.keep()
        return _page(request, facts, form, session, 422)
    try:
        with session.kept_on_failure():
            messages.success(request, _once(act, form, facts, session, request.POST.get("part", "")))
    except refused.NotAllowed as refusal:
        form.add_error(None, str(refusal))
    else:
        return redirect(request.path)
    session.keep()
    return _page(request, facts, form, session, 409)


def _session(request: HttpRequest, facts: Facts, act: str) -> FormSession:
    return FormSession(request, f"{act}-{facts.case.number.lower()}")


def _page(
    request: HttpRequest,
    facts: Facts,
    bound: forms.Form | None = None,
    session: FormSession | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bound` and `session`: the form that came back, with its ticket."""
    shown: dict[str, Any] = {}
    for name, form in FORMS.items():
        if bound is not None and isinstance(bound, form) and session:
            shown[name] = (bound, session.ticket)
            continue
        own = session if session and session.key.startswith(name) else _session(request, facts, name)
        usual = {"words": usual_words()}
        shown[name] = (form(auto_id=f"{name}_%s", initial=usual | own.typed()), own.ticket)
    told = {"facts": facts, "case": facts.case, "bound": bound, "form_has_errors": bound is not None}
    open_act = next((name for name, form in FORMS.items() if isinstance(bound, form)), "")
    return render(request, "deviations/coordinated_case.html", told | shown | {"act": open_act}, status=status)


def _once(act: str, form: Any, facts: Facts, session: FormSession, part: str) -> str:
    """The act, unless this very sending has done it, and the words that say that it is done."""
    said = _said(act, facts, part)
    session.once(act, lambda: _do(act, form, facts, session.reader, part), result=facts.case.number)
    return said


def _part(facts: Facts, part: str) -> Party:
    """The part of this place on the page; without one, the first that is late."""
    places = {str(n): one.party for n, one in enumerate(facts.parts)}
    return places.get(part) or (facts.late or facts.parts)[0].party


def _said(act: str, facts: Facts, part: str) -> str:
    if act == "nudge":
        return _("%s is reminded.") % _part(facts, part).label
    if act == "meeting":
        return _("All who have the case are called to the meeting.")
    return _("The note is saved. Only regional coordinators read it.")


def _do(act: str, form: Any, facts: Facts, by: Reader, part: str) -> None:
    if act == "nudge":
        coordinating.nudge(_part(facts, part), words=form.cleaned_data["words"], by=by)
    elif act == "meeting":
        coordinating.call_to_meeting(facts.case, words=form.words(), by=by)
    else:
        coordinating.note(facts.case, body=form.cleaned_data["body"], by=by)
