"""Tells the lex Maria officer of days that pass without a decision, and the provider where nobody decides."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import notices
from accounts.models import Assignment
from accounts.roles import Role
from core import clock
from deviations.access.officers import officers
from deviations.closing import gates
from deviations.lex_maria.clock import clocks
from deviations.models import OPEN, Case, LexMaria, Party
from deviations.telling.reminders import is_first, locked, primary_keys

SERIOUS = Case.Harm.SERIOUS_HARM


def undecided() -> QuerySet[Party]:
    """The open concerned parts whose harm is judged serious, and of which lex Maria is not decided."""
    serious = Q(case__actual_harm=SERIOUS) | Q(case__potential_harm=SERIOUS)
    return Party.objects.filter(serious, side=Party.Side.CONCERNED, state__in=OPEN, lex_maria_decisions=None)


def remind_of_lex_maria() -> int:
    """Once for each limit that the days since the event, or since it was known, have passed. Gives how many."""
    return sum(_remind(key) for key in primary_keys(undecided()))


@transaction.atomic
def _remind(party_id: int) -> bool:
    party = locked(party_id)
    rules, matter = gates.rules_of(party.provider), LexMaria.objects.filter(party=party).first()
    # The longest of the clocks, as the page has them.
    days = max(running.days for running in clocks(party, matter, rules))
    limit = rules.red_days if days >= rules.red_days else rules.yellow_days if days >= rules.yellow_days else 0
    if not limit or not is_first(party, "lex_maria_late", {"limit": limit}):
        return False
    url = f"{party.case.get_absolute_url()}lex-maria/"
    notices.notify(officers(party), kind="lex_maria_late", subject=party.case.number, url=url)
    return True


def tell_of_no_officer() -> int:
    """Each day, of the matters that nobody decides: the officer has left, or was never named. The provider's
    administrators hear, who can name one.
    """
    # Asked once for each place: this runs every few minutes, and most places have somebody.
    places: dict[tuple[int, int | None], bool] = {}
    told = 0
    for party in undecided().only("provider", "unit").order_by("pk"):
        place = (party.provider_id, party.unit_id)
        if place not in places:
            places[place] = officers(party).exists()
        told += not places[place] and _tell_nobody(party.pk)
    return told


@transaction.atomic
def _tell_nobody(party_id: int) -> bool:
    party = locked(party_id)
    if officers(party).exists() or not is_first(party, "lex_maria_nobody", {"day": clock.today().isoformat()}):
        return False
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=party.provider_id, unit=None)
    notices.notify(
        admins.select_related("user"), kind="lex_maria_nobody", subject=party.case.number, url="/konto/var-verksamhet/"
    )
    return True
