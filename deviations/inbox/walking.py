"""From case to case: the next and the one before, in the list that the handler came from, with its filters."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from accounts.readers import Reader
from deviations.inbox.filters import Filters
from deviations.inbox.lists import Tab, numbers_in

# The list that was looked at last, and the case after the one that was opened last: both in the session.
LIST, AFTER = "cases_list", "case_after"
ASKED = ("vy", "enhet", "part", "typ", "q", "vem")
# Further than this into a list nobody walks.
MOST = 500
WALKED = (Tab.WAITING_US, Tab.MINE, Tab.UNASSIGNED, Tab.OVERDUE, Tab.WAITING_OTHERS)


@dataclass(frozen=True)
class Walk:
    """The cases beside this one in its list, by number, and how many are left in it but for this one."""

    before: str
    after: str
    left: int
    words: str


def remember(session: MutableMapping[str, Any], reader: Reader, asked: Mapping[str, str]) -> None:
    """The list that somebody looks at is the one that they go on in."""
    if reader.handles_cases and (asked.get("vy", "") or Tab.WAITING_US) in WALKED:
        session[LIST] = {name: asked[name][:200] for name in ASKED if asked.get(name)}


def walk(session: MutableMapping[str, Any], reader: Reader, number: str) -> Walk | None:
    """The way on from a case; None for those who handle none. A case that has left the list by what was done in it
    leads on to the one that stood after it."""
    if not reader.handles_cases:
        return None
    asked: dict[str, str] = session.get(LIST) or {}
    tab = asked.get("vy") or Tab.WAITING_US.value
    numbers = numbers_in(reader, tab, Filters.of(asked), MOST)
    words = str(Tab(tab).label)
    if number in numbers:
        place = numbers.index(number)
        after = numbers[place + 1] if place + 1 < len(numbers) else ""
        session[AFTER] = [number, after]
        return Walk(numbers[place - 1] if place else "", after, len(numbers) - 1, words)
    former, after = session.get(AFTER) or ("", "")
    if former != number or after not in numbers:
        after = numbers[0] if numbers else ""
    return Walk("", after, len(numbers), words)
