"""What closes a part: the conditions, what is waived, and that the reporter hears how it went."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Notice
from core import refused
from deviations.closing import gates
from deviations.investigation import acts
from deviations.models import (
    Action,
    Case,
    CaseRules,
    Investigation,
    Message,
    Waiver,
)
from deviations.verbs import handling
from tests.deviations.cases import concerned, reporting
from tests.deviations.investigating import TODAY, action, answered, cause, hidden, page, send, write


# Before the part is closed ------------------------------------------------------------------------------------
def left(case: Case) -> set[str]:
    case.refresh_from_db()
    return {one.gate for one in gates.left(concerned(case))}


def test_a_part_is_closed_when_nothing_is_missing(cast):
    case = answered(cast)
    found = cause(cast, case)
    assert left(case) == {"causes"}
    with pytest.raises(refused.NotAllowed, match="ingen åtgärd"):
        handling.close(concerned(case), by=cast["maria"])
    html = cast.client("maria").get(f"/avvikelser/{case.number}/").content.decode()
    assert "Innan ni kan avsluta: en sak saknas" in html
    action(cast, case, found, due=TODAY())
    assert left(case) == {"owners"}
    made = Action.objects.get()
    action(cast, case, found, due=TODAY(), owner=cast.maria, piece=made)
    assert left(case) == set()
    handling.close(concerned(case), by=cast["maria"])
    assert concerned(case).state == "closed"


def test_an_action_against_the_root_settles_the_whole_chain(cast):
    case = answered(cast)
    top = cause(cast, case, "Ett")
    root = cause(cast, case, "Två", because_of=top)
    assert left(case) == {"causes"}
    made = action(cast, case, root)
    assert left(case) == set()
    write(cast, case, "uppfoljning", piece=made, state="dropped", done_on=None, evidence="", effect="", effect_note="")
    assert left(case) == {"causes"}
    cause(cast, case, "Ett", no_action_reason="Avdelningen är stängd.", piece=top)
    assert left(case) == set()


def test_where_there_was_harm_the_patient_is_told(cast):
    case = answered(cast)
    handling.judge_harm(concerned(case), actual="harm", potential="harm", by=cast["maria"])
    assert left(case) == {"patient"}
    told = {"told": Investigation.Told.values[:6], "told_on": TODAY(), "told_by": "Maria", "not_told_reason": ""}
    write(cast, case, "patienten", **told)
    assert left(case) == {"patient"}
    write(cast, case, "patienten", **told | {"told": Investigation.Told.values})
    assert left(case) == set()
    write(cast, case, "patienten", **told | {"told": [], "not_told_reason": "Patienten vill inte."})
    assert left(case) == set()


def test_the_reporting_part_is_closed_with_feedback(cast):
    case = answered(cast)
    with pytest.raises(refused.NotAllowed, match="återkoppling"):
        handling.accept(reporting(case), by=cast["per_ake"])
    handling.accept(reporting(case), "Tack, rutinen är ändrad.", by=cast["per_ake"])
    assert reporting(case).state == "closed"


def test_a_condition_is_waived_by_name(cast):
    case, client = answered(cast), cast.client("maria")
    cause(cast, case)
    html = page(client, case)
    sent = {"waive": "1", "gate": "causes", "reason": "Enheten läggs ned.", "token": hidden(html, "token")}
    assert client.post(f"/avvikelser/{case.number}/utredning/", sent | {"reason": ""}).status_code == 422
    assert client.post(f"/avvikelser/{case.number}/utredning/", sent).status_code == 302
    waiver = Waiver.objects.get()
    assert (waiver.by, waiver.reason) == (cast.maria, "Enheten läggs ned.")
    assert "Enheten läggs ned." in page(client, case)
    handling.close(concerned(case), by=cast["maria"])
    with pytest.raises(DatabaseError), transaction.atomic():
        Waiver.objects.update(reason="")


def test_a_condition_that_is_met_is_not_waived(cast):
    case = answered(cast)
    with pytest.raises(refused.WrongState):
        acts.waive(concerned(case), "causes", reason="x", by=cast["maria"])


def test_a_provider_does_without_conditions_and_old_cases_have_none(cast):
    case = answered(cast)
    cause(cast, case)
    CaseRules.objects.create(provider=cast.region, gates_off=["causes"])
    assert left(case) == set()
    CaseRules.objects.all().delete()
    assert left(case) == {"causes"}
    Case.objects.update(has_conditions=False)
    handling.close(concerned(case), by=cast["maria"])


# So it turned out ---------------------------------------------------------------------------------------------
def test_the_reporter_hears_a_second_time(cast):
    case = answered(cast)
    made = action(cast, case, cause(cast, case), measure="Andel signerade")
    handling.close(concerned(case), by=cast["maria"])
    sent = send(
        cast.client("maria"), case, f"uppfoljning/{made.key}/", state="done", done_on="i dag", effect="full",
        effect_note="Nio av tio", tell="Så blev det: listan följer med.",
    )  # fmt: skip
    assert sent.status_code == 302
    message = Message.objects.latest("pk")
    assert (message.body, message.thread, message.kind) == ("Så blev det: listan följer med.", "shared", "feedback")
    told = set(Notice.objects.filter(kind="case_effect").values_list("assignment__user__email", flat=True))
    assert cast.sara.email in told
    assert "Så blev det" in cast.client("sara").get(f"/avvikelser/{case.number}/").content.decode()
    assert "Nio av tio" not in cast.client("sara").get(f"/avvikelser/{case.number}/").content.decode()
    made.refresh_from_db()
    assert (made.state, made.effect) == ("done", "full")


def test_an_effect_is_judged_of_what_is_done(cast):
    case = cast.case()
    made = action(cast, case, cause(cast, case))
    answer = send(cast.client("maria"), case, f"uppfoljning/{made.key}/", state="planned", effect="full")
    assert answer.status_code == 422
    assert send(cast.client("maria"), case, f"uppfoljning/{made.key}/", state="done").status_code == 422
