"""The forms of lex Maria."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from deviations.entry.fields import CleanText, SwedishDateField
from deviations.models import LexMaria, Party


class DecisionForm(forms.Form):
    notifies = forms.ChoiceField(
        label=gettext_lazy("Is the event to be notified to IVO?"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes, notify")), ("no", gettext_lazy("No, do not notify"))],
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    grounds = CleanText(
        label=gettext_lazy("Grounds"),
        help_text=gettext_lazy(
            "What the harm was, whether it could have been avoided, and why it is or is not serious."
        ),
        rows=6,
        error_messages={"required": gettext_lazy("Write the grounds.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notifies"].choice_help = {  # type: ignore[attr-defined]
            "yes": _("It led to, or could have led to, serious healthcare-related harm"),
            "no": _("The harm is not serious, or could not have been avoided"),
        }


_KNOWS = [("", gettext_lazy("Not said")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("Not yet"))]


class FactsForm(forms.Form):
    known_on = SwedishDateField(label=gettext_lazy("When did it become known?"), required=False)
    own_number = CleanText(label=gettext_lazy("Own registry number"), long=False, max_length=60, required=False)
    sent_on = SwedishDateField(label=gettext_lazy("Notified to IVO on"), required=False)
    ivo_number = CleanText(label=gettext_lazy("IVO's registry number"), long=False, max_length=60, required=False)
    investigation_sent_on = SwedishDateField(label=gettext_lazy("Investigation sent on"), required=False)
    supplement_sent_on = SwedishDateField(label=gettext_lazy("Supplement sent on"), required=False)
    ivo_decided_on = SwedishDateField(label=gettext_lazy("IVO decided on"), required=False)
    ivo_decision = CleanText(label=gettext_lazy("IVO's decision, and what you do about it"), rows=3, required=False)
    patient_knows = forms.ChoiceField(
        label=gettext_lazy("Does the patient know that it is notified?"), choices=_KNOWS, required=False
    )
    patient_note = CleanText(label=gettext_lazy("When, or why not yet?"), long=False, max_length=300, required=False)
    has_device = forms.BooleanField(
        label=gettext_lazy("A medical device was involved"),
        help_text=gettext_lazy("Then it is also told to Läkemedelsverket and to the maker."),
        required=False,
    )
    agency_told_on = SwedishDateField(label=gettext_lazy("Told to Läkemedelsverket on"), required=False)
    maker_told_on = SwedishDateField(label=gettext_lazy("Told to the maker on"), required=False)

    def __init__(self, *args: Any, party: Party, matter: LexMaria | None, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", {})
        shown = {name: getattr(matter, name) for name in self.base_fields} if matter else {}
        if "patient_knows" in shown:
            shown["patient_knows"] = {True: "yes", False: "no", None: ""}[shown["patient_knows"]]
        super().__init__(*args, initial=shown | initial, **kwargs)
        self.party = party

    def clean_patient_knows(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["patient_knows"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        happened = clock.swedish(self.party.case.occurred_at).date()
        for name, value in list(data.items()):
            if not isinstance(value, dt.date):
                continue
            if value < happened:
                self.add_error(name, _("That is before it happened. Check the day."))
            elif value > clock.today():
                self.add_error(name, _("That day has not come yet. Check the day."))
        known, sent = data.get("known_on"), data.get("sent_on")
        if known and sent and sent < known:
            self.add_error("sent_on", _("It was notified before it was known. Check the days."))
        return data
