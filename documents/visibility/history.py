"""How a document's visibility has been: each state it had, who made it so and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import CareUnit, Provider
from accounts.roles import GROUPS
from core import clock
from documents.models import Document, DocumentEvent
from documents.visibility.preview import Visibility, described, in_words

DOORS = {
    "portal": gettext_lazy("in the portal"),
    "admin": gettext_lazy("in the administration"),
    "api": gettext_lazy("by another system"),
    "job": gettext_lazy("by the portal itself"),
    "command": gettext_lazy("by a command of the operator"),
}


@dataclass(frozen=True)
class Change:
    """One change. `ordinal` counts from the document's first state, and names it in addresses."""

    ordinal: int
    at: datetime
    by: str
    door: str
    reason: str
    before: list[str]
    after: list[str]
    is_first: bool
    is_now: bool


def changes(document: Document) -> list[Change]:
    """All of them, newest first; the last is how it was made."""
    events = _events(document)
    told = [
        Change(
            ordinal=ordinal,
            at=event.at,
            by=event.by_label,
            door=str(DOORS.get(event.door, "")),
            reason=event.reason,
            before=_words(event.before),
            after=_words(_after(event)),
            is_first=event.verb == "created",
            is_now=ordinal == len(events),
        )
        for ordinal, event in enumerate(events, 1)
    ]
    return told[::-1]


def state_at(document: Document, ordinal: str) -> Visibility | None:
    """The state that a change of the history made, as it can be had today: those who are gone and days that have
    passed are left out. None for what is no ordinal.
    """
    events = _events(document)
    if not (ordinal.isascii() and ordinal.isdigit() and 0 < int(ordinal[:9]) <= len(events)):
        return None
    then = described(_after(events[int(ordinal) - 1]))
    providers = set(Provider.objects.filter(pk__in=[g.provider for g in then.grants]).values_list("pk", flat=True))
    units = set(CareUnit.objects.filter(pk__in=[g.unit for g in then.grants if g.unit]).values_list("pk", flat=True))
    kept = tuple(
        g
        for g in then.grants
        if g.provider in providers and (g.unit is None or g.unit in units) and (not g.until or g.until >= clock.today())
    )
    return Visibility(then.public, then.regional, then.private, then.municipal, kept)


def _events(document: Document) -> list[DocumentEvent]:
    return list(document.events.filter(verb__in=["created", "visibility_changed"]).order_by("pk"))


def _after(event: DocumentEvent) -> dict[str, object]:
    found: dict[str, object] = event.after.get("visibility", {}) if event.verb == "created" else event.after
    return found


def _words(facts: dict[str, object]) -> list[str]:
    """In the words of today for the groups, and the names of then for the named."""
    public, regional, private, municipal = (bool(facts.get(f"visible_{name}")) for name in GROUPS)
    groups = in_words(Visibility(public, regional, private, municipal))
    named = [_named(grant) for grant in facts.get("grants", [])]  # type: ignore[attr-defined]
    return groups + named


def _named(grant: dict[str, str]) -> str:
    name = grant.get("name") or _("a provider that is gone")
    return f"{name} (→ {grant['until']})" if grant.get("until") else name
