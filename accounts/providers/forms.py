"""The form of a unit, and the field that chooses one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.granting import Reach
from accounts.models import CareUnit
from core.typed import TypedText


class UnitForm(forms.Form):
    """A unit's facts; one more unit where none is given."""

    name = TypedText(
        label=gettext_lazy("Name"), max_length=200, error_messages={"required": gettext_lazy("Write the name.")}
    )
    place = TypedText(label=gettext_lazy("Place"), max_length=100, required=False)
    phone = TypedText(label=gettext_lazy("Telephone"), max_length=40, required=False)
    email = forms.EmailField(
        label=gettext_lazy("Function mailbox"),
        required=False,
        help_text=gettext_lazy("Gets notices of the unit's cases; never a person's own."),
    )

    def __init__(self, data: Any = None, *, unit: CareUnit | None = None) -> None:
        initial = {name: getattr(unit, name) for name in self.base_fields} if unit else None
        super().__init__(data, initial=initial, auto_id=f"id_unit{unit.pk if unit else ''}_%s")


class UnitField(forms.ModelChoiceField):
    """One of the units within reach; empty for the whole provider, where that is within reach."""

    def __init__(self, reach: Reach, **kwargs: Any) -> None:
        whole = {"required": False, "empty_label": _("The whole provider")} if reach.is_whole else {"empty_label": None}
        super().__init__(reach.units, label=_("Unit"), **{**whole, **kwargs})
        self.error_messages["invalid_choice"] = _("Choose one of your own units.")

    def label_from_instance(self, obj: CareUnit) -> str:
        return obj.name
