"""The pages of learning examples: for those who handle the case, for the approver, and the list of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import audit, notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from accounts.roles import GROUP_NAMES
from core import markdown, refused
from deviations.investigation.page import Desk, desk_or_404
from deviations.learning import acts, listing, pointing
from deviations.learning.forms import AnswerForm, SendBackForm, SendForm, WriteForm
from deviations.models import Action, Case, Cause, LearningExample, S
from documents.models import Document

Bound = tuple[str, forms.Form, FormSession]


@require_safe
@signed_in
def examples(request: HttpRequest) -> HttpResponse:
    """For others than case handlers and approvers it does not exist."""
    reader = reader_of(request)
    if not listing.has_to_do(reader):
        raise Http404
    return render(request, "deviations/learning/list.html", listing.page(reader, request.GET))


# In a case ----------------------------------------------------------------------------------------------------
@signed_in
def of_case(request: HttpRequest, number: str) -> HttpResponse:
    """For those who handle a live part of the case; for others it does not exist."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    desk = desk_or_404(opened, request.GET.get("del", ""))
    if desk.part.has_ended:
        raise Http404
    if request.method != "POST":
        notices.mark_read(request, url=request.path)
        return _page(request, desk)
    act = next((name for name in ("send", "take_back", "drop", "answer") if name in request.POST), "write")
    return _plain(request, desk, act) if act in ("take_back", "drop") else _done(request, desk, act)


def _theirs(desk: Desk) -> list[LearningExample]:
    rows = LearningExample.objects.asked_of(desk.part).select_related("party__provider", "party__unit", "area")
    return list(rows.order_by("pk"))


def _session(request: HttpRequest, desk: Desk, act: str) -> FormSession:
    return FormSession(request, f"lx-{act}-{desk.number}-{desk.opened.case.number.lower()}")


def _form(desk: Desk, act: str, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    made: dict[str, Any] = {"initial": initial or {}, "auto_id": f"{act.replace('-', '_')}_%s"}
    if act == "write":
        cited = Document.objects.visible_to(desk.opened.reader).filter(cited_in=desk.opened.case).order_by("number")
        example = acts.of_part(desk.part)
        return WriteForm(data, routines=cited, focus=example.focus_id if example else None, **made)
    return SendForm(data, **made) if act == "send" else AnswerForm(data, **made)


def _written(desk: Desk, example: LearningExample | None) -> dict[str, Any]:
    """The first values of the form: the draft; before there is one, what the part's investigation says."""
    if example:
        told = {name: getattr(example, name) for name in acts.TEXTS}
        routines = [str(pk) for pk in example.routines.values_list("pk", flat=True)]
        told |= {"area": example.area_id, "focus": example.focus_id}
        return told | {"audience": example.audience, "routines": routines}
    if desk.found is None:
        return {}
    causes = Cause.objects.filter(investigation=desk.found, removed_at=None).values_list("text", flat=True)
    actions = Action.objects.filter(investigation=desk.found, removed_at=None).values_list("text", flat=True)
    return {"why": "\n\n".join(causes), "done": "\n\n".join(actions)}


def _page(request: HttpRequest, desk: Desk, bound: Bound | None = None, status: int = 200) -> HttpResponse:
    """`bound`: the act, the form that came back and its session."""
    example = acts.of_part(desk.part)
    if example:
        example.party = desk.part
    told: dict[str, Any] = {
        "desk": desk, "case": desk.opened.case, "part": desk.part, "example": example,
        "is_closed": desk.part.state == S.CLOSED, "is_begun": desk.found is not None and example is None,
        "bound": bound[1] if bound else None, "form_has_errors": bound is not None,
        "shown": acts.mark(example), "text": _read(example, desk) if example else None,
    }  # fmt: skip
    for act in ("write", "send"):
        told[act] = _shown(request, desk, act, bound, _written(desk, example) if act == "write" else {})
    told["theirs"] = [
        (one, _read(one, desk), _answered(one, desk), _shown(request, desk, f"answer-{one.pk}", bound, {}))
        for one in _theirs(desk)
    ]
    return render(request, "deviations/learning/of_case.html", told, status=status)


def _answered(example: LearningExample, desk: Desk) -> Any:
    return next((answer for party, answer in acts.answers(example) if party.pk == desk.part.pk), None)


def _shown(request: HttpRequest, desk: Desk, act: str, bound: Bound | None, first: dict[str, Any]) -> dict[str, Any]:
    """One form of the page, as the template takes it: come back, or with what the reader had typed."""
    came_back = bound is not None and bound[0] == act
    session = bound[2] if bound and came_back else _session(request, desk, act)
    typed = session.typed(("audience", "routines"))
    form = bound[1] if bound and came_back else _form(desk, act, initial=first | typed)
    return {"form": form, "ticket": session.ticket, "form_key": session.key, "is_open": came_back or bool(typed)}


def _read(example: LearningExample, desk: Desk | None = None) -> dict[str, Any]:
    """An example to be read: its text as the document will have it, what is pointed out, and who will read it."""
    text = "\n".join(getattr(example, name) for name in acts.TEXTS)
    routines = example.routines.visible_to(desk.opened.reader) if desk else []
    return {
        "html": markdown.render(acts.body(example, level=4)),
        "pointed": pointing.pointed(text, example.party),
        "audience": [GROUP_NAMES[name] for name in example.audience],
        "answers": acts.answers(example),
        "bar": acts.bar(example),
        "is_asked": example.state == LearningExample.State.ASKED,
        "approvers": [a.user.get_full_name() for a in acts.approvers(example)],
        "mark": acts.mark(example),
        "routines": routines,
    }


def _done(request: HttpRequest, desk: Desk, act: str) -> HttpResponse:
    """One act with a form. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    theirs = next((one for one in _theirs(desk) if str(one.key) == request.POST.get("answer")), None)
    if act == "answer" and theirs is None:
        messages.error(request, _("It is not waiting for an answer any more."))
        return redirect(request.get_full_path())
    name = f"answer-{theirs.pk}" if theirs else act
    session, form, status = _session(request, desk, name), _form(desk, name, request.POST), 422
    if form.is_valid():
        try:
            with session.kept_on_failure():
                session.once(act, lambda: _do(desk, act, form, shown_to(request), theirs))
            messages.success(request, _SAID[act])
            return redirect(f"{request.get_full_path()}#{'las' if act == 'write' else 'main'}")
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, desk, (name, form, session), status)


_SAID = {
    "write": gettext_lazy("The draft is saved. Read it through, and send it for approval."),
    "send": gettext_lazy("It is sent: the other parties can object, and an approver decides."),
    "answer": gettext_lazy("Your answer is saved."),
}


def _do(desk: Desk, act: str, form: Any, shown: str, theirs: LearningExample | None) -> None:
    by = desk.opened.reader
    if act == "write":
        acts.write(desk.part, by=by, shown=shown, **form.values())
    elif act == "send":
        acts.send(desk.part, by=by, shown=shown)
    elif theirs:
        told = form.cleaned_data
        acts.answer(theirs, desk.part, objects=told["outcome"] == "no", reason=told["reason"], by=by, shown=shown)


def _plain(request: HttpRequest, desk: Desk, act: str) -> HttpResponse:
    """An act without a form: taken back, thrown away."""
    try:
        if act == "take_back":
            acts.take_back(desk.part, by=desk.opened.reader)
            messages.success(request, _("It is a draft again, and waits for nobody."))
        else:
            acts.drop(desk.part, by=desk.opened.reader, shown=shown_to(request))
            messages.success(request, _("The draft is thrown away."))
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(request.get_full_path())


# The approver -------------------------------------------------------------------------------------------------
@signed_in
def example(request: HttpRequest, key: UUID) -> HttpResponse:
    """For an approver of the provider who did not write it; for others it does not exist."""
    reader = reader_of(request)
    rows = LearningExample.objects.for_approval(reader).select_related("party__provider", "party__unit", "area")
    found = get_object_or_404(rows, key=key)
    session = FormSession(request, f"lx-back-{found.key.hex[:12]}")
    if request.method == "POST":
        return _decided(request, found, session)
    audit.record("read_learning", by=reader, target_type="learning", target_id=str(found.key))
    notices.mark_read(request, url=request.path)
    return _example_page(request, found, SendBackForm(initial=session.typed()), session)


def _example_page(
    request: HttpRequest, found: LearningExample, form: SendBackForm, session: FormSession, status: int = 200
) -> HttpResponse:
    told = {
        "example": found,
        "text": _read(found),
        "form": form,
        "form_has_errors": form.is_bound,
        "ticket": session.ticket,
        "form_key": session.key,
    }
    return render(request, "deviations/learning/approve.html", told, status=status)


def _decided(request: HttpRequest, found: LearningExample, session: FormSession) -> HttpResponse:
    by, shown, form, status = session.reader, shown_to(request), SendBackForm(request.POST), 422
    try:
        if "approve" in request.POST:
            document = acts.approve(found, by=by, shown=shown)
            messages.success(request, _("It is published as %s. Those it concerns are told.") % document.number)
            return redirect(document.get_absolute_url())
        if form.is_valid():
            with session.kept_on_failure():
                reason = form.cleaned_data["reason"]
                session.once("back", lambda: acts.send_back(found, reason=reason, by=by, shown=shown))
            messages.success(request, _("It is sent back to those who wrote it."))
            return redirect("learning")
    except refused.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("learning" if isinstance(refusal, refused.NotAllowed) else request.get_full_path())
    session.keep()
    return _example_page(request, found, form, session, status)
