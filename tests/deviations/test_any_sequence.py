"""Whatever is done in a case, in whatever order and by whom: no message is lost, nothing of a part's own is shown to
another, and there is always somebody who is to do something, until the case has ended.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.http import Http404
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.readers import Reader
from core import clock, refused
from deviations.access.handlers import handlers_of
from deviations.access.next_step import next_step
from deviations.access.states import CaseState, state_of
from deviations.models import OPEN, Case, Party
from deviations.predicate import OpenedCase
from deviations.telling import reminders
from deviations.time.dues import due_of, is_late, next_due
from deviations.verbs import VERBS, allowed_verbs, coordinating, sending_on
from tests.deviations.cases import Cast

WHO = st.sampled_from(["maria", "lena", "karin", "per_ake", "sara"])
UNITS = ("akut", "medicin")
TALK = ("ask", "reply", "send_message", "note", "answer", "write_home")


class Life(RuleBasedStateMachine):
    cast: Cast
    readers: dict[str, Reader]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.now = clock.frozen(clock.now())
        self.clock = self.now.__enter__()
        self.case = self.cast.case()
        self.said: dict[str, tuple[str, str]] = {}  # the words: whose part, and in which thread
        self.count = 0

    def teardown(self) -> None:
        self.now.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def part(self, pick: int) -> Party:
        parts = list(self.case.parties.order_by("pk"))
        return parts[pick % len(parts)]

    def do(self, verb: str, party: Party, who: str, **more) -> bool:
        """Whether it was done; a verb that is refused has done nothing."""
        self.clock.move(minutes=1)
        before = list(self.case.parties.order_by("pk").values_list("pk", "state", "ended_at"))
        said = self.case.messages.count()
        try:
            VERBS[verb].do(party, by=self.readers[who], **more)
        except refused.NotAllowed:
            assert list(self.case.parties.order_by("pk").values_list("pk", "state", "ended_at")) == before
            assert self.case.messages.count() == said
            return False
        self.case = Case.objects.get(pk=self.case.pk)
        return True

    def arguments(self, verb: str, to: str) -> dict:
        self.count += 1
        words = f"Ord{self.count:03}"
        if verb in TALK:
            return {"body": words}
        if verb in ("forward", "add_party"):
            place = (self.cast.region, getattr(self.cast, to)) if to else (self.cast.kommun, None)
            where = {"to_provider": place[0], "to_unit": place[1]}
            return where | ({"reason": words} if verb == "forward" else {})
        if verb == "assign":
            return {}
        if verb == "judge_harm":
            return {"actual": "none", "potential": "harm"}
        if verb == "correct":
            moment = self.case.occurred_at - dt.timedelta(minutes=self.count)
            return {"type": self.case.type, "occurred_at": moment, "occurred_time_known": True}
        if verb == "split":
            return {"type": self.case.type, "description": words, "concerns": ()}
        if verb == "accept":
            return {"feedback": words}
        return {"reason": words} if verb in ("refuse", "withdraw", "escalate", "reopen") else {}

    def remember(self, said: dict) -> None:
        words = said.get("body") or said.get("reason") or said.get("feedback")
        if words and self.case.messages.filter(body=words).exists():
            message = self.case.messages.get(body=words)
            self.said[words] = (message.party_id, message.thread)

    def offered(self) -> list[tuple[str, str, Party]]:
        """All that the page offers anybody now: who, which act, to which part."""
        found = []
        for who in ("maria", "lena", "karin", "per_ake", "sara"):
            try:
                opened = Case.objects.open_or_404(self.readers[who], self.case.number)
            except Http404:
                continue
            allowed = allowed_verbs(opened)
            found += [(who, verb, party) for verb in sorted(allowed) for party in allowed[verb] if verb != "assign"]
        return found

    @rule(data=st.data(), to=st.sampled_from([*UNITS, ""]))
    def do_what_is_offered(self, data: st.DataObject, to: str) -> None:
        """It is taken; and what moves the case is tried more often than talk."""
        offered = self.offered()
        moving = [o for o in offered if o[1] not in ("note", "send_message", "judge_harm", "escalate", "write_home")]
        if not offered:
            return
        who, verb, party = data.draw(st.sampled_from(moving or offered) | st.sampled_from(offered))
        told = self.arguments(verb, to)
        done = self.do(verb, party, who, **told)
        # One can be sent on to somebody who has the case, and raise what is raised.
        assert done or verb in ("forward", "add_party", "escalate")
        if done:
            self.remember(told)

    @rule(who=WHO, pick=st.integers(0, 4), verb=st.sampled_from(sorted(VERBS)), to=st.sampled_from([*UNITS, ""]))
    def do_anything(self, who: str, pick: int, verb: str, to: str) -> None:
        told = self.arguments(verb, to)
        if verb != "assign" and self.do(verb, self.part(pick), who, **told):
            self.remember(told)

    @rule(pick=st.integers(0, 1))
    def route(self, pick: int) -> None:
        self.clock.move(minutes=1)
        unit = getattr(self.cast, UNITS[pick])
        try:
            coordinating.route(self.case, to_provider=self.cast.region, to_unit=unit, by=self.readers["lars"])
        except refused.NotAllowed:
            return
        self.case = Case.objects.get(pk=self.case.pk)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.clock.move(days=days)

    @rule()
    def hand_back(self) -> None:
        self.clock.move(minutes=1)
        self.count += 1
        try:
            said = coordinating.hand_back(self.case, reason=f"Ord{self.count:03}", by=self.readers["lars"])
        except refused.NotAllowed:
            return
        self.said[said.body] = (said.party_id, "own")
        self.case = Case.objects.get(pk=self.case.pk)

    @invariant()
    def what_has_ended_waits_for_no_coordinator(self) -> None:
        if state_of(self.case) in (CaseState.CLOSED, CaseState.WITHDRAWN):
            assert not self.case.escalated_at

    @invariant()
    def what_is_late_and_what_is_next_say_the_same_in_lists_and_pages(self) -> None:
        parties = list(self.case.parties.annotate(in_lists=next_due()))
        late = set(Party.objects.filter(is_late(), case=self.case).values_list("pk", flat=True))
        for party in parties:
            assert party.in_lists == due_of(party)
            assert (party.pk in late) == bool((day := due_of(party)) and day < clock.today())
            step = next_step(party, parties)
            assert step is None or not step.is_ours or step.due == due_of(party)

    @invariant()
    def no_message_is_lost(self) -> None:
        kept = {m.body: (m.party_id, m.thread) for m in self.case.messages.all()}
        assert kept == self.said

    @invariant()
    def nothing_of_a_parts_own_is_shown_to_another(self) -> None:
        for reader in self.readers.values():
            found = Case.objects.visible_to(reader).filter(pk=self.case.pk).first()
            own = set(self.case.parties.handled_by(reader).values_list("pk", flat=True))
            if found is None:
                assert not own
                continue
            opened = OpenedCase(self.case, reader, tuple(self.case.parties.handled_by(reader)))
            assert {m.party_id for m in opened.own_messages()} <= own
            assert {m.thread for m in opened.messages()} <= {"shared"}
            at_home = opened.is_reporter or any(p.side == "reporting" for p in opened.own_parties)
            assert at_home or not opened.home_messages().exists()
            if opened.until:
                assert all(m.created_at <= opened.until for m in opened.messages())

    @invariant()
    def somebody_is_always_responsible(self) -> None:
        parties = list(self.case.parties.select_related("provider", "unit"))
        for party in parties:
            if party.state in OPEN:
                assert handlers_of(party).exists()
        state = state_of(self.case)
        if state in (CaseState.CLOSED, CaseState.WITHDRAWN):
            return
        steps = [s for p in parties if (s := next_step(p, parties))]
        assert any(step.is_ours for step in steps) or not any(p.state in OPEN for p in parties)

    @invariant()
    def while_nobody_has_it_a_recipient_is_to_be_chosen_by_a_day(self) -> None:
        parties = list(self.case.parties.all())
        home = next(p for p in parties if p.side == "reporting")
        has_somebody = any(p.side == "concerned" and not p.has_ended for p in parties)
        assert (home.choose_due is not None) == (not has_somebody and home.state in OPEN)


def test_no_sequence_of_verbs_breaks_a_case(cast):
    Life.cast = cast
    Life.readers = {name: cast[name] for name in ("maria", "lena", "karin", "per_ake", "sara", "lars")}
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_it_takes_two_days_for_nobody_to_be_responsible(cast):
    """A case that waits for a recipient is raised when its day has passed, whoever has left."""
    with clock.frozen(clock.now() - dt.timedelta(days=20)):
        case = cast.case()
        sending_on.refuse(case.parties.get(side="concerned"), reason="Inte vår.", by=cast["maria"])
    cast.assignments["per_ake"].is_active = False
    cast.assignments["per_ake"].save()
    reminders.remind()
    assert Case.objects.get().escalated_at
