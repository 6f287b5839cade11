"""The act in Django admin that is no form of a model: who may read one document, or many.

It asks Django's permission to change documents, reads the input, and calls one verb with the reader of the
request.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from documents.admin.forms import BulkVisibilityForm, VisibilityForm
from documents.models import Document
from documents.visibility.choice import Decision
from documents.visibility.preview import Visibility, VisibilityChange, in_words, preview

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
    form: VisibilityForm | BulkVisibilityForm
    if pk:
        form = VisibilityForm(request.POST or None, now=Visibility.of(documents[0]))
    else:
        form = BulkVisibilityForm(request.POST or None)
    is_chosen = request.method == "POST" and form.is_valid()
    change = form.change() if is_chosen else VisibilityChange()
    keys = [d.pk for d in documents]
    decision = Decision(
        request, documents, form, change, is_saving=is_chosen and "_save" in request.POST,
        read_again=lambda: list(Document.objects.filter(pk__in=keys).order_by("number")),
    )  # fmt: skip
    if decision.is_carried_out():
        return _back(documents[0]) if pk else redirect("admin:documents_document_changelist")
    documents = decision.documents
    context = {
        "title": _("Who shall be able to read?"),
        "form": form,
        "documents": documents,
        "document": documents[0] if pk else None,
        "preview": preview(documents, change) if is_chosen else None,
        "stamp": decision.decided,
        "again": decision.is_moved,
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
