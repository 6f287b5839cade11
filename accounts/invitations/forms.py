"""The forms of inviting and of accepting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.granting import Reach
from accounts.invitations.inviting import Wish, known, why_not
from accounts.models import User
from accounts.providers.forms import UnitField
from accounts.roles import OF_THE_UNIT, Role
from core.typed import TypedDay, TypedText

_DAY = forms.DateInput(attrs={"type": "date", "class": "input input--short"}, format="%Y-%m-%d")


class InviteForm(forms.Form):
    """One person to invite."""

    email = forms.EmailField(
        label=gettext_lazy("Work address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Write the address."),
            "invalid": gettext_lazy("This is no e-mail address. Write it like anna@clinic.example."),
        },
    )
    given_name = TypedText(label=gettext_lazy("Given name"), max_length=100, required=False)
    family_name = TypedText(label=gettext_lazy("Family name"), max_length=100, required=False)
    title = TypedText(label=gettext_lazy("Title"), max_length=100, required=False)
    valid_from = TypedDay(label=gettext_lazy("From"), required=False, widget=_DAY)
    valid_to = TypedDay(label=gettext_lazy("To and including"), required=False, widget=_DAY)

    def __init__(self, reach: Reach, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        start = {"roles": [r.value for r in Role if r in OF_THE_UNIT & reach.gives]}
        super().__init__(data, initial={**start, **(initial or {})})
        self.reach = reach
        self.fields["unit"] = UnitField(reach)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Roles"),
            choices=[(r.value, capfirst(r.label)) for r in Role if r in reach.gives],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one role.")},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        names = ("email", "unit", "title", "given_name", "family_name", "valid_from", "valid_to")
        self.wish = Wish(roles=tuple(data["roles"]), **{name: data[name] for name in names})
        if why := why_not(self.wish, self.reach):
            raise ValidationError(why)
        if told := known([self.wish], self.reach).get(self.wish.place):
            self.add_error("email", told)
        return data


class NewPersonForm(forms.Form):
    """The name and password of somebody who had no account."""

    given_name = TypedText(
        label=gettext_lazy("Given name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    family_name = TypedText(
        label=gettext_lazy("Family name"), max_length=100, error_messages={"required": gettext_lazy("Write your name.")}
    )
    password = forms.CharField(
        label=gettext_lazy("Choose a password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least twelve characters. Several words make a good one."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )
    terms = forms.BooleanField(
        label=gettext_lazy("I have read the terms and keep to them"),
        error_messages={"required": gettext_lazy("Read the terms, and say that you keep to them.")},
    )

    def __init__(self, data: Any = None, *, email: str, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        names = {name: self.cleaned_data.get(name, "") for name in ("given_name", "family_name")}
        validate_password(password, User(email=self.email, **names))
        return password


class TermsForm(forms.Form):
    """Somebody who has an account says that they keep to the terms."""

    terms = forms.BooleanField(
        label=gettext_lazy("I have read the terms and keep to them"),
        error_messages={"required": gettext_lazy("Read the terms, and say that you keep to them.")},
    )
