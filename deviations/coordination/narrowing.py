"""The narrowing and the order of the coordinator's list, as its address says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider
from accounts.roles import Kind
from deviations.access.handlers import RECEIVER_KINDS
from deviations.access.states import CaseState, in_state
from deviations.models import OPEN, Case, DeviationType, Party
from deviations.time.dues import is_late

# `?vy=` of the closed.
CLOSED = "avslutade"
# The states of a case that is under way.
STATES = [s for s in CaseState if s not in (CaseState.CLOSED, CaseState.WITHDRAWN)]


class Order(models.TextChoices):
    """The orders of the list; the value is `?ordning=`."""

    NEXT = "", _("What is to be done soonest")
    NEWEST = "nyast", _("The latest reported")
    OLDEST = "aldst", _("The first reported")
    HARM = "skada", _("The gravest harm")


@dataclass(frozen=True)
class Asked:
    """`sender` and `to`: a kind of provider, or a provider's name; `type`: a code; `harm`: what could have happened."""

    sender: str = ""
    to: str = ""
    type: str = ""
    state: str = ""
    late: bool = False
    harm: str = ""
    number: str = ""
    order: str = ""
    closed: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Asked:
        """From an address: `fran`, `till`, `typ`, `lage`, `sen`, `skada`, `nr`, `ordning`, `vy`; what is odd narrows to
        nothing.
        """

        def told(name: str, among: list[str] | None = None) -> str:
            value = asked.get(name, "").replace("\x00", "").strip()[:200]
            return value if among is None or value in among else ""

        return cls(
            sender=told("fran"),
            to=told("till"),
            type=told("typ"),
            state=told("lage", [s.value for s in STATES]),
            late=asked.get("sen") == "1",
            harm=told("skada", Case.Harm.values),
            number=told("nr"),
            order=told("ordning", Order.values),
            closed=asked.get("vy") == CLOSED,
        )

    @property
    def query(self) -> str:
        """The address of the same list, without its page."""
        told = {
            "vy": CLOSED if self.closed else "", "fran": self.sender, "till": self.to, "typ": self.type,
            "lage": self.state, "sen": "1" if self.late else "", "skada": self.harm, "nr": self.number,
            "ordning": self.order,
        }  # fmt: skip
        return urlencode({name: value for name, value in told.items() if value})

    def __bool__(self) -> bool:
        return any((self.sender, self.to, self.type, self.state, self.late, self.harm, self.number))

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        live = Party.objects.filter(case=OuterRef("pk"), ended_at=None)
        if self.sender:
            cases = cases.filter(_provider("reporting_provider", self.sender))
        if self.to:
            cases = cases.filter(Exists(live.filter(_provider("provider", self.to), side=Party.Side.CONCERNED)))
        if self.type:
            cases = cases.filter(type__in=DeviationType.objects.filter(code=self.type))
        if self.state and not self.closed:
            cases = cases.filter(in_state(CaseState(self.state)))
        if self.late:
            cases = cases.filter(late_part())
        if self.harm:
            cases = cases.filter(potential_harm=self.harm)
        if self.number:
            cases = cases.filter(number__icontains=self.number)
        return cases


def late_part() -> Exists:
    """Cases with a live part whose day has passed."""
    return Exists(Party.objects.filter(case=OuterRef("pk"), ended_at=None, state__in=OPEN).filter(is_late()))


def _provider(path: str, wanted: str) -> Q:
    return Q(**{f"{path}__{'kind' if wanted in Kind.values else 'name'}": wanted})


EVERYTHING = Asked()


def choices() -> dict[str, Any]:
    """The choices that narrow the list: kinds of providers, providers, areas, states, harms and orders."""
    return {
        "kinds": [(kind.value, str(kind.label)) for kind in RECEIVER_KINDS],
        "providers": list(
            Provider.objects.filter(kind__in=RECEIVER_KINDS).order_by("name").values_list("name", flat=True)
        ),
        "types": list(DeviationType.objects.all()),
        "states": [(state.value, str(state.label)) for state in STATES],
        "harms": Case.Harm.choices,
        "orders": Order.choices,
    }
