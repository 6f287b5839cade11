"""The pages of evidence: both lists, the provider's own with its preview, and one as it was submitted."""

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
from accounts.readers import reader_of
from core import refused
from deviations.evidence import acts, content, listing, who
from deviations.evidence.forms import EvidenceForm, SubmitForm, TenderForm
from deviations.models import Tender


@signed_in
def evidence(request: HttpRequest) -> HttpResponse:
    """For those who write their provider's, and those who read for a principal; does not exist for others."""
    reader = reader_of(request)
    if not (who.writes(reader) or who.reads_for_principal(reader)):
        raise Http404
    makes = who.makes_tenders(reader)
    form, status = TenderForm(request.POST if request.method == "POST" and makes else None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = acts.make_tender(**form.cleaned_data, by=reader)
                messages.success(request, _("It is made known. Those with an agreement are told."))
                return redirect("tender", made.key)
            except refused.Refused as refusal:
                form.add_error(None, str(refusal))
                status = 409
    told = {
        "own": listing.own(reader),
        "writes": who.writes(reader),
        "tenders": listing.tenders(reader),
        "reads": who.reads_for_principal(reader),
        "makes": makes,
        "form": form,
        "form_has_errors": form.is_bound,
    }
    return render(request, "deviations/evidence/list.html", told, status=status)


@require_safe
@signed_in
def tender(request: HttpRequest, key: UUID) -> HttpResponse:
    """Those who have submitted and those who have not, for the principal; does not exist for others."""
    found = who.tender_or_404(reader_of(request), key)
    rows = listing.of_tender(found)
    told = {"tender": found, "rows": rows, "submitted": sum(row.latest is not None for row in rows)}
    return render(request, "deviations/evidence/tender.html", told)


@signed_in
def own_evidence(request: HttpRequest, key: UUID) -> HttpResponse:
    """The provider's own, as the principal will read it; does not exist for others."""
    found = who.offered_or_404(reader_of(request), key)
    if request.method == "POST":
        return _done(request, found, "submit" if "submit" in request.POST else "write")
    notices.mark_read(request, url=request.path)
    return _page(request, found)


def _session(request: HttpRequest, found: Tender, act: str) -> FormSession:
    return FormSession(request, f"ev-{act}-{found.key.hex[:12]}")


def _form(request: HttpRequest, act: str, data: Any = None, initial: Any = None) -> forms.Form:
    if act == "submit":
        return SubmitForm(data, auto_id="submit_%s")
    return EvidenceForm(data, reader=reader_of(request), initial=initial, auto_id="write_%s")


def _page(
    request: HttpRequest, found: Tender, bound: tuple[str, forms.Form, FormSession] | None = None, status: int = 200
) -> HttpResponse:
    """`bound`: the act, the form that came back and its session."""
    row = acts.of(reader_of(request).provider_id, found)
    built, latest = content.build(row), row.submissions.last() if row.pk else None
    told: dict[str, Any] = {
        "tender": found, "evidence": row, "shown": content.shown(built, reader_of(request)), "latest": latest,
        "is_as_submitted": latest is not None and latest.content == built, "content_mark": content.mark(built),
        "answers_mark": acts.mark(row), "until": content.counted_until(found.year),
        "bound": bound[1] if bound else None, "form_has_errors": bound is not None,
    }  # fmt: skip
    for act in ("write", "submit"):
        came_back = bound is not None and bound[0] == act
        session = bound[2] if bound and came_back else _session(request, found, act)
        form = bound[1] if bound and came_back else _form(request, act, initial=_first(row, session, act))
        is_open = came_back or bool(session.typed())
        told[act] = {"form": form, "ticket": session.ticket, "form_key": session.key, "is_open": is_open}
    return render(request, "deviations/evidence/own.html", told, status=status)


def _first(row: Any, session: FormSession, act: str) -> dict[str, Any]:
    return EvidenceForm.initial_of(row) | session.typed() if act == "write" else {}


def _done(request: HttpRequest, found: Tender, act: str) -> HttpResponse:
    """One act. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    session, form, status = _session(request, found, act), _form(request, act, request.POST), 422
    if form.is_valid():
        by, shown, told = session.reader, shown_to(request), form.cleaned_data
        try:
            with session.kept_on_failure():
                if act == "write":
                    session.once(act, lambda: acts.write(found, told, by=by, shown=shown))
                else:
                    session.once(act, lambda: acts.submit(found, by=by, shown=shown))
            messages.success(request, _("It is submitted.") if act == "submit" else _("Saved, for you alone."))
            return redirect(request.path)
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, found, (act, form, session), status)


@require_safe
@signed_in
def submitted(request: HttpRequest, key: UUID) -> HttpResponse:
    """One as it was submitted: for the provider's own administrators and for the principal."""
    reader = reader_of(request)
    found = get_object_or_404(who.readable(reader), key=key)
    audit.record("read_evidence", by=reader, target_type="evidence", target_id=str(found.key))
    notices.mark_read(request, url=request.path)
    before = listing.earlier(found)
    told = {
        "submission": found,
        "tender": found.evidence.tender,
        "shown": content.shown(found.content, reader, before.content if before else None),
        "earlier": before,
        "versions": listing.versions(found),
        "is_own": found.evidence.provider_id == reader.provider_id,
    }
    return render(request, "deviations/evidence/submitted.html", told)
