"""The reader: nobody, a person under one assignment, or the portal itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from accounts.models import Assignment, User
from accounts.roles import CASE_ROLES, DOCUMENT_ROLES, MEDICALLY_RESPONSIBLE, Role

if TYPE_CHECKING:
    from django.http import HttpRequest


def named(unit: str, provider: str) -> str:
    """How a unit is named wherever it is chosen, listed or sent to: with its provider, since "Mottagningen" is at many.
    Without a unit: the provider.
    """
    return f"{unit}, {provider}" if unit and provider not in unit else unit or provider


@dataclass(frozen=True)
class Reader:
    """The answer to "who asks", which every question of "may this one" takes. Immutable; made anew for each request.

    A person without a current assignment has `assignment_id` None and sees what the public sees.
    """

    kind: Literal["public", "person", "system"] = "public"
    user_id: int | None = None
    person_name: str = ""
    given_name: str = ""
    assignment_id: int | None = None
    provider_id: int | None = None
    provider_kind: str = ""
    provider_name: str = ""
    unit_id: int | None = None
    unit_name: str = ""
    title: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    # The person reads only those of their reports, drafts and notices that came after this moment: it is in doubt
    # whether it is they who sign in (`accounts.granting.guarding`). None: all of it.
    reports_wait_from: datetime | None = None
    # The provider demands a second step at sign-in of all its people.
    demands_two_steps: bool = False
    # The door that was used: 'portal', 'admin', 'api', 'job' or 'command'. Written in events.
    door: str = "portal"
    is_staff: bool = False
    is_superuser: bool = False
    # The person who looks, if this is somebody elsewhere whose eyes they look with (`accounts.viewing`).
    viewer: Reader | None = None

    @property
    def is_let_in(self) -> bool:
        """Reads as one who works for a provider: under an assignment, or with the eyes of somebody there."""
        return self.provider_id is not None and (self.assignment_id is not None or self.viewer is not None)

    @property
    def is_person(self) -> bool:
        return self.kind == "person"

    @property
    def label(self) -> str:
        """The place of work: "Hälsocentralen Björken", for the header and for labels copied into events."""
        return self.unit_name or self.provider_name

    @property
    def place(self) -> str:
        """The same, so that it cannot be another's: the unit with its provider."""
        return named(self.unit_name, self.provider_name)

    @property
    def record_label(self) -> str:
        """How an append-only record names the actor for ever."""
        return ", ".join(part for part in (self.person_name or self.kind, self.place) if part)

    @property
    def edits_documents(self) -> bool:
        return bool(self.assignment_id and self.roles & DOCUMENT_ROLES)

    @property
    def handles_cases(self) -> bool:
        return bool(self.assignment_id and self.roles & CASE_ROLES)

    @property
    def decides_lex_maria(self) -> bool:
        """Has the role of lex Maria officer; of which parts they decide, `deviations.access.officers` says."""
        return bool(self.assignment_id and Role.LEX_MARIA_OFFICER in self.roles)

    @property
    def is_medically_responsible(self) -> bool:
        """Has the role of a municipality's medically responsible nurse (MAS) or for rehabilitation (MAR)."""
        return bool(self.assignment_id and self.roles & MEDICALLY_RESPONSIBLE)

    @property
    def leads_social_care(self) -> bool:
        """Has the role of a municipality's social care lead (SAS), whom events by lex Sarah are handed to."""
        return bool(self.assignment_id and Role.SOCIAL_CARE_LEAD in self.roles)

    @property
    def leads_people(self) -> bool:
        """Decides over a provider's or a unit's people (`accounts.granting.reach_of` says which)."""
        return bool(self.assignment_id and self.roles & {Role.PROVIDER_ADMIN, Role.UNIT_MANAGER})

    @property
    def may_report(self) -> bool:
        return bool(self.assignment_id and self.roles & {Role.REPORTER, Role.CASE_HANDLER})


PUBLIC = Reader()
SYSTEM = Reader(kind="system", person_name="Vårdgivarwebben", door="job")


def reader_for(user: User, assignment: Assignment | None, *, door: str = "portal") -> Reader:
    """The reader for a signed-in person under one of their current assignments (or none).

    The caller has checked that the assignment is the person's own and current (`Assignment.objects.current()`).
    """
    if not user.is_authenticated:
        return PUBLIC
    person: dict[str, Any] = {
        "kind": "person",
        "user_id": user.pk,
        "person_name": user.get_full_name(),
        "given_name": user.given_name,
        "door": door,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
    }
    if assignment is None:
        return Reader(**person)
    return Reader(
        **person,
        assignment_id=assignment.pk,
        provider_id=assignment.provider_id,
        provider_kind=assignment.provider.kind,
        provider_name=assignment.provider.name,
        unit_id=assignment.unit_id,
        unit_name=assignment.unit.name if assignment.unit else "",
        title=assignment.title,
        roles=assignment.counting_roles,
        reports_wait_from=assignment.reports_wait_from,
        demands_two_steps=assignment.provider.demands_two_steps,
    )


def reader_of(request: HttpRequest) -> Reader:
    """The reader of this request, as `ReaderMiddleware` found out."""
    return request.reader  # type: ignore[attr-defined,no-any-return]


def assignments_of(request: HttpRequest) -> list[Assignment]:
    """The assignments that the person could choose to work under, current today."""
    return request.assignments  # type: ignore[attr-defined,no-any-return]


def unread_of(request: HttpRequest) -> list[str]:
    """The addresses that the reader's unread notices lead to (`notices.unread_urls`), asked once for each request."""
    return request.unread  # type: ignore[attr-defined,no-any-return]


def renewed(by: Reader) -> Reader:
    """The same person as the database has them at this moment: with what their assignment gives them now, if anything.

    SECURITY: verbs ask with this under their lock. A request may have waited there while access ended.
    """
    if by.kind != "person" or by.viewer is not None:
        return by
    own = Assignment.objects.current().filter(pk=by.assignment_id, user=by.user_id)
    assignment = own.select_related("user", "provider", "unit").first()
    if assignment is None:
        return Reader(kind="person", user_id=by.user_id, person_name=by.person_name, door=by.door)
    return reader_for(assignment.user, assignment, door=by.door)
