"""One page of a list, by the key of the row before it: as quick on the last page as on the first."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

PAGE_SIZE = 30
_WRITTEN = re.compile(r"([0-9])\.(\d{4}-\d{2}-\d{2})\.([0-9A-Z-]{1,40})")


@dataclass(frozen=True)
class Key:
    """The place of a row in its list, as an address carries it: rank, day and number."""

    pk: int
    sort_rank: int
    sort_day: dt.date
    sort_number: str

    def __str__(self) -> str:
        return f"{self.sort_rank}.{self.sort_day:%Y-%m-%d}.{self.sort_number}"


def page_by_key(rows: QuerySet[Any], after: str, before: str, *, newest_first: bool) -> tuple[list[Key], bool, bool]:
    """The keys of one page of PAGE_SIZE rows, and whether there are rows before and after it.

    `rows` are annotated with `sort_rank` (a digit, the lowest first), `sort_day` and `sort_number` (unique). `after`
    and `before` are `str(Key)` as an address gave it; whatever else stands there is the first page. Reads only the
    keys: the caller reads what is shown of them.
    """
    forwards = _WRITTEN.fullmatch(after)
    backwards = _WRITTEN.fullmatch(before) if not forwards else None
    if match := forwards or backwards:
        try:
            rank, day = int(match[1]), dt.date.fromisoformat(match[2])
        except ValueError:
            forwards = backwards = None
        else:
            beyond = "lt" if bool(backwards) != newest_first else "gt"
            same_day = Q(sort_day=day, **{f"sort_number__{beyond}": match[3]})
            # The most serious stand first, whichever way the days run.
            other = "lt" if backwards else "gt"
            within = Q(sort_rank=rank) & (Q(**{f"sort_day__{beyond}": day}) | same_day)
            rows = rows.filter(Q(**{f"sort_rank__{other}": rank}) | within)
    sign = "-" if newest_first != bool(backwards) else ""
    ranked = "-sort_rank" if backwards else "sort_rank"
    ordered = rows.order_by(ranked, f"{sign}sort_day", f"{sign}sort_number")
    ordered = ordered.values_list("pk", "sort_rank", "sort_day", "sort_number")
    found = [Key(*row) for row in ordered[: PAGE_SIZE + 1]]
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if backwards:
        return found[::-1], more, True
    return found, bool(forwards), more
