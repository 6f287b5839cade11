"""A deviation is reported, and the reporter gets a receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import drafts
from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import Reader, reader_of
from core import refused
from deviations.access.next_step import answer_due
from deviations.models import Case, Party
from deviations.report.forms import ReportForm
from deviations.verbs import submission
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
    session = FormSession(request, REPORT_KEY, wanted=request.GET.get("utkast", ""), anew="ny" in request.GET)
    initial = _initial(session, reader, request.GET.get("dokument", ""))
    return _report_page(ReportForm(reader=reader, initial=initial, kept_files=session.files), session)


def _send_report(request: HttpRequest, reader: Reader) -> HttpResponse:
    session = FormSession(request, REPORT_KEY)
    if "discard" in request.POST:
        session.done()
        messages.success(request, _("The draft is thrown away."))
        return redirect(f"{request.path}?ny")
    form = ReportForm(request.POST, request.FILES, reader=reader, kept_files=session.files)
    with session.kept_on_failure("files"):
        number, status = _submitted(form, session, reader)
    if number:
        return redirect("receipt", number=number)
    session.keep(attachments=form.attachments)
    return _report_page(form, session, status=status)


def _submitted(form: ReportForm, session: FormSession, reader: Reader) -> tuple[str, int]:
    """The number of the case that the report became; or none, what is wrong in the form, and the answer's status."""
    sending = session.sending("submit")
    assert sending, "who reports is signed in"
    try:
        # First of all: sent twice, it is done, whatever has become impossible meanwhile.
        if before := drafts.sent_before(sending, by=reader):
            return before.result, 302
        if form.is_valid():
            return submission.submit(sending, data=form.report(), by=reader).number, 302
        return "", 503 if form.storage_failed else 422
    except drafts.OtherContent as used:
        form.add_error(None, str(used))
        return "", 409
    except refused.NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return "", 422


def _report_page(form: ReportForm, session: FormSession, *, status: int = 200) -> HttpResponse:
    assert session.ticket
    others = drafts.own(session.reader).filter(form_key=REPORT_KEY).exclude(token=session.ticket.token)
    context = {
        "form": form,
        "ticket": session.ticket,
        "draft": session.draft,
        "lost_files": session.lost_files,
        "other_drafts": others.order_by("-updated_at")[:5],
        "more_open": _more_open(form),
        # A routine that is named stands among the first questions: nothing has to be unfolded to see it.
        "names_routine": bool(form["documents"].value() or form["documents"].errors),
    }
    return render(session.request, "deviations/report.html", context, status=status)


MORE = (
    "detected_date",
    "detected_time",
    "immediate_action",
    "suggestion",
    "patient_number",
    "files",
)


def _more_open(form: ReportForm) -> bool:
    """Whether something stands, or is wrong, in what is folded away."""
    return bool(form.attachments) or any(form[name].errors or form[name].value() for name in MORE)


def _initial(session: FormSession, reader: Reader, number: str) -> dict[str, Any]:
    """The form's first values: the draft's, and the routine the reader came from if it exists for them."""
    kept = session.typed(several={"concerns"})
    if kept:
        ticked = ("wants_feedback", "shares_reporter_name", "keep_names")
        kept |= {name: name in session.payload for name in ticked}
    document = Document.objects.visible_to(reader).filter(number__iexact=number[:40].replace("\x00", "")).first()
    if document and document.number not in kept.get("documents", ""):
        kept["documents"] = ", ".join(filter(None, (kept.get("documents"), document.number)))
    return kept


@require_safe
@signed_in
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter's receipt: the number, who has it, and when an answer is due."""
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
