"""Questions about missing documents, for the publication stewards who answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import notices
from accounts.forms import drafts
from accounts.forms.session import FormSession
from accounts.models import Assignment
from accounts.readers import Reader, reader_of
from accounts.roles import Role
from core import limits, refused
from documents.missing import asking
from documents.missing.forms import AnswerForm, MissingDocumentForm, missing_form
from documents.models import MissingDocument


def missing(request: HttpRequest) -> HttpResponse:
    """ "I miss a document": told to the publication steward, whether or not such a document exists."""
    session = FormSession(request, asking.MISSING_KEY)
    if request.method != "POST":
        return _missing_page(missing_form(session), session)
    form = MissingDocumentForm(request.POST, reader=session.reader)
    status = _reported(form, session) if form.is_valid() else 422
    if status == 302:
        messages.success(request, sent_words(session.reader))
        return redirect("missing" if session.reader.is_person else "start")
    session.keep()
    return _missing_page(form, session, status)


def _reported(form: MissingDocumentForm, session: FormSession) -> int:
    """302 where it is told, now or by an earlier click; else the answer's status, and why stands in the form."""
    reader = session.reader
    if not (reader.is_person or limits.consume(session.request, "missing", limits.OPEN_FORM)):
        form.add_error(None, _("Many have asked from here just now. Wait ten minutes, or sign in, and send again."))
        return 429
    what, unit = form.cleaned_data["what"], form.cleaned_data["unit"]
    try:
        asking.report_missing(what, unit, by=reader, sending=session.sending(asking.MISSING_KEY))
    except drafts.OtherContent:
        form.add_error(None, _("This has already been sent, with other words. Send it once more if you miss this too."))
        return 409
    return 302


def sent_words(reader: Reader) -> str:
    if reader.is_person:
        return _("Thank you. You are told when it is answered, within two working days. The answer stands here.")
    return _("Thank you. The one responsible for publication has been told.")


def _missing_page(form: MissingDocumentForm, session: FormSession, status: int = 200) -> HttpResponse:
    reader, request = session.reader, session.request
    notices.mark_read(request, url=asking.PAGE)
    asked = [(m, asking.in_html(m.answer, reader)) for m in asking.asked_by(reader)[:20]]
    context = {"form": form, "ticket": session.ticket, "asked": asked}
    return render(request, "portal/missing.html", context, status=status)


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
