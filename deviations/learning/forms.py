"""The forms of a learning example: to write it, to answer on it, to send it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import GROUP_NAMES, GROUPS
from deviations.entry.fields import CleanText
from deviations.models import FocusArea
from documents.models import Document, ProgrammeArea

LONGEST = 4000


class WriteForm(forms.Form):
    """The example's text, its readers and its routines. Identity numbers are refused."""

    title = CleanText(
        long=False,
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("For example: Pills given twice after a change of list."),
        max_length=200,
    )
    happened = CleanText(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("So that nobody can be known again: no names, days, ages or places."),
        max_length=LONGEST,
        rows=6,
    )
    why = CleanText(label=gettext_lazy("Why did it happen?"), max_length=LONGEST, rows=5)
    done = CleanText(label=gettext_lazy("What was done?"), max_length=LONGEST, rows=5)
    others = CleanText(
        label=gettext_lazy("What can others do?"),
        help_text=gettext_lazy("The first that readers see. Write to a colleague elsewhere."),
        max_length=LONGEST,
        rows=5,
    )
    area = forms.ModelChoiceField(
        ProgrammeArea.objects.all(),
        label=gettext_lazy("Programme area"),
        required=False,
        empty_label=gettext_lazy("No programme area"),
    )
    focus = forms.ModelChoiceField(
        FocusArea.objects.none(),
        label=gettext_lazy("Which focus area does it serve?"),
        help_text=gettext_lazy("Of a plan for patient safety. It is found by it, and counted in your statistics."),
        required=False,
        empty_label=gettext_lazy("None chosen"),
    )
    routines = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        label=gettext_lazy("Which routines is it about?"),
        help_text=gettext_lazy("It is shown beside them, to those who can read both."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    audience = forms.MultipleChoiceField(
        choices=[(name, GROUP_NAMES[name]) for name in GROUPS],
        label=gettext_lazy("Who will be able to read it?"),
        widget=forms.CheckboxSelectMultiple,
        initial=[name for name in GROUPS if name != "public"],
        error_messages={"required": gettext_lazy("Choose at least one group.")},
    )

    def __init__(self, data: Any = None, *, routines: Any, focus: int | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["focus"].queryset = FocusArea.objects.offered(and_also=focus)  # type: ignore[attr-defined]
        field: Any = self.fields["routines"]
        field.queryset = routines
        field.label_from_instance = lambda document: f"{document.number} {document.title}"
        if not routines:
            del self.fields["routines"]

    def values(self) -> dict[str, Any]:
        """The arguments of `acts.write`; of a valid form."""
        told = dict(self.cleaned_data)
        told["routines"] = list(told.get("routines", ()))
        return told


class SendForm(forms.Form):
    """The writer has looked at what is pointed out."""

    looked = forms.BooleanField(
        label=gettext_lazy("I have read it through: nobody, and no small place, can be known again"),
        error_messages={"required": gettext_lazy("Read it through first, and mark that you have.")},
    )


class AnswerForm(forms.Form):
    """Another party's answer to the text."""

    outcome = forms.ChoiceField(
        choices=[("yes", gettext_lazy("It can be published")), ("no", gettext_lazy("We object"))],
        label=gettext_lazy("What do you say?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    reason = CleanText(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Needed if you object: what is wrong, or by what somebody can be known again."),
        max_length=1000,
        rows=3,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("outcome") == "no" and not told.get("reason"):
            self.add_error("reason", ValidationError(_("Write what is to be changed. One sentence is enough.")))
        return told


class SendBackForm(forms.Form):
    """The approver wants it otherwise."""

    reason = CleanText(
        label=gettext_lazy("What is to be changed?"),
        max_length=1000,
        rows=3,
        error_messages={"required": gettext_lazy("Write what is to be changed. One sentence is enough.")},
    )
