"""Lists of actions: one's own, those of the cases that one handles, and those to be followed up; the late first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.readers import Reader
from core import clock
from deviations.models import Action, Case, Party

ON_A_PAGE = 50
LIVE = (Action.State.PLANNED, Action.State.UNDER_WAY)


class Tab(models.TextChoices):
    MINE = "mina", _("Mine")
    OURS = "vara", _("Ours")
    TO_JUDGE = "folj-upp", _("To follow up")
    DONE = "klara", _("Done")


def owned_by(reader: Reader) -> models.QuerySet[Action]:
    """The actions that the person owns at the provider they work for now.

    SECURITY: the action's own words, its days and its state. Owning one opens nothing of the case.
    """
    if reader.assignment_id is None:
        return Action.objects.none()
    rows = Action.objects.filter(removed_at=None, owner=reader.user_id)
    return rows.filter(investigation__party__provider=reader.provider_id)


def handled_by(reader: Reader) -> models.QuerySet[Action]:
    """The actions of the parts that the reader handles."""
    return Action.objects.filter(removed_at=None, investigation__party__in=Party.objects.handled_by(reader))


def of_tab(reader: Reader, tab: str) -> models.QuerySet[Action]:
    """The rows of a tab: the late first, then the soonest."""
    due = F("due").asc(nulls_last=True)
    if tab == Tab.MINE:
        return owned_by(reader).filter(state__in=LIVE).order_by(due, "pk")
    ours = handled_by(reader)
    if tab == Tab.TO_JUDGE:
        to_judge = ours.filter(state=Action.State.DONE, effect="").exclude(measure="", follow_up=None)
        return to_judge.order_by(F("follow_up").asc(nulls_last=True), "pk")
    if tab == Tab.DONE:
        mine = Q(pk__in=owned_by(reader).values("pk"))
        seen = Action.objects.filter(mine | Q(pk__in=ours.values("pk")), state=Action.State.DONE)
        return seen.order_by(F("done_on").desc(nulls_last=True), "-pk")
    return ours.filter(state__in=LIVE).order_by(due, "pk")


def tabs_of(reader: Reader) -> list[Tab]:
    """Readers who handle no cases have their own actions alone."""
    return list(Tab) if reader.handles_cases else [Tab.MINE, Tab.DONE]


def late(reader: Reader) -> int:
    """How many of one's own actions should have been done."""
    return owned_by(reader).filter(state__in=LIVE, due__lt=clock.today()).count()


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/actions/list.html."""
    tabs = tabs_of(reader)
    tab = Tab(asked["vy"]) if asked.get("vy") in tabs else Tab.OURS if reader.handles_cases else Tab.MINE
    seen = Case.objects.visible_to(reader).filter(pk=OuterRef("investigation__party__case"))
    # A number leads to the case only for those who see it.
    rows = of_tab(reader, tab).annotate(case_is_seen=Exists(seen), is_handled=Exists(
        Party.objects.handled_by(reader).filter(pk=OuterRef("investigation__party"))
    ))  # fmt: skip
    rows = rows.select_related("owner", "document", "investigation__party__case", "investigation__party__unit")
    return {
        "tabs": [(one.value, one.label, of_tab(reader, one).count(), one == tab) for one in tabs],
        "tab": tab,
        "page": Paginator(rows, ON_A_PAGE).get_page(asked.get("sida")),
        "user_id": reader.user_id,
    }
