"""Documents in Django admin: a door. It changes nothing by itself; what happens goes through the verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.base import AuditedAdmin, ByDoor, DoorFilter, RoleDecides, administers_here
from accounts.readers import reader_of
from core import refused
from documents import lifecycle, missing
from documents.admin import acts
from documents.delivery import mapping
from documents.intake import sources
from documents.models import (
    Document,
    DocumentEvent,
    DocumentType,
    MissingDocument,
    ProgrammeArea,
    Source,
    Synonym,
    Version,
)
from documents.predicate import UNFINISHED
from documents.visibility.preview import Visibility, in_words


class KeptAdmin(AuditedAdmin):
    """Nothing is deleted here."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DocumentType)
class DocumentTypeAdmin(KeptAdmin):
    list_display = (
        "code",
        "name_sv",
        "is_governing",
        "default_public",
        "default_regional",
        "revision_months",
    )
    search_fields = ("code", "name_sv", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: DocumentType | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()  # the first part of numbers already given

    def save_model(self, request: HttpRequest, obj: DocumentType, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        moved = {name: [form.initial.get(name), getattr(obj, name)] for name in form.changed_data if "default" in name}
        if change and moved:
            reader = reader_of(request)
            audit.record(
                "default_visibility_changed", by=reader, target_type="document type", target_id=obj.code, fields=moved
            )


class SourceForm(forms.ModelForm):
    class Meta:
        model = Source
        fields = ("code", "name", "owner", "ready_mapping", "own_mapping", "delivers_every_days", "is_active", "editor")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ready, own = data.get("ready_mapping", ""), data.get("own_mapping", "")
        if bool(ready) == bool(own):
            self.add_error("ready_mapping", _("Choose a ready mapping or write one, not both."))
        elif own:
            try:
                mapping.read(own)
            except mapping.BadMapping as error:
                self.add_error("own_mapping", str(error))
        return data


@admin.register(Source)
class SourceAdmin(KeptAdmin):
    """Set up here, confirmed by a steward of the owner in the portal."""

    form = SourceForm
    raw_id_fields = ("editor",)
    list_display = ("name", "code", "owner", "is_active", "working")
    search_fields = ("name", "code")
    autocomplete_fields = ("owner",)
    readonly_fields = ("set_up_by_label", "confirmed_by_label", "confirmed_at", "working")

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("code", *self.readonly_fields) if obj else self.readonly_fields

    @admin.display(description=_("works"), boolean=True)
    def working(self, source: Source) -> bool:
        return sources.works(source) if source.pk else False

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        sources.set_up(obj, by=reader_of(request))
        self._record(request, "changed" if change else "added", obj, form.changed_data)


@admin.register(ProgrammeArea)
class ProgrammeAreaAdmin(KeptAdmin):
    list_display = ("name_sv", "name_en", "code")
    search_fields = ("name_sv", "name_en", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: ProgrammeArea | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


class VersionInline(RoleDecides, admin.TabularInline):
    """The versions, to follow: they are written and published by acts of their own."""

    model = Version
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "edition",
        "state",
        "change_summary",
        "published_at",
        "approver_label",
        "file_name",
        "reading_state",
    )
    ordering = ("-number",)

    def role_allows(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # shown on the page of a document that has been opened

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        return super().get_queryset(request).defer("body").select_related("document", "reading")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("text of the file"))
    def reading_state(self, version: Version) -> str:
        return version.read.get_state_display()

    @admin.display(description=_("version"))
    def edition(self, version: Version) -> SafeString | str:
        if version.state in UNFINISHED:
            return str(version.number)  # read by those who work on it, in the portal
        return format_html(
            '<a href="{}v/{}/">{}</a>', version.document.get_absolute_url(), version.number, version.number
        )


# They belong to a version, and are written, approved and published with it in the portal (ADR 0019).
SAID_BY_VERSIONS = ("title", "summary", "keywords", "applies_regional", "applies_private", "applies_municipal")


@admin.register(Document)
class DocumentAdmin(KeptAdmin):
    """Whom a document is visible to, and who looks after it. Writing, approving and revoking have no door here."""

    list_display = ("number", "title", "type", "owner", "state", "seen_by", "updated")
    list_filter = (
        "state",
        "type",
        "visible_public",
        "visible_regional",
        "visible_private",
        "visible_municipal",
        "is_sensitive",
        "owner__kind",
        "area",
    )
    search_fields = ("number", "title", "keywords")
    list_select_related = ("type", "owner")
    autocomplete_fields = ("type", "area")
    raw_id_fields = ("content_owner",)
    readonly_fields = (
        "number", "owner", *SAID_BY_VERSIONS, "state", "seen_by", "replaced_by", "created_at", "history",
    )  # fmt: skip
    inlines = (VersionInline,)
    actions = ("change_visibility",)
    change_form_template = "admin/documents/document/change_form.html"
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("number", "title", "summary", "keywords", "type", "area", "pages_first")}),
        (_("Owner"), {"fields": ("owner", "owner_unit", "content_owner", "contact", "registry_number")}),
        (
            _("Applies to"),
            {
                "fields": ("applies_regional", "applies_private", "applies_municipal", "is_sensitive"),
                "description": _("Whom it applies to. Who can read it is changed by an act of its own."),
            },
        ),
        (_("State and visibility"), {"fields": ("state", "replaced_by", "seen_by", "created_at", "history")}),
    )

    def role_allows(self, request: HttpRequest, obj: Document | None = None) -> bool:
        """System administrators, and those who work on documents of their own provider."""
        if administers_here(request):
            return True
        reader = reader_of(request)
        if obj is None:
            return reader.edits_documents
        return Document.objects.editable_by(reader).filter(pk=obj.pk).exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        found = super().get_queryset(request).defer("search").prefetch_related("grants")
        if administers_here(request):
            return found
        return found.filter(pk__in=Document.objects.editable_by(reader_of(request)).values("pk"))

    def view_on_site(self, document: Document) -> str:
        return document.get_absolute_url()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        """A verb, not a save: so that the admin leaves the same trace as every other door."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in lifecycle.DETAILS}
        lifecycle.update_document(obj, by=reader_of(request), **changes)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on the form: versions and visibility have acts of their own."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return super().construct_change_message(request, form, [], add)  # the formsets are never saved

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except refused.Refused as error:
            messages.error(request, str(error))
            return redirect(request.path)

    def get_urls(self) -> list[URLPattern]:
        def act(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        addresses = [
            path("synlighet/", act(lambda r: acts.visibility(r, self)), name="documents_visibility_bulk"),
            path(
                "<int:pk>/synlighet/",
                act(lambda r, pk: acts.visibility(r, self, pk)),
                name="documents_visibility",
            ),
        ]
        return addresses + super().get_urls()

    @admin.action(description=_("Change visibility"), permissions=["change"])
    def change_visibility(self, request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return redirect(f"{reverse('admin:documents_visibility_bulk')}?ids={ids}")

    @admin.display(description=_("visible to"))
    def seen_by(self, document: Document) -> str:
        return ", ".join(in_words(Visibility.of(document))) or "–"

    @admin.display(description=_("created"), ordering="created_at")
    def updated(self, document: Document) -> Any:
        return document.created_at

    @admin.display(description=_("history"))
    def history(self, document: Document) -> SafeString:
        address = reverse("admin:documents_documentevent_changelist")
        return format_html(
            '<a href="{}?document_number={}">{}</a>',
            address,
            document.number,
            _("All that has happened to it"),
        )


@admin.register(Synonym)
class SynonymAdmin(KeptAdmin):
    """Words that mean the same to the search; at work within half a minute."""

    list_display = ("term", "means", "both_ways")
    list_filter = ("both_ways",)
    search_fields = ("term", "means")

    def has_delete_permission(self, request: HttpRequest, obj: Synonym | None = None) -> bool:
        # Nothing else speaks of it: what finds too much is taken away.
        return self.has_change_permission(request, obj)


@admin.register(MissingDocument)
class MissingDocumentAdmin(KeptAdmin):
    list_display = ("what", "unit", "provider", "created_at", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    search_fields = ("what", "unit")
    fields = readonly_fields = ("what", "unit", "provider", "created_at", "answered_at")

    def get_fields(self, request: HttpRequest, obj: MissingDocument | None = None) -> Any:
        return (*self.fields, "answer")

    def get_readonly_fields(self, request: HttpRequest, obj: MissingDocument | None = None) -> Any:
        return (*self.fields, "answer") if obj and obj.answered_at else self.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MissingDocument, form: Any, change: bool) -> None:
        try:
            missing.answer_missing(obj, form.cleaned_data.get("answer", ""), by=reader_of(request))
        except refused.Refused as error:
            messages.error(request, str(error))


@admin.register(DocumentEvent)
class DocumentEventAdmin(ByDoor, KeptAdmin):
    list_display = ("at", "document_number", "version_number", "verb", "by_label", "by_way_of", "reason")
    list_filter = ("verb", DoorFilter, "at")
    search_fields = ("=document_number", "by_label")
    fields = ("at", "document_number", "version_number", "verb", "by_label", "by_way_of", "reason", "before", "after")

    more_lookups = ("document_number",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
