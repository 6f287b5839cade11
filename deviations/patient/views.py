"""The page of a patient's identity in a case, and the search for a patient's cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from deviations.investigation.page import Desk, desk_or_404
from deviations.models import Case, Party, PatientIdentity, PatientLook, PatientRequest, PatientShare
from deviations.patient import acts
from deviations.patient.forms import AskForm, FindForm, NumberForm, ReasonForm, RefuseForm, ShareForm


@signed_in
def patient(request: HttpRequest, number: str) -> HttpResponse:
    """Does not exist for whoever reported, or for those whose part has ended."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    desk = desk_or_404(opened, request.GET.get("del", ""))
    if desk.part.has_ended:
        raise Http404
    act = next((name for name in ("put", "look", "share", "ask", "refuse") if name in request.POST), "")
    if request.method == "POST" and act:
        return _act(request, desk, act)
    return _page(request, desk)


def _others(desk: Desk) -> list[tuple[int, Party]]:
    parties = enumerate(sorted(desk.opened.parties(), key=lambda p: p.pk), 1)
    return [(n, p) for n, p in parties if p.pk != desk.part.pk and not p.has_ended]


def _session(request: HttpRequest, desk: Desk, act: str) -> FormSession:
    return FormSession(request, f"pat-{act}-{desk.number}-{desk.opened.case.number.lower()}")


def _form(desk: Desk, act: str, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    made: dict[str, Any] = {"auto_id": f"{act}_%s", "initial": initial or {}}
    if act in ("share", "ask"):
        return (ShareForm if act == "share" else AskForm)(data, others=_others(desk), **made)
    return {"put": NumberForm, "look": ReasonForm, "refuse": RefuseForm}[act](data, **made)


def _visible(desk: Desk) -> list[PatientIdentity]:
    """The identities that the part can read: its own first."""
    seen = PatientIdentity.objects.open_to(desk.opened.reader).filter(party__case=desk.opened.case)
    shared = PatientShare.objects.filter(to=desk.part).values("identity")
    rows = [one for one in seen.select_related("party__provider", "party__unit") if one.party_id == desk.part.pk]
    return rows + list(seen.filter(pk__in=shared).select_related("party__provider", "party__unit"))


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    bound: tuple[str, forms.Form] | None = None,
    read: tuple[PatientIdentity, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bound`: an act and its form, which came back. `read`: an identity with the number that was looked at."""
    shown: dict[str, Any] = {}
    for act in ("put", "look", "share", "ask", "refuse"):
        session = _session(request, desk, act)
        # SECURITY: a number is in no draft, and is typed anew where something was wrong.
        typed = session.typed() if act in ("share", "ask") else {}
        form = bound[1] if bound and bound[0] == act else _form(desk, act, initial=typed)
        shown[act] = {"form": form, "ticket": session.ticket, "form_key": session.key}
    told = _told(desk) | shown
    told |= {"read": read, "bound": bound[1] if bound else None, "act": bound[0] if bound else ""}
    told["form_has_errors"] = bound is not None
    response = render(request, "deviations/patient/page.html", told, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _told(desk: Desk) -> dict[str, Any]:
    """The context of the page, but for its forms."""
    identities = _visible(desk)
    own = next((one for one in identities if one.party_id == desk.part.pk), None)
    return {
        "desk": desk,
        "case": desk.opened.case,
        "part": desk.part,
        "own": own,
        "identities": identities,
        "others": _others(desk),
        "shares": PatientShare.objects.filter(identity=own).select_related("to__provider", "to__unit") if own else (),
        "to_answer": PatientRequest.objects.filter(asked=desk.part, answered_at=None),
        "asked": PatientRequest.objects.filter(asking=desk.part).select_related("asked__provider", "asked__unit"),
        "looks": _looks(desk, identities),
    }


def _looks(desk: Desk, identities: list[PatientIdentity]) -> list[tuple[PatientLook, str]]:
    """Each look at what the part has, and each of its own, with who it was: by name at home, else the contact."""
    rows = PatientLook.objects.filter(identity__in=identities)
    seen = [
        look
        for look in rows.select_related("identity", "party")
        if look.identity.party_id == desk.part.pk or look.party_id == desk.part.pk
    ]
    return [(look, look.by_name if look.party_id == desk.part.pk else look.contact_label) for look in seen]


def _act(request: HttpRequest, desk: Desk, act: str) -> HttpResponse:
    form, by = _form(desk, act, request.POST), desk.opened.reader
    session = _session(request, desk, act)
    status = 422
    if form.is_valid():
        try:
            if act == "look":
                return _looked(request, desk, form)
            messages.success(request, _do(request, desk, act, form))
            session.done()
            return redirect(request.get_full_path())
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
            status = 409
    if act in ("share", "ask"):
        session.keep()
    assert by.user_id
    return _page(request, desk, bound=(act, form), status=status)


def _looked(request: HttpRequest, desk: Desk, form: forms.Form) -> HttpResponse:
    identities = _visible(desk)
    place = request.POST["look"]
    if not (place.isascii() and place.isdigit() and len(place) < 4 and 1 <= int(place) <= len(identities)):
        raise Http404
    wanted = identities[int(place) - 1]
    number = acts.look(wanted, desk.part, reason=form.cleaned_data["reason"], by=desk.opened.reader)
    return _page(request, desk, read=(wanted, number))


def _do(request: HttpRequest, desk: Desk, act: str, form: Any) -> str:
    """The act, and the words that say that it is done."""
    by, data = desk.opened.reader, form.cleaned_data
    if act == "put":
        acts.put(desk.part, data["number"], by=by)
        return _("The identity is kept, for you alone.")
    if act == "share":
        acts.share(desk.part, form.chosen(), ground=data["ground"], reason=data["reason"], by=by)
        return _("The identity is shared. The other party is told.")
    if act == "ask":
        acts.ask(desk.part, form.chosen(), reason=data["reason"], by=by)
        return _("The request is sent.")
    waiting = list(PatientRequest.objects.filter(asked=desk.part, answered_at=None))
    place = request.POST["refuse"]
    if not (place.isascii() and place.isdigit() and len(place) < 4 and 1 <= int(place) <= len(waiting)):
        raise refused.WrongState(_("It is answered already."))
    acts.refuse(waiting[int(place) - 1], reason=data["reason"], by=by)
    return _("The answer is sent.")


@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """A patient's cases among one's own, found by the number; for others than case handlers it does not exist."""
    reader = reader_of(request)
    if not reader.handles_cases:
        raise Http404
    form, found, status = FindForm(request.POST or None), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            found, status = acts.find(**form.cleaned_data, by=reader), 200
    session = FormSession(request, "pat-find")
    told = {"form": form, "found": found, "ticket": session.ticket, "form_has_errors": bool(form.errors)}
    response = render(request, "deviations/patient/find.html", told, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
