"""The forms of the page of a patient's identity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deviations.entry.fields import CleanText
from deviations.entry.patients import PatientNumberField
from deviations.models import Party, PatientShare

_REASON = gettext_lazy("Write why.")


class NumberForm(forms.Form):
    number = PatientNumberField(
        label=gettext_lazy("The patient's identity number"),
        help_text=gettext_lazy("Kept by itself, encrypted. Other parties do not see it, or that there is one."),
        error_messages={"required": gettext_lazy("Write the number.")},
    )


class ReasonForm(forms.Form):
    reason = CleanText(
        label=gettext_lazy("Why do you need it?"),
        help_text=gettext_lazy("It stands in the log with your name, and is shown to the part that has the identity."),
        long=False,
        max_length=300,
        error_messages={"required": _REASON},
    )


class PartsForm(forms.Form):
    """A form that names another part of the case."""

    part = forms.ChoiceField(
        label=gettext_lazy("Which party?"), error_messages={"required": gettext_lazy("Choose a party.")}
    )

    def __init__(self, *args: Any, others: list[tuple[int, Party]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(number): party for number, party in others}
        named = [(str(number), party.label) for number, party in others]
        self.fields["part"].choices = [("", _("Choose")), *named] if len(named) != 1 else named  # type: ignore[attr-defined]

    def chosen(self) -> Party:
        return self.others[self.cleaned_data["part"]]


class ShareForm(PartsForm):
    ground = forms.ChoiceField(
        label=gettext_lazy("On which legal ground?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a ground.")},
    )
    texts_looked_through = forms.BooleanField(
        label=gettext_lazy("I have looked through the texts and the attachments too"),
        help_text=gettext_lazy(
            "The harm test is of all that the other party then can put together: not of the number."
        ),
        required=False,
    )
    reason = CleanText(
        label=gettext_lazy("Explain the ground"),
        help_text=gettext_lazy("When and how the patient consented, how the test came out, or which statute."),
        rows=3,
        error_messages={"required": gettext_lazy("Explain the ground.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grounds = [(value, capfirst(str(label))) for value, label in PatientShare.Ground.choices]
        self.fields["ground"].choices = grounds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_tested = data.get("ground") == PatientShare.Ground.HARM_TEST
        if is_tested and not data.get("texts_looked_through"):
            self.add_error("texts_looked_through", _("Look through the texts and the attachments before you share."))
        return data


class AskForm(PartsForm):
    reason = CleanText(
        label=gettext_lazy("What do you need it for?"),
        help_text=gettext_lazy("The other party reads it, and chooses whether the law lets them."),
        rows=3,
        error_messages={"required": _REASON},
    )


class RefuseForm(forms.Form):
    reason = CleanText(
        label=gettext_lazy("Why is it not shared?"),
        rows=2,
        error_messages={"required": _REASON},
    )


class FindForm(forms.Form):
    number = PatientNumberField(
        label=gettext_lazy("Identity number"), error_messages={"required": gettext_lazy("Write the number.")}
    )
    reason = CleanText(
        label=gettext_lazy("Why do you look?"),
        help_text=gettext_lazy("The search is logged, with the reason and your name."),
        long=False,
        max_length=300,
        error_messages={"required": _REASON},
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if len(reason) < 5:
            raise ValidationError(_("Say it in a few words."))
        return reason
