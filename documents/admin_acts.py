"""Acts in Django admin that are no forms of a model: who may read, a new version, publishing, revoking.

Each asks Django's permission to change documents, reads the input, and calls one verb with the reader of the
request.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import notices
from accounts.readers import Reader, reader_of
from documents import approval, findings, lifecycle, presentation, views
from documents.admin_forms import BulkVisibilityForm, PublishForm, VersionForm, VisibilityForm
from documents.ending_forms import RevokeForm
from documents.files import RejectedFile
from documents.models import Document, Reading, Version
from documents.visibility import OpenedDocument
from documents.visibility_preview import Visibility, decided_on, in_words, preview, stamp
from documents.visibility_views import tell_done

MAX_BULK = 500


def _document(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> Document:
    # SECURITY: narrowed as the list is, to what this reader works on or administers.
    document = get_object_or_404(model_admin.get_queryset(request).select_related("type", "owner"), pk=pk)
    if not model_admin.has_change_permission(request, document):
        raise PermissionDenied
    return document


def _page(request: HttpRequest, model_admin: ModelAdmin, template: str, **context: Any) -> TemplateResponse:
    base = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **context}
    return TemplateResponse(request, f"admin/documents/document/{template}.html", base)


def _back(document: Document) -> HttpResponse:
    return redirect("admin:documents_document_change", document.pk)


def visibility(request: HttpRequest, model_admin: ModelAdmin, pk: int | None = None) -> HttpResponse:
    """Edit, see who gains and who loses, give a reason, change. For one document, or for those in `ids`."""
    documents = [_document(request, model_admin, pk)] if pk else _selected(request, model_admin)
    if not documents:
        messages.error(request, _("Choose at least one document, and at most %d.") % MAX_BULK)
        return redirect("admin:documents_document_changelist")
    mark = stamp(documents)
    now = mark
    form: VisibilityForm | BulkVisibilityForm
    if pk:
        form = VisibilityForm(request.POST or None, now=Visibility.of(documents[0]))
    else:
        form = BulkVisibilityForm(request.POST or None)
    found, again = None, False
    if request.method == "POST" and form.is_valid():
        found = preview(documents, form.change())
        now = decided_on(mark, form.change())
        # What was shown must be what is decided: if anything has moved since, it is shown once more.
        again = request.POST.get("shown") not in ("", now)
        if "_save" in request.POST and request.POST.get("shown") == now:
            done = _change(request, documents, form, mark)
            if done is None and form.has_error(NON_FIELD_ERRORS, "moved"):
                documents = list(Document.objects.filter(pk__in=[d.pk for d in documents]).order_by("number"))
                found, again = preview(documents, form.change()), True
                now = decided_on(stamp(documents), form.change())
            if done is not None:
                return _back(documents[0]) if pk else redirect("admin:documents_document_changelist")
    context = {
        "title": _("Who shall be able to read?"),
        "form": form,
        "documents": documents,
        "document": documents[0] if pk else None,
        "preview": found,
        "stamp": now,
        "again": again,
        "ids": ",".join(str(d.pk) for d in documents),
        "now": [] if not pk else in_words(Visibility.of(documents[0])),
    }
    return _page(request, model_admin, "visibility", **context)


def _selected(request: HttpRequest, model_admin: ModelAdmin) -> list[Document]:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    given = request.POST.get("ids") or request.GET.get("ids", "")
    ids = [int(v) for v in given.split(",")[: MAX_BULK + 1] if v.isascii() and v.isdigit() and len(v) < 19]
    if len(ids) > MAX_BULK:
        return []
    return list(model_admin.get_queryset(request).filter(pk__in=ids).order_by("number"))


def _change(
    request: HttpRequest, documents: list[Document], form: VisibilityForm | BulkVisibilityForm, shown: str
) -> int | None:
    reason = form.cleaned_data["reason"].strip()
    if not reason:
        form.add_error("reason", _("Write why you change it. One sentence is enough."))
        return None
    try:
        lifecycle.change_visibility_in_bulk(
            documents, by=reader_of(request), change=form.change(), reason=reason, shown=shown
        )
    except lifecycle.Moved as moved:
        form.add_error(None, ValidationError(str(moved), code="moved"))
        return None
    except lifecycle.LifecycleError as error:
        form.add_error(None, str(error))
        return None
    tell_done(request, documents)
    return len(documents)


def new_version(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Write a version or choose its file; a draft that is there already is gone on with."""
    document = _document(request, model_admin, pk)
    draft = document.versions.filter(state=Version.State.DRAFT).first()
    form = VersionForm(request.POST or None, request.FILES or None, initial=VersionForm.initial_of(draft))
    if request.method == "POST" and form.is_valid():
        try:
            _save_draft(document, draft, form, by=reader_of(request))
        except RejectedFile as error:
            form.add_error("file", error.message)
        except lifecycle.LifecycleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is saved."))
            if "_publish" in request.POST:
                return redirect("admin:documents_publish", document.pk)
            _tell_found(request, document)
            return _back(document)
    context = {
        "title": _("A new version of %s") % document.number,
        "form": form,
        "document": document,
        "draft": draft,
    }
    return _page(request, model_admin, "new_version", **context)


def _tell_found(request: HttpRequest, document: Document) -> None:
    """What the page of publishing would have shown: what was taken out at once, the rest when the file is read."""
    draft = document.versions.filter(state=Version.State.DRAFT).select_related("reading").first()
    for finding in findings.found_in(draft) if draft else []:
        messages.warning(request, f"{finding.what} {finding.mend}")


def _save_draft(document: Document, draft: Version | None, form: VersionForm, *, by: Reader) -> None:
    """The file first, outside any transaction: one that is refused leaves no empty draft behind."""
    fields, upload = form.fields_of_version(), form.cleaned_data["file"]
    came = lifecycle.take_in(document, upload, by=by) if upload else None
    if draft is None:
        draft = lifecycle.add_version(document, by=by, **fields)
    else:
        lifecycle.update_draft(draft, by=by, **fields)
    if came:
        lifecycle.attach_file(draft, came, by=by)


def _draft(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> OpenedDocument:
    """The version in the making, to those who may work on it here: a system administrator is no editor of it."""
    document = _document(request, model_admin, pk)
    draft = document.versions.unfinished().select_related("reading").first()
    if draft is None:
        raise Http404
    return OpenedDocument(Document.objects.with_in_revision().get(pk=document.pk), draft, [draft], works_on=True)


def draft(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """The draft as its readers will see it."""
    opened, reader = _draft(request, model_admin, pk), reader_of(request)
    views.record(reader, "opened_document", opened)
    assert opened.version
    context = views.page_of(opened, opened.version, reader, address=request.path)
    context["desk"] = reverse("admin:documents_publish", args=[pk])
    return render(request, "documents/document.html", context)


def draft_file(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponseBase:
    return views.file_of(request, _draft(request, model_admin, pk))


def publish(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Send the draft for approval, or publish what is approved, after seeing who will be able to read it. Nothing is
    approved here: that is done by an approver of the owner, in the portal.
    """
    document = _document(request, model_admin, pk)
    draft = document.versions.unfinished().select_related("reading").first()
    if draft is None:
        messages.error(request, _("There is no draft to publish. Write a new version first."))
        return _back(document)
    notices.mark_read(request, url=request.path)
    found = findings.found_in(draft)
    form = PublishForm(request.POST if request.method == "POST" else None)
    form.must_accept = bool(found and found[0].weight == findings.Weight.STOP)
    if request.method == "POST" and form.is_valid():
        _sent_on(request, draft)
        return _back(document)
    now = in_words(Visibility.of(document))
    context = {
        "title": _("Publish version %d") % draft.number,
        "document": document,
        "draft": draft,
        "form": form,
        "now": now,
        "found": found,
        "is_waiting": draft.read.state == Reading.State.WAITING,
        "text": presentation.text_of(draft),
        "lacking": findings.lacking(draft) if draft.file and not draft.body else [],
    }
    return _page(request, model_admin, "publish", **context)


def _sent_on(request: HttpRequest, version: Version) -> None:
    """The version's next step, where it is not an approver's."""
    reader = reader_of(request)
    try:
        if version.state == Version.State.DRAFT:
            approval.submit(version, by=reader)
            messages.success(request, _("Version %d is sent for approval.") % version.number)
            return
        lifecycle.publish(version, by=reader)
        messages.success(request, _("Version %d is published.") % version.number)
    except lifecycle.LifecycleError as error:
        messages.error(request, str(error))


def revoke(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Revoke the document, with why and what replaces it."""
    document = _document(request, model_admin, pk)
    form = RevokeForm(request.POST if request.method == "POST" else None, among=model_admin.get_queryset(request))
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.revoke(
                document,
                by=reader_of(request),
                reason=form.cleaned_data["reason"],
                replaced_by=form.cleaned_data["replaced_by"],
            )
        except lifecycle.LifecycleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The document is revoked."))
            return _back(document)
    context = {
        "title": _("Revoke %s") % document.number,
        "form": form,
        "document": document,
        "back": reverse("admin:documents_document_change", args=[document.pk]),
    }
    return _page(request, model_admin, "revoke", **context)
