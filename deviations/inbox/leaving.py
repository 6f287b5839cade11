"""Cases of somebody who leaves: a provider's administrator hands them over, and sees how many, nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import notices
from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import CASE_ROLES
from core import clock
from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.models import OPEN, Case, Party
from deviations.predicate import handling
from deviations.verbs import locking

INBOX = "/avvikelser/"


def _held(leaving: Assignment) -> QuerySet[Party]:
    """The open parts that the person handles by this assignment alone."""
    held = Party.objects.filter(handler=leaving.user_id, provider=leaving.provider_id, ended_at=None, state__in=OPEN)
    if leaving.unit_id:
        held = held.filter(unit=leaving.unit_id)
    others = Assignment.objects.with_role(*CASE_ROLES).filter(user=leaving.user_id, provider=leaving.provider_id)
    units = list(others.exclude(pk=leaving.pk).values_list("unit", flat=True))
    return held.none() if None in units else held.exclude(unit__in=units)


def held_by(leaving: Assignment) -> int:
    """How many open cases they are."""
    return _held(leaving).values("case").distinct().count()


def receivers(leaving: Assignment, by: Reader) -> Iterable[Assignment]:
    """Those who could handle all of them, each person once."""
    found = handling(leaving.provider_id, leaving.unit_id).exclude(user=leaving.user_id).select_related("user", "unit")
    ordered = found.order_by("user__family_name", "user__given_name", "pk")
    return {a.user_id: a for a in ordered}.values()


@transaction.atomic
def hand_over(leaving: Assignment, to: Assignment, by: Reader) -> int:
    """All of them are the other's to handle; gives how many. The caller has asked whether `by` administers the
    provider. Raises NotAllowed where one of them is not the other's to handle.
    """
    done = 0
    for party in _held(leaving).select_related("case", "provider", "unit").order_by("pk"):
        Case.objects.select_for_update().get(pk=party.case_id)
        if not handlers_of(party).filter(pk=to.pk).exists():
            raise NotAllowed(_("Not all of the cases are theirs to handle. Choose somebody else, or nobody for now."))
        party.handler_id = to.user_id
        party.save(update_fields=["handler"])
        now = clock.now()
        more = {"by_id": by.user_id, "is_own": True, "data": {"to": to.user_id}}
        locking.write_event(party, "assign", by=by.record_label, shown_as=party.label, at=now, **more)
        done += 1
    if done and to.user_id != by.user_id:
        notices.notify([to], kind="cases_handed_over", subject=str(done), url=f"{INBOX}?vy=mine")
    return done


# For the page where an assignment ends (`accounts.people.leaving.Belongings`).
LEAVING = (held_by, receivers, hand_over)
