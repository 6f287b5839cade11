"""The forms of a remark, and of its answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.identity.numbers import find_identity_numbers
from core.typed import TypedText
from documents.models import Remark


def _without_numbers(text: str) -> str:
    if find_identity_numbers(text):
        raise ValidationError(_("This looks like a personal identity number. Remove it and send again."))
    return text


class RemarkForm(forms.Form):
    place = forms.ChoiceField(label=gettext_lazy("Where in the document?"), required=False)
    text = TypedText(
        label=gettext_lazy("What is wrong?"),
        help_text=gettext_lazy("And what it should say, if you know. Write nothing about patients."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, headings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = ("", _("The document as a whole"))
        self.fields["place"].choices = [whole, *((one, one) for one in headings)]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        return _without_numbers(self.cleaned_data["text"])


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What comes of it?"),
        choices=[(value, capfirst(str(label))) for value, label in Remark.Outcome.choices],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what comes of it.")},
    )
    words = TypedText(
        label=gettext_lazy("Answer"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_words(self) -> str:
        return _without_numbers(self.cleaned_data["words"])

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("outcome") == Remark.Outcome.STANDS and not told.get("words"):
            self.add_error("words", _("Write why. Whoever found it will want to know."))
        return told
