"""One case as the medically responsible read it, made ready for the template; and the investigation as a paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from deviations.access.next_step import next_from_outside
from deviations.case.page import told
from deviations.closing import gates
from deviations.investigation.page import Desk
from deviations.models import Investigation, LexMaria, Party
from deviations.oversight import board
from deviations.predicate import OpenedCase


@dataclass(frozen=True)
class Overseen:
    """A part that is overseen. `number`: its place among the case's parts, for addresses. `is_ours`: the municipality's
    own, whose investigation, decision and notice to the board are read.
    """

    number: int
    party: Party
    is_ours: bool
    matter: LexMaria | None
    decision: bool | None
    investigation: Investigation | None
    shown: str

    @property
    def is_concerned(self) -> bool:
        return self.is_ours and self.party.side == Party.Side.CONCERNED


def overseen(opened: OpenedCase) -> list[Overseen]:
    """The parts of the case that the reader oversees, in the order of the case's parts."""
    order, own = sorted(opened.parties(), key=lambda p: p.pk), {p.pk: p for p in opened.overseen}
    papers = {i.party_id: i for i in Investigation.objects.overseen_by(opened.reader).filter(party__in=own)}
    found = []
    for number, place in enumerate(order, 1):
        if (party := own.get(place.pk)) is None:
            continue
        is_ours = party.provider_id == opened.reader.provider_id
        latest = party.lex_maria_decisions.order_by("-pk").first() if is_ours else None
        matter = LexMaria.objects.filter(party=party).first() if is_ours else None
        decision = latest.notifies if latest else None
        found.append(Overseen(number, party, is_ours, matter, decision, papers.get(party.pk), board.mark(party)))
    return found


def context(opened: OpenedCase) -> dict[str, Any]:
    """The context of deviations/oversight/case.html, but for its forms."""
    parties = opened.parties()
    shown = told(opened, parties)
    is_live = opened.until is None
    return shown | {
        "overseen": overseen(opened),
        "next": next_from_outside(parties) if is_live else None,
        "thread": [*shown["messages_earlier"], *shown["messages_shared"]],
        "is_serious": is_live and gates.is_serious(opened.case),
    }


def part_or_404(opened: OpenedCase, wanted: str) -> Overseen:
    """The overseen part with this number."""
    for one in overseen(opened):
        if str(one.number) == wanted:
            return one
    raise Http404


def paper_or_404(opened: OpenedCase, wanted: str) -> Desk:
    """The investigation of the municipality's own part with this number, for its paper."""
    one = part_or_404(opened, wanted)
    if one.investigation is None:
        raise Http404
    one.party.case = opened.case
    return Desk(opened, one.party, one.number, one.investigation, ())
