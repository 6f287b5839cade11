"""The demonstration's cases: 150 over two years, lived through by the same verbs that handlers use."""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import translation

from accounts.models import Assignment, CareUnit, Notice, Provider
from accounts.readers import Reader, reader_for
from accounts.roles import Kind, Role
from core import clock
from deviations.entry.reports import Recipient, Report
from deviations.models import Case, DeviationType, Party
from deviations.verbs import handling, sending_on, submission, talking
from documents.models import Document
from portal.demo.investigations import decide, hand_to_social_care, investigate
from portal.demo.learning import teach

COUNT = 150
STORIES = Path(__file__).with_name("cases.json")
_NAMESPACE = uuid.UUID("5f1c1a2e-8c1e-4a55-9d0b-2f6f5b9d7a10")
# How far a case has come. Drawn for old cases mostly finished, for new ones mostly not.
OLD = ("closed",) * 7 + ("answered", "misdirected_closed", "forwarded_closed", "acting")
NEW = (
    "received",
    "received",
    "acknowledged",
    "investigating",
    "info_requested",
    "replied",
    "acting",
    "answered",
    "misdirected",
    "forwarded",
    "needs_recipient",
    "closed",
)


FEEDBACK = (
    "Tack för att du rapporterade. Svaret är genomgånget på arbetsplatsträffen, och ändringen gäller från nästa vecka.",
    "Tack. Det du såg ledde till att arbetssättet ändras hos mottagaren. Säg till om det händer igen.",
    "Vi godtar svaret. Enhetschefen följer upp om tre månader att ändringen håller.",
)


class Cast:
    """The people who report and handle, at each provider, and the stories they live through."""

    def __init__(self, providers: dict[str, Provider]) -> None:
        self.providers = [p for p in providers.values() if p.kind != Kind.OTHER]
        self.reporters: dict[int, list[Assignment]] = {}
        self.handlers: dict[int, list[Assignment]] = {}
        for assignment in Assignment.objects.select_related("user", "provider", "unit").order_by("pk"):
            if Role.CASE_HANDLER in assignment.roles:
                self.handlers.setdefault(assignment.provider_id, []).append(assignment)
            elif Role.REPORTER in assignment.roles and assignment.unit_id:
                self.reporters.setdefault(assignment.provider_id, []).append(assignment)
        self.stories = json.loads(STORIES.read_text())
        self.types = {t.name_sv: t for t in DeviationType.objects.all()}
        self.units: dict[int, list[CareUnit]] = {}
        for unit in CareUnit.objects.order_by("pk"):
            self.units.setdefault(unit.provider_id, []).append(unit)

    def of_kind(self, kind: str) -> list[Provider]:
        return [p for p in self.providers if p.kind == kind]

    def handler(self, party: Party) -> Reader:
        """A handler who handles this part: the unit's own before the provider's."""
        able = [a for a in self.handlers[party.provider_id] if a.unit_id in (None, party.unit_id)]
        able.sort(key=lambda a: a.unit_id is None)
        return reader_for(able[0].user, able[0])


def make(index: int, cast: Cast) -> None:
    """Make the case with this index and let it live, unless it is there."""
    token = uuid.uuid5(_NAMESPACE, str(index))
    if Case.objects.filter(token=token).exists():
        return
    story = cast.stories[index % len(cast.stories)]
    with translation.override("sv"), transaction.atomic():
        _live(index, token, story, cast)


def _live(index: int, token: uuid.UUID, story: dict[str, Any], cast: Cast) -> str:
    draw = random.Random(index)
    # Every direction between kinds of provider comes round, whatever the story's first thought was.
    kinds = (Kind.PRIVATE, Kind.REGIONAL, Kind.MUNICIPAL)
    from_kind, to_kind = (
        (story["from_kinds"][0], story["to_kinds"][0]) if index % 3 else (kinds[index // 3 % 3], kinds[index // 9 % 3])
    )
    sender = draw.choice(cast.of_kind(from_kind))
    receivers = [p for p in cast.of_kind(to_kind) if p != sender] or [sender]
    receiver = draw.choice(receivers)
    if index % 10 == 0:
        # The accounts that are given away have something to look at.
        sender = next(p for p in cast.providers if p.name.startswith("Vårdcentralen Björken"))
        receiver = cast.of_kind(Kind.REGIONAL)[0]
    unit = draw.choice(cast.units[receiver.pk])
    if receiver.kind == Kind.REGIONAL and index % 2 == 0:
        unit = next(u for u in cast.units[receiver.pk] if u.name == "Medicinkliniken")
    reporter = cast.reporters[sender.pk][0 if index % 10 == 0 else draw.randrange(len(cast.reporters[sender.pk]))]
    days_ago = 2 + int(730 * (index / COUNT) ** 1.2)
    at = _by_day(clock.now() - dt.timedelta(days=days_ago), draw, backwards=True)
    goal = draw.choice(OLD if days_ago > 90 else NEW)
    report = Report(
        event_kind=story["event_kind"],
        type=cast.types[story["type"]],
        title=story["title"],
        # Some hours before it was reported, the same day.
        occurred_at=at - dt.timedelta(minutes=draw.randrange(90, 150)),
        detected_at=at - dt.timedelta(minutes=draw.randrange(20, 80)),
        place=reporter.unit.name if reporter.unit else "",
        description=story["description"],
        immediate_action=story["immediate_action"],
        suggestion=story["suggestion"],
        concerns=() if goal == "needs_recipient" else (Recipient(receiver, unit),),
        documents=tuple(Document.objects.visible_to(reader_for(reporter.user, reporter)).filter(number=story["cites"])),
        shares_reporter_name=index % 4 == 0,
    )
    with clock.frozen(at) as now:
        case = submission.submit(token, data=report, by=reader_for(reporter.user, reporter))
        party = case.parties.filter(side=Party.Side.CONCERNED).first()
        if party:
            _handle(case, party, goal, story, cast, now, draw, receivers)
    return case.number


def _handle(
    case: Case,
    party: Party,
    goal: str,
    story: dict[str, Any],
    cast: Cast,
    now: clock.FrozenClock,
    draw: random.Random,
    receivers: list[Provider],
) -> None:
    if goal == "received":
        return
    home = case.parties.get(side=Party.Side.REPORTING)
    handler = cast.handler(party)
    _wait(now, draw, 4, 30)
    if goal.startswith("misdirected"):
        sending_on.refuse(party, reason=story["misdirected_reason"], by=handler)
        if goal == "misdirected":
            return
        _wait(now, draw, 4, 40)
        other = (
            next(u for u in cast.units[party.provider_id] if u.pk != party.unit_id)
            if len(cast.units[party.provider_id]) > 1
            else cast.units[cast.of_kind(Kind.REGIONAL)[0].pk][3]
        )
        party = sending_on.add_party(home, to_provider=other.provider, to_unit=other, by=cast.handler(home))
        handler = cast.handler(party)
    if goal.startswith("forwarded"):
        others = [u for p in receivers + cast.of_kind(Kind.REGIONAL) for u in cast.units[p.pk] if u.pk != party.unit_id]
        to = draw.choice(others)
        sending_on.forward(party, to_provider=to.provider, to_unit=to, reason=story["misdirected_reason"], by=handler)
        if goal == "forwarded":
            return
        party = case.parties.filter(side=Party.Side.CONCERNED, ended_at=None).get()
        handler = cast.handler(party)
        _wait(now, draw, 4, 30)
    handling.acknowledge(party, by=handler)
    mine = Assignment.objects.get(pk=handler.assignment_id)
    handling.assign(party, to=mine, by=handler)
    if goal == "acknowledged":
        return
    _wait(now, draw, 2, 48)
    handling.start_investigation(party, by=handler)
    if goal == "investigating":
        talking.note(party, "Bett enhetschefen om schemat för dagen och loggen över samtal.", by=handler)
        return
    talking.ask(party, story["question"], by=handler)
    if goal == "info_requested":
        return
    _wait(now, draw, 6, 60)
    talking.reply(party, story["reply"], by=cast.handler(home))
    if goal == "replied":
        return
    _wait(now, draw, 12, 80)
    handling.judge_harm(party, actual=story["actual_harm"], potential=story["potential_harm"], by=handler)
    handling.start_acting(party, by=handler)
    party = Party.objects.select_related("case", "provider").get(pk=party.pk)
    investigate(party, draw, by=handler, is_done=goal == "closed")
    if goal == "acting":
        return
    _wait(now, draw, 24, 200)
    talking.answer(party, story["answer"], by=handler)
    if goal == "answered":
        return
    _wait(now, draw, 12, 100)
    party = Party.objects.select_related("case", "provider", "unit").get(pk=party.pk)
    decide(party, draw, by=handler)
    hand_to_social_care(party, by=handler)
    handling.close(party, by=handler)
    handling.accept(home, draw.choice(FEEDBACK), by=cast.handler(home))
    party.refresh_from_db()
    teach(party, home, story["title"], by=handler, at_home=cast.handler(home))


def _by_day(moment: dt.datetime, draw: random.Random, *, backwards: bool = False) -> dt.datetime:
    """A moment of that working day, or of the next one (or the one before), when people are at work."""
    day = clock.swedish(moment).date()
    if not clock.is_working_day(day):
        day = clock.add_working_days(day, -1 if backwards else 1)
    return clock.start_of_day(day) + dt.timedelta(hours=draw.randrange(9, 16), minutes=draw.randrange(60))


def _wait(now: clock.FrozenClock, draw: random.Random, least: int, most: int) -> None:
    """Some hours pass, but never into what has not been yet."""
    later = _by_day(now.at + dt.timedelta(hours=draw.randrange(least, most)), draw)
    latest = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    later = max(later, now.at + dt.timedelta(minutes=draw.randrange(10, 50)))
    now.set(min(later, max(latest, now.at + dt.timedelta(seconds=1))))


def settle() -> None:
    """Old notices are read, and no e-mail is sent of what happened before the demonstration began."""
    limit = clock.now() - dt.timedelta(days=7)
    Notice.objects.filter(read_at=None, created_at__lt=limit).update(read_at=clock.now())
    Notice.objects.filter(emailed_at=None).update(emailed_at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'mail' AND status = 'todo'")
