"""Every page of the administration is built on this: each save is audited, and histories are shown, not edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Events

from accounts import audit, granting
from accounts.readers import reader_of
from core import clock

HISTORY_ROWS = 50
# By which way something was done (`accounts.readers.Reader.door`).
DOORS = {
    "portal": gettext_lazy("the portal"),
    "admin": gettext_lazy("the administration"),
    "api": gettext_lazy("another system"),
    "job": gettext_lazy("the portal itself"),
    "command": gettext_lazy("a command on the server"),
}
WHAT = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}
# Fields whose value is a state or an id, and may stand in the audit log; of others only that they changed.
STATES = (models.BooleanField, models.DateField, models.ForeignKey)


def _facts(obj: models.Model, changed: Iterable[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"fields": sorted(changed)}
    for name in facts["fields"]:
        try:
            field = obj._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(field, STATES):
            value = field.value_from_object(obj)
            facts[name] = value.isoformat() if hasattr(value, "isoformat") else value
        elif name == "roles":
            facts[name] = list(field.value_from_object(obj))  # type: ignore[union-attr]
    return facts


class _Autocomplete(AutocompleteSelect):
    """Django's looks up what was sent before it has been checked; what is no id is simply not chosen."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if str(v).isdecimal()], attr)


class DoorFilter(admin.SimpleListFilter):
    title = gettext_lazy("by way of")
    parameter_name = "door"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(door, str(said)) for door, said in DOORS.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(door=self.value()) if self.value() in DOORS else queryset


class ByDoor(BaseModelAdmin):
    """Shows in words by which way something was done."""

    @admin.display(description=gettext_lazy("by way of"), ordering="door")
    def by_way_of(self, event: Any) -> str:
        return str(DOORS.get(event.door, event.door))


class SafeAutocomplete(BaseModelAdmin):
    """For pages with `autocomplete_fields`, so that a tampered choice gets a message beside the field."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", _Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


# How Django's own filters ask of a column.
_HOW = ("exact", "id__exact", "isnull", "isempty", "gte", "lt")


class RoleDecides(BaseModelAdmin):
    """Django's permissions open the door of a page; the reader's role decides behind it.

    By default for system administrators; `role_allows` says otherwise for a model that others work with too.
    """

    def role_allows(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers_here(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.role_allows(request, obj)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request, *args) and self.role_allows(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.role_allows(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.role_allows(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and self.role_allows(request)


def administers_here(request: HttpRequest) -> bool:
    """Whether a system administrator asks; found out once for each request."""
    if not hasattr(request, "administers"):
        request.administers = granting.administers(reader_of(request))  # type: ignore[attr-defined]
    return bool(request.administers)  # type: ignore[attr-defined]


class ListedLookups(RoleDecides, admin.ModelAdmin):
    """A list is narrowed by what it offers and by nothing else.

    SECURITY: Django lets any column be asked of any list, by beginnings too, so that a secret could be read letter by
    letter by one who may only look (`?password__startswith=`).
    """

    # Asked by links of our own.
    more_lookups: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self._lookups(request)

    def _lookups(self, request: HttpRequest) -> set[str]:
        allowed = set(self.more_lookups)
        for entry in self.get_list_filter(request):
            name = entry[0] if isinstance(entry, (tuple, list)) else entry
            if isinstance(name, str):
                allowed |= {name, *(f"{name}__{how}" for how in _HOW)}
            else:
                allowed.add(getattr(name, "parameter_name", ""))
        if self.date_hierarchy:
            allowed |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day", "gte", "lt")}
        return allowed


class AuditedAdmin(SafeAutocomplete, ListedLookups):
    """A model's pages whose every save and deletion is in the audit log, by the door 'admin'.

    The log says which fields changed, and the new value only where it is a state, a date or an id. Deleting
    in bulk is not offered; one by one Django refuses what anything refers to.
    """

    def _record(self, request: HttpRequest, verb: str, obj: models.Model, changed: Iterable[str] = ()) -> None:
        name = obj._meta.model_name or ""
        audit.record(f"admin_{verb}", by=reader_of(request), target_type=name, target_id=obj.pk, **_facts(obj, changed))

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._record(request, "changed" if change else "added", obj, form.changed_data)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for obj, fields in formset.changed_objects:
            self._record(request, "changed", obj, fields)
        for obj in formset.new_objects:
            fields = next((f.changed_data for f in formset.forms if f.instance is obj), [])
            self._record(request, "added", obj, fields)
        for obj in formset.deleted_objects:
            self._record(request, "deleted", obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(request, "deleted", obj)
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class ReadOnlyAdmin(ListedLookups):
    """A model's pages that show and change nothing."""

    actions: Sequence[Any] = ()
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryMixin:
    """`row_history`, for `readonly_fields`: the latest changes of a row that django-pghistory follows.

    By the database's own triggers, so changes by other ways than these pages are there too; who made a change
    in the portal is in the audit log.
    """

    # Never shown with their values; `rename` says them in words.
    history_hidden: dict[str, Any] = {}

    @admin.display(description=gettext_lazy("history"))
    def row_history(self, obj: models.Model | None) -> str:
        if obj is None or obj.pk is None:
            return "–"
        rows = Events.objects.tracks(obj).order_by("-pgh_created_at", "-pgh_id")[:HISTORY_ROWS]
        return format_html(
            '<table><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>'
            "</tr></thead><tbody>{}</tbody></table>",
            _("When"),
            _("What"),
            _("From and to"),
            format_html_join(
                "",
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                (
                    (
                        f"{clock.swedish(row.pgh_created_at):%Y-%m-%d %H.%M}",
                        WHAT.get(row.pgh_label, row.pgh_label),
                        self._difference(obj, row.pgh_diff or {}),
                    )
                    for row in rows
                ),
            ),
        )

    def _difference(self, obj: models.Model, diff: dict[str, list[Any]]) -> str:
        lines = []
        for column, (before, after) in diff.items():
            if column in self.history_hidden:
                lines.append((capfirst(self.history_hidden[column]), _("changed")))
                continue
            field = next((f for f in obj._meta.concrete_fields if column in (f.name, f.attname)), None)
            lines.append((capfirst(field.verbose_name) if field else column, f"{_value(before)} → {_value(after)}"))
        return format_html_join("", "<div>{}: {}</div>", lines)


def _value(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    return str(value)
