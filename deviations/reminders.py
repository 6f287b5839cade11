"""Who is told that a day is near, or has passed: once for each day, whatever becomes of the worker in between."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import clock, guarding, notices
from accounts.models import Assignment
from accounts.readers import SYSTEM
from accounts.roles import Role
from deviations.acts import COORDINATION, handlers_of, raise_to_coordinator, responsible
from deviations.models import Case, CaseEvent, Party
from deviations.states import OPEN, WORKING, S

# So many days before an answer is due, its handler is reminded. Steps of a few days: on the last of them.
ANSWER_SOON = dt.timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """A day that a part is to have done something by: which field says it, when it counts, and when it is near."""

    field: str
    counts: Q
    near: dt.timedelta = dt.timedelta(0)


DUES = (
    Due("choose_due", Q(state__in=OPEN)),
    Due("acknowledge_due", Q(state=S.RECEIVED)),
    Due("answer_due", Q(side=Party.Side.CONCERNED, state__in=WORKING), ANSWER_SOON),
)


def remind() -> int:
    """Remind of days that are near, and tell all who could act of those that have passed. Gives how many it told of."""
    today, told = clock.today(), 0
    for due in DUES:
        live = Party.objects.filter(due.counts, ended_at=None)
        late = live.filter(**{f"{due.field}__lt": today})
        near = live.filter(**{f"{due.field}__gte": today, f"{due.field}__lte": today + due.near})
        told += sum(_tell(party, due.field, "overdue") for party in _ids(late))
        told += sum(_tell(party, due.field, "reminded") for party in _ids(near))
    return told


def _ids(parties: QuerySet[Party]) -> list[int]:
    return list(parties.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _tell(party_id: int, field: str, verb: str) -> bool:
    """Of one part, under its lock: the event and the notices, or nothing where it has been told."""
    # The case before its parts, as the verbs lock them.
    Case.objects.select_for_update().get(parties=party_id)
    party = Party.objects.select_for_update(of=("self",)).select_related("case", "provider", "unit").get(pk=party_id)
    day = getattr(party, field)
    due = next(d for d in DUES if d.field == field)
    if day is None or not Party.objects.filter(due.counts, pk=party_id, ended_at=None).exists():
        return False
    facts = {"of": field, "due": day.isoformat()}
    if CaseEvent.objects.filter(case=party.case_id, party=party, verb=verb, data__contains=facts).exists():
        return False
    told: list[Assignment] = list(handlers_of(party)) if verb == "overdue" else list(responsible(party))
    CaseEvent.objects.create(
        case=party.case,
        party=party,
        verb=verb,
        from_state=party.state,
        to_state=party.state,
        at=clock.now(),
        by_label=SYSTEM.record_label,
        contact_label=SYSTEM.record_label,
        is_own=True,
        data=facts,
    )
    if (field, verb) == ("choose_due", "overdue"):
        why = _("Nobody has been chosen to have it in time.")
        raise_to_coordinator(party.case, why=why, by_label=SYSTEM.record_label, by=SYSTEM)
    kind = "case_overdue" if verb == "overdue" else "case_due"
    notices.notify(told, kind=kind, subject=party.case.number, url=party.case.get_absolute_url())
    return True


def tell_of_abandoned() -> int:
    """Parts that nobody handles are told of each day, until somebody does: to those who can give somebody the role.

    That is the provider's administrators; where there is none, the regional coordinator. Gives how many were told of.
    """
    return sum(_tell_abandoned(pk) for pk in _ids(Party.objects.abandoned()))


@transaction.atomic
def _tell_abandoned(party_id: int) -> bool:
    Case.objects.select_for_update().get(parties=party_id)
    party = Party.objects.abandoned().filter(pk=party_id).select_related("case").first()
    facts = {"day": clock.today().isoformat()}
    told_before = CaseEvent.objects.filter(party=party_id, verb="abandoned", data__contains=facts)
    if party is None or told_before.exists():
        return False
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=party.provider_id, unit=None)
    can_mend = list(admins.select_related("user"))
    url = guarding.PAGE
    if not can_mend:
        can_mend, url = list(Assignment.objects.with_role(Role.SAFETY_COORDINATOR).select_related("user")), COORDINATION
    CaseEvent.objects.create(
        case=party.case,
        party=party,
        verb="abandoned",
        from_state=party.state,
        to_state=party.state,
        at=clock.now(),
        by_label=SYSTEM.record_label,
        contact_label=SYSTEM.record_label,
        is_own=True,
        data=facts,
    )
    notices.notify(can_mend, kind="case_abandoned", subject=party.case.number, url=url)
    return True
