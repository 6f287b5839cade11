"""The people of a provider, or of one of its units, as those see them who decide over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, LPad
from django.utils.translation import gettext_lazy as _

from accounts.granting import Reach
from accounts.models import Assignment, Invitation
from accounts.roles import Role
from core import clock
from core.lists.keyset import page_by_key
from core.lists.tabs import Choice, choices, page_url, tab_of

# An assignment that ends within these days ends soon; one not used for so many is asked about.
SOON_DAYS = 30
UNUSED_DAYS = 90
_NEVER = dt.date(1900, 1, 1)


class Tab(models.TextChoices):
    """The choices of the list; the value is `?vy=`."""

    ALL = "alla", _("All")
    ENDING = "slutar", _("Ends soon")
    PAUSED = "pausade", _("Paused")
    UNUSED = "oanvanda", _("Not used for 90 days")
    ENDED = "slutade", _("Ended")


def _conditions() -> dict[str, Q]:
    today = clock.today()
    ended = Q(is_active=False) | Q(valid_to__lt=today)
    paused = Q(is_paused=True) & (Q(paused_to=None) | Q(paused_to__gte=today))
    old = today - dt.timedelta(days=UNUSED_DAYS)
    return {
        Tab.ALL: ~ended,
        Tab.ENDING: ~ended & Q(valid_to__lte=today + dt.timedelta(days=SOON_DAYS)),
        Tab.PAUSED: ~ended & paused,
        Tab.UNUSED: ~ended & ~paused & (Q(last_used_on=None) | Q(last_used_on__lt=old)),
        Tab.ENDED: ended,
    }


@dataclass(frozen=True)
class Filters:
    """The narrowing of the list: words, a unit (its name, or `-` for the whole provider) and a role."""

    words: str = ""
    unit: str = ""
    role: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """From an address: `q`, `enhet`, `roll`; what is odd narrows to nothing."""
        told = {name: asked.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", "enhet", "roll")}
        return cls(told["q"], told["enhet"], told["roll"] if told["roll"] in Role.values else "")

    @property
    def query(self) -> str:
        told = {"q": self.words, "enhet": self.unit, "roll": self.role}
        return urlencode({name: value for name, value in told.items() if value})

    def __bool__(self) -> bool:
        return bool(self.query)

    def narrow(self, rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
        if self.unit:
            rows = rows.filter(unit=None) if self.unit == "-" else rows.filter(unit__name=self.unit)
        if self.role:
            rows = rows.filter(roles__contains=[self.role])
        for word in self.words.split()[:5]:
            named = Q(user__given_name__icontains=word) | Q(user__family_name__icontains=word)
            rows = rows.filter(
                named | Q(user__email__icontains=word) | Q(unit__name__icontains=word) | Q(title__icontains=word)
            )
        return rows


@dataclass(frozen=True)
class Coverage:
    """A unit (or the whole provider) in numbers: who has access there, who has used it, and invitations unanswered."""

    place: str
    people: int
    in_30: int
    in_90: int
    unanswered: int


@dataclass(frozen=True)
class People:
    """One page of the list."""

    tab: str
    tabs: list[Choice]
    filters: Filters
    rows: list[Assignment]
    units: list[str]
    roles: list[Role]
    previous_url: str = ""
    next_url: str = ""
    lacks: list[str] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)

    @property
    def with_access(self) -> int:
        return next(t.count for t in self.tabs if t.value == Tab.ALL)


def within(reach: Reach) -> QuerySet[Assignment]:
    """The assignments within reach, with whether two steps are on (`two_step`), and since which moment or day they
    have been (`since`)."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    second = Authenticator.objects.filter(user=OuterRef("user"), type__in=kinds)
    rows = Assignment.objects.filter(reach.people).select_related("user", "provider", "unit")
    made = Assignment.pgh_event_models["insert"].objects.filter(pgh_obj=OuterRef("pk"))  # type: ignore[attr-defined]
    made = made.order_by("pgh_id").values("pgh_created_at__date")[:1]
    return rows.annotate(two_step=Exists(second), since=Coalesce("valid_from", Subquery(made)))


def people(reach: Reach, asked: Mapping[str, str]) -> People:
    """The page that an address asks for (`vy`, `q`, `enhet`, `roll`, `efter`, `fore`), the lately used first."""
    tab = tab_of(Tab, asked)
    filters, conditions = Filters.of(asked), _conditions()
    own = Assignment.objects.filter(reach.people)
    counts = own.aggregate(**{name: Count("pk", filter=q) for name, q in conditions.items()})
    rows = filters.narrow(own.filter(conditions[tab])).annotate(
        sort_rank=Value(0),
        sort_day=Coalesce("last_used_on", Value(_NEVER)),
        sort_number=LPad(Cast("pk", models.CharField()), 12, Value("0")),
    )
    keys, before, after = page_by_key(rows, asked.get("efter", ""), asked.get("fore", ""), newest_first=True)
    found = within(reach).in_bulk([key.pk for key in keys])
    base = urlencode({"vy": tab}) + (f"&{filters.query}" if filters else "")
    return People(
        tab=tab,
        tabs=choices(Tab, counts, tab),
        filters=filters,
        rows=[found[key.pk] for key in keys],
        units=list(reach.units.values_list("name", flat=True)) if reach.is_whole else [],
        roles=[role for role in Role if role in reach.gives],
        previous_url=page_url(base, "fore", keys[:1] if before else []),
        next_url=page_url(base, "efter", keys[-1:] if after else []),
        lacks=_lacks(reach) if reach.is_whole else [],
        coverage=coverage(reach),
    )


def coverage(reach: Reach) -> list[Coverage]:
    """Each place within reach where somebody works or is invited, the whole provider first. Two queries."""
    today = clock.today()
    since = {days: Q(last_used_on__gt=today - dt.timedelta(days=days)) for days in (30, 90)}
    used = Assignment.objects.current().filter(reach.people).order_by().values_list("unit__name")
    found = {
        row[0]: row[1:]
        for row in used.annotate(
            n=Count("user", distinct=True),
            in_30=Count("user", distinct=True, filter=since[30]),
            in_90=Count("user", distinct=True, filter=since[90]),
        )
    }
    pending = Invitation.objects.open().filter(reach.people).order_by().values_list("unit__name")
    invited = dict(pending.annotate(n=Count("pk")))
    names = sorted({*found, *invited}, key=lambda name: (name is not None, name or ""))
    return [
        Coverage(name or str(_("The whole provider")), *found.get(name, (0, 0, 0)), unanswered=invited.get(name, 0))
        for name in names
    ]


def _lacks(reach: Reach) -> list[str]:
    """In words, each thing that a provider cannot do for want of people."""
    now = Assignment.objects.filter(provider=reach.provider_id)
    holders: dict[str, set[int]] = {}
    rows = now.with_role(Role.DOCUMENT_EDITOR, Role.APPROVER, Role.CASE_HANDLER, Role.PROVIDER_ADMIN)
    for row in rows.only("user_id", "roles", "suspended_roles", "unit_id"):
        for role in row.counting_roles:
            holders.setdefault(role, set()).add(row.user_id)
    told: list[Any] = []
    editors, approvers = holders.get(Role.DOCUMENT_EDITOR, set()), holders.get(Role.APPROVER, set())
    if any(not approvers - {editor} for editor in editors):
        told.append(
            _(
                "Somebody writes, and nobody but they could approve. Give a colleague the role of approver; until then "
                "nothing of theirs can be published."
            )
        )
    if Role.CASE_HANDLER in reach.gives and not holders.get(Role.CASE_HANDLER):
        told.append(_("Nobody handles your cases. Give somebody the role of case handler: others report to you."))
    if len(holders.get(Role.PROVIDER_ADMIN, ())) < 2:
        told.append(
            _(
                "You have one administrator. Name another, so that somebody can help when the first is away or has "
                "lost the telephone."
            )
        )
    return [str(words) for words in told]


def one(reach: Reach | None, key: object) -> Assignment | None:
    """The assignment with this key within reach; None for what is none of them."""
    return within(reach).filter(key=key).first() if reach else None


def of_person(reach: Reach, assignment: Assignment) -> list[Assignment]:
    """All that the person has had within reach, what holds now first."""
    rows = list(within(reach).filter(user=assignment.user_id).order_by("pk"))
    return sorted(rows, key=lambda row: (row.has_ended, row.pk))
