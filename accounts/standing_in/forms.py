"""The form of an arrangement: a stand-in, and the days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment
from core.typed import TypedDay

_DAY = forms.DateInput(attrs={"type": "date", "class": "input input--short"}, format="%Y-%m-%d")


class StandInForm(forms.Form):
    first_day = TypedDay(
        label=gettext_lazy("From"), widget=_DAY, error_messages={"required": gettext_lazy("Write the first day.")}
    )
    last_day = TypedDay(
        label=gettext_lazy("To and including"),
        widget=_DAY,
        error_messages={"required": gettext_lazy("Write the last day.")},
    )

    def __init__(self, candidates: Iterable[Assignment], data: Any = None) -> None:
        super().__init__(data)
        self.by_key = {str(a.key): a for a in candidates}
        people = [(key, f"{a.user.get_full_name()}, {a.place}") for key, a in self.by_key.items()]
        self.fields["who"] = forms.ChoiceField(
            label=_("Stand-in"),
            choices=[("", _("Choose who stands in")), *people],
            error_messages={"required": _("Choose who stands in.")},
        )
        self.order_fields(["who", "first_day", "last_day"])

    @property
    def chosen(self) -> Assignment:
        return self.by_key[self.cleaned_data["who"]]
