"""Visibility of cases, and of what is in them. No other file decides it.

System administrators, superusers included, see no case: nothing here asks for `is_superuser`, and no case
model is registered in the admin (HFD 2018:48: the host must be technically hindered).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case as If
from django.db.models import CharField, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Agreement, Assignment, CareUnit, Provider
from accounts.readers import Reader, named
from accounts.roles import CASE_ROLES, Role
from core import clock
from core.relations import related_model, related_rows
from documents.models import Document

if TYPE_CHECKING:
    from deviations.models import (  # noqa: F401 (named in texts)
        Case,
        CaseEvent,
        CaseFile,
        Investigation,
        LearningExample,
        LexSarah,
        Message,
        Party,
        PatientIdentity,
    )


# A part in one of these is at work, or has answered; `models.OPEN` is the same.
OPEN_STATES = ("received", "acknowledged", "investigating", "info_requested", "acting", "answered")


def coordinates(reader: Reader) -> bool:
    """Whether the reader works as the regional safety coordinator, asked of their assignment at this moment."""
    works = Assignment.objects.with_role(Role.SAFETY_COORDINATOR)
    return reader.assignment_id is not None and works.filter(pk=reader.assignment_id, user=reader.user_id).exists()


def handling(provider: Any, unit: Any) -> models.QuerySet[Assignment]:
    """The assignments that handle cases there today: at the unit, or for the whole provider. `provider` and `unit` are
    keys, or references to an outer row; without a unit, those of the whole provider alone.
    """
    return Assignment.objects.with_role(*CASE_ROLES).filter(Q(unit=None) | Q(unit=unit), provider=provider)


class PartyQuerySet(models.QuerySet["Party"]):
    def handled_by(self, reader: Reader) -> PartyQuerySet:
        """Parts of the reader's own provider that they handle: a handler at one unit that unit's, one of the whole
        provider all, also those that name no unit.

        For reading: that the assignment gives access and the role counts was asked when the request began
        (`ReaderMiddleware`). Verbs ask with a reader made anew (`renewed`).
        """
        if not reader.handles_cases:
            return self.none()
        # SECURITY: what was taken back before anybody took it up is nothing that its receivers have (`withdrawn_from`).
        own = Q(provider=reader.provider_id) & ~Q(side="concerned", state="withdrawn")
        if reader.unit_id:
            own &= Q(unit=reader.unit_id)
        return self.filter(own)

    def taken_part_in_by(self, reader: Reader) -> PartyQuerySet:
        """Live parts whose investigation the reader's assignment takes part in today (`models.Participant`).

        SECURITY: it opens that investigation and nothing else. Neither the case nor its threads are asked for by this.
        """
        if reader.assignment_id is None or reader.viewer is not None:
            return self.none()
        those = related_rows(related_model(self.model, "investigation"), "participants").filter(
            Q(last_day=None) | Q(last_day__gte=clock.today()),
            investigation__party=OuterRef("pk"),
            assignment=reader.assignment_id,
            ended_at=None,
            party__ended_at=None,
        )
        return self.filter(Exists(those), ended_at=None)

    def overseen_by(self, reader: Reader) -> PartyQuerySet:
        """Parts that a municipality's medically responsible read (MAS, MAR): its own, or their unit's; and for those of
        the whole municipality, what a provider that has an agreement with it opens to them (`models.Oversight`).

        SECURITY: for reading alone. No verb asks for this, and it opens neither own threads nor who reported. It holds
        while the agreement does, and only for what came to the provider after it opened them.
        """
        if not reader.is_medically_responsible:
            return self.none()
        there = ~Q(side="concerned", state="withdrawn")
        if reader.unit_id:
            return self.filter(there, provider=reader.provider_id, unit=reader.unit_id)
        today, both = clock.today(), {"provider": OuterRef("provider"), "principal": reader.provider_id}
        opened = related_rows(Provider, "cases_opened").filter(since__lte=OuterRef("received_at"), **both)
        agreed = Agreement.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today, **both)
        contracted = Q(Exists(opened)) & Q(Exists(agreed))
        return self.filter(there, Q(provider=reader.provider_id) | contracted)

    def with_handlers(self) -> PartyQuerySet:
        """Annotates `has_handlers`: whether anybody with access today handles the part."""
        return self.annotate(has_handlers=Exists(handling(OuterRef("provider"), OuterRef("unit"))))

    def abandoned(self) -> PartyQuerySet:
        """Open parts that nobody handles: somebody's assignment has ended, or nobody was ever given the role."""
        return self.with_handlers().filter(ended_at=None, state__in=OPEN_STATES, has_handlers=False)

    def left(self) -> PartyQuerySet:
        """Parts at work whose provider has no access today: it has left, and cannot answer. The coordinator sends them
        on."""
        working = [state for state in OPEN_STATES if state != "answered"]
        has_access = Provider.objects.with_access().values("pk")
        rows = self.filter(side="concerned", ended_at=None, state__in=working)
        return rows.exclude(provider__in=has_access)

    def with_facts(self) -> PartyQuerySet:
        """Annotates `type_code` and `title`: the case's, and for a part that has ended as they were when it did.

        SECURITY: what was corrected later is not to be found by searching either.
        """
        return self.annotate(type_code=self._fact("type", "case__type__code"), title=self._fact("title", "case__title"))

    def _fact(self, name: str, now: str) -> If:
        events = related_rows(related_model(self.model, "case"), "events")
        later = events.filter(case=OuterRef("case"), verb="correct", at__gt=OuterRef("ended_at"), data__has_key=name)
        was = later.order_by("pk").annotate(was=KeyTextTransform(0, KeyTransform(name, "data"))).values("was")[:1]
        return If(When(ended_at=None, then=F(now)), default=Coalesce(Subquery(was), F(now)), output_field=CharField())

    def mark_seen(self, opened: OpenedCase) -> None:
        """The live parts that the reader handles have seen the case as it is now. No event: the audit log says who."""
        if live := [p.pk for p in opened.own_parties if not p.has_ended]:
            self.filter(pk__in=live).update(seen_at=clock.now())

    def named(self) -> PartyQuerySet:
        """With the names of providers and units, and little more of these: for lists."""
        shown = ("case_id", "provider_id", "unit_id", "side", "state", "received_at", "ended_at")
        dues = ("acknowledge_due", "choose_due", "answer_due", "feedback_due")
        return self.select_related("provider", "unit").only(
            *shown, *dues, "forwarded_to_id", "handler_id", "provider__name", "unit__name"
        )


def _reported(reader: Reader) -> Q:
    """The person's reports at this provider; while it is in doubt who they are, only those made since then."""
    reported = Q(reporter=reader.user_id, reporting_provider=reader.provider_id)
    since = reader.reports_wait_from
    return reported & Q(submitted_at__gte=since) if since else reported


class InvestigationQuerySet(models.QuerySet["Investigation"]):
    def open_to(self, reader: Reader) -> InvestigationQuerySet:
        """Those of the parts that the reader handles, parts that have ended included; and those that they take part in.

        SECURITY: by part. Another clinic of the same provider, the reporter, the coordinator and the other parties read
        none of it, and do not learn that there is one.
        """
        parties: PartyQuerySet = related_rows(self.model, "party")
        taking_part = related_rows(self.model, "party").taken_part_in_by(reader)
        return self.filter(Q(party__in=parties.handled_by(reader)) | Q(party__in=taking_part))

    def overseen_by(self, reader: Reader) -> InvestigationQuerySet:
        """Those of the municipality's own parts that the reader oversees, to read.

        SECURITY: not of a provider under an agreement. It opens its cases, and its investigations stay its own.
        """
        parties: PartyQuerySet = related_rows(self.model, "party")
        return self.filter(party__in=parties.overseen_by(reader), party__provider=reader.provider_id)


class LexSarahQuerySet(models.QuerySet["LexSarah"]):
    def open_to(self, reader: Reader) -> LexSarahQuerySet:
        """Those of the municipality whose social care the reader leads, or of their unit.

        SECURITY: nobody else reads them: not the handlers who handed them over, and not the medically responsible.
        """
        if not reader.leads_social_care:
            return self.none()
        own = self.filter(party__provider=reader.provider_id)
        return own.filter(party__unit=reader.unit_id) if reader.unit_id else own


class LearningQuerySet(models.QuerySet["LearningExample"]):
    def written_by(self, reader: Reader) -> LearningQuerySet:
        """Those of the parts that the reader handles, to write and to follow; parts that have ended have none."""
        parties: PartyQuerySet = related_rows(self.model, "party")
        return self.filter(party__in=parties.handled_by(reader).filter(ended_at=None))

    def asked_of(self, party: Party) -> LearningQuerySet:
        """Those that the other parties of the case have sent for approval, on which this live part has its say."""
        if party.ended_at is not None:
            return self.none()
        return self.filter(party__case=party.case_id, state="asked").exclude(party=party)

    def for_approval(self, reader: Reader) -> LearningQuerySet:
        """Those that wait for an approver of the provider, for one who did not write them.

        SECURITY: the approver reads the example's own text, and neither the case nor its number.
        """
        approves = reader.assignment_id is not None and Role.APPROVER in reader.roles and reader.viewer is None
        if not approves:
            return self.none()
        return self.filter(party__provider=reader.provider_id, state="asked").exclude(written_by=reader.user_id)


class PatientIdentityQuerySet(models.QuerySet["PatientIdentity"]):
    def open_to(self, reader: Reader) -> PatientIdentityQuerySet:
        """Those of the live parts that the reader handles, and those shared with such a part.

        SECURITY: whoever wrote it in a report reads it no more than others do. A part that has ended reads nothing: not
        its own, and not what was shared with it.
        """
        parties: PartyQuerySet = related_rows(self.model, "party")
        own = parties.handled_by(reader).filter(ended_at=None)
        return self.filter(Q(party__in=own) | Q(shares__to__in=own)).distinct()


class CaseQuerySet(models.QuerySet["Case"]):
    def reported_by(self, reader: Reader) -> CaseQuerySet:
        """Cases the person reported while working for this provider. Verbs ask with a reader made anew."""
        return self.none() if reader.assignment_id is None else self.filter(_reported(reader))

    def _handled(self, reader: Reader) -> Q:
        parties: PartyQuerySet = related_rows(self.model, "parties")
        return Q(Exists(parties.handled_by(reader).filter(case=OuterRef("pk"))))

    def visible_to(self, reader: Reader) -> CaseQuerySet:
        """Cases that exist for this reader: those of their own provider that they handle, and those they
        reported.
        """
        if reader.assignment_id is None:
            return self.none()
        seen = _reported(reader)
        if reader.handles_cases:
            seen |= self._handled(reader)
        return self.filter(seen)

    def open_or_404(self, reader: Reader, number: str) -> OpenedCase:
        """The case with this number and what the reader may see of it; the same 404 whether it exists or not."""
        seen = self.visible_to(reader).select_related("type", "reporting_provider", "reporting_unit", "reporter")
        case = get_object_or_404(seen, number=number.upper())
        return self.opened(reader, [case])[0]

    def overseen_by(self, reader: Reader) -> CaseQuerySet:
        """Cases with a part that the reader oversees; they open by `overseen_or_404` alone."""
        parties: PartyQuerySet = related_rows(self.model, "parties")
        return self.filter(Exists(parties.overseen_by(reader).filter(case=OuterRef("pk"))))

    def overseen_or_404(self, reader: Reader, number: str) -> OpenedCase:
        """The case as whoever oversees a part of it sees it: what all parties share."""
        seen = self.overseen_by(reader).select_related("type", "reporting_provider", "reporting_unit")
        return self.opened(reader, [get_object_or_404(seen, number=number.upper())], oversees=True)[0]

    def file_or_404(self, reader: Reader, file: CaseFile) -> CaseFile:
        """The file, to those who see it in the case: as one of its parties, or as somebody who oversees one."""
        number = file.case.number
        for seen, opens in ((self.visible_to, self.open_or_404), (self.overseen_by, self.overseen_or_404)):
            if seen(reader).filter(pk=file.case_id).exists():
                found = opens(reader, number).files().filter(pk=file.pk).first()
                if found:
                    return found
        raise Http404

    def taken_by(self, reader: Reader, left_at: dt.datetime) -> CaseQuerySet:
        """Cases that a handler of a provider takes along, whose access ended at `left_at`: their part had them then.

        SECURITY: `reader` is under an assignment that has ended (`accounts.departed`); open them with `left_at` alone.
        """
        if not reader.handles_cases:
            return self.none()
        parties: PartyQuerySet = related_rows(self.model, "parties")
        had = parties.handled_by(reader).filter(case=OuterRef("pk"), received_at__lt=left_at)
        return self.filter(Exists(had))

    def opened(
        self, reader: Reader, cases: Iterable[Case], left_at: dt.datetime | None = None, *, oversees: bool = False
    ) -> list[OpenedCase]:
        """These cases, which the reader sees, each with what they may see of it: in a case in which their part has
        ended, the facts are set back to what they were then. A constant number of queries.

        `left_at`: the moment when the provider's access ended, for what its handlers take along. `oversees`: by the
        parts that the reader oversees, in place of those that they handle.
        """
        cases, parties = list(cases), related_rows(self.model, "parties")
        if not cases:
            return []
        own: dict[int, list[Party]] = {}
        found = (parties.overseen_by(reader) if oversees else parties.handled_by(reader)).filter(case__in=cases)
        for party in found.select_related("provider", "unit", "handler", "case"):
            own.setdefault(party.case_id, []).append(party)
        for case in cases:
            for party in own.get(case.pk, ()):
                party.case = case
        told = []
        for case in cases:
            through = tuple(own.get(case.pk, ()))
            mine, overseen = ((), through) if oversees else (through, ())
            told.append(OpenedCase(case, reader, mine, overseen, left_at=left_at))
        ended = [opened for opened in told if opened.until is not None]
        if ended:
            events = related_rows(self.model, "events").filter(case__in=[o.case for o in ended], verb="correct")
            corrections: list[CaseEvent] = list(events.order_by("-pk"))
            for opened in ended:
                opened.set_back(e for e in corrections if e.case_id == opened.case.pk and e.at > opened.until)
        return told

    def coordinated_by(self, reader: Reader) -> CaseQuerySet:
        """Cases of all providers, for the regional coordinator: type, parties, days and states, never what is written.

        SECURITY: headings, places and descriptions are read of `escalated_to` alone.
        """
        return self.all() if coordinates(reader) else self.none()

    def escalated_to(self, reader: Reader) -> CaseQuerySet:
        """Those that wait for the coordinator, who reads what happened in order to choose who is to have them.

        SECURITY: not those that have been taken back or closed meanwhile: there is nothing left to choose.
        """
        parties: PartyQuerySet = related_rows(self.model, "parties")
        live = parties.filter(case=OuterRef("pk"), side="reporting", ended_at=None).exclude(state="closed")
        return self.coordinated_by(reader).filter(Exists(live), escalated_at__isnull=False)

    def withdrawn_from(self, reader: Reader, number: str) -> str:
        """The number of a case that the reader's part had and that was taken back: all that they learn of it. Empty for
        every other case."""
        if not reader.handles_cases:
            return ""
        parties: PartyQuerySet = related_rows(self.model, "parties")
        had = parties.filter(side="concerned", state="withdrawn", provider=reader.provider_id)
        if reader.unit_id:
            had = had.filter(unit=reader.unit_id)
        found = self.filter(Exists(had.filter(case=OuterRef("pk"))), number=number.upper())
        return found.values_list("number", flat=True).first() or ""

    def count_citing(self, document: Document, reader: Reader) -> dict[str, int]:
        """How many cases name the document, `all` and `open`, to who works on it; empty for others.

        SECURITY: numbers and no more. Which cases, each reads of their own.
        """
        if not Document.objects.editable_by(reader).filter(pk=document.pk).exists():
            return {}
        parties: PartyQuerySet = related_rows(self.model, "parties")
        is_open = parties.filter(case=OuterRef("pk"), side="reporting", ended_at=None).exclude(state="closed")
        citing = self.filter(documents=document)
        return citing.aggregate(all=models.Count("pk"), open=models.Count("pk", filter=Q(Exists(is_open))))

    def latest_opened(self, reader: Reader, limit: int) -> list[OpenedCase]:
        """The reader's newest cases, each with what they may see of it. A constant number of queries."""
        parties: PartyQuerySet = related_rows(self.model, "parties")
        cases = (
            self.visible_to(reader)
            .only("number", "title", "submitted_at", "reporter_id", "reporting_provider_id")
            .prefetch_related(Prefetch("parties", parties.named()))
            .order_by("-submitted_at")[:limit]
        )
        return self.opened(reader, cases)


@dataclass(frozen=True)
class OpenedCase:
    """The share of one case that one reader may see."""

    case: Case
    reader: Reader
    # The parts the reader handles; empty for the reporter.
    own_parties: tuple[Party, ...] = ()
    # The parts that the reader oversees and reads alone, where the case was opened by that.
    overseen: tuple[Party, ...] = ()
    # By part, the name of the unit that had it when the reader's part ended, where that was set right later.
    units_then: dict[int, str] = field(default_factory=dict)
    # The provider's access ended then: nothing later is shown of any thread.
    left_at: dt.datetime | None = None

    def set_back(self, corrections: Iterable[CaseEvent]) -> None:
        """Undo what was corrected after one's part had ended, the latest first. The case is for reading: verbs read it
        anew.
        """
        case = self.case
        for event in corrections:
            was = {name: change[0] for name, change in event.data.items()}
            case.title = was.get("title", case.title)
            if "type" in was:
                case.type = related_rows(type(case), "type").get(code=was["type"])
            if "occurred" in was:
                case.occurred_at = dt.datetime.fromisoformat(was["occurred"])
                case.occurred_time_known = was["occurred_time_known"]
            if "unit" in was and event.party_id:
                self.units_then[event.party_id] = was["unit"]

    @property
    def reporting_place(self) -> str:
        """The place of reporting: the unit with its provider."""
        unit = self.case.reporting_unit
        return named(unit.name if unit else "", self.case.reporting_provider.name)

    @property
    def is_reporter(self) -> bool:
        case = self.case
        since = self.reader.reports_wait_from
        own = case.reporter_id == self.reader.user_id and case.reporting_provider_id == self.reader.provider_id
        return own and (since is None or case.submitted_at >= since)

    def is_home(self, party: Party | None) -> bool:
        """Whether the reader belongs to this part: handles it, or reported the case that it reports."""
        if party is None:
            return False
        return party in self.own_parties or (self.is_reporter and party.side == "reporting")

    def shows_state(self, party: Party) -> bool:
        """How far a part has come is seen by all whose own part has not ended; later than that, only one's own."""
        return self.until is None or party in self.own_parties + self.overseen

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
        through = self.own_parties + self.overseen
        if self.is_reporter or any(not p.has_ended for p in through):
            return self.left_at
        ended = max((p.ended_at for p in through if p.ended_at), default=None)
        return min(filter(None, (ended, self.left_at)), default=None)

    def messages(self) -> models.QuerySet[Message]:
        """The shared thread, up to where one's part ended."""
        return self._cut(self.case.messages.filter(thread="shared"), "created_at")

    def own_messages(self) -> models.QuerySet[Message]:
        """The threads of the parts one handles. Two parts of one unit in a case have the same handlers: one thread.

        SECURITY: by part, not by provider. Another unit's notes are another part's, and those who handle for the whole
        provider handle them all.
        """
        return self._left(self.case.messages.filter(thread="own", party__in=[p.pk for p in self.own_parties]))

    def home_messages(self) -> models.QuerySet[Message]:
        """Between the reporter and the handlers of the reporting part.

        SECURITY: nobody else, those included who handle another part at the same provider.
        """
        if not (self.is_reporter or any(p.side == "reporting" for p in self.own_parties)):
            return self.case.messages.none()
        return self._left(self.case.messages.filter(thread="home"))

    def events(self):
        """The timeline: what is shared, and what is one's own parts'."""
        own = Q(party__in=[p.pk for p in self.own_parties])
        return self._cut(self.case.events.filter(Q(is_own=False) | own), "at")

    def files(self) -> models.QuerySet[CaseFile]:
        shared = Q(message=None) | Q(message__in=self.messages().values("pk"))
        own = Q(message__in=self.own_messages().values("pk")) | Q(message__in=self.home_messages().values("pk"))
        return self._cut(self.case.files.filter(shared | own), "created_at")

    def parties(self) -> list[Party]:
        """Parties shown: all that were there before one's part ended, and those it was forwarded to."""
        prefetched = "parties" in getattr(self.case, "_prefetched_objects_cache", {})
        parts = self.case.parties.all()
        parties = list(parts if prefetched else parts.select_related("provider", "unit", "handler"))
        until = self.until
        if until is None:
            return parties
        sent_to = {p.forwarded_to_id for p in self.own_parties + self.overseen}
        for party in parties:
            if (name := self.units_then.get(party.pk)) is not None:
                party.unit = CareUnit.objects.filter(provider=party.provider_id, name=name).first()
        return [p for p in parties if p.received_at < until or p.pk in sent_to]

    @property
    def shows_reporter(self) -> bool:
        """The reporter's name stays at home unless agreed."""
        at_home = any(p.side == "reporting" for p in self.own_parties)
        return self.is_reporter or at_home or self.case.shares_reporter_name

    def _left(self, rows: models.QuerySet[Message]) -> models.QuerySet[Message]:
        return rows if self.left_at is None else rows.filter(created_at__lt=self.left_at)

    def _cut(self, rows, field: str):
        until = self.until
        return rows if until is None else rows.filter(**{f"{field}__lte": until})
