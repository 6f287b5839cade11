"""What the page of a document's visibility takes in: who shall be able to read, until when, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.models import CareUnit, Provider
from accounts.typed import TypedText
from documents.visibility_preview import Grant, Visibility

FLAGS = ("public", "regional", "private", "municipal")
# Of a provider and its unit in one value of a form; no name has it.
_BETWEEN = " › "
MAX_NAMED = 200
SUGGESTED = 8


def value_of(provider: str, unit: str | None = None) -> str:
    """A provider or a unit as forms name it: by names, which are unique, and never by our keys."""
    return provider if unit is None else f"{provider}{_BETWEEN}{unit}"


@dataclass
class Named:
    """A row of the form: a named provider or unit, and until when."""

    value: str
    grant: Grant | None = None
    until: str = ""
    error: str = ""

    @property
    def label(self) -> str:
        provider, _between, unit = self.value.partition(_BETWEEN)
        return f"{unit} ({provider})" if unit else provider


def rows_of(grants: Iterable[Grant]) -> list[Named]:
    """The rows of what is named already."""
    grants = list(grants)
    values = _values(Q(pk__in=[g.provider for g in grants]), Q(pk__in=[g.unit for g in grants if g.unit]))
    by_place = {place: value for value, place in values.items()}
    return [Named(by_place[g.place], g, g.until.isoformat() if g.until else "") for g in grants if g.place in by_place]


def rows_sent(data: QueryDict) -> list[Named]:
    """The rows that were sent, each read and each fault told beside it. What is named twice is there once."""
    values, days = data.getlist("named")[:MAX_NAMED], data.getlist("until")[:MAX_NAMED]
    days += [""] * (len(values) - len(days))
    sent = dict(zip(values, days, strict=False))
    for value in data.getlist("add")[:1]:
        sent.setdefault(value, "")
    for value in data.getlist("remove")[:1]:
        sent.pop(value, None)
    providers = [value.partition(_BETWEEN)[0] for value in sent]
    known = _values(Q(name__in=providers), Q(provider__name__in=providers))
    return [_row(value, day, known) for value, day in sent.items()]


def _values(providers: Q, units: Q) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {
        value_of(p.name): (p.pk, None) for p in Provider.objects.filter(providers).only("name")
    }
    for unit in CareUnit.objects.filter(units).select_related("provider").only("name", "provider__name"):
        found[value_of(unit.provider.name, unit.name)] = (unit.provider_id, unit.pk)
    return found


def _row(value: str, day: str, known: dict[str, tuple[int, int | None]]) -> Named:
    if value not in known:
        return Named(value[:200], until=day, error=_("There is no provider or unit of this name. Take it away."))
    row = Named(value, Grant(*known[value]), until=day)
    if day.strip():
        try:
            until = date.fromisoformat(day.strip())
        except ValueError:
            row.error = _("Write the day as year-month-day, for example %s.") % clock.today().isoformat()
            return row
        if until < clock.today():
            row.error = _("This day has passed: %s. Give a later one, or none.") % date_format(until, "j F Y")
        row.grant = Grant(*known[value], until)
    return row


def suggested(text: str, chosen: Iterable[str] = ()) -> list[Named]:
    """Providers and units whose names have all these words, that are not chosen yet; few."""
    words = text.replace("\x00", "").split()[:6]
    if not words:
        return []
    providers, units = Q(is_active=True), Q(is_active=True, provider__is_active=True)
    for word in words:
        providers &= Q(name__icontains=word)
        units &= Q(name__icontains=word) | Q(provider__name__icontains=word)
    found = [
        Named(value_of(p.name), Grant(p.pk, None))
        for p in Provider.objects.filter(providers).only("name").order_by("name")[:SUGGESTED]
    ]
    rows = CareUnit.objects.filter(units).select_related("provider").order_by("provider__name", "name")[:SUGGESTED]
    found += [Named(value_of(u.provider.name, u.name), Grant(u.provider_id, u.pk)) for u in rows]
    chosen = set(chosen)
    return [named for named in found if named.value not in chosen][:SUGGESTED]


class ReadersForm(forms.Form):
    """Whom a document shall be visible to: flags, named rows (`rows`), and why."""

    public = forms.BooleanField(required=False)
    regional = forms.BooleanField(required=False)
    private = forms.BooleanField(required=False)
    municipal = forms.BooleanField(required=False)
    reason = TypedText(
        label=gettext_lazy("Why do you change it?"),
        help_text=gettext_lazy("Shown in the history. One sentence is enough."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, *, proposed: Visibility) -> None:
        super().__init__(data, initial={name: getattr(proposed, name) for name in FLAGS})
        self.rows = rows_of(proposed.grants) if data is None else rows_sent(data)
        self.is_saving = data is not None and "save" in data

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if self.is_saving and not reason:
            raise ValidationError(_("Write why you change it. One sentence is enough."))
        return reason

    def clean(self) -> dict[str, Any]:
        if any(row.error for row in self.rows):
            raise ValidationError(_("Correct what is marked among the named ones."))
        return super().clean() or self.cleaned_data

    def proposed(self) -> Visibility:
        """What was chosen; of a valid form."""
        named = tuple(row.grant for row in self.rows if row.grant)
        return Visibility(**{name: self.cleaned_data[name] for name in FLAGS}, grants=named)

    @property
    def chosen(self) -> dict[str, bool]:
        return {name: bool(self[name].value()) for name in FLAGS}
