"""A deviation is reported, and the reporter gets a receipt."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import drafts
from accounts.forms.kept_form import signed_in
from accounts.models import Draft
from accounts.readers import Reader, reader_of
from core import refused
from deviations.access.next_step import answer_due
from deviations.models import Case, Party
from deviations.report.forms import ReportForm
from deviations.verbs import sent_already, submission
from documents.models import Document
from documents.page.presentation import removed_in_words

REPORT_KEY = "deviation"


@signed_in
def report(request: HttpRequest) -> HttpResponse:
    """The report: GET goes on with a draft (the latest, or `?utkast=`) or shows an empty form, POST sends it."""
    reader: Reader = reader_of(request)
    if not reader.may_report:
        raise Http404
    if request.method == "POST":
        return _send_report(request, reader)
    draft = None if "ny" in request.GET else drafts.find(reader, REPORT_KEY, request.GET.get("utkast"))
    initial = _initial(draft, reader, request.GET.get("dokument", ""))
    form = ReportForm(reader=reader, initial=initial, kept_files=drafts.files_of(draft))
    return _report_page(request, form, drafts.ticket_for(reader, REPORT_KEY, draft))


def _send_report(request: HttpRequest, reader: Reader) -> HttpResponse:
    ticket = drafts.ticket_of(reader, REPORT_KEY, request.POST.get("token")) or drafts.ticket_for(reader, REPORT_KEY)
    if "discard" in request.POST:
        drafts.discard(ticket)
        messages.success(request, _("The draft is thrown away."))
        return redirect(f"{request.path}?ny")
    data = dict(request.POST.lists())
    draft = drafts.of_ticket(ticket)
    form = ReportForm(request.POST, request.FILES, reader=reader, kept_files=drafts.files_of(draft))
    with drafts.kept_on_failure(ticket, data, [f.name or "" for f in request.FILES.getlist("files")]):
        number, status = _submitted(form, drafts.sending_of(ticket, "submit", data), reader)
    if number:
        return redirect("receipt", number=number)
    ticket = drafts.keep(ticket, data).ticket
    drafts.keep_files(ticket, [asdict(f) for f in form.attachments])
    return _report_page(request, form, ticket, status=status)


def _submitted(form: ReportForm, sending: drafts.Sending, reader: Reader) -> tuple[str, int]:
    """The number of the case that the report became; or none, what is wrong in the form, and the answer's status."""
    try:
        # First of all: sent twice, it is done, whatever has become impossible meanwhile.
        if before := drafts.sent_before(sending, by=reader):
            return before.result, 302
        if form.is_valid():
            return submission.submit(sending, data=form.report(), by=reader).number, 302
        return "", 503 if form.storage_failed else 422
    except drafts.OtherContent as used:
        form.add_error(None, sent_already(used.result))
        return "", 409
    except refused.NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return "", 422


def _report_page(request: HttpRequest, form: ReportForm, ticket: drafts.Ticket, *, status: int = 200) -> HttpResponse:
    draft = drafts.of_ticket(ticket)
    others = drafts.own(reader_of(request)).filter(form_key=REPORT_KEY).exclude(token=ticket.token)
    context = {
        "form": form,
        "ticket": ticket,
        "draft": draft,
        "lost_files": drafts.lost_files(draft),
        "other_drafts": others.order_by("-updated_at")[:5],
        "more_open": _more_open(form),
    }
    return render(request, "deviations/report.html", context, status=status)


MORE = (
    "detected_date",
    "detected_time",
    "immediate_action",
    "suggestion",
    "documents",
    "files",
)


def _more_open(form: ReportForm) -> bool:
    """Whether something stands, or is wrong, in what is folded away."""
    return bool(form.attachments) or any(form[name].errors or form[name].value() for name in MORE)


def _initial(draft: Draft | None, reader: Reader, number: str) -> dict[str, Any]:
    """What the form begins with: the draft, and the routine the reader came from if it exists for them."""
    several = {"concerns"}
    payload: dict[str, Any] = draft.payload if draft else {}  # type: ignore[assignment]
    kept = {k: v if k in several else v[0] for k, v in payload.items() if v}
    if kept:
        kept |= {name: name in payload for name in ("wants_feedback", "shares_reporter_name", "keep_names")}
    document = Document.objects.visible_to(reader).filter(number__iexact=number[:40].replace("\x00", "")).first()
    if document and document.number not in kept.get("documents", ""):
        kept["documents"] = ", ".join(filter(None, (kept.get("documents"), document.number)))
    return kept


@require_safe
@signed_in
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """What the reporter gets: the number, who has it, and when an answer is due."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    if not opened.is_reporter:
        raise Http404
    parties = opened.parties()
    concerned = [p for p in parties if p.side == Party.Side.CONCERNED]
    context = {
        "case": opened.case,
        "parties": parties,
        "concerned": concerned,
        "due": answer_due(opened),
        "files": [(file.file_name, ", ".join(removed_in_words(file.warnings))) for file in opened.files()],
    }
    return render(request, "deviations/receipt.html", context)
