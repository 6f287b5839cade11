"""Forms of the page of a document's visibility: the readers, until when, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Provider
from accounts.providers import places
from accounts.providers.places import Place
from accounts.roles import GROUP_NAMES, GROUPS
from core import clock
from core.typed import TypedText
from documents.visibility.preview import Grant, Visibility, VisibilityChange

MAX_NAMED = 200


@dataclass
class Named:
    """A row of the form: a named provider or unit, and until when."""

    value: str
    grant: Grant | None = None
    until: str = ""
    error: str = ""
    # Nobody there has access to the portal today: what they are given counts when they have.
    is_without_access: bool = False

    @property
    def label(self) -> str:
        return places.label_of(self.value)


def rows_of(grants: Iterable[Grant]) -> list[Named]:
    """The rows of what is named already."""
    grants = list(grants)
    there = places.with_keys([g.provider for g in grants], [g.unit for g in grants if g.unit])
    return [Named(there[g.place].value, g, g.until.isoformat() if g.until else "") for g in grants if g.place in there]


def rows_sent(data: QueryDict) -> list[Named]:
    """The rows that were sent, each read and each fault told beside it. A place that is named twice is there once."""
    values, days = data.getlist("named")[:MAX_NAMED], data.getlist("until")[:MAX_NAMED]
    days += [""] * (len(values) - len(days))
    sent = dict(zip(values, days, strict=False))
    for value in data.getlist("add")[:1]:
        sent.setdefault(value, "")
    for value in data.getlist("remove")[:1]:
        sent.pop(value, None)
    known = places.known(sent)
    return [_row(value, day, known.get(value)) for value, day in sent.items()]


def _row(value: str, day: str, place: Place | None) -> Named:
    if place is None:
        return Named(value[:200], until=day, error=_("There is no provider or unit of this name. Take it away."))
    row = Named(value, Grant(place.provider_id, place.unit_id), until=day)
    if day.strip():
        try:
            until = date.fromisoformat(day.strip())
        except ValueError:
            row.error = _("Write the day as year-month-day, for example %s.") % clock.today().isoformat()
            return row
        if until < clock.today():
            row.error = _("This day has passed: %s. Give a later one, or none.") % date_format(until, "j F Y")
        row.grant = Grant(place.provider_id, place.unit_id, until)
    return row


def _mark_without_access(rows: list[Named]) -> None:
    named = [row.grant.provider for row in rows if row.grant]
    let_in = set(Provider.objects.with_access().filter(pk__in=named).values_list("pk", flat=True))
    for row in rows:
        row.is_without_access = row.grant is not None and row.grant.provider not in let_in


class _NamedForm(forms.Form):
    """Named rows (`rows`), and why."""

    reason = TypedText(
        label=gettext_lazy("Why do you change it?"),
        help_text=gettext_lazy("Shown in the history. One sentence is enough."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None, rows: list[Named], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.rows = rows if data is None else rows_sent(data)
        _mark_without_access(self.rows)
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

    @property
    def named(self) -> tuple[Grant, ...]:
        return tuple(row.grant for row in self.rows if row.grant)


class ReadersForm(_NamedForm):
    """Whom a document shall be visible to."""

    public = forms.BooleanField(required=False)
    regional = forms.BooleanField(required=False)
    private = forms.BooleanField(required=False)
    municipal = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None = None, *, proposed: Visibility) -> None:
        super().__init__(data, rows_of(proposed.grants), initial={name: getattr(proposed, name) for name in GROUPS})

    def proposed(self) -> Visibility:
        """The chosen values; of a valid form."""
        return Visibility(**{name: self.cleaned_data[name] for name in GROUPS}, grants=self.named)

    @property
    def chosen(self) -> dict[str, bool]:
        return {name: bool(self[name].value()) for name in GROUPS}


_KEEP = [("", gettext_lazy("Leave as it is")), ("open", gettext_lazy("Open")), ("close", gettext_lazy("Close"))]


class ManyReadersForm(_NamedForm):
    """The same change to many documents: what is left alone stays as each has it. `rows` are named ones to add."""

    public = forms.ChoiceField(label=GROUP_NAMES["public"], choices=_KEEP, required=False)
    regional = forms.ChoiceField(label=GROUP_NAMES["regional"], choices=_KEEP, required=False)
    private = forms.ChoiceField(label=GROUP_NAMES["private"], choices=_KEEP, required=False)
    municipal = forms.ChoiceField(label=GROUP_NAMES["municipal"], choices=_KEEP, required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, [])
        self.taken = [] if data is None else data.getlist("take")[:MAX_NAMED]

    def change(self) -> VisibilityChange:
        """The chosen values; of a valid form."""
        flags: dict[str, Any] = {name: {"open": True, "close": False}.get(self.cleaned_data[name]) for name in GROUPS}
        taken = places.known(self.taken).values()
        gone = tuple(Grant(place.provider_id, place.unit_id) for place in taken)
        return VisibilityChange(**flags, add=self.named, remove=gone)
