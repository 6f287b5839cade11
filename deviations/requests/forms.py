"""The forms of what is asked of another party."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.typed import shortened
from deviations.entry.fields import CleanText, ComingDateField
from deviations.models import Action, Party, PartyRequest


class AskForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you ask for?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you ask for.")},
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Of which party?"), error_messages={"required": gettext_lazy("Choose a party.")}
    )
    action = forms.ChoiceField(label=gettext_lazy("Is it one of your own actions?"), required=False)
    text = CleanText(
        label=gettext_lazy("What do you ask them to do?"),
        help_text=gettext_lazy("They read these words, and nothing else of your investigation."),
        long=False,
        max_length=500,
        error_messages={"required": gettext_lazy("Write what you ask for.")},
    )
    due = ComingDateField(label=gettext_lazy("Done by"), required=False)

    def __init__(
        self, *args: Any, others: list[tuple[int, Party]], actions: list[Action], serious: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(number): party for number, party in others}
        self.actions = {str(action.key): action for action in actions}
        kinds = [(v, capfirst(str(label))) for v, label in PartyRequest.Kind.choices if serious or v != "lex_maria"]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        named = [(str(number), party.label) for number, party in others]
        self.fields["part"].choices = [("", _("Choose")), *named] if len(named) != 1 else named  # type: ignore[attr-defined]
        rows = [(key, shortened(action.text, 80)) for key, action in self.actions.items()]
        self.fields["action"].choices = [("", _("No")), *rows]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (due := data.get("due")) and due < clock.today():
            self.add_error("due", _("That day has passed. Check the day."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        told = {name: data[name] for name in ("kind", "text", "due")}
        return told | {"of": self.others[data["part"]], "action": self.actions.get(data["action"])}


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )
    text = CleanText(
        label=gettext_lazy("Words to the other party"),
        help_text=gettext_lazy("Needed where you do not say yes. A yes to an action makes it one of yours."),
        required=False,
        rows=3,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = [(value, capfirst(str(label))) for value, label in PartyRequest.Answer.choices]
        self.fields["answer"].choices = answers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") and data["answer"] != PartyRequest.Answer.YES and not data.get("text"):
            self.add_error("text", _("Write why not, or what else."))
        return data
