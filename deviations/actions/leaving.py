"""Actions of somebody who leaves: a provider's administrator hands them over, and sees how many, nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from accounts import notices
from accounts.models import Assignment
from accounts.readers import Reader
from deviations.actions.listing import LIVE
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Action, Case

PAGE = "/avvikelser/atgarder/"


def _held(leaving: Assignment) -> QuerySet[Action]:
    """The live actions that the person owns at the provider, where this assignment is the last they have there."""
    others = Assignment.objects.current().filter(user=leaving.user_id, provider=leaving.provider_id)
    if others.exclude(pk=leaving.pk).exists():
        return Action.objects.none()
    rows = Action.objects.filter(removed_at=None, owner=leaving.user_id, state__in=LIVE)
    return rows.filter(investigation__party__provider=leaving.provider_id)


def held_by(leaving: Assignment) -> int:
    """How many they are."""
    return _held(leaving).count()


def receivers(leaving: Assignment, by: Reader) -> Iterable[Assignment]:
    """Those who could own them: who work for the provider, each person once."""
    found = Assignment.objects.current().filter(provider=leaving.provider_id).exclude(user=leaving.user_id)
    ordered = found.select_related("user", "unit").order_by("user__family_name", "user__given_name", "pk")
    return {a.user_id: a for a in ordered[:300]}.values()


@transaction.atomic
def hand_over(leaving: Assignment, to: Assignment, by: Reader) -> int:
    """All of them are the other's; gives how many. The caller has asked whether `by` administers the provider."""
    done = 0
    for pk in _held(leaving).order_by("pk").values_list("pk", flat=True):
        Case.objects.select_for_update(of=("self",)).get(parties__investigation__actions=pk)
        action = Action.objects.select_related("investigation").get(pk=pk)
        action.owner_id = to.user_id
        action.save(update_fields=["owner"])
        acts.write_event(
            action.investigation, KINDS["atgard"], "change", action, by_id=by.user_id, by_name=by.record_label[:200]
        )
        done += 1
    if done and to.user_id != by.user_id:
        notices.notify([to], kind="action_yours", subject="", url=PAGE)
    return done


# For the page where an assignment ends (`accounts.people.leaving.Belongings`).
LEAVING = (held_by, receivers, hand_over)
