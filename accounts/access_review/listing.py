"""A yearly review as those see it who answer it: the assignments that wait, those answered, and the sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Cast, Coalesce, LPad
from django.utils.translation import gettext_lazy as _

from accounts.access_review.rounds import Outcome, ended
from accounts.granting import Reach, held
from accounts.models import AccessReview, Assignment, Provider, ReviewedAssignment
from core.lists.keyset import page_by_key
from core.lists.tabs import Choice, choices, page_url, tab_of

_NEVER = dt.date(1900, 1, 1)


class Tab(models.TextChoices):
    """The choices of the list; the value is `?vy=`."""

    LEFT = "kvar", _("Left")
    CONFIRMED = "bekraftade", _("Those confirmed")
    ENDED = "slutade", _("Ended")


def _conditions() -> dict[str, Q]:
    confirmed, over = Q(outcome=Outcome.CONFIRMED), Q(outcome=Outcome.ENDED) | ended()
    return {Tab.LEFT: ~confirmed & ~over, Tab.CONFIRMED: confirmed, Tab.ENDED: ~confirmed & over}


@dataclass(frozen=True)
class Sums:
    """How a review stands: of all its assignments those confirmed, ended and left, and of these the kept ones."""

    review: AccessReview
    count: int
    confirmed: int
    ended: int
    left: int
    raised: int

    @property
    def answered(self) -> int:
        return self.confirmed + self.ended


@dataclass(frozen=True)
class Line:
    """An assignment in a review; `mark` is what an answer is of."""

    item: ReviewedAssignment
    mark: str

    @property
    def is_raised(self) -> bool:
        return self.item.outcome == Outcome.RAISED


@dataclass(frozen=True)
class Page:
    """One page of a review within reach."""

    sums: Sums
    tab: str
    tabs: list[Choice]
    rows: list[Line]
    previous_url: str = ""
    next_url: str = ""


def latest(provider_id: int) -> AccessReview | None:
    """The review under way, or the last one."""
    rows = AccessReview.objects.filter(provider=provider_id)
    return rows.order_by(F("closed_on").desc(nulls_first=True), "-pk").first()


def sums(review: AccessReview | None, reach: Reach | None = None) -> Sums | None:
    """The sums of a review, or of the part of it within reach. One query."""
    if review is None:
        return None
    asked = _conditions()
    found = _within(review, reach).aggregate(
        count=Count("pk"),
        left=Count("pk", filter=asked[Tab.LEFT]),
        confirmed=Count("pk", filter=asked[Tab.CONFIRMED]),
        ended=Count("pk", filter=asked[Tab.ENDED]),
        raised=Count("pk", filter=Q(outcome=Outcome.RAISED) & ~ended()),
    )
    return Sums(review, **found)


def _within(review: AccessReview, reach: Reach | None) -> models.QuerySet[ReviewedAssignment]:
    items = review.items.all()
    return items.filter(assignment__in=Assignment.objects.filter(reach.people).values("pk")) if reach else items


def page(review: AccessReview, reach: Reach, asked: Mapping[str, str]) -> Page:
    """The page that an address asks for (`vy`, `efter`, `fore`): those whom nobody has seen the longest stand first."""
    told, tab = sums(review, reach), tab_of(Tab, asked)
    assert told
    rows = _within(review, reach).filter(_conditions()[tab])
    rows = rows.annotate(
        sort_rank=Value(0),
        sort_day=Coalesce("assignment__last_used_on", Value(_NEVER)),
        sort_number=LPad(Cast("pk", models.CharField()), 12, Value("0")),
    )
    keys, before, after = page_by_key(rows, asked.get("efter", ""), asked.get("fore", ""), newest_first=False)
    items = ReviewedAssignment.objects.select_related("assignment__user", "assignment__unit", "assignment__provider")
    found = items.in_bulk([key.pk for key in keys])
    counts = {Tab.LEFT: told.left, Tab.CONFIRMED: told.confirmed, Tab.ENDED: told.ended}
    return Page(
        sums=told,
        tab=tab,
        tabs=choices(Tab, {str(name): n for name, n in counts.items()}, tab),
        rows=[Line(found[key.pk], held.mark(found[key.pk].assignment)) for key in keys],
        previous_url=page_url(f"vy={tab}", "fore", keys[:1] if before else []),
        next_url=page_url(f"vy={tab}", "efter", keys[-1:] if after else []),
    )


def of_provider(provider: Provider) -> Sums | None:
    """The sums of a provider's review under way, or of its last one."""
    return sums(latest(provider.pk))
