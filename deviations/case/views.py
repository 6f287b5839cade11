"""The page of a case, and what is done there: read the input, ask what the reader may see, call one verb, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, notices
from accounts.forms import drafts
from accounts.forms.session import FormSession
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from core.files import serving
from deviations.case import page
from deviations.entry.with_files import WithFiles
from deviations.models import Case, CaseFile, Party
from deviations.predicate import OpenedCase
from deviations.verbs import VERBS, allowed_verbs
from deviations.verbs.forms import PartForm


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
    context = page.case_page(opened, bound=bound, tickets=page.Tickets(opened, ticket))
    context["took"] = "tog" in request.GET and "release" in context["forms"]
    return render(request, "deviations/case.html", context, status=status)


@signed_in
@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A text to the other parties: answer, question, reply or message, as chosen. An answer is shown as it will be read
    before it is sent, for it cannot be taken back.
    """
    kind = request.POST.get("kind", "")
    if kind not in page.THREAD_VERBS:
        opened = Case.objects.open_or_404(reader_of(request), number)
        messages.error(request, _("Choose whether it is an answer, a question or a message."))
        FormSession(request, page.form_key(page.THREAD_VERBS[0], opened.case)).keep()
        return redirect(f"{opened.case.get_absolute_url()}#skriv")
    if kind == "answer" and "confirmed" not in request.POST:
        return _review_answer(request, number)
    return _act(request, number, kind)


def _review_answer(request: HttpRequest, number: str) -> HttpResponse:
    opened = Case.objects.open_or_404(reader_of(request), number)
    session, form = _form_of(request, opened, "answer")
    is_good = form.is_valid()
    _keep(session, form)
    if not is_good:
        status = 422 if form.parties else 409
        return _case_page(request, opened, bound={"answer": form}, ticket=session.ticket, status=status)
    context = page.answer_page(opened, form)
    return render(request, "deviations/answer.html", context | {"ticket": session.ticket, "sent": request.POST})


def _form_of(request: HttpRequest, opened: OpenedCase, verb: str) -> tuple[FormSession, PartForm]:
    """A verb's form as it was sent, and its session."""
    session = FormSession(request, page.form_key(verb, opened.case))
    parties, data = allowed_verbs(opened).get(verb, []), request.POST.copy()
    if verb == "send_message":
        # A part is chosen of those that one could reply to; a message goes to all, from whichever part one has.
        data.pop("part", None)
    more: dict[str, Any] = {}
    if issubclass(VERBS[verb].form, WithFiles):
        more = {"files": request.FILES, "kept_files": session.files}
    return session, VERBS[verb].form(data, parties=parties, reader=opened.reader, auto_id=f"{verb}_%s", **more)


def _keep(session: FormSession, form: PartForm) -> None:
    """Keeps the typed text, and the files that were taken in."""
    session.keep(attachments=form.attachments if isinstance(form, WithFiles) else None)


@signed_in
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    return _act(request, number, verb)


def _act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One verb to a case. Refused: the page comes back with what was typed, 422 for a fault in it, else 409."""
    reader = reader_of(request)
    opened = Case.objects.open_or_404(reader, number)
    session, form = _form_of(request, opened, verb)
    nobodys = [p.pk for p in opened.own_parties if p.handler_id is None]
    with session.kept_on_failure():
        done, status = _done(verb, form, session)
    if done:
        messages.success(request, str(VERBS[verb].done))
        # Acting has made them its handler: said, with the way back.
        took = verb not in ("take", "assign") and Party.objects.filter(pk__in=nobodys, handler=reader.user_id).exists()
        return redirect(f"{opened.case.get_absolute_url()}?tog" if took else opened.case)
    if VERBS[verb].has_draft:
        _keep(session, form)
    elif status == 409:
        session.begin_anew()
    opened = Case.objects.open_or_404(reader, number)
    return _case_page(request, opened, bound={verb: form}, ticket=session.ticket, status=status)


def _done(verb: str, form: PartForm, session: FormSession) -> tuple[bool, int]:
    """Whether the verb is done, now or by an earlier click; else what is wrong in the form, and the answer's status."""
    reader, sending = session.reader, session.sending(verb)
    assert sending, "who acts in a case is signed in"
    try:
        # First of all: a second click comes when the verb can no longer be done, and is no fault.
        if drafts.sent_before(sending, by=reader):
            return True, 302
        if not form.is_valid():
            return False, 422 if form.parties else 409
        VERBS[verb].do(form.cleaned_data["part"], by=reader, token=sending, **form.arguments())
    except refused.NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False, 409
    return True, 302


@require_safe
@signed_in
def attachment(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A case's file, to those who see it in the case."""
    wanted = get_object_or_404(CaseFile.objects.select_related("case"), key=key)
    file = Case.objects.file_or_404(reader_of(request), wanted)
    content = serving.open_stored(file.file)
    if content is None:
        return serving.gone_page(request, back=wanted.case.get_absolute_url())
    audit.record(
        "downloaded_case_file",
        by=reader_of(request),
        target_type="case",
        target_id=wanted.case.number,
        file=str(key),
    )
    response = FileResponse(content, as_attachment=True, filename=file.file_name, content_type=file.file_type)
    # SECURITY: what came from outside is saved, never shown or run as ours.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
