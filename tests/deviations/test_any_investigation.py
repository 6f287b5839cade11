"""Whatever is done in the investigations of a case, in whatever order and by whom: no part is closed with a condition
neither met nor waived, no action is tied to another part's cause, and nobody but the officer decides of lex Maria.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.readers import Reader
from accounts.roles import Role
from core import clock, refused
from deviations.closing import gates
from deviations.entry.reports import Recipient
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.lex_maria import acts as lex_maria
from deviations.models import Action, Case, Cause, Investigation, LexMariaDecision, Party
from deviations.taking_part import naming
from deviations.verbs import handling, talking
from tests.cast import assign, person
from tests.deviations.cases import Cast

# Most often whoever handles the part, and now and then somebody else.
WHO = st.sampled_from(["", "", "", "lova", "maria", "karin", "per_ake", "sara", "anna"])
HANDLERS = {"Region Fjällmark": "maria", "Granådals kommun": "karin", "Hälsocentralen Björken": "per_ake"}
PICK = st.integers(0, 20)


class Investigating(RuleBasedStateMachine):
    cast: Cast
    readers: dict[str, Reader]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        both = (Recipient(self.cast.region, self.cast.akut), Recipient(self.cast.kommun))
        self.case = self.cast.case(*both)
        for party in self.case.parties.filter(side="concerned").select_related("provider", "case"):
            talking.answer(party, "Så här är det.", by=self.by("", party))
        self.closed: list[tuple[int, list[str]]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def part(self, pick: int) -> Party:
        parts = list(Party.objects.filter(case=self.case).select_related("case", "provider", "unit").order_by("pk"))
        return parts[pick % len(parts)]

    def by(self, who: str, part: Party) -> Reader:
        return self.readers[who or HANDLERS[part.provider.name]]

    def tried(self, act: Any, *args: Any, **more: Any) -> Any:
        """A refusal changes nothing, and is no fault."""
        try:
            with transaction.atomic():
                return act(*args, **more)
        except refused.Refused:
            return None

    def put(self, part: Party, name: str, values: dict[str, Any], who: str, row: Any = None) -> None:
        kind = KINDS[name]
        found = Investigation.objects.filter(party=part).first()
        piece = row or acts.find(found, kind, None)
        key = getattr(row, "key", None)
        self.tried(acts.put, part, kind, values, by=self.by(who, part), shown=acts.mark(piece, kind), key=key)

    @rule(pick=PICK, who=WHO, above=PICK)
    def write_a_cause(self, pick: int, who: str, above: int) -> None:
        causes = [None, *Cause.objects.order_by("pk")]
        values = {"text": f"Orsak {pick}", "category": "procedures", "because_of": causes[above % len(causes)]}
        self.put(self.part(pick), "orsak", {**values, "is_contributing": False, "no_action_reason": ""}, who)

    @rule(pick=PICK, who=WHO, above=PICK)
    def move_a_cause(self, pick: int, who: str, above: int) -> None:
        causes = list(Cause.objects.filter(removed_at=None).order_by("pk"))
        if not causes:
            return
        row = causes[pick % len(causes)]
        values = {"text": row.text, "category": "competence", "because_of": causes[above % len(causes)]}
        part = row.investigation.party
        self.put(part, "orsak", {**values, "is_contributing": False, "no_action_reason": ""}, who, row)

    @rule(pick=PICK, who=WHO, against=PICK, due=st.booleans(), owned=st.booleans())
    def write_an_action(self, pick: int, who: str, against: int, due: bool, owned: bool) -> None:
        causes = list(Cause.objects.order_by("pk"))
        values = {
            "text": "Åtgärd", "causes": causes[against % len(causes) :][:1] if causes else [], "risk": "r",
            "kind": "training", "owner": self.cast.maria if owned else None, "measure": "", "follow_up": None,
            "due": clock.today() + dt.timedelta(days=9) if due else None, "document": None,
        }  # fmt: skip
        self.put(self.part(pick), "atgard", values, who)

    @rule(pick=PICK, who=WHO, state=st.sampled_from(["planned", "dropped", "done"]))
    def go_on_with_an_action(self, pick: int, who: str, state: str) -> None:
        actions = list(Action.objects.order_by("pk"))
        if actions:
            row = actions[pick % len(actions)]
            values = {"state": state, "done_on": clock.today(), "evidence": "", "effect": "", "effect_note": ""}
            self.put(row.investigation.party, "uppfoljning", values, who, row)

    @rule(pick=PICK, who=WHO)
    def take_away_a_cause(self, pick: int, who: str) -> None:
        causes = list(Cause.objects.order_by("pk"))
        if causes:
            row = causes[pick % len(causes)]
            part = row.investigation.party
            self.tried(acts.remove, part, KINDS["orsak"], row.key, by=self.by(who, part))

    @rule(pick=PICK, who=WHO)
    def bring_back_a_cause(self, pick: int, who: str) -> None:
        causes = list(Cause.objects.exclude(removed_at=None).order_by("pk"))
        if causes:
            row = causes[pick % len(causes)]
            part = row.investigation.party
            self.tried(acts.restore, part, KINDS["orsak"], row.key, by=self.by(who, part))

    @rule(pick=PICK, who=WHO, harm=st.sampled_from(["none", "harm", "serious_harm"]))
    def judge(self, pick: int, who: str, harm: str) -> None:
        part = self.part(pick)
        self.tried(handling.judge_harm, part, actual=harm, potential=harm, by=self.by(who, part))

    @rule(pick=PICK, who=WHO, gate=st.sampled_from(["causes", "owners", "lex_maria", "patient"]))
    def waive(self, pick: int, who: str, gate: str) -> None:
        part = self.part(pick)
        self.tried(acts.waive, part, gate, reason="Därför", by=self.by(who, part))

    @rule(pick=PICK, who=WHO)
    def decide(self, pick: int, who: str) -> None:
        part = self.part(pick)
        shown = lex_maria.mark(part)
        self.tried(lex_maria.decide, part, notifies=True, grounds="Grunder", by=self.by(who, part), shown=shown)

    @rule(pick=PICK, who=WHO, whom=st.sampled_from(["anna", "sara", "lova"]))
    def name(self, pick: int, who: str, whom: str) -> None:
        rows = list(Investigation.objects.order_by("pk"))
        if rows:
            found, part = rows[pick % len(rows)], self.part(pick)
            who_acts = self.by(who, part)
            self.tried(naming.name, part, found, self.cast.assignments[whom], last_day=None, by=who_acts)

    @rule(pick=PICK, who=WHO)
    def close(self, pick: int, who: str) -> None:
        part = self.part(pick)
        missing = [one.gate for one in gates.left(part)]
        self.tried(handling.close, part, by=self.by(who, part))
        if part.state != "closed" and Party.objects.get(pk=part.pk).state == "closed":
            self.closed.append((part.pk, missing))

    @invariant()
    def no_part_is_closed_with_a_condition_neither_met_nor_waived(self) -> None:
        assert all(missing == [] for _part, missing in self.closed)

    @invariant()
    def nothing_is_tied_to_another_parts_cause(self) -> None:
        for action in Action.objects.prefetch_related("causes"):
            assert {cause.investigation_id for cause in action.causes.all()} <= {action.investigation_id}
        for cause in Cause.objects.exclude(because_of=None).select_related("because_of"):
            assert cause.because_of.investigation_id == cause.investigation_id

    @invariant()
    def no_chain_goes_in_a_circle(self) -> None:
        above = dict(Cause.objects.values_list("pk", "because_of"))
        for cause in above:
            seen, at = set(), cause
            while at is not None:
                assert at not in seen
                seen.add(at)
                at = above[at]

    @invariant()
    def nobody_but_the_officer_decides_and_of_the_own_provider_alone(self) -> None:
        for decision in LexMariaDecision.objects.select_related("party"):
            assert decision.by_id == self.cast.lova.pk
            assert decision.party.provider_id == self.cast.region.pk

    @invariant()
    def each_investigation_is_its_own_parts(self) -> None:
        for name in ("maria", "karin", "per_ake", "lena"):
            seen = Investigation.objects.open_to(self.readers[name])
            own = Party.objects.handled_by(self.readers[name])
            assert set(seen.values_list("party", flat=True)) <= set(own.values_list("pk", flat=True))


def test_no_sequence_of_acts_breaks_an_investigation(cast):
    cast.users["lova"] = person(email="lova@region.example", given_name="Lova", family_name="Berg")
    cast.assignments["lova"] = assign(cast.lova, cast.region, Role.LEX_MARIA_OFFICER)
    Investigating.cast = cast
    names = ("maria", "karin", "per_ake", "lova", "sara", "anna", "lena")
    Investigating.readers = {name: cast[name] for name in names}
    run_state_machine_as_test(
        Investigating,
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert Case.objects.count() == 0
