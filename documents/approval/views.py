"""Pages where a version is read before its readers: reviewed, approved, sent back, published."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.forms.session import FormSession, shown_to
from accounts.forms.signed_out import kept_if_signed_out
from accounts.readers import Reader, reader_of
from core import clock, refused
from documents import ending, lifecycle
from documents.acts import said
from documents.acts.course import Course, course_of
from documents.acts.origin import kept_elsewhere
from documents.acts.said import put_on
from documents.approval import deciding
from documents.approval.forms import DecisionForm, PublishingForm
from documents.approval.review_clock import with_review_due
from documents.comparing import comparison, sent_back
from documents.lifecycle.to_come import fates_of
from documents.models import Document, Reading, Version
from documents.page import offers, presentation
from documents.reading import findings, late_findings
from documents.visibility.choice import flags_of
from documents.visibility.preview import Visibility, in_words
from documents.visibility.table import who_sees

CHANGES_SHOWN = 20
# The acts on the version in force, and the words when one is done.
CONTENT_ACTS = {
    "holds": gettext_lazy("It is noted that the content holds. You are reminded again in good time."),
    "answered": gettext_lazy("It is noted that you have read what was found in the file."),
}
S = Version.State


def shown_version(document: Document, version: Version, course: Course) -> dict[str, Any]:
    """A version as its readers will have it: text, file, what was found in it; what differs from what they have
    now, and what would differ again on the day when another version is to come.
    """
    address = f"{document.get_absolute_url()}v/{version.number}/"
    return {
        "document": put_on(document, version),
        "version": version,
        "text": presentation.text_of(version, address=address),
        "file": presentation.file_facts(document, version, url=f"{address}fil/"),
        "found": findings.found_in(version),
        "is_waiting": version.read.state == Reading.State.WAITING,
        "mark": course.mark,
        "course": course,
        "before": course.base,
        "difference": _difference(course.base, version),
        "later": _difference(version, course.to_come),
        "visible_to": in_words(Visibility.of(document)),
        "table": who_sees(document, Visibility.of(document)),
        "trail": presentation.trail(document, version),
        "steps": presentation.steps(version),
    }


def _difference(older: Version | None, newer: Version | None) -> dict[str, Any] | None:
    if older is None or newer is None:
        return None
    compared = comparison.compare(older, newer)
    changed = compared.changed_entries
    return {
        "older": older,
        "newer": newer,
        "facts": said.differing(older, newer),
        "comparison": compared,
        "entries": changed[:CHANGES_SHOWN],
        "more_entries": max(0, len(changed) - CHANGES_SHOWN),
    }


def when_of(version: Version) -> dict[str, Any]:
    """When it was to be shown, where that is still to come, as the form of publishing begins with it."""
    if not version.is_shown_later or version.available_from is None:
        return {}
    moment = clock.swedish(version.available_from)
    return {"when": "later", "day": moment.date(), "time": moment.time()}


# Review and approval ----------------------------------------------------------------------------------------------
@kept_if_signed_out
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Read what waits for a yes, beside what differs from what applies; say yes, or send it back with why."""
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    course = course_of(document)
    version = course.unfinished
    if version is None or version.state not in (S.IN_REVIEW, S.APPROVED) or "galler" in request.GET:
        return _content(request, document, course)
    notices.mark_read(request, url=deciding.review_address(document))
    act = next((name for name in deciding.VERBS if name in request.POST), "")
    kept = FormSession(request, f"decision-{document.number}")
    typed = kept.initial("reason", "joint_body", "joint_on", "joint_reference")
    form = DecisionForm(request.POST if act else None, act=act, version=version, initial=typed)
    if act and form.is_valid() and _decided(request, form, version, reader):
        kept.done()
        # Whoever may publish goes on to that.
        return redirect("publish" if act == "approve" else "document", document.number)
    if act:
        kept.keep()
    context = {
        **shown_version(document, version, course),
        "form": form,
        "kept": kept,
        "why_not_approve": deciding.why_not_approve(version, reader),
        "why_not_review": deciding.why_not_review(version, reader),
        "is_overtaken": version.state == S.APPROVED and version.approved_against != course.base,
        "bar_by_file": deciding.bar_by_file(version),
        "again": sent_back.answer_of(version),
        "is_writer": reader.user_id in deciding.writers_of(version),
        "approvers": [a.user.get_full_name() for a in deciding.approvers_of(version)][:5],
    }
    return render(request, "documents/review.html", context, status=422 if form.errors else 200)


def _content(request: HttpRequest, document: Document, course: Course) -> HttpResponse:
    """The version in force is looked through: found to hold, written anew, or its late findings are answered."""
    current = course.in_force
    if current is None or document.state != Document.State.ACTIVE:
        messages.info(request, _("No version of %s waits for approval.") % document.number)
        return redirect(document.get_absolute_url())
    act = next((name for name in CONTENT_ACTS if name in request.POST), "")
    if act:
        try:
            if act == "holds":
                lifecycle.confirm_content(document, by=reader_of(request), shown=shown_to(request))
            else:
                late_findings.answer(current, by=reader_of(request), shown=shown_to(request))
            messages.success(request, CONTENT_ACTS[act])
            return redirect(document.get_absolute_url())
        except refused.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())
    context = {
        "document": with_review_due(Document.objects.select_related("type", "owner")).get(pk=document.pk),
        "version": current,
        "origin": kept_elsewhere(document),
        "text": presentation.text_of(current, address=document.get_absolute_url()),
        "course": course,
        "mark": course.mark,
        "found_late": late_findings.of(current),
        "file": presentation.file_facts(document, current, url=f"{document.get_absolute_url()}v/{current.number}/fil/"),
        "is_over": current.valid_to is not None and current.valid_to < clock.today(),
    }
    return render(request, "documents/content.html", context)


def _decided(request: HttpRequest, form: DecisionForm, version: Version, by: Reader) -> bool:
    try:
        deciding.VERBS[form.act](version, by=by, shown=shown_to(request), **form.arguments())
    except (refused.Refused, ValidationError) as refusal:
        form.add_error(None, getattr(refusal, "messages", None) or str(refusal))
        return False
    done = {
        "review": _("Version %d is reviewed. The approvers are told."),
        "approve": _("Version %d is approved. Decide when it is to be shown."),
        "send_back": _("Version %d is sent back. Those who wrote it are told why."),
    }
    messages.success(request, done[form.act] % version.number)
    return True


# Publishing -------------------------------------------------------------------------------------------------------
@kept_if_signed_out
def publish(request: HttpRequest, number: str) -> HttpResponse:
    """The text, what differs, who will see it; what changed, when it is shown and until when. Then it is published."""
    reader = reader_of(request)
    document = Document.objects.worked_on_or_404(reader, number)
    if answer := offers.elsewhere(request, document):
        return answer
    notices.mark_read(request, url=deciding.publishing_address(document))
    course = course_of(document)
    version = course.unfinished
    if version is None or version.state != S.APPROVED:
        return _not_to_publish(request, document, course)
    context = shown_version(document, version, course)
    kept = FormSession(request, f"publish-{document.number}")
    said = {name: getattr(version, name) for name in ("change_summary", "is_major", "valid_to")}
    form = PublishingForm(
        request.POST if request.method == "POST" else None,
        must_accept=findings.must_be_answered(version),
        is_first=course.in_force is None,
        fates=fates_of(version, course),
        initial=said
        | when_of(version)
        | kept.initial("change_summary", "is_major", "valid_to", "when", "day", "time", "to_come"),
    )
    if request.method == "POST" and form.is_valid() and _published(request, form, version, reader):
        kept.done()
        return redirect(document.get_absolute_url())
    if form.errors:
        kept.keep()
    context |= {"form": form, "kept": kept, "choosing": flags_of(Visibility.of(document))}
    return render(request, "documents/publish.html", context, status=422 if form.errors else 200)


def _published(request: HttpRequest, form: PublishingForm, version: Version, by: Reader) -> bool:
    try:
        done = lifecycle.publish(version, by=by, shown=shown_to(request), **form.arguments())
    except (refused.Refused, ValidationError) as refusal:
        form.add_error(None, getattr(refusal, "messages", None) or str(refusal))
        return False
    messages.success(request, presentation.published_in_words(done))
    return True


def _not_to_publish(request: HttpRequest, document: Document, course: Course) -> HttpResponse:
    """Nothing is approved here: on to where it waits; or what is to come, which can be taken back."""
    to_come, version = course.to_come, course.unfinished
    if to_come and request.method == "POST" and "take_back" in request.POST:
        try:
            back = ending.take_back(to_come, by=reader_of(request), shown=shown_to(request))
        except refused.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("publish", document.number)
        words = _("Version %d is taken back. It is approved, and shown when you publish it.")
        if back.state == S.WITHDRAWN:
            words = _("Version %d is taken back. It does not come, and is kept in the history.")
        messages.success(request, words % to_come.number)
        return redirect("publish", document.number)
    if to_come:
        return render(
            request,
            "documents/to_come.html",
            {
                "document": document,
                "version": to_come,
                "unfinished": version,
                "mark": course.mark,
            },
        )
    if version and version.state == S.IN_REVIEW:
        messages.info(request, _("Version %d is not approved yet.") % version.number)
        return redirect("review", document.number)
    messages.info(request, _("There is no approved version to publish."))
    return redirect(document.get_absolute_url())
