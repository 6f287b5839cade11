"""A stand-in is arranged and ended: verbs of the person who is away, and of those who decide over them.

A stand-in holds the same roles and scope already, and acts as themselves: the cases, decisions and notices of the other
reach them, and no rule about who wrote, asked or reported is changed by it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.granting import not_within, reach_of
from accounts.models import Assignment, Provider, StandIn
from accounts.notices import notify
from accounts.readers import Reader
from accounts.roles import OF_THE_UNIT, role_words
from core import clock
from core.refused import NotAllowed, WrongState

PAGE = "/konto/profil/"
# As long as one arrangement may hold.
LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class Standing:
    """The arrangements of an assignment that hold or are to come: who stands in for it, and for whom it does."""

    by: list[StandIn]
    of: list[StandIn]


def standing(assignment_id: int | None) -> Standing:
    rows = StandIn.objects.to_come_or_now().select_related("absent__user", "stand_in__user")
    return Standing(list(rows.filter(absent=assignment_id)), list(rows.filter(stand_in=assignment_id)))


def _may(absent: Assignment, by: Reader) -> bool:
    """The person themselves under this assignment, or one who decides over them."""
    own = Assignment.objects.current().filter(pk=absent.pk, user=by.user_id)
    if by.assignment_id == absent.pk and own.exists():
        return True
    return not not_within(by, reach_of(by), absent)


def work_of(assignment: Assignment) -> frozenset[str]:
    """The roles that a stand-in must have: everybody who is let in reads and reports as themselves."""
    return frozenset(assignment.counting_roles) - OF_THE_UNIT


def candidates(absent: Assignment) -> list[Assignment]:
    """Those at the same provider who have all of the work's roles, for the same unit or the whole provider."""
    if not work_of(absent):
        return []
    rows = Assignment.objects.current().filter(provider=absent.provider_id).exclude(user=absent.user_id)
    rows = rows.select_related("user", "unit").order_by("user__family_name", "user__given_name", "pk")
    return [row for row in rows if _covers(row, absent)]


def _covers(one: Assignment, absent: Assignment) -> bool:
    same_scope = one.unit_id is None or one.unit_id == absent.unit_id
    return same_scope and work_of(absent) <= one.counting_roles


@transaction.atomic
def arrange(absent: Assignment, to: Assignment, *, first_day: dt.date, last_day: dt.date, by: Reader) -> StandIn:
    """`to` stands in for `absent` from day to day. Both are told. Raises Refused."""
    # SECURITY: the provider is locked, so that two arrangements made at once make no chain.
    Provider.objects.select_for_update().get(pk=absent.provider_id)
    if not _may(absent, by):
        raise NotAllowed(_("Only the person, or an administrator of the provider, does this."))
    if last_day < first_day or last_day < clock.today():
        raise WrongState(_("The last day must not come before today, nor before the first."))
    if last_day - first_day > LONGEST:
        raise WrongState(_("At most a year at a time."))
    if to.pk not in {row.pk for row in candidates(absent)}:
        words = role_words(sorted(work_of(absent)))
        raise NotAllowed(_("A stand-in has the same roles (%s) and the same unit. Give them first.") % words)
    overlap = StandIn.objects.to_come_or_now().filter(first_day__lte=last_day, last_day__gte=first_day)
    if overlap.filter(absent=absent).exists():
        raise WrongState(_("Somebody stands in on some of these days already. End that first."))
    if overlap.filter(absent=to).exists() or overlap.filter(stand_in=absent).exists():
        raise WrongState(_("One who is away on some of these days stands in for nobody: no chains."))
    made = StandIn.objects.create(
        absent=absent, stand_in=to, first_day=first_day, last_day=last_day, made_by_label=by.record_label
    )
    days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    audit.record("stand_in_arranged", by=by, target_type="assignment", target_id=absent.pk, stand_in=to.pk, **days)
    notify([to, absent], kind="stand_in", subject="", url=PAGE)
    return made


@transaction.atomic
def end(arranged: StandIn, *, by: Reader) -> StandIn:
    """It is over from now on: by the person who is away, or one who decides over them. Raises Refused."""
    locked = StandIn.objects.select_for_update(of=("self",)).select_related("absent", "stand_in").get(pk=arranged.pk)
    if not _may(locked.absent, by):
        raise NotAllowed(_("Only the person, or an administrator of the provider, does this."))
    if locked.ended_at or locked.last_day < clock.today():
        raise WrongState(_("It is over already."))
    locked.ended_at = clock.now()
    locked.save(update_fields=["ended_at"])
    audit.record("stand_in_ended", by=by, target_type="assignment", target_id=locked.absent_id)
    notify([locked.stand_in], kind="stand_in", subject="", url=PAGE)
    return locked


def stood_in_for(by: Reader) -> QuerySet[Assignment]:
    """The assignments whose work the reader does today besides their own."""
    today = StandIn.objects.today().filter(stand_in=by.assignment_id, stand_in__user=by.user_id)
    return Assignment.objects.filter(pk__in=today.values("absent"))
