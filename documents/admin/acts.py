"""The act in Django admin that is no form of a model: who may read one document, or many.

It asks Django's permission to change documents, reads the input, and calls one verb with the reader of the
request.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.readers import reader_of
from core import refused
from documents.admin.forms import BulkVisibilityForm, VisibilityForm
from documents.models import Document
from documents.visibility import acts as visibility_acts
from documents.visibility.choice import tell_done
from documents.visibility.preview import Visibility, decided_on, in_words, preview, stamp

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
        # The decision must be about what was shown: if anything has moved since, it is shown once more.
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
        visibility_acts.change_visibility_in_bulk(
            documents, by=reader_of(request), change=form.change(), reason=reason, shown=shown
        )
    except refused.Moved as moved:
        form.add_error(None, ValidationError(str(moved), code="moved"))
        return None
    except refused.Refused as error:
        form.add_error(None, str(error))
        return None
    tell_done(request, documents)
    return len(documents)
