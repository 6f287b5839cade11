"""Pages of cases: read the input, ask what the reader may see, call one verb, answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, notices
from accounts.forms import drafts
from accounts.forms.kept_form import signed_in
from accounts.models import Draft
from accounts.readers import Reader, reader_of
from core import files, refused
from deviations import pages, workflow
from deviations.access import OpenedCase
from deviations.act_forms import FORMS, PartForm
from deviations.forms import ReportForm, WithFiles
from deviations.lists import Filters, handlers_for, numbers_in
from deviations.lists import inbox as inbox_of
from deviations.many import MOST, acts_on_many
from deviations.models import Case, CaseFile, Party
from deviations.states import allowed_verbs
from documents.models import Document
from documents.page.presentation import removed_in_words

REPORT_KEY = "deviation"


@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    reader: Reader = reader_of(request)
    if not (reader.may_report or reader.handles_cases):
        raise Http404
    asked = {name: request.GET.get(key, "") for name, key in (("tab", "vy"), ("after", "efter"), ("before", "fore"))}
    if request.method == "POST":
        return _many(request, reader)
    return render(
        request, "deviations/inbox.html", {"inbox": inbox_of(reader, filters=Filters.of(request.GET), **asked)}
    )


def _many(request: HttpRequest, reader: Reader) -> HttpResponse:
    """One act to the cases that were chosen: given to a handler, or acknowledged. Told how many, and which not."""
    if not reader.handles_cases:
        raise Http404
    chosen, is_acknowledging = request.POST.getlist("v"), "acknowledge" in request.POST
    if "all" in request.POST:
        # All of one person's, when they leave or are away: whatever page they stand on.
        filters = Filters.of(request.GET)
        chosen = numbers_in(reader, request.GET.get("vy", ""), filters, MOST + 1) if filters.handler else []
    to = next((a for a in handlers_for(reader) if a.user.email == request.POST.get("to")), None)
    if not chosen:
        messages.error(request, _("Choose at least one case."))
    elif to is None and not is_acknowledging:
        messages.error(request, _("Choose who is to have the cases."))
    else:
        done, refused = acts_on_many(reader, chosen, to=None if is_acknowledging else to)
        if done and is_acknowledging:
            messages.success(
                request, ngettext("One case is acknowledged.", "%(n)d cases are acknowledged.", done) % {"n": done}
            )
        elif done and to:
            words = ngettext("One case is given to %(who)s.", "%(n)d cases are given to %(who)s.", done)
            messages.success(request, words % {"n": done, "who": to.user.get_full_name()})
        for number, why in refused[:10]:
            messages.warning(request, f"{number}: {why}")
        if len(chosen) > MOST:
            messages.warning(request, _("Only %d at a time. There are more in the list: press once more.") % MOST)
    return redirect(request.get_full_path())


# Reporting --------------------------------------------------------------------------------------------------
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
            return workflow.submit(sending, data=form.report(), by=reader).number, 302
        return "", 503 if form.storage_failed else 422
    except drafts.OtherContent as used:
        form.add_error(None, pages.sent_already(used.result))
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
        "due": pages.answer_due(opened),
        "files": [(file.file_name, ", ".join(removed_in_words(file.warnings))) for file in opened.files()],
    }
    return render(request, "deviations/receipt.html", context)


# A case -----------------------------------------------------------------------------------------------------
@require_safe
@signed_in
def case(request: HttpRequest, number: str) -> HttpResponse:
    reader = reader_of(request)
    is_seen = Case.objects.visible_to(reader).filter(number=number.upper()).exists()
    if not is_seen and (taken_back := Case.objects.withdrawn_from(reader, number)):
        notices.mark_read(request, url=request.path)
        return render(request, "deviations/withdrawn.html", {"number": taken_back})
    opened = Case.objects.open_or_404(reader_of(request), number)
    audit.record("opened_case", by=reader_of(request), target_type="case", target_id=opened.case.number)
    notices.mark_read(request, url=opened.case.get_absolute_url())
    Party.objects.mark_seen(opened)
    return _case_page(request, opened)


def _case_page(
    request: HttpRequest,
    opened: OpenedCase,
    *,
    bound: dict[str, PartForm] | None = None,
    ticket: drafts.Ticket | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a ticket for each form; `ticket` is that of the form in `bound`, which came back."""
    context = pages.case_page(opened, bound=bound, tickets=pages.Tickets(opened, ticket))
    return render(request, "deviations/case.html", context, status=status)


@signed_in
@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    """What is written to the other parties: answer, question, reply or message, as chosen. An answer is shown as it
    will be read before it is sent, for it cannot be taken back.
    """
    kind = request.POST.get("kind", "")
    if kind not in pages.THREAD_VERBS:
        opened = Case.objects.open_or_404(reader_of(request), number)
        messages.error(request, _("Choose whether it is an answer, a question or a message."))
        key = pages.form_key(pages.THREAD_VERBS[0], opened.case)
        if ticket := drafts.ticket_of(reader_of(request), key, request.POST.get("token")):
            drafts.keep(ticket, dict(request.POST.lists()))
        return redirect(f"{opened.case.get_absolute_url()}#skriv")
    if kind == "answer" and "confirmed" not in request.POST:
        return _review_answer(request, number)
    return _act(request, number, kind)


def _review_answer(request: HttpRequest, number: str) -> HttpResponse:
    reader = reader_of(request)
    opened = Case.objects.open_or_404(reader, number)
    ticket, form = _form_of(request, opened, "answer")
    is_good = form.is_valid()
    ticket = _keep(ticket, request, form)
    if not is_good:
        status = 422 if form.parties else 409
        return _case_page(request, opened, bound={"answer": form}, ticket=ticket, status=status)
    context = pages.answer_page(opened, form)
    return render(request, "deviations/answer.html", context | {"ticket": ticket, "sent": request.POST})


def _form_of(request: HttpRequest, opened: OpenedCase, verb: str) -> tuple[drafts.Ticket, PartForm]:
    """A verb's form as it was sent, and the ticket that it came with."""
    reader, key = opened.reader, pages.form_key(verb, opened.case)
    ticket = drafts.ticket_of(reader, key, request.POST.get("token")) or drafts.ticket_for(reader, key)
    parties, data = allowed_verbs(opened).get(verb, []), request.POST.copy()
    if verb == "send_message":
        # A part is chosen of those that one could reply to; a message goes to all, from whichever part one has.
        data.pop("part", None)
    more: dict[str, Any] = {}
    if issubclass(FORMS[verb], WithFiles):
        more = {"files": request.FILES, "kept_files": drafts.files_of(drafts.of_ticket(ticket))}
    return ticket, FORMS[verb](data, parties=parties, reader=reader, auto_id=f"{verb}_%s", **more)


def _keep(ticket: drafts.Ticket, request: HttpRequest, form: PartForm) -> drafts.Ticket:
    """What was typed, and the files that were taken in."""
    ticket = drafts.keep(ticket, dict(request.POST.lists())).ticket
    if isinstance(form, WithFiles):
        drafts.keep_files(ticket, [asdict(f) for f in form.attachments])
    return ticket


@signed_in
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    return _act(request, number, verb)


def _act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One verb to a case. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    reader = reader_of(request)
    opened = Case.objects.open_or_404(reader, number)
    data, (ticket, form) = dict(request.POST.lists()), _form_of(request, opened, verb)
    with drafts.kept_on_failure(ticket, data):
        done, status = _done(verb, form, drafts.sending_of(ticket, verb, data), reader)
    if done:
        messages.success(request, pages.DONE[verb])
        return redirect(opened.case)
    if verb in pages.TYPED:
        ticket = _keep(ticket, request, form)
    elif status == 409:
        ticket = drafts.ticket_for(reader, pages.form_key(verb, opened.case))
    opened = Case.objects.open_or_404(reader, number)
    return _case_page(request, opened, bound={verb: form}, ticket=ticket, status=status)


def _done(verb: str, form: PartForm, sending: drafts.Sending, reader: Reader) -> tuple[bool, int]:
    """Whether the verb is done, now or by an earlier click; else what is wrong in the form, and the answer's status."""
    try:
        # First of all: a second click comes when the verb can no longer be done, and is no fault.
        if drafts.sent_before(sending, by=reader):
            return True, 302
        if not form.is_valid():
            return False, 422 if form.parties else 409
        getattr(workflow, verb)(form.cleaned_data["part"], by=reader, token=sending, **form.arguments())
    except drafts.OtherContent as used:
        form.add_error(None, pages.sent_already(used.result))
        return False, 409
    except refused.NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False, 409
    return True, 302


@require_safe
@signed_in
def attachment(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A case's file, to those who see it in the case."""
    file = get_object_or_404(CaseFile.objects.select_related("case"), key=key)
    opened = Case.objects.open_or_404(reader_of(request), file.case.number)
    file = get_object_or_404(opened.files(), key=key)
    content = files.opened(file.file)
    if content is None:
        return files.gone(request, back=opened.case.get_absolute_url())
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
