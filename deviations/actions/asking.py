"""The owner's word on an action; and notices that an action is somebody's, is near, late or to be judged."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Assignment
from accounts.readers import SYSTEM, Reader, renewed
from core import clock
from core.refused import Moved, NotAllowed, WrongState
from deviations.access.handlers import responsible
from deviations.actions import revising
from deviations.actions.listing import LIVE, owned_by
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Action, Case, CaseEvent, Party
from deviations.verbs.locking import EVENTS, write_event

EVENTS.update(
    action_due=gettext_lazy("Reminder of an action"),
    action_late=gettext_lazy("An action is late"),
    action_judge=gettext_lazy("Reminder to judge an effect"),
)
PAGE = "/avvikelser/atgarder/"
NEAR = dt.timedelta(days=7)


@transaction.atomic
def say(action: Action, *, state: str, done_on: dt.date | None, evidence: str, by: Reader, shown: str) -> Action:
    """The owner says how far it has come, and what shows it. Raises Refused."""
    Case.objects.select_for_update(of=("self",)).get(parties__investigation=action.investigation_id)
    by = renewed(by)
    own = owned_by(by).filter(pk=action.pk).select_related("investigation").first()
    if own is None:
        raise NotAllowed(_("This action is not yours any more."))
    if own.state not in LIVE:
        raise WrongState(_("The action is ended already."))
    kind = KINDS["uppfoljning"]
    if acts.mark(own, kind) != shown:
        raise Moved(_("Somebody has changed this meanwhile. Look at it as it is now, and save again."))
    own.state, own.done_on, own.evidence = state, done_on, evidence
    own.written_by, own.written_at = by.person_name, clock.now()
    own.save()
    acts.write_event(own.investigation, kind, "change", own, by_id=by.user_id, by_name=by.person_name)
    return own


def heard(action: Action, was: tuple[int | None, int | None], by: Reader) -> None:
    """An action has been written: whoever has become its owner hears of it, and the owner of a routine to revise."""
    owner, document = was
    if action.owner_id != owner:
        _tell_owner(action, by)
    if action.document_id != document:
        revising.tell_owner(action)


def _tell_owner(action: Action, by: Reader) -> None:
    if action.owner_id and action.owner_id != by.user_id:
        party = Party.objects.get(investigation=action.investigation_id)
        theirs = Assignment.objects.current().filter(user=action.owner_id, provider=party.provider_id)
        notices.notify(theirs.select_related("user")[:1], kind="action_yours", subject="", url=PAGE)


def remind() -> int:
    """Tell the owner of a day that is near or has passed, and the handler too of one that has; and the handler of an
    effect that is to be judged. Once for each day. Gives how many were told of.
    """
    today = clock.today()
    rows = Action.objects.filter(removed_at=None).exclude(investigation__party__ended_at__isnull=False)
    near = rows.filter(state__in=LIVE, due__gte=today, due__lte=today + NEAR)
    late = rows.filter(state__in=LIVE, due__lt=today)
    judge = rows.filter(state=Action.State.DONE, effect="", follow_up__lte=today)
    wanted = (("action_due", near, "due"), ("action_late", late, "due"), ("action_judge", judge, "follow_up"))
    return sum(
        _tell(pk, kind, field)
        for kind, found, field in wanted
        for pk in found.order_by("pk").values_list("pk", flat=True)
    )


@transaction.atomic
def _tell(pk: int, kind: str, field: str) -> bool:
    Case.objects.select_for_update(of=("self",)).get(parties__investigation__actions=pk)
    action = Action.objects.select_related("investigation__party__case", "investigation__party__provider").get(pk=pk)
    party, day = action.investigation.party, getattr(action, field)
    facts = {"action": str(action.key), "day": day.isoformat() if day else ""}
    if CaseEvent.objects.filter(case=party.case_id, party=party, verb=kind, data__contains=facts).exists():
        return False
    label = SYSTEM.record_label
    write_event(party, kind, by=label, shown_as=label, at=clock.now(), is_own=True, data=facts)
    owner = Assignment.objects.current().filter(user=action.owner_id, provider=party.provider_id).select_related("user")
    told = [] if kind == "action_judge" else list(owner[:1])
    if kind != "action_due" or not told:
        told += [a for a in responsible(party) if a.pk not in {one.pk for one in told}]
    notices.notify(told, kind=kind, subject="", url=PAGE if kind != "action_judge" else f"{PAGE}?vy=folj-upp")
    return True
