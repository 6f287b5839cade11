"""The forms of lex Sarah."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from deviations.entry.fields import CleanText, SwedishDateField
from deviations.models import LexSarah, LexSarahDecision


class FlagForm(forms.Form):
    words = CleanText(
        label=gettext_lazy("What is the social care lead to know?"),
        help_text=gettext_lazy("What was missing or done wrong in the social care, and where. They read these words."),
        rows=6,
        error_messages={"required": gettext_lazy("Write what they are to know.")},
    )
    with_report = forms.BooleanField(
        label=gettext_lazy("Hand over the text of the report too"),
        help_text=gettext_lazy("As it stands now. Look through it first: it was written for health care."),
        required=False,
    )


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How do you judge it?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three.")},
    )
    grounds = CleanText(
        label=gettext_lazy("Grounds"), rows=6, error_messages={"required": gettext_lazy("Write the grounds.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(value, capfirst(str(label))) for value, label in LexSarahDecision.Outcome.choices]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]


class FactsForm(forms.Form):
    own_number = CleanText(label=gettext_lazy("Own registry number"), long=False, max_length=60, required=False)
    measures = CleanText(
        label=gettext_lazy("What is done about it, and so that it does not happen again"), required=False
    )
    remedied_on = SwedishDateField(label=gettext_lazy("Remedied on"), required=False)
    sent_on = SwedishDateField(label=gettext_lazy("Reported to IVO on"), required=False)
    ivo_number = CleanText(label=gettext_lazy("IVO's registry number"), long=False, max_length=60, required=False)
    ivo_decided_on = SwedishDateField(label=gettext_lazy("IVO decided on"), required=False)
    ivo_decision = CleanText(label=gettext_lazy("IVO's decision, and what you do about it"), rows=3, required=False)

    def __init__(self, *args: Any, matter: LexSarah, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        shown = {name: getattr(matter, name) for name in self.base_fields}
        super().__init__(*args, initial=shown | (initial or {}), **kwargs)
        self.matter = matter

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        happened = clock.swedish(self.matter.occurred_at).date()
        for name, value in list(data.items()):
            if not isinstance(value, dt.date):
                continue
            if value < happened:
                self.add_error(name, _("That is before it happened. Check the day."))
            elif value > clock.today():
                self.add_error(name, _("That day has not come yet. Check the day."))
        sent, decided = data.get("sent_on"), data.get("ivo_decided_on")
        if decided and (not sent or decided < sent):
            self.add_error("ivo_decided_on", _("IVO decides after the report. Check the days."))
        return data
