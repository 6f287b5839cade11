"""The page on which a reader tells what is wrong in a document, and on which it is answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import signed_in
from accounts.readers import reader_of
from core import refused
from documents.models import Document, Remark, Version
from documents.page import presentation
from documents.predicate import OpenedDocument
from documents.remarks import acts
from documents.remarks.forms import AnswerForm, RemarkForm

# So many answered ones stand on the page.
ANSWERED = 20


@signed_in
def remarks(request: HttpRequest, number: str) -> HttpResponse:
    """For all who can open the document; each sees their own, and those who work on it all."""
    opened = Document.objects.open_or_404(reader_of(request), number)
    if opened.version is None:
        # Nothing is written yet that could be wrong.
        raise Http404
    session = FormSession(request, key_of(opened))
    if request.method != "POST":
        notices.mark_read(request, url=acts.address(opened.document))
        return _page(request, opened, session)
    if "answer" in request.POST:
        wanted = next((one for one in _open(opened) if str(one.key) == request.POST["answer"]), None)
        return _answered(request, opened, wanted)
    return _told(request, opened, opened.version, session)


def _told(request: HttpRequest, opened: OpenedDocument, now: Version, session: FormSession) -> HttpResponse:
    """It is of the version that was read, also where another has been published meanwhile."""
    version = next((v for v in opened.versions if str(v.number) == shown_to(request)), now)
    form, status = _form(opened, session, request.POST), 422
    if form.is_valid():
        told = {**form.cleaned_data, "by": session.reader}
        try:
            with session.kept_on_failure():
                session.once("tell", lambda: acts.tell(opened.document, version, **told))
            messages.success(request, _("Thank you. Those who work on the document are told, and answer you here."))
            return redirect(acts.address(opened.document))
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    return _page(request, opened, session, form=form, status=status)


def key_of(opened: OpenedDocument) -> str:
    return f"fel-{opened.document.pk}"


def _open(opened: OpenedDocument) -> list[Remark]:
    rows = Remark.objects.filter(document=opened.document, answered_at=None)
    return list(rows) if opened.works_on else []


def _form(opened: OpenedDocument, session: FormSession, data: Any = None, place: str = "") -> RemarkForm:
    assert opened.version
    text = presentation.text_of(opened.version, session.reader, "")
    headings = list(dict.fromkeys(heading.text[:200] for heading in text.headings))
    return RemarkForm(data, headings=headings, initial={"place": place} | session.typed())


def _answer_session(request: HttpRequest, remark: Remark) -> FormSession:
    return FormSession(request, f"felsvar-{remark.key.hex[:16]}")


def _answered(request: HttpRequest, opened: OpenedDocument, remark: Remark | None) -> HttpResponse:
    back = acts.address(opened.document)
    if remark is None:
        messages.error(request, _("It is not waiting for an answer any more."))
        return redirect(back)
    session, form, status = _answer_session(request, remark), AnswerForm(request.POST), 422
    if form.is_valid():
        told = form.cleaned_data
        try:
            with session.kept_on_failure():
                session.once(
                    "answer",
                    lambda: acts.answer(remark, outcome=told["outcome"], words=told["words"], by=session.reader),
                )
            messages.success(request, _("The answer is kept, and whoever found it is told."))
            return redirect(back)
        except refused.Refused as refusal:
            form.add_error(None, str(refusal))
        status = 409
    session.keep()
    own = FormSession(request, key_of(opened))
    return _page(request, opened, own, answering=(remark, form, session), status=status)


def _page(
    request: HttpRequest,
    opened: OpenedDocument,
    session: FormSession,
    *,
    form: RemarkForm | None = None,
    answering: tuple[Remark, AnswerForm, FormSession] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = []
    for one in _open(opened):
        if answering and answering[0].pk == one.pk:
            rows.append((one, answering[1], answering[2]))
        else:
            its = _answer_session(request, one)
            rows.append((one, AnswerForm(initial=its.typed(), auto_id=f"svar_{one.pk}_%s"), its))
    answered = Remark.objects.filter(document=opened.document).exclude(answered_at=None).order_by("-answered_at")
    context = {
        "document": opened.document,
        "version": opened.version,
        "form": form or _form(opened, session, place=request.GET.get("del", "")[:200]),
        "form_has_errors": form is not None,
        "fault": form or (answering[1] if answering else None),
        "ticket": session.ticket,
        "form_key": session.key,
        "own": acts.told_by(opened.document, session.reader)[:ANSWERED],
        "rows": rows,
        "answered": answered[:ANSWERED] if opened.works_on else [],
        "works_on": opened.works_on,
    }
    return render(request, "documents/remarks/page.html", context, status=status)
