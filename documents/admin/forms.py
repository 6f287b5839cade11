"""Forms of the acts in Django admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CareUnit, Provider
from accounts.roles import GROUP_NAMES, GROUPS
from core.typed import TypedText
from documents.visibility.preview import Grant, Visibility, VisibilityChange


class _Reasoned(forms.Form):
    # Asked for when the consequence has been shown; the verb refuses without it.
    reason = TypedText(
        label=_("Why do you change it?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown in the history. One sentence is enough."),
    )


def _named(label: Any, queryset: Any) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        queryset, label=label, required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )


def _grants(providers: Any, units: Any) -> tuple[Grant, ...]:
    return tuple([Grant(p.pk, None) for p in providers] + [Grant(u.provider_id, u.pk) for u in units])


class VisibilityForm(_Reasoned):
    """Whom one document is visible to."""

    public = forms.BooleanField(label=GROUP_NAMES["public"], help_text=_("Patients and media too."), required=False)
    regional = forms.BooleanField(label=GROUP_NAMES["regional"], required=False)
    private = forms.BooleanField(label=GROUP_NAMES["private"], required=False)
    municipal = forms.BooleanField(label=GROUP_NAMES["municipal"], required=False)
    providers = _named(_("Named providers"), Provider.objects.order_by("name"))
    units = _named(_("Named units"), CareUnit.objects.select_related("provider"))
    field_order = ("public", "regional", "private", "municipal", "providers", "units", "reason")

    @staticmethod
    def initial_of(now: Visibility) -> dict[str, Any]:
        return {
            **{name: getattr(now, name) for name in GROUPS},
            "providers": [g.provider for g in now.grants if g.unit is None],
            "units": [g.unit for g in now.grants if g.unit is not None],
        }

    def __init__(self, *args: Any, now: Visibility, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.initial_of(now), **kwargs)
        self.until = {g.place: g.until for g in now.grants}

    def change(self) -> VisibilityChange:
        data = self.cleaned_data
        flags = {name: data[name] for name in GROUPS}
        named = _grants(data["providers"], data["units"])
        # A last day is set in the portal; here it stays as it is.
        return VisibilityChange(**flags, grants=tuple(g._replace(until=self.until.get(g.place)) for g in named))


_KEEP = [("", _("Leave as it is")), ("open", _("Open")), ("close", _("Close"))]


class BulkVisibilityForm(_Reasoned):
    """The same change to many documents: what is left alone stays as each document has it."""

    public = forms.ChoiceField(label=GROUP_NAMES["public"], choices=_KEEP, required=False)
    regional = forms.ChoiceField(label=GROUP_NAMES["regional"], choices=_KEEP, required=False)
    private = forms.ChoiceField(label=GROUP_NAMES["private"], choices=_KEEP, required=False)
    municipal = forms.ChoiceField(label=GROUP_NAMES["municipal"], choices=_KEEP, required=False)
    add_providers = _named(_("Add named providers"), Provider.objects.order_by("name"))
    add_units = _named(_("Add named units"), CareUnit.objects.select_related("provider"))
    remove_providers = _named(_("Remove named providers"), Provider.objects.order_by("name"))
    remove_units = _named(_("Remove named units"), CareUnit.objects.select_related("provider"))
    field_order = (
        "public",
        "regional",
        "private",
        "municipal",
        "add_providers",
        "add_units",
        "remove_providers",
        "remove_units",
        "reason",
    )

    def change(self) -> VisibilityChange:
        data = self.cleaned_data
        flags: dict[str, Any] = {name: {"open": True, "close": False}.get(data[name]) for name in GROUPS}
        return VisibilityChange(
            **flags,
            add=_grants(data["add_providers"], data["add_units"]),
            remove=_grants(data["remove_providers"], data["remove_units"]),
        )
