"""A part's investigation: what is written in it, by whom, who reads it, and what closes the part."""

from __future__ import annotations

import datetime as dt
import io
import re

import pikepdf
import pypdfium2
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Notice
from core import clock, refused
from deviations.alike import finding as alike
from deviations.closing import gates
from deviations.entry.reports import Recipient
from deviations.investigation import acts, risk
from deviations.investigation.kinds import KINDS
from deviations.models import (
    Action,
    Case,
    CaseRules,
    Cause,
    DeviationType,
    Investigation,
    InvestigationEvent,
    Message,
    Party,
    Reference,
    Waiver,
)
from deviations.verbs import handling, sending_on, talking
from tests.deviations.cases import Cast, concerned, reporting

TODAY = clock.today


def write(cast: Cast, case: Case, name: str, /, *, by: str = "maria", piece=None, **values):
    """A piece of the emergency clinic's investigation, written as it stands."""
    kind, key = KINDS[name], getattr(piece, "key", None)
    found = Investigation.objects.filter(party=concerned(case)).first()
    row = piece if piece is not None else acts.find(found, kind, None)
    return acts.put(concerned(case), kind, values, by=cast[by], shown=acts.mark(row, kind), key=key)


def cause(cast: Cast, case: Case, text: str = "Checklistan signerades inte", **more) -> Cause:
    values = {"text": text, "category": "procedures", "because_of": None, "is_contributing": False}
    return write(cast, case, "orsak", **{**values, "no_action_reason": "", **more})


def action(cast: Cast, case: Case, *against: Cause, **more) -> Action:
    values = {
        "text": "Signera före hemgång", "causes": list(against), "risk": "", "kind": "checklist", "owner": None,
        "due": None, "measure": "", "follow_up": None, "document": None,
    }  # fmt: skip
    return write(cast, case, "atgard", **{**values, **more})


def answered(cast: Cast) -> Case:
    case = cast.case()
    talking.answer(concerned(case), body="Vi har sett över rutinen.", by=cast["maria"])
    return case


def page(client: Client, case: Case, more: str = "") -> str:
    answer = client.get(f"/avvikelser/{case.number}/utredning/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def send(client: Client, of: Case, more: str, /, **values):
    html = page(client, of, more)
    told = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), **values}
    return client.post(f"/avvikelser/{of.number}/utredning/{more}", told)


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


# Papers -------------------------------------------------------------------------------------------------------
def words_of(content: bytes) -> str:
    """All text of a PDF, which is tagged and says that it is PDF/UA-1 and PDF/A-2b."""
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert paper.Root.MarkInfo.Marked
        assert paper.Root.Lang == "sv"
        with paper.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "B")
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def test_the_paper_holds_the_whole_investigation(cast):
    case = cast.case()
    top = cause(cast, case, "Checklistan saknades #panic(1) $x$")
    cause(cast, case, "Ingen äger introduktionen", because_of=top)
    action(cast, case, top, owner=cast.maria)
    write(cast, case, "berattelse", teller="patient", text="Jag fick två burkar.", told_on=TODAY(), how="")
    answer = cast.client("maria").get(f"/avvikelser/{case.number}/utredning/som-pdf/")
    text = words_of(answer.content)
    for said in (
        "#panic(1) $x$",
        "Ingen äger",
        "Signera före hemgång",
        "Maria Öberg",
        "två burkar",
        "Inget är skrivet",
    ):
        assert said in text, said
    assert cast.client("sara").get(f"/avvikelser/{case.number}/utredning/som-pdf/").status_code == 404


def test_what_is_shared_is_what_was_chosen_and_no_more(cast):
    case, client = cast.case(), cast.client("maria")
    top = cause(cast, case, "Checklistan saknades")
    action(cast, case, top, owner=cast.maria)
    write(cast, case, "berattelse", teller="patient", text="Jag fick två burkar.", told_on=TODAY(), how="")
    address = f"/avvikelser/{case.number}/utredning/dela/"
    html = page(client, case)
    shown = hidden(html[html.index("/dela/") :], "shown")
    # Nothing is chosen; then something has changed since it was looked at.
    client.post(address, {"shown": shown})
    cause(cast, case, "Telefonen låg fel")
    client.post(address, {"shown": shown, "part": ["atgarder"]})
    assert not Message.objects.exists()
    html = page(client, case)
    shown = hidden(html[html.index("/dela/") :], "shown")
    assert client.post(address, {"shown": shown, "part": ["atgarder"]}).status_code == 302
    file = Message.objects.get().files.get()
    content = b"".join(cast.client("sara").get(f"/avvikelser/bilaga/{file.key}/").streaming_content)
    text = words_of(content)
    assert "Signera före hemgång" in text
    for kept in ("två burkar", "Telefonen låg fel", "Maria Öberg"):
        assert kept not in text
    assert cast.client("per_ake").post(address, {"shown": "0", "part": ["atgarder"]}).status_code == 302
    assert cast.client("karin").post(address, {"part": ["atgarder"]}).status_code == 404


# Similar events -----------------------------------------------------------------------------------------------
def test_earlier_cases_that_may_be_alike_are_found_among_ones_own(cast):
    words = "Pumpen larmade utan att någon hörde"
    other = DeviationType.objects.get(code="fall")
    same_words = cast.case(type=other, description=f"{words}. Den gamla modellen.")
    cast.case(type=other, description="Golvet var halt.")
    theirs = cast.case(Recipient(cast.region, cast.medicin), type=other, description=words)
    case = cast.case(type=DeviationType.objects.get(code="medicinteknik"), description="Pumparna larmade på natten.")
    found = alike.suggested(case, cast["maria"])
    assert [one.case for one in found] == [same_words]
    assert theirs not in [one.case for one in alike.suggested(case, cast["maria"])]
    client = cast.client("maria")
    html = page(client, case, "?liknande=1")
    assert same_words.number in html
    assert theirs.number not in html
    assert (
        send(
            client, case, f"liknande/?arende={same_words.number}", case=same_words.number, text="Samma pump"
        ).status_code
        == 302
    )
    assert alike.suggested(case, cast["maria"], but=[same_words.pk]) == []
    # A number that is not one's own is no case.
    assert send(client, case, "liknande/", case=theirs.number, text="x").status_code == 422


# Matters elsewhere --------------------------------------------------------------------------------------------
def test_matters_elsewhere_are_listed_for_those_who_handle_the_case(cast):
    case, client = cast.case(), cast.client("maria")
    sent = {"known_day": "i dag", "state": "open"}
    assert send(client, case, "hanvisning/", kind="police", number="K-77", **sent).status_code == 302
    old = clock.swedish(case.occurred_at).date().isoformat()
    told = {"known_day": old, "known_time": "00.01", "state": "open"}
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        assert send(cast.client("maria"), case, "hanvisning/", kind="data_incident", **told).status_code == 302
        incident = Reference.objects.get(kind="data_incident")
        assert incident.is_late
        html = cast.client("maria").get("/avvikelser/hanvisningar/").content.decode()
        assert "K-77" in html
        assert "inom 72 timmar" in html
        assert "K-77" not in cast.client("maria").get("/avvikelser/hanvisningar/?slag=data_incident").content.decode()
        for name in ("per_ake", "lena", "karin"):
            assert "K-77" not in cast.client(name).get("/avvikelser/hanvisningar/").content.decode()
    assert cast.client("sara").get("/avvikelser/hanvisningar/").status_code == 404
