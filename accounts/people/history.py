"""One person's work for a provider over time: each thing given and taken, by whom, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Assignment, AuditEvent, CareUnit
from accounts.roles import role_words

SHOWN = 60
_BY_ADMINISTRATION = gettext_lazy("Changed by the administration")
# The words of each kind of event.
_SAID = {
    "invitation_accepted": gettext_lazy("Came in by an invitation"),
    "roles_changed": gettext_lazy("Roles changed"),
    "roles_taken_away": gettext_lazy("Did not get the roles"),
    "role_suspended": gettext_lazy("Waits for the provider's yes"),
    "role_confirmed": gettext_lazy("Confirmed"),
    "role_rejected": gettext_lazy("Not confirmed: the assignment ended"),
    "title_changed": gettext_lazy("Another title"),
    "assignment_moved": gettext_lazy("Another unit"),
    "assignment_ended": gettext_lazy("The assignment ended"),
    "assignment_paused": gettext_lazy("Paused until further notice"),
    "assignment_resumed": gettext_lazy("The pause ended"),
    "assignment_reopened": gettext_lazy("Has access again"),
    "stand_in_arranged": gettext_lazy("A stand-in was arranged"),
    "stand_in_ended": gettext_lazy("The stand-in ended"),
    "access_confirmed": gettext_lazy("Confirmed in the yearly review"),
    "access_unconfirmed": gettext_lazy("Last day set"),
    "admin_added": gettext_lazy("Given by the administration"),
    "admin_changed": _BY_ADMINISTRATION,
}


@dataclass(frozen=True)
class Line:
    """One thing that happened: when, in words, and who did it."""

    at: dt.datetime
    words: str
    who: str


def history(assignments: Iterable[Assignment]) -> list[Line]:
    """The events of these assignments of one person, the latest first; at most SHOWN. Two queries."""
    keys = [str(a.pk) for a in assignments]
    rows = AuditEvent.objects.filter(target_type="assignment", target_id__in=keys, action__in=list(_SAID))
    events = list(rows.order_by("-pk")[:SHOWN])
    units = {e.data.get("after") for e in events if e.action == "assignment_moved"}
    names = dict(CareUnit.objects.filter(pk__in=[pk for pk in units if pk]).values_list("pk", "name"))
    return [Line(e.at, _words(e, names), e.actor_label) for e in events]


def _words(event: AuditEvent, units: dict[int, str]) -> str:
    data = event.data
    if event.action == "roles_changed":
        return _("Roles: %(after)s (before: %(before)s)") % {
            "after": role_words(data.get("after", ())),
            "before": role_words(data.get("before", ())),
        }
    if event.action == "assignment_moved":
        return _("Works at: %s") % units.get(data.get("after") or 0, _("the whole provider"))
    if event.action in ("assignment_ended", "assignment_paused") and data.get("last_day"):
        words = _("Last day set: %s") if event.action == "assignment_ended" else _("Paused to and including %s")
        return words % _day(data["last_day"])
    if event.action == "access_unconfirmed":
        return _("Confirmed by nobody in the yearly review. Last day set: %s") % _day(data["last_day"])
    roles = role_words(data.get("roles", ()) or ())
    return f"{_SAID[event.action]}: {roles}" if roles else str(_SAID[event.action])


def _day(text: str) -> str:
    return formats.date_format(dt.date.fromisoformat(text), "j F Y")
