"""Words by which a person or a small place could be known again, pointed out to those who write and approve.

It points out, and decides nothing: a word may be a medicine's name. Identity numbers are refused by the form itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Length
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import CareUnit, Provider, User
from deviations.models import Party

# Words of the text that the database is asked of.
MOST = 200
_CAPITAL = re.compile(r"(?<!\w)[A-ZÅÄÖÉÜ][a-zåäöéü]+(?:-[A-ZÅÄÖÉÜ]?[a-zåäöéü]+)*")
_STARTS = re.compile(r"(?:^|[.!?:]\s+|\n\s*(?:[-*]\s*)?)$")
_MONTHS = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
_DAYS = re.compile(
    rf"\b(?:\d{{1,2}}(?::e|:a|e)?\s+(?:{_MONTHS})(?:\s+\d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}/\d{{1,2}})(?!\w)",
    re.IGNORECASE,
)
_AGES = re.compile(r"\b\d{1,3}(?:\s+år\b|-?årig\w*|-?åring\w*|\s+års\s+ålder)", re.IGNORECASE)


@dataclass(frozen=True)
class Pointed:
    """One word or number, and why it is pointed out."""

    word: str
    why: str | Promise


PERSON = _("the name of somebody who works at a party of the case")
PLACE = _("the name of a provider, a unit or a place")
DAY = _("an exact day: write the season, or leave it out")
AGE = _("an exact age: write “older”, “middle-aged” or “child”")
CAPITAL = _("a word with a capital letter: is it somebody's name, or a small place?")


def pointed(text: str, party: Party) -> list[Pointed]:
    """The words of the text to look at, each once, in their order. Three queries."""
    found: dict[str, str | Promise] = {}
    inside: set[str] = set()
    words: dict[str, int] = {}
    for match in _CAPITAL.finditer(text):
        words.setdefault(match[0], match.start())
        if not _STARTS.search(text[max(0, match.start() - 40) : match.start()]):
            inside.add(match[0])
    asked = list(words)[:MOST]
    persons = _persons(asked, party)
    places = _places(text, party)
    for word in asked:
        if persons & {word, word.removesuffix("s")}:
            found[word] = PERSON
        elif any(word in place for place in places) or word not in inside:
            continue
        else:
            found[word] = CAPITAL
    found |= dict.fromkeys(places, PLACE)
    found |= dict.fromkeys((match[0] for match in _DAYS.finditer(text)), DAY)
    found |= dict.fromkeys((match[0] for match in _AGES.finditer(text)), AGE)
    return [
        Pointed(word, why)
        for word, why in sorted(found.items(), key=lambda pair: text.casefold().find(pair[0].casefold()))
    ]


def _persons(words: list[str], party: Party) -> set[str]:
    """Those of the words that are names of people who work at the parties of the case."""
    names = [*words, *(word.removesuffix("s") for word in words)]
    rows = User.objects.filter(Q(given_name__in=names) | Q(family_name__in=names))
    rows = rows.filter(assignments__provider__parties__case=party.case_id)
    return {name for pair in rows.values_list("given_name", "family_name").distinct() for name in pair} & set(names)


def _places(text: str, party: Party) -> list[str]:
    """Names of providers and units that stand in the text, whole or by their own last word; and the report's place."""
    shown = Value(text, output_field=TextField())
    found: list[str] = []
    for model in (Provider, CareUnit):
        rows = model.objects.annotate(text=shown, letters=Length("name")).filter(letters__gt=3)
        found += rows.filter(text__icontains=F("name")).values_list("name", flat=True).distinct()[:MOST]
    # "Åsgården" of "Särskilt boende Åsgården": a name's own word, where the others are common nouns.
    own = CareUnit.objects.filter(provider__parties__case=party.case_id).values_list("name", flat=True)
    last = {word for name in own for word in name.split()[1:] if word[:1].isupper() and word in text}
    place = party.case.place.strip()
    return [*dict.fromkeys([*found, *sorted(last), *([place] if len(place) > 3 and place in text else [])])]
