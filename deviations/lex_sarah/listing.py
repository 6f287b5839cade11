"""The matters of a social care lead: those to judge first, then those at work, at IVO, and done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.readers import Reader
from core import clock
from core.lists.tabs import choices, tab_of
from deviations.models import LexSarah, LexSarahDecision

ON_A_PAGE = 50
Outcome = LexSarahDecision.Outcome


class Tab(models.TextChoices):
    TO_JUDGE = "att-bedoma", _("To judge")
    AT_WORK = "att-avhjalpa", _("To remedy or report")
    AT_IVO = "hos-ivo", _("At IVO")
    DONE = "avslutade", _("Done")


def of_tab(reader: Reader, tab: str) -> models.QuerySet[LexSarah]:
    """Those of one tab, the longest wait first. Annotates `outcome`, the latest decision."""
    latest = LexSarahDecision.objects.filter(matter=OuterRef("pk")).order_by("-pk").values("outcome")[:1]
    rows = LexSarah.objects.open_to(reader).annotate(outcome=Subquery(latest))
    sent, remedied = Q(sent_on__isnull=False), Q(remedied_on__isnull=False)
    serious, lesser = Q(outcome=Outcome.SERIOUS), Q(outcome=Outcome.MISCONDUCT)
    answered = Q(ivo_decided_on__isnull=False)
    wanted = {
        Tab.TO_JUDGE: Q(outcome=None),
        Tab.AT_WORK: (lesser & ~remedied) | (serious & (~sent | (answered & ~remedied))),
        Tab.AT_IVO: serious & sent & ~answered,
        Tab.DONE: Q(outcome=Outcome.NONE) | (lesser & remedied) | (serious & answered & remedied),
    }[Tab(tab)]
    return rows.filter(wanted).order_by("-at" if tab == Tab.DONE else "at", "pk")


def waiting(reader: Reader) -> int:
    """How many wait for the lead's judgement."""
    return of_tab(reader, Tab.TO_JUDGE).count()


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/lex_sarah/list.html."""
    tab = tab_of(Tab, asked)
    counts = {one: of_tab(reader, one).count() for one in Tab.values}
    shown: Page[LexSarah] = Paginator(of_tab(reader, tab), ON_A_PAGE).get_page(asked.get("sida"))
    rows = shown.object_list.select_related("party__provider", "party__unit")  # type: ignore[attr-defined]
    today, names = clock.today(), dict(Outcome.choices)
    return {
        "tabs": choices(Tab, counts, tab),
        "page": shown,
        "rows": [
            (row, names.get(row.outcome, ""), max(0, (today - clock.swedish(row.at).date()).days)) for row in rows
        ],
    }
