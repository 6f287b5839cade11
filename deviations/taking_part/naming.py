"""The verbs on who takes part in an investigation, and with whom it is shared as a joint analysis.

SECURITY: whoever takes part reads and writes that one investigation, and nothing else of the case: not its threads, its
files, or lex Maria.
"""

from __future__ import annotations

import datetime as dt

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, notices
from accounts.models import Assignment
from accounts.readers import Reader
from core import clock
from core.refused import WrongState
from deviations.models import OPEN, Investigation, Joint, Participant, Party
from deviations.verbs.locking import EVENTS, begin_own, event, event_of_two, tell

EVENTS.update(
    participant=gettext_lazy("Named who takes part in the investigation"),
    joint=gettext_lazy("Opened a joint analysis"),
    joint_ended=gettext_lazy("Ended a joint analysis"),
)
PAGE = "/avvikelser/utredningar/"


def live() -> models.QuerySet[Participant]:
    """Those who take part today; whether the assignment gives access is asked when they come."""
    today = clock.today()
    rows = Participant.objects.filter(ended_at=None, party__ended_at=None, investigation__party__ended_at=None)
    return rows.filter(Q(last_day=None) | Q(last_day__gte=today))


def of_reader(reader: Reader) -> models.QuerySet[Participant]:
    """Those of the reader's own assignment."""
    # SECURITY: not with the eyes of somebody who takes part (visa som).
    is_self = reader.assignment_id is not None and reader.viewer is None
    own = live().filter(assignment=reader.assignment_id) if is_self else Participant.objects.none()
    return own.select_related(
        "investigation__party__case", "investigation__party__provider", "investigation__party__unit"
    )


def people(party: Party) -> models.QuerySet[Assignment]:
    """Those whom a handler of the part can name: who work for its provider today."""
    rows = Assignment.objects.current().filter(provider=party.provider_id)
    return rows.select_related("user", "unit").order_by("user__family_name", "user__given_name", "pk")


@transaction.atomic
def name(
    party: Party, investigation: Investigation, whom: Assignment, *, last_day: dt.date | None, by: Reader
) -> Participant:
    """Let somebody of the own provider take part: in the part's own investigation, or in one that it is invited to.
    Raises WrongState.
    """
    act = begin_own("participant", party, by, states=OPEN)
    joint = Joint.objects.filter(investigation=investigation, party=act.party, ended_at=None)
    if investigation.party_id != act.party.pk and not joint.exists():
        raise WrongState(_("The joint analysis has ended."))
    if not people(act.party).filter(pk=whom.pk).exists():
        raise WrongState(_("That person does not work here now. Choose somebody in the list."))
    if last_day and last_day < clock.today():
        raise WrongState(_("That day has passed. Check the day."))
    made, is_new = Participant.objects.get_or_create(
        investigation=investigation,
        assignment=whom,
        ended_at=None,
        defaults={"party": act.party, "named_by": act.by.person_name, "named_at": act.now, "last_day": last_day},
    )
    if not is_new:
        made.last_day = last_day
        made.save(update_fields=["last_day"])
    event(act, act.party.state, is_own=True, whom=whom.user_id)
    audit.record("named_participant", by=act.by, target_type="case", target_id=act.case.number, assignment=whom.pk)
    if is_new and whom.user_id != act.by.user_id:
        notices.notify([whom], kind="participant", subject="", url=PAGE)
    return made


@transaction.atomic
def end(party: Party, participant: Participant, *, by: Reader) -> None:
    """Somebody takes part no more: by a handler of the part that named them, or of the part that investigates."""
    act = begin_own("participant", party, by, states=frozenset(Party.State.values))
    mine = Q(party=act.party) | Q(investigation__party=act.party)
    Participant.objects.filter(mine, pk=participant.pk, ended_at=None).update(ended_at=act.now)
    event(act, act.party.state, is_own=True)


@transaction.atomic
def open_joint(party: Party, other: Party, *, by: Reader) -> Joint:
    """Share the part's investigation with people whom another part of the case names. Raises WrongState."""
    act = begin_own("joint", party, by, states=OPEN)
    found = Investigation.objects.get_or_create(party=act.party, defaults={"begun_at": act.now})[0]
    with_ = act.case.parties.filter(pk=other.pk, ended_at=None).exclude(pk=act.party.pk).first()
    if with_ is None:
        raise WrongState(_("That part of the case has ended. Choose another."))
    values = {"opened_by": act.by.person_name, "contact_label": act.contact, "opened_at": act.now}
    made, is_new = Joint.objects.get_or_create(investigation=found, party=with_, ended_at=None, defaults=values)
    if is_new:
        event_of_two(act, with_, "joint")
        tell([with_], kind="case_joint", case=act.case, by=act.by)
    return made


@transaction.atomic
def end_joint(party: Party, joint: Joint, *, by: Reader) -> None:
    """It is shared no more, and those whom the other part named take part no more. Each keeps its own decisions."""
    act = begin_own("joint_ended", party, by, states=frozenset(Party.State.values))
    row = Joint.objects.select_related("party", "investigation").filter(pk=joint.pk, ended_at=None).first()
    if row is None or act.party.pk not in (row.party_id, row.investigation.party_id):
        return
    row.ended_at = act.now
    row.save(update_fields=["ended_at"])
    row.investigation.participants.filter(party=row.party, ended_at=None).update(ended_at=act.now)
    event(act, act.party.state, is_own=True)
