"""The cast with cases: reports as Sara writes them, and the parts of a case."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from core import clock
from deviations.entry.reports import Recipient, Report
from deviations.models import Case, DeviationType, Party
from deviations.verbs import submission
from tests import cast


@dataclass
class Cast(cast.Cast):
    def type(self) -> DeviationType:
        return DeviationType.objects.get(code="utskrivning")

    def report(self, *concerns: Recipient, **changes: Any) -> Report:
        fields: dict[str, Any] = {
            "event_kind": Case.EventKind.ADVERSE_EVENT,
            "type": self.type(),
            "occurred_at": clock.now() - dt.timedelta(days=2),
            "description": "Epikrisen saknades när patienten kom hem. Läkemedelslistan kom fyra dagar senare.",
            "concerns": concerns,
        }
        return Report(**{**fields, **changes})

    def case(self, *concerns: Recipient, by: str = "sara", **changes: Any) -> Case:
        """A case from Sara at Björken; to the emergency clinic unless other recipients are given."""
        concerns = concerns or (Recipient(self.region, self.akut),)
        return submission.submit(uuid.uuid4(), data=self.report(*concerns, **changes), by=self[by])


def concerned(case: Case) -> Party:
    return case.parties.get(side=Party.Side.CONCERNED, ended_at=None)


def reporting(case: Case) -> Party:
    return case.parties.get(side=Party.Side.REPORTING)
