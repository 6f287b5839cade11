"""The forms of a person's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.granting import Reach
from accounts.models import Assignment
from accounts.people.leaving import Left, choices
from accounts.providers.forms import UnitField
from accounts.roles import Role
from core.typed import TypedDay, TypedText

DAY = forms.DateInput(attrs={"type": "date", "class": "input input--short"}, format="%Y-%m-%d")


def role_choices(reach: Reach) -> list[tuple[str, str]]:
    return [(role.value, capfirst(role.label)) for role in Role if role in reach.gives]


class WorkForm(forms.Form):
    """Unit, title and roles of one assignment."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("For example: district nurse."),
    )

    def __init__(self, reach: Reach, assignment: Assignment, data: Any = None) -> None:
        initial = {"unit": assignment.unit_id, "title": assignment.title, "roles": assignment.roles}
        super().__init__(data, initial=initial)
        self.fields["unit"] = UnitField(reach)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Roles"),
            choices=role_choices(reach),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )


class LastDayForm(forms.Form):
    """When an assignment ends: at once, or after a day."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("day", gettext_lazy("On a later day"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose when.")},
    )
    day = TypedDay(label=gettext_lazy("Last day"), required=False, widget=DAY)

    def __init__(self, left: Iterable[Left], data: Any = None) -> None:
        super().__init__(data)
        self.left = list(left)
        for one in self.left:
            words = one.words if one.key.startswith("role-") else f"{one.words}: {one.count}"
            self.fields[one.key] = forms.ChoiceField(
                label=words, choices=choices(one), error_messages={"required": _("Choose who takes over.")}
            )

    @property
    def heirs(self) -> dict[str, str]:
        return {one.key: self.cleaned_data[one.key] for one in self.left}

    @property
    def shown_left(self) -> list[Any]:
        return [self[one.key] for one in self.left]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("when") == "day" and not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Write the last day."))
        return data


class VouchForm(forms.Form):
    """How somebody knows that it is the person who has lost the second step."""

    reason = TypedText(
        label=gettext_lazy("How do you know that it is the person?"),
        max_length=500,
        help_text=gettext_lazy("For example: came to my office with the identity card."),
        error_messages={"required": gettext_lazy("Write how you know that it is the person.")},
    )


class PauseForm(forms.Form):
    """To and including which day there is no access; empty: until it is taken up again."""

    until = TypedDay(
        label=gettext_lazy("To and including"),
        required=False,
        widget=DAY,
        help_text=gettext_lazy("Leave it empty for a pause without an end."),
    )
