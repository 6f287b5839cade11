"""Which provider or unit is meant: found by words, and named in forms and addresses by names, never by our keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import CareUnit, Provider

# Between a provider and its unit in one value; no name has it.
_BETWEEN = " › "
SUGGESTED = 8


@dataclass(frozen=True)
class Place:
    """A provider, or one of its units. `value` names it in forms: names are unique."""

    provider_id: int
    unit_id: int | None
    kind: str
    provider: str
    unit: str = ""

    @property
    def value(self) -> str:
        return f"{self.provider}{_BETWEEN}{self.unit}" if self.unit else self.provider

    @property
    def label(self) -> str:
        return label_of(self.value)


def label_of(value: str) -> str:
    """How a value is shown, whether there is such a place or not."""
    provider, _between, unit = value.partition(_BETWEEN)
    return f"{unit} ({provider})" if unit else provider


def _of_provider(provider: Provider) -> Place:
    return Place(provider.pk, None, provider.kind, provider.name)


def _of_unit(unit: CareUnit) -> Place:
    return Place(unit.provider_id, unit.pk, unit.provider.kind, unit.provider.name, unit.name)


def _matching(providers: Q, units: Q) -> list[Place]:
    found = [_of_provider(p) for p in Provider.objects.filter(providers).only("name", "kind").order_by("name")]
    rows = CareUnit.objects.filter(units).select_related("provider").only("name", "provider__name", "provider__kind")
    return found + [_of_unit(u) for u in rows.order_by("provider__name", "name")]


def known(values: Iterable[str]) -> dict[str, Place]:
    """The places that these values name; what names none is left out. Two queries."""
    names = {value.partition(_BETWEEN)[0] for value in values}
    return {place.value: place for place in _matching(Q(name__in=names), Q(provider__name__in=names))}


def with_keys(providers: Iterable[int], units: Iterable[int]) -> dict[tuple[int, int | None], Place]:
    """Places by (provider, unit or None)."""
    found = _matching(Q(pk__in=list(providers)), Q(pk__in=list(units)))
    return {(place.provider_id, place.unit_id): place for place in found}


def suggested(text: str, *, but: Iterable[str] = ()) -> list[Place]:
    """Active ones whose names have all these words, a few; those in `but` left out."""
    words = text.replace("\x00", "").split()[:6]
    if not words:
        return []
    providers, units = Q(is_active=True), Q(is_active=True, provider__is_active=True)
    for word in words:
        providers &= Q(name__icontains=word)
        units &= Q(name__icontains=word) | Q(provider__name__icontains=word)
    gone = set(but)
    return [place for place in _matching(providers, units) if place.value not in gone][:SUGGESTED]
