"""The figures of a provider's or unit's own work: causes, actions, lex Maria, and the routines that its cases name.

SECURITY: of one's own parts alone. An investigation is its part's own, as a number too: the coordinator counts none of
this, whosever figures they choose.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from accounts.readers import Reader
from core import clock
from deviations.figures import counting
from deviations.figures.counting import Asked, Share, Taken
from deviations.figures.scope import Scope
from deviations.models import Action, Cause, LexMariaDecision
from documents.models import Document

MOST_ROUTINES = 10


@dataclass(frozen=True)
class Strength:
    """Actions of one strength: how many, how many are done, in time of those due, and with their effect judged."""

    name: str
    n: int
    done: int
    due: int
    in_time: int
    judged: int
    helped: int


def causes(scope: Scope, asked: Asked, names: dict[str, str]) -> list[Share]:
    """The causes at the heads of chains, by category, of what came in the months and in those before."""
    now, then = (
        dict(
            Cause.objects.filter(removed_at=None, because_of=None)
            .filter(investigation__party__in=counting.chosen("had", scope, one).values("pk"))
            .order_by()
            .values_list("category")
            .annotate(n=Count("pk"))
        )
        for one in (asked, asked.before())
    )
    rows = [Share(name, now.get(key, 0), then.get(key, 0)) for key, name in names.items()]
    return [row for row in rows if row.n or row.before]


def _carried_out(scope: Scope, asked: Asked) -> QuerySet[Action]:
    """The actions of what came in the months; those not carried out are none."""
    rows = Action.objects.filter(removed_at=None).exclude(state=Action.State.DROPPED).order_by()
    return rows.filter(investigation__party__in=counting.chosen("had", scope, asked).values("pk"))


def actions(scope: Scope, asked: Asked, names: dict[str, str]) -> list[Strength]:
    """The actions of what came in the months, by strength."""
    rows = _carried_out(scope, asked)
    done, judged = Q(state=Action.State.DONE), ~Q(effect="")
    is_due = Q(due__isnull=False) & (done | Q(due__lt=clock.today()))
    found = {
        kind: (n, *more)
        for kind, n, *more in rows.values_list("kind").annotate(
            n=Count("pk"),
            done=Count("pk", filter=done),
            is_due=Count("pk", filter=is_due),
            in_time=Count("pk", filter=is_due & done & Q(done_on__lte=F("due"))),
            judged=Count("pk", filter=judged),
            helped=Count("pk", filter=judged & ~Q(effect=Action.Effect.NONE)),
        )
    }
    told = []
    for strength, name in names.items():
        of = [counts for kind, counts in found.items() if Action.STRENGTHS[Action.Kind(kind)] == strength]
        if of:
            told.append(Strength(name, *(sum(column) for column in zip(*of, strict=True))))
    return told


def actions_by_focus(scope: Scope, asked: Asked) -> dict[int | None, int]:
    """The actions of what came in the months, by the key of their focus area."""
    return dict(_carried_out(scope, asked).values_list("focus").annotate(n=Count("pk")))


def lex_maria(scope: Scope, asked: Asked) -> Taken:
    """The days from the event to the first decision, of the parts that came in the months. The law sets no day."""
    first = LexMariaDecision.objects.filter(party=OuterRef("pk")).order_by().values("party")
    rows = counting.chosen("had", scope, asked).annotate(
        decided=Subquery(first.annotate(at=Min("at")).values("at")),
        days=counting.Days(
            TruncDate("decided", tzinfo=counting.SWEDEN), TruncDate("case__occurred_at", tzinfo=counting.SWEDEN)
        ),
    )
    told = rows.aggregate(
        done=Count("pk", filter=Q(decided__isnull=False)),
        median=counting.Percentile("days", 0.5),
        p90=counting.Percentile("days", 0.9),
    )
    return Taken(**told, due=0, in_time=0)


def routines(which: str, scope: Scope, asked: Asked, reader: Reader) -> list[tuple[Document, int]]:
    """The routines that are named most, of those that the reader sees."""
    cases = counting.chosen(which, scope, asked).values("case")
    seen = Document.objects.visible_to(reader).filter(cited_in__in=cases)
    rows = seen.annotate(named=Count("cited_in", filter=Q(cited_in__in=cases), distinct=True))
    return [(row, row.named) for row in rows.order_by("-named", "number")[:MOST_ROUTINES]]
