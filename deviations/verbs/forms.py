"""The forms of what is done in a case: each says what its verb takes beside the part (`workflow`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.drafts import Ticket
from accounts.models import Assignment, CareUnit
from accounts.readers import Reader
from core import clock
from deviations.access.handlers import handlers_of
from deviations.entry.fields import CleanText, ConcernsField, RecipientField, SwedishDateField, SwedishTimeField, moment
from deviations.entry.with_files import WithFiles
from deviations.models import Case, DeviationType, Party

CHANGED = gettext_lazy("The case has changed since the page was shown. Read it through and choose again.")


class PartForm(forms.Form):
    """Which part a verb is done to. Asked only where it can be done to several; else it is the one."""

    part = forms.TypedChoiceField(label=gettext_lazy("Which part?"), coerce=int, empty_value=None, required=False)

    # The fields that the page's form is sent with, and the key under which its text is kept (`page.case_page`).
    ticket: Ticket | None = None
    form_key = ""

    def __init__(self, *args: Any, parties: list[Party], reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parties, self.reader = parties, reader
        field = self.fields["part"]
        field.choices = [(p.ordinal, p.label) for p in parties]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = CHANGED
        field.required = field.show_hidden_initial = False
        if len(parties) < 2:
            field.widget = forms.HiddenInput()

    def clean_part(self) -> Party:
        wanted = self.cleaned_data.get("part")
        for party in self.parties:
            if wanted is None or party.ordinal == wanted:  # type: ignore[attr-defined]
                return party
        raise ValidationError(CHANGED)

    def arguments(self) -> dict[str, Any]:
        """The verb's arguments beside the part."""
        return {}


class MessageForm(PartForm, WithFiles):
    """A text in a case, with files."""

    body = CleanText(
        label=gettext_lazy("Message"), rows=5, error_messages={"required": gettext_lazy("Write a message.")}
    )

    def __init__(self, *args: Any, kept_files: Iterable[dict[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep(kept_files)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._take_in(data.get("files") or [])
        return data

    def arguments(self) -> dict[str, Any]:
        return {"body": self.cleaned_data["body"], "files": self.named_files()}


class AcceptForm(PartForm):
    """The reporting side's last word, to whoever reported."""

    feedback = CleanText(
        label=gettext_lazy("Feedback to the reporter"),
        help_text=gettext_lazy(
            "What came of the report, and what is done about it. Only whoever reported and you read it; "
            "the answers they can read already."
        ),
        required=False,
    )

    def arguments(self) -> dict[str, Any]:
        return {"feedback": self.cleaned_data["feedback"]}


class ReopenForm(PartForm):
    reason = CleanText(
        label=gettext_lazy("What is missing, or has happened?"),
        help_text=gettext_lazy("All parties of the case read it."),
        error_messages={"required": gettext_lazy("Write what is missing.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class AssignForm(PartForm):
    to = forms.ChoiceField(
        label=gettext_lazy("Handler"), error_messages={"required": gettext_lazy("Choose who is to handle the case.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: dict[str, Assignment] = {}
        for party in self.parties:
            # A person's position in the list: keys of the database stay inside.
            self.people |= {_person_key(a): a for a in handlers_of(party)}
        ordered = sorted(self.people.items(), key=lambda item: (item[1].user.family_name, item[0]))
        people = [(key, a.user.get_full_name()) for key, a in ordered]
        # Nobody is chosen by being the first of the list.
        self.fields["to"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        return {"to": self.people[self.cleaned_data["to"]]}


def _person_key(assignment: Assignment) -> str:
    return assignment.user.email


class RefuseForm(PartForm):
    reason = CleanText(
        label=gettext_lazy("Why is it the wrong recipient?"),
        error_messages={"required": gettext_lazy("Write why.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class WithdrawForm(PartForm):
    reason = CleanText(
        label=gettext_lazy("Why is it taken back?"),
        help_text=gettext_lazy("Stays with you. Those it was sent to see its number, and that it was taken back."),
        error_messages={"required": gettext_lazy("Write why.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class EscalateForm(PartForm):
    reason = CleanText(
        label=gettext_lazy("Why do you raise it to the coordinator?"),
        help_text=gettext_lazy("The coordinator then reads what happened, and can choose who is to have the case."),
        error_messages={"required": gettext_lazy("Write why.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class AddPartyForm(PartForm):
    recipient = RecipientField(label=gettext_lazy("Provider or unit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].offer(self.reader)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        chosen = self.cleaned_data["recipient"]
        return {"to_provider": chosen.provider, "to_unit": chosen.unit}


class ForwardForm(AddPartyForm):
    reason = CleanText(
        label=gettext_lazy("Why is it forwarded?"), error_messages={"required": gettext_lazy("Write why.")}
    )

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "reason": self.cleaned_data["reason"]}


class HarmForm(PartForm):
    CHOICES = [("", gettext_lazy("Not judged yet")), *Case.Harm.choices]
    actual = forms.ChoiceField(label=gettext_lazy("What did it lead to?"), choices=CHOICES, required=False)
    potential = forms.ChoiceField(label=gettext_lazy("What could it have led to?"), choices=CHOICES, required=False)

    def arguments(self) -> dict[str, Any]:
        return {"actual": self.cleaned_data["actual"], "potential": self.cleaned_data["potential"]}


class CorrectForm(PartForm):
    """Facts that were reported wrongly and everybody reads: the area, the day and time; and the own unit that has the
    part."""

    type = forms.ModelChoiceField(label=gettext_lazy("Area"), queryset=DeviationType.objects.none(), empty_label=None)
    occurred_date = SwedishDateField(label=gettext_lazy("When did it happen?"))
    occurred_time = SwedishTimeField(label=gettext_lazy("What time?"), required=False)
    # Only for those who handle for the whole provider: others would give the case away, which is to forward it.
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Which of your units has it?"),
        queryset=CareUnit.objects.none(),
        required=False,
        to_field_name="name",
        empty_label=gettext_lazy("The whole provider"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The case's own too, if it is not chosen any more.
        its_own = Case.objects.filter(parties__in=self.parties).values("type")
        self.fields["type"].queryset = DeviationType.objects.filter(Q(is_active=True) | Q(pk__in=its_own))  # type: ignore[attr-defined]
        units = CareUnit.objects.filter(provider=self.reader.provider_id, is_active=True)
        self.fields["unit"].queryset = units.order_by("name")  # type: ignore[attr-defined]
        if self.reader.unit_id or not units:
            del self.fields["unit"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if day := data.get("occurred_date"):
            data["occurred_at"] = moment(day, data.get("occurred_time"))
            if data["occurred_at"] > clock.now():
                self.add_error("occurred_date", _("It cannot have happened later than now."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        told = {"type": data["type"], "occurred_at": data["occurred_at"]}
        told["occurred_time_known"] = data.get("occurred_time") is not None
        return told | ({"unit": data["unit"]} if "unit" in self.fields else {})


class SplitForm(PartForm):
    """One thing of several that were reported together, as a case of its own."""

    type = forms.ModelChoiceField(
        label=gettext_lazy("Area of the new case"),
        queryset=DeviationType.objects.none(),
        empty_label=gettext_lazy("Choose an area"),
    )
    description = CleanText(
        label=gettext_lazy("What happened, of that which the new case is about?"),
        help_text=gettext_lazy(
            "Write no identity numbers and no names. Time, place and routines go with it. Files stay here, and the new "
            "recipients do not see the reporter's name, whatever was agreed of the first."
        ),
        rows=6,
        error_messages={"required": gettext_lazy("Write what happened.")},
    )
    concerns = ConcernsField(label=gettext_lazy("Who is to have the new case?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = DeviationType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["concerns"].offer(self.reader)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("type", "description", "concerns")}
