"""The contents of an editor's desk: to decide, to write, with others, to come, to look through; of their own
provider."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet, Subquery

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.roles import DOCUMENT_ROLES, Role
from core import clock
from documents import missing, remarks
from documents.acts.course import bases_of
from documents.approval import WRITING, bar_to_approval
from documents.approval.review_clock import REMINDER_DAYS, current_value, with_review_due
from documents.models import Document, DocumentEvent, MissingDocument, Remark, Version, VisibilityProposal
from documents.reading import late_findings

S = Version.State
SHOWN = 50


@dataclass(frozen=True)
class Paper:
    """A version on the desk."""

    version: Version
    # Why it was sent back.
    reason: str = ""
    # Approved beside something else than what readers have now: it is to be approved anew.
    is_overtaken: bool = False

    @property
    def document(self) -> Document:
        return self.version.document

    @property
    def is_being_written(self) -> bool:
        return self.version.is_draft

    @property
    def late_address(self) -> str:
        """The address at which late findings are read and answered."""
        return late_findings.answer_address(self.version)


@dataclass
class Desk:
    # Sent back to this reader, and not sent again.
    sent_back: list[Paper] = field(default_factory=list)
    # Sensitive documents that somebody wants to open.
    openings: list[VisibilityProposal] = field(default_factory=list)
    # Approved or published; something was found in their file after that.
    found_late: list[Paper] = field(default_factory=list)
    # The documents that people miss, on a publication steward's desk.
    missing: list[MissingDocument] = field(default_factory=list)
    # Faults that readers have found in the provider's documents, without an answer.
    remarks: list[Remark] = field(default_factory=list)
    to_decide: list[Paper] = field(default_factory=list)
    to_publish: list[Paper] = field(default_factory=list)
    to_write: list[Paper] = field(default_factory=list)
    with_others: list[Paper] = field(default_factory=list)
    to_come: list[Paper] = field(default_factory=list)
    # Documents with `review_due`.
    overdue: list[Document] = field(default_factory=list)
    due: list[Document] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many wait for this reader's act."""
        asked: list[Sized] = [self.sent_back, self.openings, self.found_late, self.missing, self.remarks]
        return sum(len(pile) for pile in (*asked, self.to_decide, self.to_publish))

    @property
    def total(self) -> int:
        return sum(len(pile) for pile in vars(self).values())


def desk_of(reader: Reader) -> Desk:
    """Empty for those who work on no documents."""
    desk = waiting_for(reader)
    own = Document.objects.editable_by(reader).filter(state=Document.State.ACTIVE)
    to_come = _versions(own).filter(state=S.PUBLISHED, available_from__gt=clock.now()).order_by("available_from")
    desk.to_come = [Paper(v) for v in to_come[:SHOWN]]
    _lay_due(desk, own)
    return desk


def waiting_for(reader: Reader) -> Desk:
    """Only what waits for this reader's act: to decide, to publish, and what was sent back to them."""
    desk = Desk()
    if reader.edits_documents:
        own = Document.objects.editable_by(reader).filter(state=Document.State.ACTIVE)
        _lay_unfinished(desk, own, reader)
        _lay_openings(desk, own, reader)
        desk.missing = missing.waiting()[:SHOWN] if Role.PUBLICATION_STEWARD in reader.roles else []
        desk.remarks = list(remarks.acts.to_answer(reader)[:SHOWN])
        found = _versions(own).filter(state__in=[S.APPROVED, S.PUBLISHED]).exclude(reading__found_late=[])
        desk.found_late = [Paper(v) for v in found.filter(reading__isnull=False).order_by("document__number")[:SHOWN]]
    return desk


def _lay_openings(desk: Desk, own: QuerySet[Document], reader: Reader) -> None:
    """The openings that an approver can answer; the one who asked does not."""
    if Role.APPROVER in reader.roles:
        waiting = VisibilityProposal.objects.filter(
            state=VisibilityProposal.State.WAITING, document__in=own.values("pk")
        )
        openings = waiting.exclude(asked_by=reader.user_id).select_related("document").order_by("asked_at")
        desk.openings = list(openings.defer("document__search", "document__search_title")[:SHOWN])


def _versions(own: QuerySet[Document]) -> QuerySet[Version]:
    found = Version.objects.filter(document__in=own.values("pk")).select_related(
        "document__type", "document__owner", "asked"
    )
    return found.defer("body", "document__search", "document__search_title")


def _lay_unfinished(desk: Desk, own: QuerySet[Document], reader: Reader) -> None:
    own = own.exclude(from_source__source__is_active=True)  # their drafts are written elsewhere
    versions = list(_versions(own).unfinished().order_by("sent_at", "created_at")[: 10 * SHOWN])  # type: ignore[attr-defined]
    mine = _written_by(reader, versions)
    is_approver = Role.APPROVER in reader.roles
    others = _still_asked(versions, reader)
    bases = bases_of([v.document_id for v in versions if v.state == S.APPROVED])
    reasons = _reasons(versions)
    for version in versions:
        wrote = version.pk in mine
        needs_review = version.document.type.needs_review and version.reviewed_at is None
        may_approve = is_approver and not bar_to_approval(version, wrote=wrote)
        if version.state == S.APPROVED:
            is_overtaken = version.approved_against_id != bases.get(version.document_id)
            desk.to_publish.append(Paper(version, is_overtaken=is_overtaken))
        elif version.asked_id in others:
            desk.with_others.append(Paper(version))
        elif version.state == S.IN_REVIEW and (may_approve or (needs_review and not wrote)):
            desk.to_decide.append(Paper(version))
        elif version.state == S.DRAFT and wrote and version.sent_at is not None:
            desk.sent_back.append(Paper(version, reason=reasons.get((version.document_id, version.number), "")))
        elif version.state == S.DRAFT and wrote:
            desk.to_write.append(Paper(version))
        else:
            desk.with_others.append(Paper(version))


def _reasons(versions: Iterable[Version]) -> dict[tuple[int, int], str]:
    """Why drafts were sent back, by document and number."""
    back = [v for v in versions if v.state == S.DRAFT and v.sent_at]
    if not back:
        return {}
    events = DocumentEvent.objects.filter(document__in=[v.document_id for v in back], verb="sent_back").order_by("pk")
    return {(d, n): reason for d, n, reason in events.values_list("document_id", "version_number", "reason")}


def _still_asked(versions: Iterable[Version], reader: Reader) -> set[int]:
    """Which other persons that were asked still can be: what waits for one who has left lies with all."""
    asked = {v.asked_id for v in versions if v.asked_id not in (None, reader.user_id)}
    if not asked:
        return set()
    works = Assignment.objects.with_role(*DOCUMENT_ROLES).filter(provider=reader.provider_id, user__in=asked)
    return set(works.values_list("user", flat=True))


def _written_by(reader: Reader, versions: Iterable[Version]) -> set[int]:
    """Which of these (keys) the reader has written in."""
    by_place = {(v.document_id, v.number): v.pk for v in versions}
    events = DocumentEvent.objects.filter(document__in=[d for d, _n in by_place], by=reader.user_id, verb__in=WRITING)
    places = events.values_list("document_id", "version_number")
    return {by_place[place] for place in places if place in by_place} | {
        v.pk for v in versions if v.author_id == reader.user_id
    }


def _lay_due(desk: Desk, own: QuerySet[Document]) -> None:
    today: date = clock.today()
    known = with_review_due(own).filter(review_due__lte=today + timedelta(days=REMINDER_DAYS))
    known = known.annotate(last_day=Subquery(current_value("valid_to")))
    found = known.select_related("type").defer("search", "search_title").order_by("review_due", "number")
    desk.overdue = list(found.filter(review_due__lt=today)[:SHOWN])
    desk.due = list(found.filter(review_due__gte=today)[:SHOWN])
