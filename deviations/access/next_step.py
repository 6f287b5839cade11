"""The next step in a case, for whom and by when: the one thing to say first about it, in the case and in lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import clock
from deviations.access.turn import Act, turn_of
from deviations.models import WORKING, Party, S
from deviations.predicate import OpenedCase
from deviations.time.dues import CONCERNED, REPORTING, due_of, first_due

# The act of one's turn, and the verb that does it.
BY = {
    Act.CHOOSE: "add_party",
    Act.REPLY: "reply",
    Act.ACKNOWLEDGE: "acknowledge",
    Act.ANSWER: "answer",
    Act.READ_ANSWER: "accept",
    Act.CLOSE: "close",
}


@dataclass(frozen=True)
class Step:
    """`words`: what is to be done, to whoever is to do it; or whom one waits for."""

    words: str
    # Whether it is for those of the part that was asked about.
    is_ours: bool
    due: dt.date | None = None
    # The verb by which it is done; empty where one waits for others.
    verb: str = ""

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < clock.today()

    @property
    def days_late(self) -> int:
        return (clock.today() - self.due).days if self.due else 0


def next_step(party: Party, parties: Iterable[Party]) -> Step | None:
    """The next step for those who handle this part, among all parts of its case; None if there is none."""
    live = [p for p in parties if not p.has_ended]
    if party.has_ended or party.state == S.CLOSED:
        return None
    return _step(party, live)


def next_for(opened: OpenedCase) -> Step | None:
    """The next step in the case for whoever opened it; None once their part has ended."""
    if opened.until is not None:
        return None
    parties = opened.parties()
    return next_step(opened.party, parties) if opened.party else next_for_reporter(parties)


def next_for_reporter(parties: Iterable[Party]) -> Step | None:
    """The next step as whoever reported the case sees it."""
    live = [p for p in parties if not p.has_ended]
    reporting = next((p for p in live if p.side == REPORTING), None)
    if reporting is None or reporting.state == S.CLOSED:
        return None
    concerned = [p for p in live if p.side == CONCERNED]
    if not concerned:
        return Step(_("%s chooses who is to have the case") % reporting.label, is_ours=False, due=reporting.choose_due)
    if asking := [p for p in concerned if p.state == S.INFO_REQUESTED]:
        return Step(_("Reply to %s") % _names(asking), is_ours=True, verb=BY[Act.REPLY])
    if waiting := [p for p in concerned if p.state in WORKING]:
        return Step(_("%s answers") % _names(waiting), is_ours=False, due=_first_due(waiting))
    return Step(_("%s reads the answer and gives you feedback") % reporting.label, is_ours=False, due=due_of(reporting))


def next_from_outside(parties: Iterable[Party]) -> Step | None:
    """The next step, in words for somebody who is no party: who does it, and by when. The first due step stands for
    all."""
    live = [p for p in parties if not p.has_ended]
    home = next((p for p in live if p.side == REPORTING), None)
    if home is None or home.state == S.CLOSED:
        return None
    found = first_due(live)
    if found is None:
        return Step(_("The sender closes the case"), is_ours=False)
    day, due, party = found
    words = {
        ("choose_due", REPORTING): _("The sender chooses a recipient"),
        ("acknowledge_due", REPORTING): _("The sender acknowledges"),
        ("acknowledge_due", CONCERNED): _("The recipient acknowledges"),
        ("answer_due", CONCERNED): _("The recipient answers"),
        ("feedback_due", REPORTING): _("The sender reads the answer and gives feedback"),
    }[due.field, Party.Side(party.side)]
    if due.field == "answer_due" and party.state == S.INFO_REQUESTED:
        words = _("The sender replies to a question")
    return Step(words, is_ours=False, due=day)


def _step(party: Party, live: list[Party]) -> Step:
    """The turn of the part, in words for those who handle it."""
    turn, concerned = turn_of(party, live), [p for p in live if p.side == CONCERNED]
    waiting = [p for p in concerned if p.state in WORKING]
    words = {
        Act.CHOOSE: lambda: _("Choose who is to have the case"),
        Act.REPLY: lambda: _("Reply to %s") % _names(p for p in concerned if p.state == S.INFO_REQUESTED),
        Act.ACKNOWLEDGE: lambda: _("Acknowledge the case"),
        Act.ANSWER: lambda: _("Answer the case"),
        Act.READ_ANSWER: lambda: _("Read the answer, give feedback and close"),
        Act.CLOSE: lambda: _("Close your part"),
        Act.AWAIT_REPLY: lambda: _("%s replies to your question") % _names(p for p in live if p.side == REPORTING),
        Act.AWAIT_ANSWER: lambda: _("%s answers") % _names(waiting or concerned),
    }[turn.act]()
    due = _first_due(waiting) if turn.act is Act.AWAIT_ANSWER else due_of(party)
    return Step(words, is_ours=turn.is_ours, due=due, verb=BY.get(turn.act, ""))


def _names(parties: Iterable[Party]) -> str:
    return ", ".join(dict.fromkeys(p.label for p in parties))


def _first_due(parties: Iterable[Party]) -> dt.date | None:
    return min((p.answer_due for p in parties if p.answer_due), default=None)


def answer_due(opened: OpenedCase) -> dt.date | None:
    """The first day on which an answer is due."""
    return min((p.answer_due for p in opened.parties() if p.answer_due), default=None)
