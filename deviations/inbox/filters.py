"""The narrowing of the inbox, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower
from django.utils.crypto import salted_hmac

from accounts.roles import Kind
from deviations.models import Party
from deviations.predicate import PartyQuerySet
from documents.search import FOLDED, stems


def handler_key(user_id: int) -> str:
    """A person in an address, which holds no name and no key of the database."""
    return salted_hmac("deviations.inbox.handler", str(user_id)).hexdigest()[:12]


@dataclass(frozen=True)
class Filters:
    """The narrowing of the list: a unit of one's own (its name), a kind of counterpart, a type (its code), words, and a
    handler (`handler_key`).
    """

    unit: str = ""
    counterpart: str = ""
    type: str = ""
    words: str = ""
    handler: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """From an address: `enhet`, `part`, `typ`, `q`, `vem`; what is odd narrows to nothing."""
        names = ("enhet", "part", "typ", "q", "vem")
        told = {name: asked.get(name, "").replace("\x00", "").strip()[:200] for name in names}
        part = told["part"] if told["part"] in Kind.values else ""
        return cls(told["enhet"], part, told["typ"], told["q"], told["vem"])

    @property
    def query(self) -> str:
        told = {
            "enhet": self.unit, "part": self.counterpart, "typ": self.type, "q": self.words, "vem": self.handler,
        }  # fmt: skip
        return urlencode({name: value for name, value in told.items() if value})

    def __bool__(self) -> bool:
        return bool(self.query)

    def narrow(self, parties: PartyQuerySet) -> QuerySet[Party]:
        if self.unit:
            parties = parties.filter(unit__name=self.unit)
        if self.counterpart:
            other = Party.objects.filter(case=OuterRef("case"), provider__kind=self.counterpart)
            parties = parties.filter(Exists(other.exclude(side=OuterRef("side"))))
        if self.type or self.words:
            parties = parties.with_facts()
        if self.type:
            parties = parties.filter(type_code=self.type)
        if self.handler:
            held = parties.exclude(handler=None).values_list("handler", flat=True).order_by().distinct()
            parties = parties.filter(handler__in=[pk for pk in held if handler_key(pk) == self.handler])
        if self.words:
            parties = parties.annotate(text_of_case=_text())
        for stems_of_word in stems(self.words):
            any_of = [Q(text_of_case__contains=stem) for stem in stems_of_word]
            parties = parties.filter(reduce(or_, any_of))
        return parties


def _text() -> Func:
    """All that a case is found by, as the words are compared: small letters, no å, ä or ö."""
    of_case = ("number", "description", "place", "consequence", "immediate_action", "suggestion")
    told = ("title", "own_reference", *(f"case__{name}" for name in of_case))
    joined = Concat(*(part for name in told for part in (F(name), Value(" "))), output_field=TextField())
    return Func(Lower(joined), *map(Value, FOLDED), function="translate", output_field=TextField())


EVERYTHING = Filters()
