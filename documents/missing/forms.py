"""Forms of the documents app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.session import FormSession
from accounts.readers import Reader
from core.identity.numbers import find_identity_numbers
from core.typed import TypedText
from documents.missing.asking import MISSING_KEY as MISSING_KEY


class MissingDocumentForm(forms.Form):
    """ "I miss a document"."""

    what = TypedText(
        label=_("What are you looking for?"),
        max_length=300,
        help_text=_("A name, a number or what it is about. Write nothing about patients."),
    )
    unit = TypedText(label=_("For which unit?"), max_length=200, required=False)

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"unit": reader.place})
        super().__init__(*args, **kwargs)

    def clean_what(self) -> str:
        text = self.cleaned_data["what"]
        if find_identity_numbers(text):
            raise forms.ValidationError(_("This looks like a personal identity number. Remove it and send again."))
        return text


class AnswerForm(forms.Form):
    """A publication steward's answer to one who misses a document."""

    missing = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    answer = TypedText(label=_("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


def missing_form(session: FormSession) -> MissingDocumentForm:
    """The empty form, or what the reader had begun to write in it."""
    reader = session.reader
    return MissingDocumentForm(reader=reader, initial={"unit": reader.place} | session.typed())
