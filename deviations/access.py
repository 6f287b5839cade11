"""Who may see which case, and what of it. No other file decides it.

System administrators, superusers included, see no case: nothing here asks for `is_superuser`, and no case
model is registered in the admin (HFD 2018:48: the host must be technically hindered).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from accounts.models import Assignment
from accounts.readers import Reader
from accounts.relations import related_rows

if TYPE_CHECKING:
    from deviations.models import Case, CaseFile, Message, Party


def _access_now(reader: Reader) -> Q:
    return Q(Exists(Assignment.objects.current().filter(pk=reader.assignment_id)))


class PartyQuerySet(models.QuerySet["Party"]):
    def handled_by(self, reader: Reader) -> PartyQuerySet:
        """Parts of the reader's own provider that they handle.

        A handler at one unit handles that unit's and those that name no unit; one of the whole provider, all.
        """
        if not reader.handles_cases:
            return self.none()
        own = Q(provider=reader.provider_id)
        if reader.unit_id:
            own &= Q(unit=None) | Q(unit=reader.unit_id)
        return self.filter(own & _access_now(reader))


class CaseQuerySet(models.QuerySet["Case"]):
    def reported_by(self, reader: Reader) -> CaseQuerySet:
        """Cases the person reported while working for this provider."""
        if reader.assignment_id is None:
            return self.none()
        return self.filter(Q(reporter=reader.user_id, reporting_provider=reader.provider_id) & _access_now(reader))

    def _handled(self, reader: Reader) -> Q:
        parties: PartyQuerySet = related_rows(self.model, "parties")
        return Q(Exists(parties.handled_by(reader).filter(case=OuterRef("pk"))))

    def visible_to(self, reader: Reader) -> CaseQuerySet:
        """Cases that exist for this reader: those of their own provider that they handle, and those they
        reported.
        """
        if reader.assignment_id is None:
            return self.none()
        seen = Q(reporter=reader.user_id, reporting_provider=reader.provider_id) & _access_now(reader)
        if reader.handles_cases:
            seen |= self._handled(reader)
        return self.filter(seen)

    def open_or_404(self, reader: Reader, number: str) -> OpenedCase:
        """The case with this number and what the reader may see of it; the same 404 whether it exists or not."""
        seen = self.visible_to(reader).select_related("type", "reporting_provider", "reporting_unit", "reporter")
        case = get_object_or_404(seen, number=number.upper())
        own = case.parties.handled_by(reader).select_related("provider", "unit", "handler", "case")
        is_reporter = case.reporter_id == reader.user_id and case.reporting_provider_id == reader.provider_id
        return OpenedCase(case, reader, tuple(own), is_reporter)


@dataclass(frozen=True)
class OpenedCase:
    """What one reader may see of one case."""

    case: Case
    reader: Reader
    # The parts the reader handles; empty for the reporter.
    own_parties: tuple[Party, ...]
    is_reporter: bool

    @property
    def party(self) -> Party | None:
        """The part one acts for: a live one before an ended, the concerned before the reporting."""
        live = [p for p in self.own_parties if not p.has_ended] or list(self.own_parties)
        live.sort(key=lambda p: p.side != "concerned")
        return live[0] if live else None

    @property
    def is_handler(self) -> bool:
        return bool(self.own_parties)

    @property
    def until(self):
        """The moment one's part ended, or None: nothing later is shown (a refused or forwarded part keeps
        what it saw until then)."""
        if self.is_reporter or any(not p.has_ended for p in self.own_parties):
            return None
        return max((p.ended_at for p in self.own_parties if p.ended_at), default=None)

    def messages(self) -> models.QuerySet[Message]:
        """The shared thread, up to where one's part ended."""
        return self._cut(self.case.messages.filter(thread="shared"), "created_at")

    def own_messages(self) -> models.QuerySet[Message]:
        """One's own provider's thread, for its handlers only."""
        if not self.is_handler:
            return self.case.messages.none()
        return self.case.messages.filter(thread="own", party__provider=self.reader.provider_id)

    def events(self):
        """The timeline: what is shared, and what is one's own provider's."""
        own = Q(party__provider=self.reader.provider_id) if self.is_handler else Q(pk__in=[])
        return self._cut(self.case.events.filter(Q(is_own=False) | own), "at")

    def files(self) -> models.QuerySet[CaseFile]:
        shared = Q(message=None) | Q(message__in=self.messages().values("pk"))
        own = Q(message__in=self.own_messages().values("pk"))
        return self._cut(self.case.files.filter(shared | own), "created_at")

    def parties(self) -> list[Party]:
        """Parties shown: all that were there before one's part ended, and those it was forwarded to."""
        parties = list(self.case.parties.select_related("provider", "unit", "handler"))
        until = self.until
        if until is None:
            return parties
        sent_to = {p.forwarded_to_id for p in self.own_parties}
        return [p for p in parties if p.received_at < until or p.pk in sent_to]

    @property
    def shows_reporter(self) -> bool:
        """The reporter's name stays at home unless agreed."""
        at_home = self.reader.provider_id == self.case.reporting_provider_id
        return self.is_reporter or at_home or self.case.shares_reporter_name

    def _cut(self, rows, field: str):
        until = self.until
        return rows if until is None else rows.filter(**{f"{field}__lte": until})
