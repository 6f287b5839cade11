"""The learning examples that a reader has to do with: what waits for them, and what their own have become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q

from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from deviations.models import LearningExample, Party, S
from documents.models import Document

ON_A_PAGE = 30


def has_to_do(reader: Reader) -> bool:
    """Whether there is a page of learning examples for the reader: for case handlers, and for approvers."""
    return reader.handles_cases or approves(reader)


def approves(reader: Reader) -> bool:
    return bool(reader.assignment_id and Role.APPROVER in reader.roles and reader.viewer is None)


def waiting(reader: Reader) -> list[LearningExample]:
    """Those that wait for the reader's yes, the oldest first."""
    rows = LearningExample.objects.for_approval(reader).select_related("party__provider", "party__unit")
    return list(rows.order_by("sent_at"))


def to_answer(reader: Reader) -> list[tuple[LearningExample, Party]]:
    """Those of other parties, in cases that the reader handles, which their part can still answer; with the part."""
    own = {p.case_id: p for p in Party.objects.handled_by(reader).filter(ended_at=None).select_related("case")}
    if not own:
        return []
    rows = LearningExample.objects.filter(state="asked", party__case__in=own, object_by__gte=clock.today())
    rows = rows.exclude(party__in=own.values()).select_related("party__provider", "party__unit")
    answered = Q(answers__party__in=own.values())
    found = rows.exclude(pk__in=LearningExample.objects.filter(answered).values("pk")).order_by("object_by", "pk")
    return [(row, own[row.party.case_id]) for row in found]


def offered(part: Party) -> bool:
    """Whether the part can write one, or has one, or is asked about another's."""
    own = part.state == S.CLOSED or LearningExample.objects.filter(party=part).exists()
    return own or LearningExample.objects.asked_of(part).exists()


def without(reader: Reader) -> int:
    """How many closed parts the reader handles of which nobody has written what others can learn."""
    return Party.objects.handled_by(reader).filter(state=S.CLOSED, learning=None).count()


def page(reader: Reader, asked: Mapping[str, str]) -> dict[str, Any]:
    """The context of deviations/learning/list.html."""
    rows = LearningExample.objects.written_by(reader).select_related("party__case", "party__unit", "document")
    page = Paginator(rows.order_by("-written_at", "-pk"), ON_A_PAGE).get_page(asked.get("sida"))
    return {
        "page": page,
        "waiting": waiting(reader),
        "to_answer": to_answer(reader),
        "approves": approves(reader),
        "without": without(reader) if reader.handles_cases else 0,
    }


def beside(document: Document, reader: Reader) -> list[Document]:
    """The published examples about this routine that exist for the reader, the newest first."""
    rows = Document.objects.visible_to(reader).filter(learnt__routines=document, learnt__state="published")
    return list(rows.exclude(state=Document.State.REVOKED).order_by("-pk"))


def routines_of(document: Document, reader: Reader) -> list[Document]:
    """The routines that this example is about, of those that exist for the reader."""
    rows = Document.objects.visible_to(reader).filter(learnt_of__document=document)
    return list(rows.order_by("number"))


def of_case(case_id: int, reader: Reader) -> list[Document]:
    """The examples that have come of a case, of those that exist for the reader; for who sees the case."""
    return list(Document.objects.visible_to(reader).filter(learnt__party__case=case_id).order_by("pk"))
