"""The forms of an investigation's pieces: each says what it shows of a piece, and the values that it writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment
from accounts.readers import Reader
from core import clock
from core.typed import shortened
from deviations.entry.fields import CleanText, ComingDateField, SwedishDateField, SwedishTimeField, moment
from deviations.investigation.risk import matrix, risk_of
from deviations.models import Account, Case, Cause, Investigation, Party, Reference
from deviations.taking_part import naming


class PieceForm(forms.Form):
    """One piece of an investigation. `piece` is what is changed, or None."""

    # Fields that are shown as a matrix of severity and likelihood.
    matrices: tuple[str, ...] = ()

    def __init__(
        self,
        *args: Any,
        party: Party,
        reader: Reader,
        found: Investigation | None,
        piece: Any = None,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.party, self.reader, self.found, self.piece = party, reader, found, piece
        super().__init__(*args, initial={**self.shown(piece), **(initial or {})}, **kwargs)
        self.offer()

    def offer(self) -> None:
        """Fill the choices that hang on the investigation."""

    def shown(self, piece: Any) -> dict[str, Any]:
        """The piece as initial values."""
        return {} if piece is None else {name: getattr(piece, name, None) for name in self.base_fields}

    def values(self) -> dict[str, Any]:
        """The values to write, by the piece's fields. The form is valid."""
        return dict(self.cleaned_data)

    def told(self) -> str:
        """Words to whoever reported, that go with it."""
        return ""

    def not_before_the_event(self, name: str) -> dt.date | None:
        """The day in this field, refused where it is before the day of the event."""
        day: dt.date | None = self.cleaned_data.get(name)
        happened = clock.swedish(self.party.case.occurred_at).date()
        if day and day < happened:
            raise ValidationError(
                _("That is before it happened, %s. Check the day.") % date_format(happened, "j F Y"), code="before"
            )
        return day

    def not_in_the_future(self, name: str) -> dt.date | None:
        day = self.not_before_the_event(name)
        if day and day > clock.today():
            raise ValidationError(_("That day has not come yet. Check the day."), code="future")
        return day


def capped(choices: Any) -> list[tuple[Any, str]]:
    return [(value, capfirst(str(label))) for value, label in choices]


class RiskField(forms.ChoiceField):
    """One square of the matrix, or none."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        squares = [(risk.value, risk.words) for _name, row in matrix() for risk in row]
        super().__init__(choices=[("", gettext_lazy("Not judged yet")), *squares], required=False, **kwargs)


class AssessmentForm(PieceForm):
    matrices = ("before", "after")
    before = RiskField(label=gettext_lazy("Risk before actions"))
    basis = CleanText(
        label=gettext_lazy("Why do you judge so?"),
        help_text=gettext_lazy("Briefly: what it led to, what it could have led to, how often it may happen."),
        required=False,
        rows=3,
    )
    extent = forms.ChoiceField(label=gettext_lazy("How far is it investigated?"), required=False)
    after = RiskField(label=gettext_lazy("Risk when the actions are in place"))

    def offer(self) -> None:
        as_asked = ("", _("As the score asks for"))
        self.fields["extent"].choices = [as_asked, *capped(Investigation.Extent.choices)]  # type: ignore[attr-defined]

    def shown(self, piece: Any) -> dict[str, Any]:
        if piece is None:
            return {}
        before = risk_of(piece.severity, piece.likelihood)
        after = risk_of(piece.severity_after, piece.likelihood_after)
        told = {"before": before.value if before else "", "after": after.value if after else ""}
        return told | {"basis": piece.basis, "extent": piece.extent}

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        told = {"basis": data["basis"], "extent": data["extent"]}
        for name, end in (("before", ""), ("after", "_after")):
            severity, likelihood = map(int, data[name]) if data[name] else (None, None)
            told |= {f"severity{end}": severity, f"likelihood{end}": likelihood}
        return told


class AssignmentForm(PieceForm):
    commissioned_by = CleanText(
        label=gettext_lazy("Who has asked for it?"),
        help_text=gettext_lazy("Name and function: the head of the unit, for example."),
        long=False,
        max_length=200,
        required=False,
    )
    led_by = CleanText(label=gettext_lazy("Who leads it?"), long=False, max_length=200, required=False)
    team = CleanText(
        label=gettext_lazy("Who take part?"),
        help_text=gettext_lazy("One on each line, with their function."),
        required=False,
        rows=3,
        max_length=2000,
    )
    questions = CleanText(label=gettext_lazy("Which questions is it to answer?"), required=False, rows=3)
    due = ComingDateField(label=gettext_lazy("Done by"), required=False)

    def clean_due(self) -> dt.date | None:
        return self.not_before_the_event("due")


class WentWellForm(PieceForm):
    went_well = CleanText(
        label=gettext_lazy("What kept it from becoming worse?"),
        help_text=gettext_lazy("What worked, and who noticed. It tells you what to keep."),
        required=False,
    )


class SimilarNoteForm(PieceForm):
    similar_note = CleanText(
        label=gettext_lazy("What did you look for, and what did you find?"),
        help_text=gettext_lazy("For example: twelve months back, same kind and same routine, none found."),
        required=False,
        rows=3,
    )


class ToldForm(PieceForm):
    told = forms.MultipleChoiceField(  # type: ignore[assignment]
        label=gettext_lazy("What has the patient been told?"),
        help_text=gettext_lazy("Or next of kin, where the patient asks for it or cannot take it in."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    told_on = SwedishDateField(label=gettext_lazy("When?"), required=False)
    told_by = CleanText(label=gettext_lazy("By whom?"), long=False, max_length=200, required=False)
    not_told_reason = CleanText(
        label=gettext_lazy("Why is the patient not told?"),
        help_text=gettext_lazy("Only where nobody is to be told, for example because the person does not want it."),
        required=False,
        rows=2,
    )

    def offer(self) -> None:
        self.fields["told"].choices = capped(Investigation.Told.choices)  # type: ignore[attr-defined]

    def clean_told_on(self) -> dt.date | None:
        return self.not_in_the_future("told_on")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("told") and not data.get("told_on") and "told_on" not in self.errors:
            self.add_error("told_on", _("Give the day on which the patient was told."))
        return data


class SubEventForm(PieceForm):
    day = SwedishDateField(label=gettext_lazy("Day"))
    time = SwedishTimeField(label=gettext_lazy("Time"), required=False)
    text = CleanText(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("What was done or not done, and not by whom: functions, no names."),
        max_length=1000,
        rows=3,
        error_messages={"required": gettext_lazy("Write what happened.")},
    )
    source = CleanText(
        label=gettext_lazy("How do you know?"),
        help_text=gettext_lazy("The journal, the report, a conversation."),
        long=False,
        max_length=200,
        required=False,
    )

    def clean_day(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data.get("day")
        if day and day > clock.today():
            raise ValidationError(_("That day has not come yet. Check the day."), code="future")
        return day


class CauseForm(PieceForm):
    text = CleanText(
        label=gettext_lazy("Cause"),
        help_text=gettext_lazy(
            "Describe conditions, not persons. Ask why until the answer is one that you can change."
        ),
        long=False,
        max_length=500,
        error_messages={"required": gettext_lazy("Write the cause.")},
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a category.")},
    )
    because_of = forms.ChoiceField(label=gettext_lazy("Does it explain another cause?"), required=False)
    is_contributing = forms.BooleanField(
        label=gettext_lazy("A contributing factor"),
        help_text=gettext_lazy("It took part, and would not have been enough by itself."),
        required=False,
    )
    no_action_reason = CleanText(
        label=gettext_lazy("Why does it need no action?"),
        help_text=gettext_lazy("Only where nothing is to be done about it."),
        required=False,
        rows=2,
    )

    def offer(self) -> None:
        self.by_key = causes_of(self.found, but=self.piece)
        self.fields["category"].choices = capped(Cause.Category.choices)  # type: ignore[attr-defined]
        rows = [(key, shortened(cause.text, 80)) for key, cause in self.by_key.items()]
        self.fields["because_of"].choices = [("", _("No, it stands by itself")), *rows]  # type: ignore[attr-defined]

    def shown(self, piece: Any) -> dict[str, Any]:
        told = super().shown(piece)
        return told | {"because_of": str(piece.because_of.key) if piece and piece.because_of else ""}

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"because_of": self.by_key.get(self.cleaned_data["because_of"])}


def causes_of(found: Investigation | None, *, but: Any = None) -> dict[str, Cause]:
    """The causes of an investigation by the key that a form sends, but for one."""
    rows = found.causes.filter(removed_at=None).select_related("because_of") if found else ()
    return {str(cause.key): cause for cause in rows if cause.pk != getattr(but, "pk", None)}


class AccountForm(PieceForm):
    teller = forms.ChoiceField(
        label=gettext_lazy("Who tells?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who tells.")},
    )
    text = CleanText(
        label=gettext_lazy("The account"),
        help_text=gettext_lazy(
            "In their own words as far as you can. No names and no identity numbers, of the staff either."
        ),
        rows=7,
        error_messages={"required": gettext_lazy("Write the account.")},
    )
    told_on = SwedishDateField(label=gettext_lazy("When was it told?"))
    how = CleanText(
        label=gettext_lazy("How?"),
        help_text=gettext_lazy("By telephone, at a meeting, in writing."),
        long=False,
        max_length=100,
        required=False,
    )

    def offer(self) -> None:
        self.fields["teller"].choices = capped(Account.Teller.choices)  # type: ignore[attr-defined]

    def clean_told_on(self) -> dt.date | None:
        return self.not_in_the_future("told_on")


class SimilarEventForm(PieceForm):
    case = forms.CharField(
        label=gettext_lazy("Case number"),
        help_text=gettext_lazy("One of your own cases. Leave it empty for an event that is not in the portal."),
        required=False,
        max_length=20,
    )
    text = CleanText(
        label=gettext_lazy("What is alike?"),
        long=False,
        max_length=500,
        error_messages={"required": gettext_lazy("Write what is alike.")},
    )

    def shown(self, piece: Any) -> dict[str, Any]:
        told = super().shown(piece)
        return told | {"case": piece.case.number} if piece and piece.case else told | {"case": ""}

    def clean_case(self) -> Case | None:
        """Only a case that exists for the reader, and not this one: for all others the same words."""
        number = self.cleaned_data["case"].strip().upper()
        if not number:
            return None
        found = Case.objects.visible_to(self.reader).filter(number=number).exclude(pk=self.party.case_id).first()
        if found is None:
            raise ValidationError(_("There is no other case of yours with the number %s.") % number)
        return found


class ReferenceForm(PieceForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Where?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose where.")},
    )
    number = CleanText(label=gettext_lazy("Number there"), long=False, max_length=60, required=False)
    known_day = SwedishDateField(label=gettext_lazy("Known or received on"))
    known_time = SwedishTimeField(
        label=gettext_lazy("At what time?"),
        help_text=gettext_lazy("Of a personal data incident: 72 hours are counted from then."),
        required=False,
    )
    state = forms.ChoiceField(label=gettext_lazy("How far has it come?"))
    answer_due = ComingDateField(label=gettext_lazy("To be answered by"), required=False)
    text = CleanText(
        label=gettext_lazy("What is it about?"),
        help_text=gettext_lazy("No names and no identity numbers."),
        long=False,
        max_length=300,
        required=False,
    )

    def offer(self) -> None:
        self.fields["kind"].choices = capped(Reference.Kind.choices)  # type: ignore[attr-defined]
        self.fields["state"].choices = capped(Reference.State.choices)  # type: ignore[attr-defined]

    def shown(self, piece: Any) -> dict[str, Any]:
        if piece is None:
            return {}
        at = clock.swedish(piece.known_at)
        return super().shown(piece) | {"known_day": at.date(), "known_time": at.time() if at.time() else None}

    def clean_known_day(self) -> dt.date | None:
        return self.not_in_the_future("known_day")

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        known_at = moment(data.pop("known_day"), data.pop("known_time"))
        return data | {"known_at": known_at}


class NameForm(forms.Form):
    """Somebody of the own provider who is to take part in an investigation."""

    whom = forms.ModelChoiceField(
        label=gettext_lazy("Who?"),
        queryset=Assignment.objects.none(),
        to_field_name="key",
        empty_label=gettext_lazy("Choose"),
        error_messages={
            "required": gettext_lazy("Choose who is to take part."),
            "invalid_choice": gettext_lazy("That person does not work here now. Choose somebody in the list."),
        },
    )
    last_day = ComingDateField(label=gettext_lazy("Until and including"), required=False)

    def __init__(self, *args: Any, party: Party, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["whom"]
        field.queryset = naming.people(party)  # type: ignore[attr-defined]
        field.label_from_instance = _named  # type: ignore[attr-defined]


def _named(assignment: Assignment) -> str:
    parts = (assignment.user.get_full_name(), assignment.title, assignment.unit.name if assignment.unit else "")
    return ", ".join(filter(None, parts))


class WaiveForm(forms.Form):
    """A condition that the part is closed without."""

    gate = forms.ChoiceField(
        label=gettext_lazy("Which condition?"),
        error_messages={"required": gettext_lazy("Choose a condition.")},
    )
    reason = CleanText(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Your name and the reason stay in the investigation."),
        rows=3,
        error_messages={"required": gettext_lazy("Write why.")},
    )

    def __init__(self, *args: Any, left: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(one.gate, one.words) for one in left]
        self.fields["gate"].choices = [("", _("Choose a condition")), *rows]  # type: ignore[attr-defined]
