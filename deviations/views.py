"""Pages of cases: read the input, ask what the reader may see, call one verb, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, drafts, notices
from accounts.models import Draft
from accounts.readers import Reader, reader_of
from deviations import pages, workflow
from deviations.access import OpenedCase
from deviations.forms import FORMS, PartForm, ReportForm
from deviations.kept import restore, signed_in
from deviations.lists import inbox as inbox_of
from deviations.models import Case, CaseFile, Party
from deviations.states import allowed_verbs
from documents.models import Document

REPORT_KEY = "deviation"


@require_safe
@signed_in()
def inbox(request: HttpRequest) -> HttpResponse:
    reader: Reader = reader_of(request)
    if not (reader.may_report or reader.handles_cases):
        raise Http404
    asked = {name: request.GET.get(key, "") for name, key in (("tab", "vy"), ("after", "efter"), ("before", "fore"))}
    return render(request, "deviations/inbox.html", {"inbox": inbox_of(reader, **asked)})


# Reporting --------------------------------------------------------------------------------------------------
@signed_in(form_key=REPORT_KEY)
def report(request: HttpRequest) -> HttpResponse:
    """The report: GET goes on with the draft or begins one, POST sends it."""
    reader: Reader = reader_of(request)
    if not reader.may_report:
        raise Http404
    if request.method == "POST":
        return _send_report(request, reader)
    draft = restore(request, REPORT_KEY) or drafts.find(reader, REPORT_KEY)
    resumed = draft is not None and bool(draft.payload)
    draft = draft or drafts.start(reader, REPORT_KEY)
    form = ReportForm(reader=reader, initial=_initial(draft, reader, request.GET.get("dokument", "")))
    return _report_page(request, form, draft, resumed=resumed)


def _send_report(request: HttpRequest, reader: Reader) -> HttpResponse:
    token = drafts.parse_token(request.POST.get("token"))
    sent = Case.objects.reported_by(reader).filter(token=token).first() if token else None
    if sent:
        return redirect("receipt", number=sent.number)
    draft = drafts.find(reader, REPORT_KEY, str(token)) if token else None
    if draft and "discard" in request.POST:
        draft.delete()
        messages.success(request, _("The draft is thrown away."))
        return redirect("report")
    draft = draft or drafts.start(reader, REPORT_KEY)
    form = ReportForm(request.POST, request.FILES, reader=reader)
    if form.is_valid():
        try:
            case = workflow.submit(draft.token, data=form.report(), by=reader)
            return redirect("receipt", number=case.number)
        except workflow.NotAllowed as refusal:
            form.add_error(None, str(refusal))
    drafts.save(draft, dict(request.POST.lists()))
    return _report_page(request, form, draft, status=422)


def _report_page(
    request: HttpRequest, form: ReportForm, draft: Draft, *, resumed: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "draft": draft, "resumed": resumed, "more_open": _more_open(form)}
    return render(request, "deviations/report.html", context, status=status)


MORE = (
    "title",
    "place",
    "detected_date",
    "detected_time",
    "immediate_action",
    "suggestion",
    "documents",
    "files",
)


def _more_open(form: ReportForm) -> bool:
    """Whether something stands, or is wrong, in what is folded away."""
    return any(form[name].errors or form[name].value() for name in MORE)


def _initial(draft: Draft, reader: Reader, number: str) -> dict[str, Any]:
    """What the form begins with: the draft, and the routine the reader came from if it exists for them."""
    several = {"concerns"}
    payload: dict[str, Any] = draft.payload  # type: ignore[assignment]
    kept = {k: v if k in several else v[0] for k, v in payload.items() if v}
    if kept:
        kept |= {name: name in draft.payload for name in ("wants_feedback", "shares_reporter_name")}
    document = Document.objects.visible_to(reader).filter(number__iexact=number[:40].replace("\x00", "")).first()
    if document and document.number not in kept.get("documents", ""):
        kept["documents"] = ", ".join(filter(None, (kept.get("documents"), document.number)))
    return kept


@require_safe
@signed_in()
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """What the reporter gets: the number, who has it, and when an answer is due."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    if not opened.is_reporter:
        raise Http404
    parties = opened.parties()
    concerned = [p for p in parties if p.side == Party.Side.CONCERNED]
    context = {"case": opened.case, "parties": parties, "concerned": concerned, "due": pages.answer_due(opened)}
    return render(request, "deviations/receipt.html", context)


# A case -----------------------------------------------------------------------------------------------------
@require_safe
@signed_in()
def case(request: HttpRequest, number: str) -> HttpResponse:
    opened = Case.objects.open_or_404(reader_of(request), number)
    audit.record("opened_case", by=reader_of(request), target_type="case", target_id=opened.case.number)
    notices.mark_read(request, url=opened.case.get_absolute_url())
    return _case_page(request, opened)


def _case_page(
    request: HttpRequest, opened: OpenedCase, *, bound: dict[str, PartForm] | None = None, status: int = 200
) -> HttpResponse:
    context = pages.case_page(opened, bound=bound)
    slug = opened.case.number.lower()
    for name, may in (("case", context["thread_verbs"]), ("note", "note" in context["forms"])):
        key = f"{name}-{slug}"
        draft = (
            (restore(request, key) or drafts.find(reader_of(request), key) or drafts.start(reader_of(request), key))
            if may
            else None
        )
        context[f"{name}_draft"] = draft
    return render(request, "deviations/case.html", context, status=status)


@signed_in(form_key="case")
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One verb to a case. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    opened = Case.objects.open_or_404(reader_of(request), number)
    if verb not in FORMS:
        raise Http404
    token = drafts.parse_token(request.POST.get("token"))
    if token and opened.case.messages.filter(token=token, author=reader_of(request).user_id).exists():
        return redirect(opened.case)
    parties = allowed_verbs(opened).get(verb, [])
    form = FORMS[verb](request.POST, parties=parties, reader=reader_of(request), auto_id=f"{verb}_%s")
    if not form.is_valid():
        return _case_page(request, opened, bound={verb: form}, status=422 if parties else 409)
    try:
        getattr(workflow, verb)(form.cleaned_data["part"], by=reader_of(request), **form.arguments())
    except workflow.NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _case_page(request, Case.objects.open_or_404(reader_of(request), number), bound={verb: form}, status=409)
    messages.success(request, pages.DONE[verb])
    return redirect(opened.case)


@require_safe
@signed_in()
def attachment(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A case's file, to those who see it in the case."""
    file = get_object_or_404(CaseFile.objects.select_related("case"), key=key)
    opened = Case.objects.open_or_404(reader_of(request), file.case.number)
    file = get_object_or_404(opened.files(), key=key)
    try:
        content = default_storage.open(file.file, "rb")
    except FileNotFoundError:
        raise Http404 from None
    audit.record(
        "downloaded_case_file",
        by=reader_of(request),
        target_type="case",
        target_id=opened.case.number,
        file=str(key),
    )
    response = FileResponse(content, as_attachment=True, filename=file.file_name, content_type=file.file_type)
    # SECURITY: what came from outside is saved, never shown or run as ours.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
