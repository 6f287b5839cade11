"""Tells of a day that is near, or has passed: once for each day, whatever becomes of the worker in between."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import notices
from accounts.granting import guarding
from accounts.models import Assignment
from accounts.readers import SYSTEM
from accounts.roles import Role
from core import clock
from deviations.access.handlers import handlers_of, responsible
from deviations.models import Case, CaseEvent, Party
from deviations.time.dues import DUES
from deviations.verbs import locking


def remind() -> int:
    """Remind of days that are near, and tell all who could act of those that have passed. Gives how many it told of.

    On working days alone: nobody acts on a Sunday, and a notice that waits is one among many on Monday.
    """
    today, told = clock.today(), 0
    if not clock.is_working_day(today):
        return 0
    for due in DUES:
        live = Party.objects.filter(due.counts)
        late = live.filter(**{f"{due.field}__lt": today})
        near = live.filter(**{f"{due.field}__gte": today, f"{due.field}__lte": today + due.near})
        told += sum(_tell(party, due.field, "overdue") for party in primary_keys(late))
        told += sum(_tell(party, due.field, "reminded") for party in primary_keys(near))
    return told


def primary_keys(parties: QuerySet[Party]) -> list[int]:
    return list(parties.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _tell(party_id: int, field: str, verb: str) -> bool:
    """For one part, under its lock: the event and the notices, or nothing if it has been told."""
    party = locked(party_id)
    day = next(d for d in DUES if d.field == field).day(party)
    if day is None or not is_first(party, verb, {"of": field, "due": day.isoformat()}):
        return False
    told: Iterable[Assignment] = handlers_of(party) if verb == "overdue" else responsible(party)
    if (field, verb) == ("choose_due", "overdue"):
        why = _("Nobody has been chosen to have it in time.")
        locking.raise_to_coordinator(party.case, why=why, by_label=SYSTEM.record_label, by=SYSTEM)
    kind = "case_overdue" if verb == "overdue" else "case_due"
    notices.notify(told, kind=kind, subject=party.case.number, url=party.case.get_absolute_url())
    return True


def locked(party_id: int) -> Party:
    """The part; the case is locked before it, as the verbs do."""
    Case.objects.select_for_update().get(parties=party_id)
    return Party.objects.select_for_update(of=("self",)).select_related("case", "provider", "unit").get(pk=party_id)


def is_first(party: Party, verb: str, facts: dict[str, Any]) -> bool:
    """Writes down that a part, locked by the caller, is told of this; False where it has been told."""
    if CaseEvent.objects.filter(case=party.case_id, party=party, verb=verb, data__contains=facts).exists():
        return False
    label = SYSTEM.record_label
    locking.write_event(party, verb, by=label, shown_as=label, at=clock.now(), is_own=True, data=facts)
    return True


def tell_of_abandoned() -> int:
    """Parts that nobody handles are told of each day, until somebody does: to those who can give somebody the role.

    That is the provider's administrators; where there is none, the regional coordinator. Gives how many were told of.
    """
    return sum(_tell_abandoned(pk) for pk in primary_keys(Party.objects.abandoned()))


@transaction.atomic
def _tell_abandoned(party_id: int) -> bool:
    party = locked(party_id)
    is_abandoned = Party.objects.abandoned().filter(pk=party_id).exists()
    if not is_abandoned or not is_first(party, "abandoned", {"day": clock.today().isoformat()}):
        return False
    admins = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=party.provider_id, unit=None)
    can_mend, url = list(admins.select_related("user")), guarding.PAGE
    if not can_mend:
        can_mend, url = (
            list(Assignment.objects.with_role(Role.SAFETY_COORDINATOR).select_related("user")),
            locking.COORDINATION,
        )
    notices.notify(can_mend, kind="case_abandoned", subject=party.case.number, url=url)
    return True
