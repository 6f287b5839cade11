"""Providers, their units and agreements."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import AuditedAdmin, HistoryMixin, RoleDecides
from accounts.models import Agreement, CareUnit, Provider
from accounts.roles import Kind
from core import clock
from core.identity.numbers import InvalidNumber, parse_org_number


class NumberInput(forms.TextInput):
    """SECURITY: a sole trader's number is a person's: not even sent back to the one who just typed it."""

    def format_value(self, value: Any) -> str | None:
        return None if _is_personal(value) else super().format_value(value)


def _is_personal(text: Any) -> bool:
    try:
        return parse_org_number(text or "").is_personal
    except InvalidNumber:
        # Not a number of either kind: what looks most like a person's is kept from the page all the same.
        digits = "".join(c for c in str(text or "") if c.isdigit())
        return len(digits) in (10, 12) and digits[-10:][2] < "2"


DAYS = ("days_to_choose", "days_to_acknowledge", "days_to_answer", "days_to_feedback")


class ProviderForm(forms.ModelForm):
    """`number` takes an organisation's number and a sole trader's; the model decides where it is kept."""

    number = forms.CharField(
        label=gettext_lazy("organisation number"),
        required=False,
        max_length=20,
        widget=NumberInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=gettext_lazy("Ten digits. A sole trader's personal number is kept encrypted and never shown."),
    )
    forget_number = forms.BooleanField(
        label=gettext_lazy("Remove the sole trader's number that is kept"), required=False
    )

    class Meta:
        model = Provider
        fields = ("name", "kind", "hsa_id", "email", "phone", "shows_handler_names", *DAYS, "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.org_number:
            self.initial["number"] = self.instance.org_number
        if not self.instance.org_number_personal:
            self.fields.pop("forget_number", None)
        elif "number" in self.fields:
            self.fields["number"].help_text = _("A sole trader's number is kept. Write a new one to replace it.")

    def clean_number(self) -> str:
        text = self.cleaned_data["number"].strip()
        if not text:
            return ""
        try:
            self.instance.set_org_number(text)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.message_dict["org_number"]) from None
        same = Provider.objects.filter(org_number_hash=self.instance.org_number_hash)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another provider has this organisation number."))
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        emptied = "number" in self.fields and not data.get("number") and not self.errors
        if emptied and (self.instance.org_number or data.get("forget_number")):
            self.instance.org_number = self.instance.org_number_personal = None
            self.instance.org_number_hash = None
        return data

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and _is_personal(self.data.get(self.add_prefix("number"))):
            self.add_error("number", _("Write the number again: a sole trader's is never shown, not even here."))


class UnitInline(RoleDecides, admin.TabularInline):
    model = CareUnit
    max_num = 500
    fields = ("name", "hsa_id", "place", "phone", "email", "is_active")
    extra = 0
    can_delete = False
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # A made-up count of rows would have a thousand and more of them drawn.
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)


class AgreementFormSet(forms.BaseInlineFormSet):
    """The database refuses agreements that overlap; two new ones in one form are told of it in words."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        filled = [f.instance for f in self.forms if f.instance.valid_from and f.instance.principal_id]
        if filled and self.instance.kind != Kind.PRIVATE:
            raise forms.ValidationError(_("Only private providers have agreements."))
        for one, other in combinations(filled, 2):
            starts_in_time = other.valid_to is None or one.valid_from <= other.valid_to
            ends_late_enough = one.valid_to is None or one.valid_to >= other.valid_from
            if one.principal_id == other.principal_id and starts_in_time and ends_late_enough:
                raise forms.ValidationError(_("Another agreement between the same parties covers some of these days."))


class AgreementInline(RoleDecides, admin.TabularInline):
    model = Agreement
    max_num = 100
    formset = AgreementFormSet
    fk_name = "provider"
    fields = ("principal", "reference", "valid_from", "valid_to")
    extra = 0
    can_delete = False
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # A made-up count of rows would have a thousand and more of them drawn.
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)


class AccessFilter(admin.SimpleListFilter):
    title = gettext_lazy("has access today")
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Provider]) -> QuerySet[Provider]:
        having = Provider.objects.with_access().values("pk")
        return {"yes": queryset.filter(pk__in=having), "no": queryset.exclude(pk__in=having)}.get(
            self.value() or "", queryset
        )


def _agreed_until() -> tuple[Subquery, Subquery]:
    """The agreement that holds today and lasts longest, and its last day (None: until further notice)."""
    held = (
        Agreement.objects.filter(
            provider=OuterRef("pk"), principal__is_active=True, valid_from__lte=clock.SwedishToday()
        )
        .filter(Q(valid_to=None) | Q(valid_to__gte=clock.SwedishToday()))
        .order_by(F("valid_to").desc(nulls_first=True))
    )
    return Subquery(held.values("pk")[:1]), Subquery(held.values("valid_to")[:1])


@admin.register(Provider)
class ProviderAdmin(HistoryMixin, AuditedAdmin):
    form = ProviderForm
    inlines = (UnitInline, AgreementInline)
    list_display = (
        "name",
        "kind",
        "shown_number",
        "unit_count",
        "agreement_until",
        "has_access",
        "is_active",
    )
    list_filter = ("kind", AccessFilter, "is_active")
    search_fields = ("name", "org_number", "hsa_id")
    list_per_page = 50
    history_hidden = {
        "org_number_hash": gettext_lazy("organisation number"),
        "org_number": gettext_lazy("organisation number"),
    }
    readonly_fields = ("row_history",)

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> list[tuple[Any, Any]]:
        number = ("number", "forget_number") if obj and obj.org_number_personal else ("number",)
        sets = [
            (None, {"fields": ("name", "kind", *number, "hsa_id", "is_active")}),
            (_("Contact"), {"fields": ("email", "phone", "shows_handler_names")}),
            (
                _("Deadlines of cases"),
                {"fields": DAYS, "description": _("Empty: as the region has; its own empty ones are 2, 3 and 60.")},
            ),
        ]
        return [*sets, (_("History"), {"fields": ("row_history",), "classes": ("collapse",)})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> tuple[str, ...]:
        # Roles and agreements hang on the kind: a provider that has some keeps it.
        fixed = obj is not None and (obj.assignments.exists() or obj.agreements.exists())
        return ("kind", *self.readonly_fields) if fixed else tuple(self.readonly_fields)

    def get_inlines(self, request: HttpRequest, obj: Provider | None) -> tuple[Any, ...]:
        return self.inlines if obj is None or obj.kind == Kind.PRIVATE else (UnitInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        agreement, until = _agreed_until()
        return (
            super()
            .get_queryset(request)
            .annotate(
                units_now=Count("units", filter=Q(units__is_active=True)),
                agreement_now=agreement,
                agreed_until=until,
            )
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        provider = form.instance
        if provider.is_active and not Provider.objects.with_access().filter(pk=provider.pk).exists():
            messages.warning(
                request, _("%s has no agreement that holds today: its people have no access.") % provider.name
            )

    @admin.display(description=gettext_lazy("organisation number"), ordering="org_number")
    def shown_number(self, provider: Provider) -> str:
        if provider.org_number:
            return f"{provider.org_number[:6]}-{provider.org_number[6:]}"
        return _("sole trader") if provider.org_number_hash else "–"

    @admin.display(description=gettext_lazy("units"), ordering="units_now")
    def unit_count(self, provider: Provider) -> int:
        return provider.units_now  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("agreement until"), ordering="agreed_until")
    def agreement_until(self, provider: Provider) -> str:
        if provider.kind != Kind.PRIVATE:
            return _("needs none")
        if provider.agreement_now is None:  # type: ignore[attr-defined]
            return _("no agreement today")
        until = provider.agreed_until  # type: ignore[attr-defined]
        return date_format(until) if until else _("until further notice")

    @admin.display(description=gettext_lazy("access today"), boolean=True)
    def has_access(self, provider: Provider) -> bool:
        agreed = provider.agreement_now  # type: ignore[attr-defined]
        return provider.is_active and (provider.kind != Kind.PRIVATE or agreed is not None)


@admin.register(CareUnit)
class CareUnitAdmin(HistoryMixin, AuditedAdmin):
    list_display = ("name", "provider", "place", "hsa_id", "is_active")
    list_filter = ("is_active", "provider__kind")
    list_select_related = ("provider",)
    search_fields = ("name", "place", "hsa_id", "provider__name")
    autocomplete_fields = ("provider",)
    readonly_fields = ("row_history",)
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: CareUnit | None = None) -> list[tuple[Any, Any]]:
        sets = [(None, {"fields": ("provider", "name", "place", "hsa_id", "phone", "email", "is_active")})]
        return [*sets, (_("History"), {"fields": ("row_history",), "classes": ("collapse",)})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: CareUnit | None = None) -> tuple[str, ...]:
        # A unit that moves to another provider is a new unit: assignments and cases hang on this one.
        return ("provider", *self.readonly_fields) if obj else tuple(self.readonly_fields)


@admin.register(Agreement)
class AgreementAdmin(HistoryMixin, AuditedAdmin):
    list_display = ("provider", "principal", "reference", "valid_from", "valid_to", "holds_today")
    list_filter = ("principal", "valid_to")
    list_select_related = ("provider", "principal")
    search_fields = ("provider__name", "principal__name", "reference")
    autocomplete_fields = ("provider",)
    date_hierarchy = "valid_from"
    readonly_fields = ("row_history",)
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> list[tuple[Any, Any]]:
        sets = [(None, {"fields": ("provider", "principal", "reference", "valid_from", "valid_to")})]
        return [*sets, (_("History"), {"fields": ("row_history",), "classes": ("collapse",)})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Agreement | None = None) -> tuple[str, ...]:
        return ("provider", *self.readonly_fields) if obj else tuple(self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Agreement | None = None) -> bool:
        """One that has begun is ended by its last day; only one to come can be taken away."""
        if obj is not None and obj.valid_from <= clock.today():
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=gettext_lazy("holds today"), boolean=True)
    def holds_today(self, agreement: Agreement) -> bool:
        today = clock.today()
        return agreement.valid_from <= today and (agreement.valid_to is None or agreement.valid_to >= today)
