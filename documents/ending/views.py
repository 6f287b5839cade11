"""The page where a document or a version of it comes to its end, for those who work on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import kept_if_signed_out
from accounts.readers import reader_of
from core import refused
from documents import ending
from documents.acts.course import Course, course_of
from documents.acts.table import takes
from documents.ending.forms import ReinstateForm, RevokeForm, WithdrawForm
from documents.ending.verbs import ShutsOut
from documents.models import Document, Version
from documents.page import offers, presentation
from documents.visibility.preview import Visibility, in_words

S = Version.State


def former_of(document: Document, course: Course) -> Version | None:
    """The version that would apply if the current one were withdrawn."""
    if course.to_come:
        return course.in_force
    return document.versions.filter(state=S.SUPERSEDED).order_by("-number").defer("body").first()


@kept_if_signed_out
def end(request: HttpRequest, number: str) -> HttpResponse:
    """Revoke the document, withdraw its current version, or throw its draft away: each with what it means."""
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    if answer := offers.elsewhere(request, document):
        return answer
    if not takes("revoke", document):
        return _ended(request, document)
    course = course_of(document)
    current, former = course.to_come or course.in_force, former_of(document, course)
    # One that is to come gives way to the former by itself.
    former_number = former.number if former and not course.to_come else None
    draft = course.unfinished
    act = next((name for name in ("revoke", "withdraw", "discard") if name in request.POST), "")
    kept = FormSession(request, f"end-{document.number}")
    revoking = RevokeForm(
        request.POST if act == "revoke" else None,
        among=Document.objects.visible_to(reader),
        prefix="upphav",
        auto_id="id_%s",
        initial=kept.initial("reason", "replaced_by", prefix="upphav"),
    )
    withdrawing = WithdrawForm(
        request.POST if act == "withdraw" else None,
        former=former_number,
        prefix="dra",
        auto_id="id_%s",
        initial=kept.initial("reason", "then", prefix="dra"),
    )
    if act and _done(request, act, document, current, draft, revoking, withdrawing):
        kept.done()
        return redirect(document.get_absolute_url())
    if act:
        kept.keep()
    context = {
        "kept": kept,
        "mark": course.mark,
        "document": document,
        "current": current,
        "former": former,
        "draft": draft,
        "revoking": revoking,
        "withdrawing": withdrawing,
        "visible_to": in_words(Visibility.of(document)),
    }
    status = 422 if revoking.errors or withdrawing.errors else 200
    return render(request, "documents/end.html", context, status=status)


def _ended(request: HttpRequest, document: Document) -> HttpResponse:
    """A revoked document can be put away, or apply again; one that is put away can be taken out."""
    kept = FormSession(request, f"end-{document.number}")
    act = next((name for name in ("archive", "reinstate") if name in request.POST), "")
    if request.method == "POST" and not act:
        messages.info(request, _("%s is revoked already.") % document.number)
        return redirect(document.get_absolute_url())
    form = ReinstateForm(request.POST if act == "reinstate" else None, initial=kept.initial("reason"))
    if act and (act == "archive" or form.is_valid()):
        try:
            if act == "archive":
                ending.archive(document, by=reader_of(request), shown=shown_to(request))
                messages.success(request, _("%s is archived. Only those who work on it find it now.") % document.number)
            else:
                told = {"reason": form.cleaned_data["reason"], "shown": shown_to(request)}
                now = ending.reinstate(document, by=reader_of(request), **told)
                words = _("%(number)s is now %(state)s.")
                messages.success(request, words % {"number": now.number, "state": now.get_state_display()})
        except refused.Refused as refusal:
            messages.error(request, str(refusal))
        kept.done()
        return redirect(document.get_absolute_url())
    if act:
        kept.keep()
    context = {
        "kept": kept, "document": document, "form": form, "revoked": presentation.ended(document),
        "is_revoked": takes("archive", document), "mark": course_of(document).mark,
    }  # fmt: skip
    return render(request, "documents/ended.html", context, status=422 if form.errors else 200)


def _done(
    request: HttpRequest,
    act: str,
    document: Document,
    current: Version | None,
    draft: Version | None,
    revoking: RevokeForm,
    withdrawing: WithdrawForm,
) -> bool:
    by: Any = {"by": reader_of(request), "shown": shown_to(request)}
    form = {"revoke": revoking, "withdraw": withdrawing}.get(act)
    if form and not form.is_valid():
        return False
    try:
        if act == "revoke":
            ending.revoke(document, **by, **revoking.cleaned_data, knows=request.POST.get("knows", ""))
            messages.success(request, _("%s is revoked. Its readers see that it no longer applies.") % document.number)
        elif act == "withdraw" and current:
            told = withdrawing.cleaned_data["reason"]
            ending.withdraw(current, **by, reason=told, restore=withdrawing.restores)
            messages.success(request, _("Version %d is withdrawn.") % current.number)
        elif act == "discard" and draft:
            ending.withdraw(draft, **by)
            messages.success(request, _("Version %d is thrown away. It is kept in the history.") % draft.number)
        else:
            messages.info(request, _("There is nothing left to end: somebody has done it already."))
    except ShutsOut as shutting:
        revoking.shuts_out = shutting
        revoking.add_error("replaced_by", str(shutting))
        return False
    except (refused.Refused, ValidationError) as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return True
        form.add_error(None, getattr(refusal, "messages", None) or str(refusal))
        return False
    return True
