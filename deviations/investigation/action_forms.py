"""The forms of an action: what is planned, and how it went."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment, User
from core import clock
from deviations.entry.fields import CleanText, ComingDateField, SwedishDateField
from deviations.investigation.forms import PieceForm, capped, causes_of
from deviations.models import Action, FocusArea, Party
from documents.models import Document

# The longest list of people to choose an owner from.
MAX_PEOPLE = 300


class ActionForm(PieceForm):
    text = CleanText(
        label=gettext_lazy("What is to be done?"),
        long=False,
        max_length=500,
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    causes = forms.MultipleChoiceField(
        label=gettext_lazy("Against which cause?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    risk = CleanText(
        label=gettext_lazy("Or against which risk?"),
        help_text=gettext_lazy("Where no cause has been found yet."),
        long=False,
        max_length=300,
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of action"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a kind.")},
    )
    owner = forms.ChoiceField(label=gettext_lazy("Who sees to it that it is done?"), required=False)
    due = ComingDateField(label=gettext_lazy("Done by"), required=False)
    measure = CleanText(
        label=gettext_lazy("How will you know that it helped?"),
        help_text=gettext_lazy("Something that can be counted or looked at."),
        long=False,
        max_length=300,
        required=False,
    )
    follow_up = ComingDateField(label=gettext_lazy("When do you look whether it helped?"), required=False)
    document = forms.CharField(
        label=gettext_lazy("Is a routine to be revised?"),
        help_text=gettext_lazy(
            "The document's number, for example RUT-0187. Its owner gets it as a task, with the words of the action."
        ),
        required=False,
        max_length=60,
    )
    focus = forms.ModelChoiceField(
        FocusArea.objects.none(),
        label=gettext_lazy("Which focus area does it serve?"),
        help_text=gettext_lazy("Of a plan for patient safety. It is counted in your statistics."),
        required=False,
        empty_label=gettext_lazy("None chosen"),
    )

    def offer(self) -> None:
        chosen = self.piece.focus_id if self.piece else None
        self.fields["focus"].queryset = FocusArea.objects.offered(and_also=chosen)  # type: ignore[attr-defined]
        self.by_key = causes_of(self.found)
        rows = [(key, cause.text) for key, cause in self.by_key.items()]
        self.fields["causes"].choices = rows  # type: ignore[attr-defined]
        if not rows:
            del self.fields["causes"]
            self.fields["risk"].label = _("Against which risk?")
        self.fields["kind"].choices = capped(Action.Kind.choices)  # type: ignore[attr-defined]
        self.fields["kind"].choice_help = {  # type: ignore[attr-defined]
            kind: f"{capfirst(str(Action.STRENGTHS[kind].label))}: {STRENGTH_WORDS[Action.STRENGTHS[kind]]}"
            for kind in Action.Kind
        }
        # SECURITY: who works there is no business of somebody from another provider, who takes part.
        if self.reader.provider_id != self.party.provider_id:
            del self.fields["owner"]
            return
        self.people = people_at(self.party, and_also=self.piece.owner if self.piece else None)
        named = [(email, name) for email, (name, _user) in self.people.items()]
        self.fields["owner"].choices = [("", _("Nobody yet")), *named]  # type: ignore[attr-defined]

    def shown(self, piece: Any) -> dict[str, Any]:
        if piece is None:
            return {}
        return super().shown(piece) | {
            "causes": [str(cause.key) for cause in piece.causes.all()],
            "owner": piece.owner.email if piece.owner else "",
            "document": piece.document.number if piece.document else "",
            "focus": piece.focus_id,
        }

    def clean_due(self) -> dt.date | None:
        return self.not_before_the_event("due")

    def clean_follow_up(self) -> dt.date | None:
        return self.not_before_the_event("follow_up")

    def clean_document(self) -> Document | None:
        """Only a document that exists for the reader: for all others the same words."""
        number = self.cleaned_data["document"].strip()
        if not number:
            return None
        found = Document.objects.visible_to(self.reader).filter(number__iexact=number).first()
        if found is None:
            raise ValidationError(
                _("There is no document with the number %s. Check the number, or take it out.") % number
            )
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("causes") and not data.get("risk"):
            field = "causes" if "causes" in self.fields else "risk"
            self.add_error(field, _("Choose the cause that it is against, or write which risk."))
        return data

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        told = data | {"causes": [self.by_key[key] for key in data.get("causes", ())]}
        return told | ({"owner": self.people.get(data["owner"], ("", None))[1]} if "owner" in data else {})


STRENGTH_WORDS = {
    Action.Strength.WEAK: gettext_lazy("it hangs on somebody remembering"),
    Action.Strength.MIDDLING: gettext_lazy("it helps whoever does it right"),
    Action.Strength.STRONG: gettext_lazy("it makes the error hard to make"),
}


def people_at(party: Party, *, and_also: User | None = None) -> dict[str, tuple[str, User | None]]:
    """Those who can own an action: who work at the part's unit or for its whole provider today, by e-mail address, each
    with the name. `and_also`: who owns it already, though they may have left."""
    rows = Assignment.objects.current().filter(provider=party.provider_id).select_related("user")
    if party.unit_id:
        rows = rows.filter(Q(unit=None) | Q(unit=party.unit_id))
    found: dict[str, tuple[str, User | None]] = {
        a.user.email: (a.user.get_full_name(), a.user)
        for a in rows.order_by("user__family_name", "user__given_name")[:MAX_PEOPLE]
    }
    if and_also and and_also.email not in found:
        found[and_also.email] = (_("%s (works here no longer)") % and_also.get_full_name(), and_also)
    return found


class FollowUpForm(PieceForm):
    state = forms.ChoiceField(label=gettext_lazy("How far has it come?"), widget=forms.RadioSelect)
    done_on = SwedishDateField(label=gettext_lazy("Done on"), required=False)
    evidence = CleanText(
        label=gettext_lazy("What shows that it is done?"),
        help_text=gettext_lazy("A new routine's number, minutes, a check."),
        required=False,
        rows=2,
    )
    effect = forms.ChoiceField(label=gettext_lazy("Did it help?"), required=False, widget=forms.RadioSelect)
    effect_note = CleanText(label=gettext_lazy("What did the follow-up show?"), required=False, rows=3)
    tell = CleanText(
        label=gettext_lazy("Tell whoever reported, and the other parties"),
        help_text=gettext_lazy(
            "What came of it: they read this, and nothing else that stands here. Empty sends nothing."
        ),
        required=False,
        rows=3,
    )

    def offer(self) -> None:
        self.fields["state"].choices = capped(Action.State.choices)  # type: ignore[attr-defined]
        self.fields["effect"].choices = [("", _("Not judged yet")), *capped(Action.Effect.choices)]  # type: ignore[attr-defined]
        if self.party.state == Party.State.CLOSED and self.piece and self.piece.measure:
            self.fields["effect"].help_text = self.piece.measure

    def shown(self, piece: Any) -> dict[str, Any]:
        return super().shown(piece) | {"tell": ""}

    def clean_done_on(self) -> dt.date | None:
        return self.not_in_the_future("done_on")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("state") == Action.State.DONE and not data.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", _("Give the day on which it was done."))
        if data.get("effect") and data.get("state") != Action.State.DONE:
            self.add_error("effect", _("The effect is judged when the action is done."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "tell"}

    def told(self) -> str:
        words: str = self.cleaned_data["tell"]
        return words


class ProgressForm(forms.Form):
    """The owner's word on an action."""

    state = forms.ChoiceField(label=gettext_lazy("How far has it come?"), widget=forms.RadioSelect)
    done_on = SwedishDateField(label=gettext_lazy("Done on"), required=False)
    evidence = CleanText(
        label=gettext_lazy("What shows that it is done?"),
        help_text=gettext_lazy("A new routine's number, minutes, a check."),
        required=False,
        rows=3,
    )
    CHOICES = (Action.State.PLANNED, Action.State.UNDER_WAY, Action.State.DONE)

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        shown = {"state": action.state, "done_on": action.done_on, "evidence": action.evidence}
        super().__init__(*args, initial=shown | kwargs.pop("initial", {}), **kwargs)
        self.fields["state"].choices = capped((one, one.label) for one in self.CHOICES)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        done_on = data.get("done_on")
        if data.get("state") == Action.State.DONE and not done_on and "done_on" not in self.errors:
            self.add_error("done_on", _("Give the day on which it was done."))
        if done_on and done_on > clock.today():
            self.add_error("done_on", _("That day has not come yet. Check the day."))
        return data
