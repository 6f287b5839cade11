"""The matters of a lex Maria officer: those that wait for a decision, those at IVO, those that are done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.readers import Reader
from core import clock
from deviations.closing import gates
from deviations.lex_maria.clock import Running, clocks
from deviations.models import Case, CaseRules, LexMaria, LexMariaDecision, Party

ON_A_PAGE = 50
SERIOUS = Case.Harm.SERIOUS_HARM


class Tab(models.TextChoices):
    TO_ASSESS = "att-prova", _("To assess")
    AT_IVO = "anmalda", _("Notified, waiting for IVO")
    DONE = "avslutade", _("Done")


@dataclass(frozen=True)
class Row:
    """One matter. `decision` is the latest, or None."""

    party: Party
    running: list[Running]
    decision: bool | None
    sent_on: dt.date | None


def matters(reader: Reader) -> models.QuerySet[Party]:
    """The parts whose harm is judged serious, of those that the reader handles. Annotates `notifies`, the latest
    decision.
    """
    if not reader.decides_lex_maria:
        return Party.objects.none()
    serious = Q(case__actual_harm=SERIOUS) | Q(case__potential_harm=SERIOUS)
    latest = LexMariaDecision.objects.filter(party=OuterRef("pk")).order_by("-pk").values("notifies")[:1]
    own = Party.objects.handled_by(reader).filter(serious, side=Party.Side.CONCERNED, ended_at=None)
    return own.annotate(notifies=Subquery(latest))


def of_tab(reader: Reader, tab: str) -> models.QuerySet[Party]:
    rows = LexMaria.objects.filter(party=OuterRef("pk"))
    sent, answered = Exists(rows.filter(sent_on__isnull=False)), Exists(rows.filter(ivo_decided_on__isnull=False))
    wanted = {
        Tab.TO_ASSESS: Q(notifies=None) | (Q(notifies=True) & ~Q(sent)),
        Tab.AT_IVO: Q(notifies=True) & Q(sent) & ~Q(answered),
        Tab.DONE: Q(notifies=False) | (Q(notifies=True) & Q(answered)),
    }[Tab(tab)]
    order = F("case__occurred_at").desc() if tab == Tab.DONE else F("case__occurred_at").asc()
    return matters(reader).filter(wanted).order_by(order, "pk")


def waiting(reader: Reader) -> int:
    """How many wait for the officer's decision."""
    return matters(reader).filter(notifies=None).count()


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/lex_maria/list.html: one page of a tab, those that have waited longest first."""
    tab = asked.get("vy", "") if asked.get("vy", "") in Tab.values else Tab.TO_ASSESS
    counts = {one: of_tab(reader, one).count() for one in Tab.values}
    shown: Page[Party] = Paginator(of_tab(reader, tab), ON_A_PAGE).get_page(asked.get("sida"))
    rules = gates.rules_of_provider(reader.provider_id)
    parties = list(shown.object_list.select_related("case", "case__type", "provider", "unit"))  # type: ignore[attr-defined]
    found = {m.party_id: m for m in LexMaria.objects.filter(party__in=parties)}
    return {
        "tabs": [(one.value, one.label, counts[one.value], one.value == tab) for one in Tab],
        "tab": tab,
        "page": shown,
        "rows": [_row(party, found.get(party.pk), rules) for party in parties],
        "median": _median(reader),
    }


def _row(party: Party, matter: LexMaria | None, rules: CaseRules) -> Row:
    running = clocks(party, matter, rules)
    return Row(party, running, party.notifies, matter.sent_on if matter else None)  # type: ignore[attr-defined]


def _median(reader: Reader) -> dict[str, int] | None:
    """This year's days from event to notification, of the reader's matters: their median and how many; None of none."""
    own = LexMaria.objects.filter(party__in=matters(reader).values("pk"), sent_on__year=clock.today().year)
    days = [
        (sent - clock.swedish(at).date()).days
        for sent, at in own.values_list("sent_on", "party__case__occurred_at")
        if sent
    ]
    return {"days": round(median(days)), "count": len(days)} if days else None
