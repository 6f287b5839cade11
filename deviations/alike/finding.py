"""Earlier cases of the part's own that may be alike: by area, by routine, and by the words of the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.readers import Reader
from core import clock
from deviations.models import Case, Party
from documents.search import swedish

# As far back, and as many, as are compared; and as many as are shown.
BACK = dt.timedelta(days=365)
COMPARED, SHOWN = 500, 6
# Words that so few of the compared cases share tell something.
_RARE = 0.1


@dataclass
class Alike:
    """One earlier case, and in what it is alike."""

    case: Case
    reasons: list[str | Promise] = field(default_factory=list)
    weight: float = 0.0


def suggested(case: Case, reader: Reader, *, but: Iterable[int] = ()) -> list[Alike]:
    """The likeliest first, without those with these keys.

    SECURITY: only cases that the reader handles, of parts that are theirs today: what another clinic has is not named.
    """
    own = Party.objects.handled_by(reader).filter(ended_at=None).values("case")
    rows = Case.objects.filter(pk__in=own, submitted_at__gte=clock.now() - BACK).exclude(pk__in=[case.pk, *but])
    earlier = list(rows.select_related("type").prefetch_related("documents").order_by("-submitted_at")[:COMPARED])
    words = {one.pk: _words(one) for one in [case, *earlier]}
    shared_by: dict[str, int] = {}
    for one in earlier:
        for word in words[one.pk]:
            shared_by[word] = shared_by.get(word, 0) + 1
    routines = {document.pk: document.number for document in case.documents.all()}
    found = [_compared(one, case, words, shared_by, routines, len(earlier)) for one in earlier]
    likely = [one for one in found if one.weight >= 2]
    return sorted(likely, key=lambda one: (-one.weight, -one.case.submitted_at.timestamp()))[:SHOWN]


def _words(case: Case) -> set[str]:
    text = swedish.normalise(f"{case.title} {case.description}")
    return {swedish.stem_of(token.word) for token in swedish.tokens(text) if len(token.word) > 4}


def _compared(
    one: Case,
    case: Case,
    words: dict[int, set[str]],
    shared_by: dict[str, int],
    routines: dict[int, str],
    count: int,
) -> Alike:
    alike = Alike(one)
    if numbers := [d.number for d in one.documents.all() if d.pk in routines]:
        alike.reasons.append(_("same routine, %s") % ", ".join(numbers))
        alike.weight += 3
    if one.type_id == case.type_id:
        alike.reasons.append(_("same area"))
        alike.weight += 2
    rare = [w for w in words[one.pk] & words[case.pk] if shared_by[w] <= max(2, _RARE * count)]
    if rare:
        alike.reasons.append(_("same words: %s") % ", ".join(sorted(rare, key=lambda w: (shared_by[w], w))[:4]))
        alike.weight += min(3, len(rare))
    return alike
