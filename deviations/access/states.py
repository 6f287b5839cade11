"""The states of a case's parts: which verb leads where, the state of the whole, and what a reader can do now."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from deviations.models import NOT_ENDED, OPEN, WAY, WORKING, Case, Party, S
from deviations.predicate import OpenedCase

# Who does it, and to which part:
#   own        the handlers of the part
#   concerned  the handlers of a concerned part, to their own
#   reporting  the handlers of the reporting part, to their own
#   reply      the reporting part's handlers, or the reporter, to a concerned part
#   home       the handlers of the part, to their own; or the reporter, to the reporting part
#   at_home    the handlers of the reporting part, or the reporter, to the reporting part
#   both       the handlers of a concerned part or of the reporting, to the concerned
# {verb: (states it is done from, state it leads to or None for the same, who)}
TRANSITIONS: dict[str, tuple[frozenset[str], str | None, str]] = {
    "acknowledge": (frozenset({S.RECEIVED}), S.ACKNOWLEDGED, "own"),
    "assign": (OPEN, None, "own"),
    "start_investigation": (frozenset({S.RECEIVED, S.ACKNOWLEDGED}), S.INVESTIGATING, "concerned"),
    "ask": (WORKING - {S.INFO_REQUESTED}, S.INFO_REQUESTED, "concerned"),
    "reply": (frozenset({S.INFO_REQUESTED}), S.INVESTIGATING, "reply"),
    "send_message": (OPEN, None, "home"),
    "note": (NOT_ENDED, None, "own"),
    "start_acting": (frozenset({S.ACKNOWLEDGED, S.INVESTIGATING}), S.ACTING, "concerned"),
    "answer": (WORKING, S.ANSWERED, "concerned"),
    "close": (frozenset({S.ANSWERED}), S.CLOSED, "concerned"),
    # The reporting side has read all answers, and tells the reporter what came of it.
    "accept": (frozenset({S.ANSWERED}), S.CLOSED, "reporting"),
    # Between the reporter and their own handlers, also after the case.
    "write_home": (NOT_ENDED, None, "at_home"),
    "forward": (WORKING, S.FORWARDED, "concerned"),
    "refuse": (WORKING, S.MISDIRECTED, "concerned"),
    "reopen": (frozenset({S.ANSWERED, S.CLOSED}), S.INVESTIGATING, "both"),
    "add_party": (OPEN, None, "reporting"),
    # Before anybody it concerns has taken it up (`withdrawable`).
    "withdraw": (frozenset({S.RECEIVED, S.ACKNOWLEDGED}), S.WITHDRAWN, "at_home"),
    "escalate": (OPEN, None, "own"),
    "judge_harm": (OPEN, None, "own"),
    "correct": (OPEN, None, "own"),
    "split": (OPEN, None, "reporting"),
}


class CaseState(models.TextChoices):
    """The state of a case as a whole, derived from its parts and never stored. The words are those of the parts."""

    NEEDS_RECIPIENT = "needs_recipient", _("needs a recipient")
    RECEIVED = S.RECEIVED.value, S.RECEIVED.label
    ACKNOWLEDGED = S.ACKNOWLEDGED.value, S.ACKNOWLEDGED.label
    INVESTIGATING = S.INVESTIGATING.value, S.INVESTIGATING.label
    INFO_REQUESTED = S.INFO_REQUESTED.value, S.INFO_REQUESTED.label
    ACTING = S.ACTING.value, S.ACTING.label
    ANSWERED = S.ANSWERED.value, S.ANSWERED.label
    CLOSED = S.CLOSED.value, S.CLOSED.label
    WITHDRAWN = S.WITHDRAWN.value, S.WITHDRAWN.label


def state_of(case: Case) -> CaseState:
    """The state of the case: what its slowest live concerned part is at. No query where parts are prefetched."""
    parties = list(case.parties.all())
    home = next((p.state for p in parties if p.side == Party.Side.REPORTING), "")
    if home in (S.CLOSED, S.WITHDRAWN):
        return CaseState(home)
    live = {p.state for p in parties if p.side == Party.Side.CONCERNED and not p.has_ended}
    if not live:
        return CaseState.NEEDS_RECIPIENT
    if S.INFO_REQUESTED in live:
        return CaseState.INFO_REQUESTED
    # Of the rest, the one that has come the shortest way. It is closed by those who reported it, not before.
    state = next(state for state in WAY if state in live)
    return CaseState.ANSWERED if state == S.CLOSED else CaseState(state)


def withdrawable(parties: Iterable[Party]) -> bool:
    """Whether a case can be taken back: nobody it concerns has acknowledged it, or done anything with it."""
    concerned = [p for p in parties if p.side == Party.Side.CONCERNED]
    return all(p.state == S.RECEIVED and p.acknowledged_at is None for p in concerned)


def allowed_verbs(opened: OpenedCase) -> dict[str, list[Party]]:
    """What the reader can do now: each verb with the parts it can be done to. The verbs check again, under
    lock.
    """
    own = {p.pk for p in opened.own_parties if not p.has_ended}
    parties = opened.parties()
    for ordinal, party in enumerate(sorted(parties, key=lambda p: p.pk), 1):
        party.ordinal = ordinal  # type: ignore[attr-defined]  # what a form says in place of a key of the database
    at_home = opened.is_reporter or any(p.pk in own and p.side == Party.Side.REPORTING for p in parties)
    handles_reporting = any(p.pk in own and p.side == Party.Side.REPORTING for p in parties)
    concerned = {p.pk for p in parties if p.side == Party.Side.CONCERNED}
    reported = {p.pk for p in parties if p.side == Party.Side.REPORTING}
    allowed: dict[str, list[Party]] = {}
    for verb, (states, _to, who) in TRANSITIONS.items():
        open_to = {
            "own": own,
            "home": own | (reported - own if opened.is_reporter else set()),
            "concerned": own & concerned,
            "reporting": own - concerned,
            "reply": concerned if at_home else set(),
            "at_home": reported if at_home else set(),
            "both": concerned if handles_reporting else own & concerned,
        }[who]
        if found := [p for p in parties if p.pk in open_to and p.state in states and not p.has_ended]:
            allowed[verb] = found
    if any(p.side == Party.Side.REPORTING and p.state == S.CLOSED for p in parties):
        allowed.pop("escalate", None)
    if not withdrawable(parties):
        allowed.pop("withdraw", None)
    if opened.is_reporter and handles_reporting:
        allowed.pop("write_home", None)  # nobody writes to themselves
    return allowed
