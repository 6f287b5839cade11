"""What people have missed, for the publication stewards who answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import notices
from accounts.forms import drafts
from accounts.models import Assignment
from accounts.readers import Reader, reader_of
from accounts.roles import Role
from core import limits, refused
from documents.missing import asking
from documents.missing.forms import AnswerForm, MissingDocumentForm, missing_form
from documents.models import MissingDocument


def missing(request: HttpRequest) -> HttpResponse:
    """ "I miss a document": told to the publication steward, whether or not such a document exists."""
    reader = reader_of(request)
    if request.method != "POST":
        return _missing_page(request, *missing_form(reader))
    ticket, data = _missing_ticket(reader, request.POST.get("token")), dict(request.POST.lists())
    form = MissingDocumentForm(request.POST, reader=reader)
    status = 422
    if form.is_valid():
        sending = drafts.sending_of(ticket, asking.FORM, data) if ticket else None
        try:
            if reader.is_person or limits.consume(request, "missing", limits.OPEN_FORM):
                what, unit = form.cleaned_data["what"], form.cleaned_data["unit"]
                asking.report_missing(what, unit, by=reader, sending=sending)
                messages.success(request, sent_words(reader))
                return redirect("missing" if reader.is_person else "start")
            form.add_error(None, _("Many have asked from here just now. Wait ten minutes, or sign in, and send again."))
            status = 429
        except drafts.OtherContent:
            form.add_error(
                None, _("This has already been sent, with other words. Send it once more if you miss this too.")
            )
            status = 409
    if ticket:
        ticket = drafts.keep(ticket, data).ticket
    return _missing_page(request, form, ticket, status)


def sent_words(reader: Reader) -> str:
    if reader.is_person:
        return _("Thank you. You are told when it is answered, within two working days. The answer stands here.")
    return _("Thank you. The one responsible for publication has been told.")


def _missing_ticket(reader: Reader, token: str | None) -> drafts.Ticket | None:
    """The form's ticket; none for nobody, who has no drafts."""
    if not reader.is_person:
        return None
    return drafts.ticket_of(reader, asking.FORM, token) or drafts.ticket_for(reader, asking.FORM)


def _missing_page(
    request: HttpRequest, form: MissingDocumentForm, ticket: drafts.Ticket | None, status: int = 200
) -> HttpResponse:
    reader = reader_of(request)
    notices.mark_read(request, url=asking.PAGE)
    asked = [(m, asking.in_html(m.answer, reader)) for m in asking.asked_by(reader)[:20]]
    return render(request, "portal/missing.html", {"form": form, "ticket": ticket, "asked": asked}, status=status)


def missing_documents(request: HttpRequest) -> HttpResponse:
    """For publication stewards: what people have missed, and the answer to it. Does not exist for others."""
    reader = reader_of(request)
    steward = Assignment.objects.with_role(Role.PUBLICATION_STEWARD).filter(pk=reader.assignment_id)
    if not steward.exists():
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = get_object_or_404(MissingDocument, pk=form.cleaned_data["missing"])
        try:
            asking.answer_missing(asked, form.cleaned_data["answer"], by=reader)
            words = _("The answer is kept, and the one who asked is told.")
            if asked.asked_by_id is None:
                words = _("The answer is kept. Whoever asked had not signed in, and is not told.")
            messages.success(request, words)
        except refused.Refused as error:
            messages.error(request, str(error))
        return redirect("missing_documents")
    notices.mark_read(request, url=request.path)
    words, sent = request.GET.get("q", "").replace("\x00", "")[:100], request.POST.get("missing", "")
    rows = [
        (m, form if sent == str(m.pk) else AnswerForm(initial={"missing": m.pk}, auto_id=f"id_{m.pk}_%s"))
        for m in asking.waiting()
    ]
    context = {
        "rows": rows,
        "late": sum(m.is_late for m, _form in rows),
        "answered": [(m, asking.in_html(m.answer, reader)) for m in asking.answered(words)[:50]],
        "q": words,
        "form": form,
    }
    return render(request, "documents/missing.html", context, status=422 if form.errors else 200)
