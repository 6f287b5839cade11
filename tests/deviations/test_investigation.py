"""A part's investigation: what is written in it, by whom, and who reads it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Notice
from core import clock, refused
from deviations.closing import gates
from deviations.investigation import acts, risk
from deviations.investigation.kinds import KINDS
from deviations.models import (
    Action,
    CaseRules,
    Cause,
    Investigation,
    InvestigationEvent,
    Party,
)
from deviations.verbs import sending_on, talking
from tests.deviations.cases import concerned
from tests.deviations.investigating import TODAY, action, cause, hidden, page, send


# Who reads ----------------------------------------------------------------------------------------------------
def test_an_investigation_is_its_own_parts_and_nobody_elses(cast):
    case = cast.case()
    cause(cast, case, "Vikarien kände inte till checklistan")
    assert "Vikarien kände inte till" in page(cast.client("maria"), case)
    # The reporting side's handler has an investigation of their own, without a word of the other's.
    assert "Vikarien" not in page(cast.client("per_ake"), case)
    key = Cause.objects.get().key
    for name in ("sara", "lena", "karin", "anna", "rut", "eva"):
        for address in ("utredning/", "utredning/orsak/", f"utredning/orsak/{key}/"):
            assert cast.client(name).get(f"/avvikelser/{case.number}/{address}").status_code == 404, (name, address)
    assert cast.client("per_ake").get(f"/avvikelser/{case.number}/utredning/orsak/{key}/").status_code == 404
    seen = {name: Investigation.objects.open_to(cast[name]).count() for name in ("maria", "per_ake", "sara", "lena")}
    assert seen == {"maria": 1, "per_ake": 0, "sara": 0, "lena": 0}


def test_nothing_of_it_stands_on_the_pages_of_the_case_that_others_read(cast):
    case = cast.case()
    found = cause(cast, case, "Vikarien kände inte till checklistan")
    action(cast, case, found, text="Introduktionen får en ägare")
    for name in ("sara", "per_ake"):
        html = cast.client(name).get(f"/avvikelser/{case.number}/").content.decode()
        assert "Vikarien" not in html
        assert "Introduktionen" not in html
        assert "Utredningen påbörjades" not in html
    assert Notice.objects.filter(kind__startswith="case_effect").count() == 0


def test_a_part_that_has_ended_is_read_and_not_written(cast):
    case = cast.case()
    cause(cast, case)
    sending_on.refuse(concerned(case), reason="Det är inte vi.", by=cast["maria"])
    assert "Checklistan signerades inte" in page(cast.client("maria"), case)
    answer = cast.client("maria").get(f"/avvikelser/{case.number}/utredning/orsak/")
    assert answer.status_code == 302
    part = Party.objects.get(case=case, state="misdirected")
    with pytest.raises(refused.WrongState):
        acts.waive(part, "patient", reason="x", by=cast["maria"])


# What is written ----------------------------------------------------------------------------------------------
def test_the_whole_way_through_the_forms(cast):
    case, client = cast.case(), cast.client("maria")
    risk_sent = send(client, case, "bedomning/", before="33", after="", basis="Dubbel dos", extent="")
    assert risk_sent.status_code == 302
    html = page(client, case)
    assert "9 poäng, hög" in html
    assert "Händelseanalys" in html
    assert send(client, case, "orsak/", text="Ingen äger introduktionen", category="competence").status_code == 302
    found = Cause.objects.get()
    sent = send(
        client, case, "atgard/", text="Namnge en ägare", causes=str(found.key), kind="organisation",
        owner=cast.maria.email, due=(TODAY() + dt.timedelta(days=9)).isoformat(),
    )  # fmt: skip
    assert sent.status_code == 302
    made = Action.objects.get()
    assert (made.owner, list(made.causes.all()), made.strength) == (cast.maria, [found], Action.Strength.STRONG)
    assert send(client, case, "handelse/", day=TODAY().isoformat(), text="Patienten kom hem").status_code == 302
    assert (
        send(client, case, "berattelse/", teller="patient", text="Jag fick två burkar.", told_on="i dag").status_code
        == 302
    )
    assert send(client, case, "bra/", went_well="Hemsjukvården ringde.").status_code == 302
    assert send(client, case, "uppdrag/", led_by="Maria Öberg", questions="Varför?").status_code == 302
    assert send(client, case, "liknande/", text="Samma rutin i våras").status_code == 302
    html = page(client, case)
    for words in ("Namnge en ägare", "Patienten kom hem", "Jag fick två burkar.", "Hemsjukvården ringde.", "våras"):
        assert words in html
    did = InvestigationEvent.objects.values_list("kind", "act")
    assert ("orsak", "add") in did
    assert ("bra", "change") in did


def test_a_message_becomes_a_step_by_one_click_and_once(cast):
    case, client = cast.case(), cast.client("maria")
    talking.send_message(concerned(case), body="Listan skickades i dag.", by=cast["maria"])
    assert "Listan skickades" in page(client, case)
    for _ in range(2):
        assert client.post(f"/avvikelser/{case.number}/utredning/", {"take": "1"}).status_code == 302
    found = Investigation.objects.get()
    assert [s.text for s in found.subevents.all()] == ["Listan skickades i dag."]
    assert client.post(f"/avvikelser/{case.number}/utredning/", {"take": "7"}).status_code == 404


def test_what_is_taken_away_can_be_brought_back(cast):
    case, client = cast.case(), cast.client("maria")
    found = cause(cast, case)
    html = page(client, case, f"orsak/{found.key}/")
    client.post(
        f"/avvikelser/{case.number}/utredning/orsak/{found.key}/", {"remove": "1", "token": hidden(html, "token")}
    )
    found.refresh_from_db()
    assert found.removed_at
    client.post(f"/avvikelser/{case.number}/utredning/", {"restore": f"orsak.{found.key}"})
    found.refresh_from_db()
    assert found.removed_at is None
    assert [e.act for e in InvestigationEvent.objects.order_by("pk")] == ["add", "remove", "restore"]


def test_the_changes_cannot_be_rewritten(cast):
    cause(cast, cast.case())
    with pytest.raises(DatabaseError), transaction.atomic():
        InvestigationEvent.objects.update(by_name="Någon annan")


# Several write ------------------------------------------------------------------------------------------------
def test_two_who_write_in_one_field_both_keep_their_words(cast):
    case = cast.case()
    found = cause(cast, case)
    one, two = cast.client("maria"), cast.client("maria")
    address = f"orsak/{found.key}/"
    first, second = page(one, case, address), page(two, case, address)

    def save(client: Client, html: str, text: str):
        told = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "text": text, "category": "competence"}
        return client.post(f"/avvikelser/{case.number}/utredning/{address}", told)

    assert save(one, first, "Introduktionen saknades").status_code == 302
    # The form of the same person is one draft: the second sending is another content under the same token.
    refused_answer = save(two, second, "Telefonen låg fel")
    assert refused_answer.status_code == 409
    assert "Telefonen låg fel" in refused_answer.content.decode()
    found.refresh_from_db()
    assert found.text == "Introduktionen saknades"


def test_who_changes_what_another_has_changed_sees_both(cast):
    case = cast.case()
    found = cause(cast, case)
    shown = acts.mark(found, KINDS["orsak"])
    cause(cast, case, "Introduktionen saknades", piece=found)
    with pytest.raises(refused.Moved):
        acts.put(
            concerned(case), KINDS["orsak"], {"text": "Telefonen låg fel"}, by=cast["maria"], shown=shown, key=found.key
        )
    client = cast.client("maria")
    html = page(client, case, f"orsak/{found.key}/")
    cause(cast, case, "Introduktionen hade ingen ägare", piece=Cause.objects.get())
    told = {
        "token": hidden(html, "token"),
        "shown": hidden(html, "shown"),
        "text": "Telefonen",
        "category": "competence",
    }
    answer = client.post(f"/avvikelser/{case.number}/utredning/orsak/{found.key}/", told)
    both = answer.content.decode()
    assert answer.status_code == 409
    assert "Introduktionen hade ingen ägare" in both
    assert 'value="Telefonen"' in both
    # Having read the other, they save theirs.
    told["shown"] = hidden(both, "shown")
    assert client.post(f"/avvikelser/{case.number}/utredning/orsak/{found.key}/", told).status_code == 302
    assert Cause.objects.get().text == "Telefonen"
    assert [e.values["text"] for e in InvestigationEvent.objects.order_by("pk")][2] == "Introduktionen hade ingen ägare"


# Bad input ----------------------------------------------------------------------------------------------------
def test_a_chain_does_not_go_in_a_circle(cast):
    case = cast.case()
    top = cause(cast, case, "Ett")
    middle = cause(cast, case, "Två", because_of=top)
    low = cause(cast, case, "Tre", because_of=middle)
    with pytest.raises(refused.WrongState, match="cirkel"):
        cause(cast, case, "Ett", because_of=low, piece=top)
    with pytest.raises(refused.WrongState):
        cause(cast, case, "Ett", because_of=top, piece=top)
    answer = send(
        cast.client("maria"), case, f"orsak/{top.key}/", text="Ett", category="competence", because_of=str(low.key)
    )
    assert answer.status_code == 409
    assert "cirkel" in answer.content.decode()
    # Something hangs on it: it is not taken away from under that.
    with pytest.raises(refused.WrongState):
        acts.remove(concerned(case), KINDS["orsak"], top.key, by=cast["maria"])


def test_an_action_is_against_something_of_ones_own(cast):
    case, other = cast.case(), cast.case()
    theirs = cause(cast, other)
    client = cast.client("maria")
    answer = send(client, case, "atgard/", text="Gör något", kind="training")
    assert answer.status_code == 422
    assert "Välj orsaken som den är mot, eller skriv vilken risk" in answer.content.decode()
    assert (
        send(client, case, "atgard/", text="Gör något", kind="training", causes=str(theirs.key), risk="x").status_code
        == 302
    )
    assert list(Action.objects.get().causes.all()) == []
    with pytest.raises(refused.WrongState):
        action(cast, case, theirs)


@pytest.mark.parametrize(
    ("form", "values", "field"),
    [
        ("atgard/", {"text": "A", "kind": "training", "risk": "r"}, "due"),
        ("atgard/", {"text": "A", "kind": "training", "risk": "r"}, "follow_up"),
        ("uppdrag/", {}, "due"),
        ("patienten/", {"told": "event"}, "told_on"),
        ("berattelse/", {"teller": "patient", "text": "Så var det."}, "told_on"),
    ],
)
def test_days_before_the_event_are_refused(cast, form, values, field):
    case = cast.case()
    before = (clock.swedish(case.occurred_at).date() - dt.timedelta(days=1)).isoformat()
    answer = send(cast.client("maria"), case, form, **values, **{field: before})
    assert answer.status_code == 422
    assert "Det är innan det hände" in answer.content.decode()


def test_no_identity_number_comes_into_an_account(cast):
    case = cast.case()
    sent = {"teller": "patient", "text": "Patienten, 19121212-1212, ringde.", "told_on": "i dag"}
    answer = send(cast.client("maria"), case, "berattelse/", **sent)
    assert answer.status_code == 422
    assert "19121212-1212" not in str(InvestigationEvent.objects.values_list("values", flat=True))


def test_the_database_holds_what_the_forms_say(cast):
    case = cast.case()
    found = cause(cast, case).investigation
    with pytest.raises(DatabaseError), transaction.atomic():
        Investigation.objects.filter(pk=found.pk).update(severity=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        Investigation.objects.filter(pk=found.pk).update(severity=5, likelihood=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Cause.objects.update(because_of=Cause.objects.get().pk)


# The score ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("severity", "likelihood", "level", "extent"),
    [(1, 1, 1, "simple"), (1, 4, 2, "deeper"), (2, 3, 2, "deeper"), (2, 4, 3, "analysis"), (3, 3, 3, "analysis"),
     (4, 1, 2, "analysis"), (4, 4, 4, "analysis")],
)  # fmt: skip
def test_the_score_asks_for_an_extent(severity, likelihood, level, extent):
    found = risk.Risk(severity, likelihood)
    assert (found.level, risk.asked_extent(found, CaseRules())) == (level, extent)


def test_the_score_asks_by_the_providers_own_rules(cast):
    CaseRules.objects.create(provider=cast.region, deeper_from=9, analysis_from=12)
    assert risk.asked_extent(risk.Risk(3, 3), gates.rules_of(cast.region)) == "deeper"
    assert risk.asked_extent(risk.Risk(4, 1), gates.rules_of(cast.region)) == "analysis"
