"""The list of the medically responsible: the parts that they oversee, those first of which the board is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.readers import Reader
from core.lists.tabs import choices, tab_of
from deviations.models import OPEN, Case, DeviationType, LexMaria, LexMariaDecision, Party

ON_A_PAGE = 50
SERIOUS = Case.Harm.SERIOUS_HARM


class Tab(models.TextChoices):
    BOARD = "till-namnden", _("To tell the board of")
    OPEN = "pagar", _("Open")
    DONE = "avslutade", pgettext_lazy("cases", "Closed")


@dataclass(frozen=True)
class Row:
    """One part. `title` and `type` as they were when the part ended; `decision` and `board` of one's own municipality's
    parts alone.
    """

    party: Party
    title: str
    type: str
    is_own: bool
    is_serious: bool
    decision: bool | None
    board: Any


def of_tab(reader: Reader, tab: str) -> models.QuerySet[Party]:
    rows = Party.objects.overseen_by(reader)
    if tab == Tab.BOARD:
        return to_tell(reader).order_by("received_at", "pk")
    is_open = Q(ended_at=None, state__in=OPEN)
    return rows.filter(is_open if tab == Tab.OPEN else ~is_open).order_by("-received_at", "-pk")


def to_tell(reader: Reader) -> models.QuerySet[Party]:
    """The municipality's own live parts of events with serious harm, or a risk of it, that the board has not been told
    of.
    """
    serious = Q(case__actual_harm=SERIOUS) | Q(case__potential_harm=SERIOUS)
    told = Exists(LexMaria.objects.filter(party=OuterRef("pk"), board_told_on__isnull=False))
    own = Party.objects.overseen_by(reader).filter(provider=reader.provider_id, side=Party.Side.CONCERNED)
    return own.filter(serious, ended_at=None).exclude(told)


def _narrowed(rows: models.QuerySet[Party], words: str) -> models.QuerySet[Party]:
    for word in words.split()[:5]:
        place = Q(unit__name__icontains=word) | Q(provider__name__icontains=word)
        rows = rows.filter(place | Q(title__icontains=word) | Q(case__number__icontains=word))
    return rows


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/oversight/list.html: one page of a tab, narrowed by the words in `q`."""
    tab, words = tab_of(Tab, asked), asked.get("q", "").replace("\x00", "").strip()[:100]
    found = {one: _narrowed(of_tab(reader, one).with_facts(), words) for one in Tab.values}  # type: ignore[attr-defined]
    counts = {one: rows.count() for one, rows in found.items()}
    shown: Page[Party] = Paginator(found[tab], ON_A_PAGE).get_page(asked.get("sida"))
    types = {one.code: str(one) for one in DeviationType.objects.all()}
    matter = LexMaria.objects.filter(party=OuterRef("pk")).values("board_told_on")
    latest = LexMariaDecision.objects.filter(party=OuterRef("pk")).order_by("-pk").values("notifies")[:1]
    rows = shown.object_list.select_related("case", "provider", "unit").annotate(  # type: ignore[attr-defined]
        board=Subquery(matter), notifies=Subquery(latest), number=F("case__number")
    )
    return {
        "tabs": choices(Tab, counts, tab),
        "tab": tab,
        "words": words,
        "query": urlencode({"q": words}) if words else "",
        "page": shown,
        "rows": [_row(party, types, reader) for party in rows],
    }


def _row(party: Any, types: Mapping[str, str], reader: Reader) -> Row:
    is_own, case = party.provider_id == reader.provider_id, party.case
    # SECURITY: of a provider under an agreement neither its decision nor a judgement made after its part ended.
    shows = is_own and party.side == Party.Side.CONCERNED
    serious = not party.has_ended and SERIOUS in (case.actual_harm, case.potential_harm)
    return Row(
        party=party,
        title=party.title,
        type=types.get(party.type_code, party.type_code),
        is_own=shows,
        is_serious=serious,
        decision=party.notifies if shows else None,
        board=party.board if shows else None,
    )
