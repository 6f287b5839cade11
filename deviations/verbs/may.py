"""Whether a verb can be done to a part now, by this reader. A case's page and the lock of each verb ask the same
function: the page of what it shows, the lock of what the database has at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from deviations.access.states import withdrawable
from deviations.models import Party, S
from deviations.predicate import OpenedCase
from deviations.verbs.table import VERBS, Verb, Who


@dataclass(frozen=True)
class Standing:
    """How one reader stands in one case. `own`: keys of the live parts they handle; `parties`: all that they see."""

    parties: Sequence[Party]
    own: frozenset[int]
    is_reporter: bool
    user_id: int | None = None

    @property
    def reporting(self) -> Party | None:
        return next((p for p in self.parties if p.side == Party.Side.REPORTING), None)

    def handles(self, party: Party | None) -> bool:
        return party is not None and party.pk in self.own

    def actor(self, verb: Verb, party: Party) -> tuple[Party | None, bool]:
        """The part that acts, and whether it is the reporter who does; None where the reader may not."""
        is_concerned, home = party.side == Party.Side.CONCERNED, self.reporting
        takes_concerned = verb.who in (Who.CONCERNED, Who.REPLY, Who.BOTH)
        takes_reporting = verb.who in (Who.REPORTING, Who.AT_HOME)
        if (takes_concerned and not is_concerned) or (takes_reporting and is_concerned):
            return None, False
        if verb.who != Who.REPLY and self.handles(party):
            return party, False
        if verb.who in (Who.REPLY, Who.BOTH) and self.handles(home):
            return home, False
        by_reporter = verb.who in (Who.REPLY, Who.AT_HOME) or (verb.who == Who.HOME and not is_concerned)
        return (home, True) if by_reporter and self.is_reporter else (None, False)


def why_not(verb: Verb, party: Party, standing: Standing) -> str:
    """Why the verb cannot be done to the part now, in words; empty where it can."""
    actor, _by_reporter = standing.actor(verb, party)
    if actor is None:
        return _("This can only be done by those who handle that part of the case.")
    if party.has_ended or party.state not in verb.taken_from:
        return _(
            "The case has changed since the page was shown, so this cannot be done now. "
            "Read it through and choose again."
        )
    return _ALSO[verb.name](party, standing) if verb.name in _ALSO else ""


def _not_closed_at_home(party: Party, standing: Standing) -> str:
    if standing.reporting and standing.reporting.state == S.CLOSED:
        return _("The case is closed by those who reported it. Reopen your part first.")
    return ""


def _not_taken_up(party: Party, standing: Standing) -> str:
    if not withdrawable(standing.parties):
        return _("Somebody it concerns has taken the case up, so it can no longer be taken back.")
    return ""


def _to_somebody_else(party: Party, standing: Standing) -> str:
    if standing.is_reporter and standing.handles(standing.reporting):
        return _("You handle the case that you reported yourself: nobody else would read it.")
    return ""


def _not_taken(party: Party, standing: Standing) -> str:
    return _("Somebody handles it already. Choose another handler instead.") if party.handler_id else ""


def _held_by_oneself(party: Party, standing: Standing) -> str:
    if party.handler_id is None or party.handler_id != standing.user_id:
        return _("You do not handle this case.")
    return ""


# Conditions that hang on more than the part's state.
_ALSO = {
    "escalate": _not_closed_at_home,
    "withdraw": _not_taken_up,
    "write_home": _to_somebody_else,
    "take": _not_taken,
    "release": _held_by_oneself,
}


def standing_in(opened: OpenedCase) -> Standing:
    """As the page shows it."""
    own = frozenset(p.pk for p in opened.own_parties if not p.has_ended)
    return Standing(opened.parties(), own, opened.is_reporter, opened.reader.user_id)


def allowed_verbs(opened: OpenedCase) -> dict[str, list[Party]]:
    """The verbs that the reader can do as the page shows the case: by verb, the parts it can be done to."""
    standing = standing_in(opened)
    for ordinal, party in enumerate(sorted(standing.parties, key=lambda p: p.pk), 1):
        party.ordinal = ordinal  # type: ignore[attr-defined]  # what a form says in place of a key of the database
    allowed = {name: [p for p in standing.parties if not why_not(verb, p, standing)] for name, verb in VERBS.items()}
    return {name: parties for name, parties in allowed.items() if parties}
