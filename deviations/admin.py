"""The administration of legal references, and of plans with focus areas. No case model is here (decision 0011)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import AuditedAdmin
from deviations.models import FocusArea, LegalReference, Plan


@admin.register(LegalReference)
class LegalReferenceAdmin(AuditedAdmin):
    """The rules that pages refer to, with the day on which somebody last saw that they stand."""

    list_display: ClassVar = ["name_sv", "code", "seen_on"]
    search_fields: ClassVar = ["code", "name_sv", "name_en"]

    def has_delete_permission(self, request: HttpRequest, obj: LegalReference | None = None) -> bool:
        return False


class FocusAreaInline(admin.TabularInline):
    """The areas of the plan; one that has been chosen is not taken away but no longer offered."""

    model = FocusArea
    extra = 0
    can_delete = False


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    """The plans whose focus areas actions and learning examples serve."""

    list_display: ClassVar = ["name_sv", "code", "valid_to"]
    search_fields: ClassVar = ["code", "name_sv", "name_en"]
    inlines = (FocusAreaInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return False
