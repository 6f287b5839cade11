"""The forms of the coordinator's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.readers import Reader
from core import clock
from core.typed import TypedDay
from deviations.entry.fields import CleanText, RecipientField, SwedishTimeField


class HandBackForm(forms.Form):
    reason = CleanText(
        label=gettext_lazy("What do you say to those who raised it?"),
        help_text=gettext_lazy("Only they read it. The case stays with those who have it now."),
        rows=3,
        error_messages={"required": gettext_lazy("Write why.")},
    )


class RouteForm(forms.Form):
    recipient = RecipientField(label=gettext_lazy("Who is to have the case?"))

    def __init__(self, *args: object, reader: Reader, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["recipient"].offer(reader)  # type: ignore[attr-defined]


class NudgeForm(forms.Form):
    words = CleanText(
        label=gettext_lazy("Words to those who are late"),
        help_text=gettext_lazy("Their case handlers read it in the case, and are told. At most once a week."),
        rows=3,
        error_messages={"required": gettext_lazy("Write what you ask of them.")},
    )


def usual_words() -> str:
    """A reminder as it is written most often; it can be changed before it is sent."""
    return _("The case has passed its day. Answer, or say what you wait for and by when you can.")


class MeetingForm(forms.Form):
    day = TypedDay(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Write which day.")},
    )
    time = SwedishTimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": gettext_lazy("Write which time.")},
    )
    place = CleanText(
        long=False,
        max_length=200,
        label=gettext_lazy("Place, or how to join"),
        error_messages={"required": gettext_lazy("Write where it is, or how to join.")},
    )
    about = CleanText(
        label=gettext_lazy("What is to be settled?"),
        rows=3,
        error_messages={"required": gettext_lazy("Write what is to be settled, so that the right persons come.")},
    )

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day < clock.today():
            raise ValidationError(_("The day has passed. Choose today or a later day."))
        return day

    def words(self) -> str:
        """The call, as the parties read it."""
        told = self.cleaned_data
        when = _("%(day)s at %(time)s") % {
            "day": date_format(told["day"], "l j F Y"), "time": told["time"].strftime("%H.%M"),
        }  # fmt: skip
        call = _("The coordinator calls to a meeting about the case: %(when)s, %(place)s.")
        return f"{call % {'when': when, 'place': told['place']}}\n\n{told['about']}"


class NoteForm(forms.Form):
    body = CleanText(
        label=gettext_lazy("Note of your own"),
        help_text=gettext_lazy("Only regional coordinators read it."),
        rows=3,
        error_messages={"required": gettext_lazy("Write something in the note.")},
    )
