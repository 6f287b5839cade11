"""The administration of legal references. No case model is here (decision 0011)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import AuditedAdmin
from deviations.models import LegalReference


@admin.register(LegalReference)
class LegalReferenceAdmin(AuditedAdmin):
    """The rules that pages refer to, with the day on which somebody last saw that they stand."""

    list_display: ClassVar = ["name_sv", "code", "seen_on"]
    search_fields: ClassVar = ["code", "name_sv", "name_en"]

    def has_delete_permission(self, request: HttpRequest, obj: LegalReference | None = None) -> bool:
        return False
