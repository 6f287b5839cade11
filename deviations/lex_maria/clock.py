"""The days of a matter, against "snarast". The limits are the provider's guidance; the law states none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from deviations.models import Case, CaseEvent, CaseRules, LexMaria, Party

# From event to notification in the country, by the national audit office.
MEDIAN_DAYS = 166
# The width of the drawing, and the days that it holds.
_WIDTH, _DAYS = 476, 180


@dataclass(frozen=True)
class Running:
    """One clock. `days` since `since`, up to `until` where it has stopped."""

    name: str | Promise
    since: dt.date
    until: dt.date | None
    yellow: int
    red: int

    @property
    def days(self) -> int:
        return max(0, ((self.until or clock.today()) - self.since).days)

    @property
    def level(self) -> str:
        """Empty, "yellow" or "red"."""
        return "red" if self.days >= self.red else "yellow" if self.days >= self.yellow else ""

    @property
    def is_over(self) -> bool:
        return self.until is not None

    def at(self, days: int) -> int:
        """The place of a number of days along the drawing."""
        return round(_WIDTH * min(days, _DAYS) / _DAYS) if days < _DAYS else _WIDTH - 9

    @property
    def marks(self) -> dict[str, int]:
        told = {"hand": self.at(self.days), "yellow": self.at(self.yellow), "red": self.at(self.red)}
        return told | {"median": self.at(MEDIAN_DAYS), "left": self.at(self.days) - 9, "right": self.at(self.days) + 9}


def known_on(party: Party, matter: LexMaria | None) -> dt.date:
    """The day on which the part knew: as it is written, or else when the harm was first judged serious; not before the
    part had the case.
    """
    if matter and matter.known_on:
        return matter.known_on
    serious = Q(data__actual=Case.Harm.SERIOUS_HARM) | Q(data__potential=Case.Harm.SERIOUS_HARM)
    judged = CaseEvent.objects.filter(serious, case=party.case_id, verb="judge_harm").order_by("pk").first()
    at = max(judged.at, party.received_at) if judged else party.received_at
    return clock.swedish(at).date()


def clocks(party: Party, matter: LexMaria | None, rules: CaseRules) -> list[Running]:
    """Since the event and since it was known, until the notification; and the investigation, until that is sent."""
    happened, known = clock.swedish(party.case.occurred_at).date(), known_on(party, matter)
    sent, done = (matter.sent_on, matter.investigation_sent_on) if matter else (None, None)
    limits: tuple[Any, Any] = (rules.yellow_days, rules.red_days)
    return [
        Running(_("Notification, since the event"), happened, sent, *limits),
        Running(_("Notification, since it was known"), known, sent, *limits),
        Running(_("Investigation, since it was known"), known, done, *limits),
    ]
