"""One act to many cases: each by its own verb, and what cannot be done is told of each."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Assignment
from accounts.readers import Reader
from core.refused import NotAllowed
from deviations.models import Party, S
from deviations.verbs import VERBS, handling

# At once: all of one person's, as a rule. A page of the inbox holds fewer.
MOST = 200


def acts_on_many(
    by: Reader, numbers: Iterable[str], *, to: Assignment | None = None
) -> tuple[int, list[tuple[str, str]]]:
    """Give the reader's live parts of these cases to a handler, or (without one) acknowledge them.

    How many cases it was done to, and for each of the rest its number and why not. A case that is none of the reader's
    is told as one that is not there.
    """
    verb = "assign" if to else "acknowledge"
    numbers = list(dict.fromkeys(numbers))[:MOST]
    found = Party.objects.handled_by(by).filter(case__number__in=numbers, ended_at=None).select_related("case")
    parts: dict[str, list[Party]] = {}
    for party in found.order_by("pk"):
        parts.setdefault(party.case.number, []).append(party)
    done, refused = 0, []
    for number in numbers:
        own = parts.get(number, [])
        able = [p for p in own if p.state in VERBS[verb].taken_from]
        if not able:
            refused.append((number[:20], _("It is acknowledged already.") if own and not to else _not_there(own)))
            continue
        try:
            for party in able:
                if to:
                    handling.assign(party, to=to, by=by)
                else:
                    handling.acknowledge(party, by=by, is_one_of_many=True)
            done += 1
        except NotAllowed as refusal:
            refused.append((number, str(refusal)))
    return done, refused


def _not_there(own: list[Party]) -> str:
    return _("It is closed.") if any(p.state == S.CLOSED for p in own) else _("There is no such case of yours.")
