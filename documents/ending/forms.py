"""Forms of the pages of ending: a document is revoked, a version is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.typed import TypedText
from documents.ending.verbs import ShutsOut
from documents.models import Document


class RevokeForm(forms.Form):
    """Why a document no longer applies, and what replaces it: one of the documents that whoever revokes it may
    know of (`among`)."""

    reason = TypedText(
        label=gettext_lazy("Why is it revoked?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    replaced_by = forms.ModelChoiceField(
        Document.objects.none(),
        label=gettext_lazy("Replaced by"),
        required=False,
        to_field_name="number",
        widget=forms.TextInput(attrs={"data-suggest": reverse_lazy("suggestions")}),
        help_text=gettext_lazy("Search by name or number, or write the number of the document that replaces it."),
    )

    # Set where not all who read the document can read what is to replace it.
    shuts_out: ShutsOut | None = None

    def __init__(self, *args: Any, among: QuerySet[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["replaced_by"]
        field.queryset = among.filter(state=Document.State.ACTIVE)  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = _("There is no document of that number that applies and you can see.")


class ReinstateForm(forms.Form):
    """Why a document that was ended comes back."""

    reason = TypedText(
        label=gettext_lazy("Why does it come back?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithdrawForm(forms.Form):
    """Why a version must not be read any more, and whether the one before it applies again."""

    reason = TypedText(
        label=gettext_lazy("Why is it withdrawn?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    then = forms.ChoiceField(
        label=gettext_lazy("What applies after that?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what is to apply.")},
    )

    def __init__(self, *args: Any, former: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if former is None:
            del self.fields["then"]
            return
        self.fields["then"].choices = [  # type: ignore[attr-defined]
            ("former", _("Version %d applies again") % former),
            ("nothing", _("Nothing, until a new version is published; the page says so")),
        ]

    @property
    def restores(self) -> bool:
        """For a valid form."""
        return bool(self.cleaned_data.get("then") == "former")
