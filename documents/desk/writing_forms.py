"""Forms of the pages of writing: the facts of a document, and the content of a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment, CareUnit, User
from accounts.roles import DOCUMENT_ROLES, GROUP_NAMES, READING_KINDS
from core.typed import TypedText, visible
from documents.models import Document, DocumentType, ProgrammeArea

MAX_KEYWORDS = 20


class Keywords(forms.CharField):
    """Words divided by commas, as a list."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        words = dict.fromkeys(visible(word) for word in (super().to_python(value) or "").split(","))
        return [word for word in words if word]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def validate(self, value: Any) -> None:
        if len(value) > MAX_KEYWORDS:
            raise ValidationError(_("Write at most %d keywords.") % MAX_KEYWORDS)
        if long := [word for word in value if len(word) > 60]:
            raise ValidationError(_("A keyword has at most 60 letters: %s…") % long[0][:60])

    def run_validators(self, value: Any) -> None:
        """Those of a text say nothing of a list."""


class DetailsForm(forms.Form):
    """The facts of a document, and the words of a version about it. `details()` gives what `lifecycle.update_document`
    takes, `said()` what a version does.
    """

    title = TypedText(
        label=gettext_lazy("Title"),
        max_length=250,
        help_text=gettext_lazy("What people search for: the thing first, then what is done with it."),
    )
    summary = TypedText(
        label=gettext_lazy("Summary"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One or two sentences, shown in lists and on top of the page."),
    )
    area = forms.ModelChoiceField(
        ProgrammeArea.objects.all(), label=gettext_lazy("Programme area"), required=False, to_field_name="code"
    )
    owner_unit = forms.ModelChoiceField(
        CareUnit.objects.none(),
        label=gettext_lazy("Responsible unit"),
        required=False,
        help_text=gettext_lazy("A unit, so that the document has an owner even when somebody leaves."),
    )
    content_owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Looked after by"),
        required=False,
        to_field_name="email",
        empty_label=gettext_lazy("The unit, or all who work on our documents"),
        help_text=gettext_lazy("Is reminded when it is to be looked through."),
    )
    contact = TypedText(
        label=gettext_lazy("Contact"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A function, not a person."),
    )
    keywords = Keywords(
        label=gettext_lazy("Keywords"),
        required=False,
        help_text=gettext_lazy("Other words that people search with, with commas between."),
    )
    registry_number = TypedText(label=gettext_lazy("Registry number"), max_length=40, required=False)
    applies_to = forms.MultipleChoiceField(
        label=gettext_lazy("Applies to"),
        choices=[(kind.value, GROUP_NAMES[kind.value]) for kind in READING_KINDS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one that it applies to.")},
    )
    pages_first = forms.BooleanField(
        label=gettext_lazy("Show the file's pages first"),
        required=False,
        help_text=gettext_lazy("For a form or a flow chart, whose layout is its meaning. Readers can choose the text."),
    )
    SAID = ("title", "summary", "keywords")
    NAMES = (
        "area",
        "owner_unit",
        "content_owner",
        "contact",
        "registry_number",
        "pages_first",
    )

    def __init__(self, *args: Any, owner_id: int, document: Document | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        works = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=owner_id).values("user")
        # Whoever has left stays until somebody else is chosen, or all of theirs is handed over.
        people = User.objects.filter(Q(pk__in=works) | Q(pk=document.content_owner_id if document else None))
        self.fields["content_owner"].queryset = people.order_by("family_name", "given_name")  # type: ignore[attr-defined]
        units = self.fields["owner_unit"]
        units.queryset = CareUnit.objects.filter(provider=owner_id).order_by("name")  # type: ignore[attr-defined]
        if not units.queryset.exists():  # type: ignore[attr-defined]
            del self.fields["owner_unit"]

    @classmethod
    def initial_of(cls, document: Document, said: Mapping[str, Any]) -> dict[str, Any]:
        """`said`: what the version that is written says of the document (`documents.acts.said`)."""
        told = {name: getattr(document, name) for name in cls.NAMES} | {name: said[name] for name in cls.SAID}
        applies = [kind for kind in READING_KINDS if said[f"applies_{kind}"]]
        keys = {"area": document.area and document.area.code, "applies_to": applies}
        return told | keys | {"content_owner": document.content_owner and document.content_owner.email}

    def details(self) -> dict[str, Any]:
        """For a valid form."""
        return {name: self.cleaned_data[name] for name in self.NAMES if name in self.cleaned_data}

    def said(self) -> dict[str, Any]:
        """For a valid form."""
        applies = {f"applies_{kind}": kind in self.cleaned_data["applies_to"] for kind in READING_KINDS}
        return applies | {name: self.cleaned_data[name] for name in self.SAID}


class NewDocumentForm(DetailsForm):
    type = forms.ModelChoiceField(
        DocumentType.objects.all(),
        label=gettext_lazy("What kind of document is it?"),
        to_field_name="code",
        empty_label=gettext_lazy("Choose"),
    )
    is_sensitive = forms.BooleanField(
        label=gettext_lazy("Commercially sensitive"),
        required=False,
        help_text=gettext_lazy("For example where care is put out to tender. To open it takes two."),
    )

    def details(self) -> dict[str, Any]:
        """The arguments of `lifecycle.create_document`."""
        own = {name: self.cleaned_data[name] for name in ("type", "is_sensitive")}
        return super().details() | self.said() | own


_SAYS = gettext_lazy("Write what the picture shows, for whoever cannot see it.")


class PictureForm(forms.Form):
    """A picture for the text, what it shows, and where in the text it is put (`at`: the sign that it comes before)."""

    picture = forms.FileField(
        label=gettext_lazy("Choose a picture"),
        help_text=gettext_lazy("JPEG or PNG. Where and when it was taken is taken out of it."),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
        error_messages={"required": gettext_lazy("Choose a picture to put in.")},
    )
    picture_says = TypedText(
        label=gettext_lazy("What does it show?"),
        max_length=300,
        help_text=gettext_lazy("For whoever cannot see it, and for the search."),
        widget=forms.TextInput(attrs={"data-missing": _SAYS}),
        error_messages={"required": _SAYS},
    )
    picture_at = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def put_in(self, body: str, written: str) -> str:
        """The text with the picture in a paragraph of its own, where the writer was or else last."""
        body = body.replace("\r\n", "\n")
        at = self.cleaned_data["picture_at"]
        at = len(body) if at is None else min(at, len(body))
        before, after = body[:at].rstrip("\n"), body[at:].lstrip("\n")
        return "\n\n".join(part for part in (before, written, after) if part)


class WritingForm(DetailsForm):
    """A version and what is said of its document. `text()` gives what `writing.save` takes."""

    body = TypedText(
        label=gettext_lazy("Write"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 27, "spellcheck": "true"}),
        max_length=400_000,
        help_text=gettext_lazy("Everything is saved while you write."),
    )
    file = forms.FileField(
        label=gettext_lazy("Choose a file"),
        required=False,
        help_text=gettext_lazy("PDF, Word (.docx) or OpenDocument (.odt)."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt"}),
    )
    leaves_file = forms.BooleanField(label=gettext_lazy("Take the file away"), required=False)
    change_summary = TypedText(
        label=gettext_lazy("What has changed?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The first that readers see. Say what they are to do differently. A sentence is enough."
        ),
    )
    is_major = forms.BooleanField(label=gettext_lazy("Major change"), required=False)
    asked = forms.ChoiceField(
        label=gettext_lazy("Who is to decide?"),
        required=False,
        help_text=gettext_lazy("Others who may decide can do it too."),
    )
    # The content that was saved when the page was made (`Writing.mark`).
    seen = forms.CharField(max_length=40, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, could_ask: Iterable[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._could_ask = {a.user.email: a for a in could_ask}
        if not self._could_ask:
            del self.fields["asked"]
            return
        named = (
            (key, ", ".join(filter(None, (a.user.get_full_name(), a.title)))) for key, a in self._could_ask.items()
        )
        self.fields["asked"].choices = [("", _("Anybody who may")), *named]  # type: ignore[attr-defined]

    @property
    def to_decide(self) -> Assignment | None:
        """The person who is asked to decide, of a valid form; None for all who may."""
        return self._could_ask.get(self.cleaned_data.get("asked", ""))

    def text(self) -> dict[str, Any]:
        """For a valid form."""
        return self.said() | {name: self.cleaned_data[name] for name in ("body", "change_summary", "is_major")}
