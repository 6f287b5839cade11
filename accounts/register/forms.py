"""The forms of the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agreement, Provider
from accounts.providers.forms import UnitForm as OwnUnitForm
from accounts.register.firsts import roles_to_name
from accounts.roles import Kind, Role
from core.typed import TypedDay, TypedText

_DAY = forms.DateInput(attrs={"type": "date", "class": "input input--short"}, format="%Y-%m-%d")


class ProviderForm(forms.Form):
    """The facts of a provider."""

    name = TypedText(
        label=gettext_lazy("Name"), max_length=200, error_messages={"required": gettext_lazy("Write the name.")}
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), widget=forms.Select)
    org_number = TypedText(
        label=gettext_lazy("Organisation number"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Ten digits. A sole trader's number is kept encrypted, and is never shown."),
    )
    hsa_id = TypedText(label=gettext_lazy("HSA-id"), max_length=31, required=False)
    registered_email = forms.EmailField(
        label=gettext_lazy("Registered address"),
        error_messages={"required": gettext_lazy("Write the registered address.")},
        help_text=gettext_lazy(
            "The address that the provider has given the region, in the agreement. The first administrator is invited "
            "there."
        ),
    )
    email = forms.EmailField(
        label=gettext_lazy("Function mailbox"),
        required=False,
        help_text=gettext_lazy("Gets notices; never a person's own."),
    )
    phone = TypedText(label=gettext_lazy("Telephone"), max_length=40, required=False)
    expected_people = forms.IntegerField(
        label=gettext_lazy("Expected people"),
        min_value=0,
        max_value=200_000,
        required=False,
        help_text=gettext_lazy("As many as are to have access, by the provider's own word. It limits nothing."),
    )

    def __init__(self, data: Any = None, *, provider: Provider | None = None, initial: Any = None) -> None:
        kinds = [(k.value, capfirst(k.label)) for k in Kind if k != Kind.REGIONAL]
        if provider:
            names = ("name", "kind", "org_number", "hsa_id", "registered_email", "email", "phone", "expected_people")
            initial = {name: getattr(provider, name) for name in names}
            if provider.kind == Kind.REGIONAL:
                kinds = [(Kind.REGIONAL.value, capfirst(Kind.REGIONAL.label))]
        super().__init__(data, initial=initial)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if provider and provider.org_number_personal:
            self.fields["org_number"].help_text = _("A sole trader's number is kept. Write a new one to replace it.")

    @property
    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "hsa_id": self.cleaned_data.get("hsa_id") or None}


class AgreementForm(forms.Form):
    """An agreement, besides its provider."""

    principal = forms.ModelChoiceField(
        Provider.objects.none(),
        label=gettext_lazy("Principal"),
        empty_label=gettext_lazy("Choose"),
        error_messages={"required": gettext_lazy("Choose the principal.")},
    )
    reference = TypedText(label=gettext_lazy("Reference"), max_length=100, required=False)
    valid_from = TypedDay(
        label=gettext_lazy("From"), widget=_DAY, error_messages={"required": gettext_lazy("Write the first day.")}
    )
    valid_to = TypedDay(
        label=gettext_lazy("To and including"),
        required=False,
        widget=_DAY,
        help_text=gettext_lazy("Leave it empty for until further notice."),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        principals = Provider.objects.filter(kind__in=(Kind.REGIONAL, Kind.MUNICIPAL), is_active=True)
        self.fields["principal"].queryset = principals.order_by("-kind", "name")  # type: ignore[attr-defined]


class LastDayForm(forms.Form):
    """The last day of an agreement."""

    last_day = TypedDay(
        label=gettext_lazy("To and including"),
        required=False,
        widget=_DAY,
        help_text=gettext_lazy("Leave it empty for until further notice."),
    )

    def __init__(self, data: Any = None, *, agreement: Agreement | None = None) -> None:
        super().__init__(data, initial={"last_day": agreement.valid_to} if agreement else None)


class UnitForm(OwnUnitForm):
    """A unit's facts as the register has them, with the HSA-id."""

    hsa_id = TypedText(label=gettext_lazy("HSA-id"), max_length=31, required=False)
    field_order = ("name", "hsa_id", "place", "phone", "email")

    @property
    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "hsa_id": self.cleaned_data.get("hsa_id") or None}


class VouchForm(forms.Form):
    """How one knows that it is the person."""

    reason = TypedText(
        label=gettext_lazy("How do you know that it is the person?"),
        max_length=500,
        help_text=gettext_lazy("For example: called back on the provider's number. Your word is logged."),
        error_messages={"required": gettext_lazy("Write how you know that it is the person.")},
    )


class ContactForm(forms.Form):
    """Somebody at a provider whom one turns to."""

    name = TypedText(
        label=gettext_lazy("Name"), max_length=200, error_messages={"required": gettext_lazy("Write the name.")}
    )
    function = TypedText(label=gettext_lazy("Function"), max_length=100, required=False)
    phone = TypedText(label=gettext_lazy("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)


class FirstForm(forms.Form):
    """The title of a first administrator, and the roles besides administrator."""

    title = TypedText(label=gettext_lazy("Title"), max_length=100, required=False)

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data)
        more = [r for r in roles_to_name(kind) if r not in (Role.PROVIDER_ADMIN, Role.READER)]
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Besides administrator"),
            choices=[(r.value, capfirst(r.label)) for r in more],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("In a practice of one, all that the person does. Else the administrator names the others."),
        )
