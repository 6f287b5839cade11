"""The forms of evidence: tender documents, the answers, and the act of submitting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import clock
from core.typed import TypedText
from deviations.entry.fields import CleanText, ComingDateField, SwedishDateField
from deviations.evidence import content, who
from deviations.models import Evidence
from documents.models import Document


class TenderForm(forms.Form):
    """Tender documents that are made known to those with an agreement."""

    name = TypedText(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("For example: Primary care 2026.")
    )
    version = TypedText(label=gettext_lazy("Version"), max_length=40)
    year = forms.TypedChoiceField(
        label=gettext_lazy("The year that is shown"),
        coerce=int,
        help_text=gettext_lazy("The figures are of this year."),
    )
    submit_by = ComingDateField(label=gettext_lazy("Submitted by"))

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["year"]
        field.choices = [(year, str(year)) for year in who.years_made()]
        field.initial = clock.today().year


class DocumentNumberField(TypedText):
    """A document's number; gives the document, if it exists for the reader and applies."""

    reader: Reader

    def clean(self, value: Any) -> Document | None:
        typed: str = super().clean(value)
        if not typed:
            return None
        found = Document.objects.visible_to(self.reader).filter(number__iexact=typed.split()[0])
        document = found.filter(versions__state="published").distinct().first()
        if document is None:
            raise ValidationError(_("You have no document with the number %s that applies.") % typed)
        return document


class EvidenceForm(forms.Form):
    """The provider's answers. All may be left for later."""

    accepted_on = SwedishDateField(label=gettext_lazy("When did you accept the tender documents?"), required=False)
    learnt = CleanText(
        label=gettext_lazy("What have you learnt this year, and what have you changed?"),
        max_length=2000,
        rows=5,
        required=False,
    )
    explained = CleanText(
        label=gettext_lazy("Is there something in the figures to explain, or something that is missing?"),
        max_length=2000,
        rows=3,
        required=False,
    )

    def __init__(self, data: Any = None, *, reader: Reader, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, words in content.ROUTINES.items():
            field = DocumentNumberField(
                label=str(words),
                max_length=300,
                required=False,
                help_text=gettext_lazy("The document's number. Your own, or another that you follow."),
            )
            field.reader = reader
            self.fields[name] = field
        self.order_fields(["accepted_on", *content.ROUTINES, "learnt", "explained"])

    @staticmethod
    def initial_of(evidence: Evidence) -> dict[str, Any]:
        """The answers as the form takes them."""
        told: dict[str, Any] = {name: getattr(evidence, name) for name in ("accepted_on", "learnt", "explained")}
        for name in content.ROUTINES:
            document = getattr(evidence, name)
            told[name] = document.number if document else ""
        return told

    def clean_accepted_on(self) -> Any:
        day = self.cleaned_data["accepted_on"]
        if day and day > clock.today():
            raise ValidationError(_("That day has not come yet."))
        return day


class SubmitForm(forms.Form):
    """The administrator has read what is submitted."""

    read = forms.BooleanField(
        label=gettext_lazy("I have read the evidence, and it is right"),
        error_messages={"required": gettext_lazy("Read it through first, and mark that you have.")},
    )
