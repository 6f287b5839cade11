"""Forms of the deviations app: the report, and what the verbs of a case need to be told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import clock
from deviations.entry.fields import CleanText, ConcernsField, SwedishDateField, SwedishTimeField, moment
from deviations.entry.patients import PatientNumberField
from deviations.entry.reports import Report
from deviations.entry.with_files import WithFiles
from deviations.models import Case, DeviationType
from documents.models import Document

MAX_DOCUMENTS = 10


class ReportForm(WithFiles):
    """A report of a deviation. `report()` gives what the verb `submit` takes."""

    event_kind = forms.ChoiceField(
        label=gettext_lazy("What is it about?"), choices=Case.EventKind.choices, widget=forms.RadioSelect
    )
    description = CleanText(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Write no identity numbers and no names. Age and sex are enough."),
        rows=8,
    )
    title = CleanText(
        label=gettext_lazy("Heading"),
        long=False,
        max_length=120,
        required=False,
        help_text=gettext_lazy("Without age and sex: it stands in lists. Left empty, the area and the place are used."),
    )
    occurred_date = SwedishDateField(
        label=gettext_lazy("When did it happen?"), help_text=gettext_lazy("About is enough.")
    )
    occurred_time = SwedishTimeField(label=gettext_lazy("What time?"), required=False)
    type = forms.ModelChoiceField(
        label=gettext_lazy("Which area?"),
        queryset=DeviationType.objects.none(),
        empty_label=gettext_lazy("Choose an area"),
    )
    concerns = ConcernsField(
        label=gettext_lazy("Who needs to know?"),
        help_text=gettext_lazy("Your own provider always gets the case."),
    )
    consequence = CleanText(label=gettext_lazy("What did it lead to for the patient?"), required=False)
    detected_date = SwedishDateField(label=gettext_lazy("When was it discovered?"), required=False)
    detected_time = SwedishTimeField(label=gettext_lazy("What time was it discovered?"), required=False)
    place = CleanText(label=gettext_lazy("Where?"), long=False, max_length=200, required=False)
    immediate_action = CleanText(label=gettext_lazy("What did you do at once?"), required=False)
    suggestion = CleanText(label=gettext_lazy("How can it be prevented?"), required=False)
    documents = forms.CharField(
        label=gettext_lazy("Which routine is it about?"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("The document's number, for example RUT-0187. Several are parted by commas."),
    )
    patient_number = PatientNumberField(
        label=gettext_lazy("The patient's identity number"),
        help_text=gettext_lazy(
            "Kept by itself, encrypted, for your own case handlers. The other provider does not see it, or that there "
            "is one."
        ),
        required=False,
    )
    wants_feedback = forms.BooleanField(label=gettext_lazy("I want feedback"), required=False, initial=True)
    shares_reporter_name = forms.BooleanField(
        label=gettext_lazy("The other provider may see my name"),
        required=False,
        help_text=gettext_lazy("Otherwise only your own provider sees who you are."),
    )

    def __init__(self, *args: Any, reader: Reader, kept_files: Iterable[dict[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        self.keep(kept_files)
        self.fields["type"].queryset = DeviationType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["concerns"].offer(reader)  # type: ignore[attr-defined]
        kinds = [(value, capfirst(label)) for value, label in Case.EventKind.choices]
        self.fields["event_kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["event_kind"].choice_help = {  # type: ignore[attr-defined]
            Case.EventKind.ADVERSE_EVENT: _("Something went wrong and reached the patient"),
            Case.EventKind.NEAR_MISS: _("It nearly went wrong but was noticed in time"),
            Case.EventKind.RISK: _("Something can go wrong if nothing changes"),
        }
        required = {
            "event_kind": _("Choose what it is about."), "description": _("Write what happened."),
            "type": _("Choose an area."), "concerns": _("Choose who needs to know, or that you do not know."),
            "occurred_date": _("Give a date, for example 20 November."),
        }  # fmt: skip
        for name, message in required.items():
            self.fields[name].error_messages["required"] = message

    def clean_documents(self) -> list[Document]:
        """Only documents that exist for the reader: for all others the same words."""
        numbers = [n for n in re.split(r"[,;\s]+", self.cleaned_data["documents"]) if n][: MAX_DOCUMENTS + 1]
        if len(numbers) > MAX_DOCUMENTS:
            raise ValidationError(_("Name at most %d documents.") % MAX_DOCUMENTS)
        found = {d.number.lower(): d for d in Document.objects.visible_to(self.reader).filter(_number_in(numbers))}
        for number in numbers:
            if number.lower() not in found:
                raise ValidationError(
                    _("There is no document with the number %s. Check the number, or take it out.") % number
                )
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        occurred = self._moment("occurred")
        detected = self._moment("detected")
        now = clock.now()
        for name, at in (("occurred", occurred), ("detected", detected)):
            if at and at > now:
                timed = data.get(f"{name}_time") and data[f"{name}_date"] <= clock.today()
                self.add_error(
                    f"{name}_{'time' if timed else 'date'}",
                    _("The time has not come yet. Give one that has been."),
                )
        if occurred and detected and detected < occurred:
            if data["detected_date"] == data["occurred_date"] and not data.get("detected_time"):
                detected = occurred
            else:
                self.add_error("detected_date", _("It was discovered before it happened. Check both dates."))
        for name, at in (("occurred", occurred), ("detected", detected)):
            data[f"{name}_at"], data[f"{name}_time_known"] = at, data.get(f"{name}_time") is not None
        self._take_in(data.get("files") or [])
        return data

    def _moment(self, name: str) -> Any:
        day = self.cleaned_data.get(f"{name}_date")
        if day is None and self.cleaned_data.get(f"{name}_time") and name == "detected":
            day = self.cleaned_data.get("occurred_date")
            self.cleaned_data["detected_date"] = day
        return moment(day, self.cleaned_data.get(f"{name}_time")) if day else None

    def report(self) -> Report:
        data = self.cleaned_data
        same = (
            "event_kind",
            "type",
            "title",
            "description",
            "occurred_at",
            "occurred_time_known",
            "detected_at",
            "detected_time_known",
            "place",
            "consequence",
            "immediate_action",
            "suggestion",
            "concerns",
            "wants_feedback",
            "shares_reporter_name",
            "patient_number",
        )
        return Report(
            **{name: data[name] for name in same},
            documents=tuple(data["documents"]),
            files=self.named_files(),
        )


def _number_in(numbers: list[str]) -> Q:
    found = Q(pk__in=[])
    for number in numbers:
        found |= Q(number__iexact=number)
    return found
