"""One act to many cases: each by its own verb, and what cannot be done is told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Assignment
from accounts.readers import Reader
from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.models import Party, S
from deviations.verbs import VERBS, handling

# At once: all of one person's, as a rule. A page of the inbox holds fewer.
MOST = 200


@dataclass
class Done:
    """How many cases it was done to; for each of the rest its number and why not. `undo`: what `give_back` takes."""

    count: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    undo: dict[str, Any] = field(default_factory=dict)


def give_many(by: Reader, numbers: Iterable[str], to: Assignment) -> Done:
    """Give the reader's live parts of these cases to a handler. No other party sees it, so it can be undone."""
    return _to_many(by, numbers, "assign", lambda party: handling.assign(party, to=to, by=by), given_to=to.user_id)


def take_many(by: Reader, numbers: Iterable[str]) -> Done:
    """Become the handler of those that nobody handles."""
    return _to_many(by, numbers, "take", lambda party: handling.take(party, by=by), given_to=by.user_id)


def acknowledge_many(by: Reader, numbers: Iterable[str]) -> Done:
    """Acknowledge those that are received. The other parties see it at once: it is not undone."""
    return _to_many(by, numbers, "acknowledge", lambda party: handling.acknowledge(party, by=by, is_one_of_many=True))


def give_back(by: Reader, undo: Mapping[str, Any]) -> Done:
    """Undo `give_many` or `take_many`: each part has its former handler again, or none. A part that somebody else has
    got since is left as it is.
    """
    done = Done()
    former = dict(undo.get("parts", ()))
    parties = Party.objects.handled_by(by).filter(pk__in=former, ended_at=None).select_related("case")
    numbers: set[str] = set()
    for party in parties.order_by("pk"):
        try:
            if party.handler_id != undo.get("to"):
                raise NotAllowed(_("Somebody else has got it since."))
            to = handlers_of(party).filter(user=former[party.pk]).first()
            handling.assign(party, to=to, by=by)
            numbers.add(party.case.number)
        except NotAllowed as refusal:
            done.refused.append((party.case.number, str(refusal)))
    done.count = len(numbers)
    return done


def _to_many(
    by: Reader, numbers: Iterable[str], verb: str, do: Callable[[Party], None], given_to: int | None = None
) -> Done:
    """`do` to each case of these numbers. A case that is none of the reader's is told as one that is not there."""
    numbers = list(dict.fromkeys(number.replace("\x00", "") for number in numbers))[:MOST]
    found = Party.objects.handled_by(by).filter(case__number__in=numbers, ended_at=None).select_related("case")
    parts: dict[str, list[Party]] = {}
    for party in found.order_by("pk"):
        parts.setdefault(party.case.number, []).append(party)
    done = Done(undo={"to": given_to, "parts": []})
    for number in numbers:
        own = parts.get(number, [])
        able = [p for p in own if p.state in VERBS[verb].taken_from]
        if not able:
            is_late = own and verb == "acknowledge"
            done.refused.append((number[:20], _("It is acknowledged already.") if is_late else _not_there(own)))
            continue
        try:
            for party in able:
                former = party.handler_id
                do(party)
                done.undo["parts"].append([party.pk, former])
            done.count += 1
        except NotAllowed as refusal:
            done.refused.append((number, str(refusal)))
    return done


def _not_there(own: list[Party]) -> str:
    return _("It is closed.") if any(p.state == S.CLOSED for p in own) else _("There is no such case of yours.")
