"""Units and how they are reached: of providers that have access today, by name, place or provider.

Open to all: a unit's number and mailbox are those of a function, never of a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from accounts.models import CareUnit, Provider
from documents.search.swedish import STOP, normalise, tokens

MOST_WORDS = 6


@dataclass(frozen=True)
class Contact:
    """A unit as it is shown."""

    unit: CareUnit

    @property
    def name(self) -> str:
        return self.unit.name

    @property
    def phone_address(self) -> str:
        """The number as a link dials it."""
        return "".join(c for c in self.unit.phone if c.isdigit() or c == "+")

    @property
    def where(self) -> str:
        return ", ".join(dict.fromkeys(part for part in (self.unit.provider.name, self.unit.place) if part))


def contacts(text: str, *, limit: int) -> list[Contact]:
    """Units that every word of the text begins a word of: of their name, their place or their provider's name."""
    words = [t.word for t in tokens(normalise(text)) if t.word not in STOP][:MOST_WORDS]
    if not words or max(len(word) for word in words) < 3:
        return []
    # Those with such a name first, by a statement that costs next to nothing: mostly there are none.
    sql = " AND ".join([_BEGINS] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(f"{_NAMED} {sql}", [rf"\m{word}" for word in words])
        keys = [key for (key,) in cursor.fetchall()]
    if not keys:
        return []
    units = CareUnit.objects.filter(pk__in=keys, is_active=True, provider__in=Provider.objects.with_access())
    return [Contact(unit) for unit in units.select_related("provider").order_by("name", "pk")[:limit]]


_NAMED = "SELECT u.id FROM accounts_careunit u JOIN accounts_provider p ON p.id = u.provider_id WHERE u.is_active AND"
# A word of letters and digits: nothing in it has a meaning in an expression.
_BEGINS = "concat_ws(' ', u.name, u.place, p.name) ~* %s"
