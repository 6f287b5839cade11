"""Forms of the pages of reviewing, approving and publishing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.typed import TypedDay, TypedText
from documents.approval.deciding import JointDecision
from documents.lifecycle.to_come import Fates
from documents.models import Version
from documents.reading import findings


def _day(**kwargs: Any) -> TypedDay:
    return TypedDay(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day.")},
        **kwargs,
    )


class DecisionForm(forms.Form):
    """A yes (`joint` is the decision in cooperation that it rests on) or a no with its reason."""

    joint_body = TypedText(label=gettext_lazy("Who decided?"), max_length=200, required=False)
    joint_on = _day(label=gettext_lazy("On which day?"), required=False)
    joint_reference = TypedText(
        label=gettext_lazy("Where is it minuted?"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("For example minutes 2026:11, item 5."),
    )
    reason = TypedText(
        label=gettext_lazy("What is to be changed?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    has_read_file = forms.BooleanField(
        label=gettext_lazy("I have read the file itself, with what was found in it, and approve it as it is"),
        required=False,
    )

    def __init__(self, *args: Any, act: str = "", version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not findings.must_be_answered(version):
            del self.fields["has_read_file"]
        self.act, self.is_joint = act, version.document.type.needs_joint_decision

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.act == "send_back" and not data.get("reason"):
            self.add_error("reason", _("Write what is to be changed."))
        if self.act == "approve" and "has_read_file" in self.fields and not data.get("has_read_file"):
            self.add_error("has_read_file", _("Read the file itself, and say that you have."))
        joint = [name for name in ("joint_body", "joint_on", "joint_reference") if data.get(name)]
        if self.act == "approve" and (joint or self.is_joint):
            for name in ("joint_body", "joint_on", "joint_reference"):
                if not data.get(name) and not self.has_error(name):
                    self.add_error(name, _("A decision in cooperation has a body, a day and a place in the minutes."))
        return data

    def arguments(self) -> dict[str, Any]:
        """The arguments of the verb of `act`; of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        told: dict[str, Any] = {}
        if self.act == "send_back":
            return told | {"reason": data["reason"]}
        if self.act == "approve":
            told["has_read_file"] = bool(data.get("has_read_file"))
        if self.act == "approve" and data["joint_body"]:
            return told | {"joint": JointDecision(data["joint_body"], data["joint_on"], data["joint_reference"])}
        return told


class PublishingForm(forms.Form):
    """The change, the time from which it is shown and the last day that it applies. All times are Swedish."""

    when = forms.ChoiceField(
        label=gettext_lazy("When is it to be shown?"),
        choices=[("now", gettext_lazy("Now")), ("later", gettext_lazy("At a certain time"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    day = _day(label=gettext_lazy("Shown from"), required=False)
    time = forms.TimeField(
        label=gettext_lazy("At"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"invalid": gettext_lazy("Write the time as 14.30.")},
    )
    valid_to = _day(
        label=gettext_lazy("Valid to and including"),
        required=False,
        help_text=gettext_lazy("Empty: until further notice."),
    )
    change_summary = TypedText(
        label=gettext_lazy("What has changed?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands on top of the document's page for 60 days. What are readers to do differently?"),
    )
    is_major = forms.BooleanField(label=gettext_lazy("Major change"), required=False)
    to_come = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Choose what becomes of it.")}
    )
    accepts = forms.BooleanField(
        label=gettext_lazy("I have read what was found in the file, and publish it as it is"), required=False
    )

    def __init__(
        self, *args: Any, must_accept: bool, is_first: bool, fates: Fates | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].choice_help = {  # type: ignore[attr-defined]
            "now": _("As soon as you publish"),
            "later": _("Give day and time below"),
        }
        if is_first:
            self.fields["change_summary"].required = False
        if not must_accept:
            del self.fields["accepts"]
        if fates is None:
            del self.fields["to_come"]
            return
        asking = self.fields["to_come"]
        asking.label = _("What becomes of version %d?") % fates.number
        asking.choices = [(fate.value, fate.label) for fate in fates.words]  # type: ignore[attr-defined]
        asking.choice_help = {fate.value: words for fate, words in fates.words.items()}  # type: ignore[attr-defined]

    def clean_accepts(self) -> bool:
        if not self.cleaned_data["accepts"]:
            raise ValidationError(_("Choose a mended file, or say that this one is to be published as it is."))
        return True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["available_from"] = None
        if data.get("when") == "later" and not (self.has_error("day") or self.has_error("time")):
            self._moment(data)
        first = clock.swedish(data["available_from"] or clock.now()).date()
        if data.get("valid_to") and data["valid_to"] < first:
            self.add_error("valid_to", _("The last day comes before the first."))
        return data

    def _moment(self, data: dict[str, Any]) -> None:
        if not data.get("day"):
            self.add_error("day", _("Give the day from which it is shown."))
            return
        time = data.get("time") or dt.time.min
        wall = dt.datetime.combine(data["day"], time, tzinfo=clock.STOCKHOLM)
        moment = wall.astimezone(dt.UTC)
        if clock.swedish(moment).replace(tzinfo=None) != wall.replace(tzinfo=None):
            # 02.30 on the night when the clocks are put forward.
            self.add_error("time", _("There is no such time that night: the clocks are put forward. Give another."))
        elif moment <= clock.now():
            self.add_error("day", _("That time has passed. Give a later one, or choose now."))
        else:
            data["available_from"] = moment

    def arguments(self) -> dict[str, Any]:
        """The arguments of `lifecycle.publish`; of a valid form."""
        data = self.cleaned_data
        names = ("change_summary", "is_major", "valid_to", "available_from")
        # It applies from the day on which it is shown.
        return {name: data[name] for name in names} | {"valid_from": None, "to_come": data.get("to_come")}
