"""The one who decides of lex Maria for a part (anmälningsansvarig), and who decides in their place.

SECURITY: nobody else does, whatever roles they have, and none decides for another provider's operation.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Assignment, StandIn
from accounts.readers import Reader
from accounts.roles import MEDICALLY_RESPONSIBLE, Role
from deviations.models import CaseRules, LexMariaDecision, Party

MadeAs = LexMariaDecision.MadeAs


def deciders(party: Party) -> dict[int, MadeAs]:
    """The assignments that decide for the part today, each with what it decides as. Empty where nobody does.

    That is the officer whom the provider has named, or all who have the role there; the deputy once the officer has
    left; and a stand-in in the days arranged, who has the role too.
    """
    rules = CaseRules.objects.filter(provider=party.provider_id).first()
    holders = Assignment.objects.with_role(Role.LEX_MARIA_OFFICER).filter(
        Q(unit=None) | Q(unit=party.unit_id), provider=party.provider_id
    )
    there = set(holders.values_list("pk", flat=True))
    found = dict.fromkeys(there, MadeAs.OFFICER)
    if rules and rules.officer_id:
        found = {rules.officer_id: MadeAs.OFFICER} if rules.officer_id in there else {}
        if not found and rules.deputy_id in there:
            found = {rules.deputy_id: MadeAs.DEPUTY}  # type: ignore[dict-item]  # in the set, so not None
    # The work of one who has no access today is stood in for all the same.
    absent = set(found) | ({rules.officer_id} if rules and rules.officer_id else set())
    stand_ins = StandIn.objects.today().filter(absent__in=absent, stand_in__in=there)
    return dict.fromkeys(stand_ins.values_list("stand_in", flat=True), MadeAs.STAND_IN) | found


def decides_as(party: Party, by: Reader) -> MadeAs | None:
    """The capacity in which the reader decides for the part; None where they do not."""
    return deciders(party).get(by.assignment_id or 0)


def overseers(party: Party) -> QuerySet[Assignment]:
    """The medically responsible of the municipality whose part it is: of all of it, or of the part's unit."""
    there = Q(unit=None) | Q(unit=party.unit_id)
    rows = Assignment.objects.with_role(*MEDICALLY_RESPONSIBLE).filter(there, provider=party.provider_id)
    return rows.select_related("user")


def officers(party: Party) -> QuerySet[Assignment]:
    """Those who decide for the part today, each with their person."""
    return Assignment.objects.filter(pk__in=deciders(party)).select_related("user")
