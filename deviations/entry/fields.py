"""Form fields that understand what people write: Swedish dates and times, texts without identity numbers,
recipients.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import CareUnit, Provider
from accounts.readers import Reader, named
from core import clock
from core.identity.numbers import find_identity_numbers
from core.typed import TypedDay, TypedText
from deviations.access.handlers import RECEIVER_KINDS
from deviations.entry.reports import Recipient

MAX_TEXT = 10_000
# Marks that turn the reading direction: a text could show as another than it is.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_WRITTEN_DATE = re.compile(r"(?:den )?(\d{1,2})[.:a]{0,2}\s+([a-zåäö]{3,9})\.?(?:\s+(\d{4}))?", re.IGNORECASE)
_WRITTEN_TIME = re.compile(r"(?:kl\.?\s*)?(\d{1,2})(?:[.:]?(\d{2})(?:[.:]\d{2})?)?", re.IGNORECASE | re.ASCII)


class CleanText(TypedText):
    """A text without people's identity numbers. The error says which (masked) and how to mend it."""

    def __init__(self, *, long: bool = True, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_TEXT)
        if long:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return _DIRECTION.sub("", super().to_python(value)).strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if found := find_identity_numbers(value):
            raise ValidationError(
                _(
                    "The text holds what looks like an identity number: “%(number)s”. "
                    "Take it out; age and sex are enough."
                ),
                code="identity_number",
                params={"number": found[0].masked},
            )


class SwedishDateField(TypedDay):
    """A day: 2026-11-20, 20/11 2026, 20 november, i dag, i går. Without a year the latest such day that has
    been.
    """

    earliest = dt.date(2000, 1, 1)
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%Y%m%d", "%d/%m %Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"]
        super().__init__(input_formats=formats, **kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write the date as 2026-11-20 or 20 November.")
        self.error_messages.setdefault("required", gettext_lazy("Give a date, for example 20 November."))

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str):
            value = _written_day(value.strip().lower()) or value
        return super().to_python(value)


class ComingDateField(SwedishDateField):
    """The same for a day to come: without a year the next such day."""

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str):
            value = _written_day(value.strip().lower(), ahead=True) or value
        return super().to_python(value)


def _written_day(text: str, *, ahead: bool = False) -> dt.date | None:
    today = clock.today()
    if text in {"idag", "i dag", "today"}:
        return today
    if text in {"igår", "i går", "yesterday"}:
        return today - clock.ONE_DAY
    match = _WRITTEN_DATE.fullmatch(text)
    month = {"may": "maj", "oct": "okt"}.get(match[2][:3], match[2][:3]) if match else ""
    if match is None or month not in _MONTHS:
        return None
    try:
        day = dt.date(int(match[3] or today.year), _MONTHS.index(month) + 1, int(match[1]))
        if match[3] or (day >= today if ahead else day <= today):
            return day
        return day.replace(year=day.year + (1 if ahead else -1))
    except ValueError:
        return None


class SwedishTimeField(forms.TimeField):
    """A time of day: 14:30, 14.30, 1430, 14 or kl. 14. Nothing is guessed: 25, 7.5 and 99 are no times."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write the time as 14.30.")

    def strptime(self, value: str, format: str) -> dt.time:
        # Python's own reads "25" as five past two.
        match = _WRITTEN_TIME.fullmatch(value.strip())
        if match is None:
            raise ValueError(value)
        return dt.time(int(match[1]), int(match[2] or 0))


def moment(day: dt.date, time: dt.time | None) -> dt.datetime:
    """The aware moment of a Swedish day and time; midnight where no time is known."""
    return dt.datetime.combine(day, time or dt.time.min, tzinfo=clock.STOCKHOLM).astimezone(dt.UTC)


class RepeatedSelect(forms.SelectMultiple):
    """Several answers as one list each: easier to use than a list with many marked, and needs no script."""

    template_name = "deviations/repeated_select.html"
    allow_multiple_selected = True
    most = 4

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = [v for v in (value or []) if v]
        base = context["widget"]["attrs"].get("id", f"id_{name}")
        context["rows"] = [
            {
                "id": base if i == 0 else f"{base}_{i}",
                "value": chosen[i] if i < len(chosen) else "",
                "first": i == 0,
            }
            for i in range(max(self.most, len(chosen)))
        ]
        context["open"] = len(chosen) > 1
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [v for v in super().value_from_datadict(data, files, name) or [] if v]


def recipient_choices(reader: Reader) -> tuple[list[tuple[str, list[tuple[str, str]]]], dict[str, Recipient]]:
    """The places that can be sent a case today, by provider for a list, and by value ("p12" or "u34")."""
    providers = list(Provider.objects.with_access().filter(kind__in=RECEIVER_KINDS).order_by("name"))
    units: dict[int, list[CareUnit]] = {}
    for unit in CareUnit.objects.filter(provider__in=providers, is_active=True).order_by("name"):
        units.setdefault(unit.provider_id, []).append(unit)
    groups, by_value = [], {}
    for provider in providers:
        whole = (
            f"p{provider.pk}",
            _("%s, whichever unit it is") % provider.name if units.get(provider.pk) else provider.name,
        )
        rows = [
            (f"u{u.pk}", named(u.name, provider.name)) for u in units.get(provider.pk, []) if u.pk != reader.unit_id
        ]
        by_value[whole[0]] = Recipient(provider)
        by_value |= {f"u{u.pk}": Recipient(provider, u) for u in units.get(provider.pk, [])}
        if provider.pk == reader.provider_id:
            # One's own as a whole is what "only we" says.
            groups.append((provider.name, rows)) if rows else None
        else:
            groups.append((provider.name, [*rows, whole]))
    return groups, by_value


class RecipientField(forms.ChoiceField):
    """One recipient: gives a `Recipient`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Select)
        super().__init__(**kwargs)

    def offer(self, reader: Reader) -> None:
        groups, self.by_value = recipient_choices(reader)
        self.choices = [("", _("Choose a recipient")), *groups]

    def clean(self, value: Any) -> Recipient:
        return self.by_value[super().clean(value)]


class ConcernsField(forms.MultipleChoiceField):
    """Whom the event concerns: recipients, "own" (only we) or "unknown" (our handler chooses)."""

    widget = RepeatedSelect

    def offer(self, reader: Reader) -> None:
        groups, self.by_value = recipient_choices(reader)
        own = Provider.objects.get(pk=reader.provider_id)
        unit = CareUnit.objects.filter(pk=reader.unit_id).first() if reader.unit_id else None
        self.by_value["own"] = Recipient(own, unit)
        self.choices = [
            (
                _("Not another provider"),
                [
                    ("own", _("Only we: %s") % reader.place),
                    ("unknown", _("I do not know. Our case handler chooses")),
                ],
            ),
            *groups,
        ]

    def clean(self, value: Any) -> tuple[Recipient, ...]:
        chosen = dict.fromkeys(super().clean(value))
        return tuple(self.by_value[v] for v in chosen if v != "unknown")


__all__ = [
    "CleanText",
    "ComingDateField",
    "ConcernsField",
    "RecipientField",
    "RepeatedSelect",
    "SwedishDateField",
    "SwedishTimeField",
    "moment",
]
