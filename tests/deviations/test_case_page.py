"""The page of a case: the story first, then what waits and by when, then the thread; one choice and one button."""

from __future__ import annotations

import re

import pytest

from accounts.models import Draft, Notice
from core import clock
from deviations.access.next_step import next_for_reporter, next_step
from deviations.entry.reports import Recipient
from deviations.models import Case, Message, Party
from deviations.verbs import handling, sending_on, talking
from tests.deviations.cases import concerned, reporting


def page_of(client, case: Case) -> str:
    return client.get(case.get_absolute_url()).content.decode()


def token_of(page: str) -> str:
    found = re.search(r'id="skriv".*?name="token" value="([^"]*)"', page, re.DOTALL)
    assert found
    return found[1]


def write(client, case: Case, **sent):
    return client.post(f"{case.get_absolute_url()}skriv/", {"token": token_of(page_of(client, case)), **sent})


def test_the_story_comes_first_then_what_waits_and_then_the_thread(cast):
    case = cast.case(description="Epikrisen saknades.")
    page = page_of(cast.client("maria"), case)
    places = [page.index(words) for words in ("Epikrisen saknades.", "Nästa steg: bekräfta ärendet", "Delad tråd")]
    assert places == sorted(places)
    assert page.index("Delad tråd") < page.index("Intern tråd") < page.index('id="parter"')


def test_what_is_next_follows_the_case_for_each_of_its_people(cast):
    case = cast.case()
    maria, per_ake = cast["maria"], cast["per_ake"]

    def told() -> tuple[str, ...]:
        parties = list(case.parties.all())
        steps = (
            next_step(concerned(case), parties),
            next_step(reporting(case), parties),
            next_for_reporter(parties),
        )
        return tuple(("! " if step.is_ours else "") + step.words if step else "–" for step in steps)

    akut = f"{cast.akut.name}, {cast.region.name}"
    assert told() == ("! bekräfta ärendet", "! bekräfta ärendet", f"{akut} svarar")
    handling.acknowledge(reporting(case), by=per_ake)
    handling.acknowledge(concerned(case), by=maria)
    assert told() == ("! svara på ärendet", f"{akut} svarar", f"{akut} svarar")
    talking.ask(concerned(case), "När?", by=maria)
    home = reporting(case).label
    assert told() == (f"{home} svarar på er fråga", f"! svara {akut}", f"! svara {akut}")
    talking.reply(concerned(case), "I tisdags.", by=per_ake)
    talking.answer(concerned(case), "Vi har ändrat.", by=maria)
    assert told() == (
        "! avsluta er del",
        "! läs svaret, återkoppla och avsluta",
        f"{home} läser svaret och ger dig återkoppling",
    )
    handling.close(concerned(case), by=maria)
    handling.accept(reporting(case), "Tack för rapporten.", by=per_ake)
    assert (next_step(case.parties.get(side="concerned"), case.parties.all()), told()[1:]) == (None, ("–", "–"))


def test_without_a_recipient_the_reporting_side_chooses_one(cast):
    case = cast.case()
    sending_on.refuse(concerned(case), reason="Inte vår.", by=cast["maria"])
    step = next_step(reporting(case), list(case.parties.all()))
    assert (step.words, step.is_ours) == ("välj vem som ska ha ärendet", True)
    assert "Nästa steg: välj vem som ska ha ärendet" in page_of(cast.client("per_ake"), case)


def test_an_answer_is_looked_through_before_it_is_sent(cast):
    case, maria = cast.case(), cast.client("maria")
    token = token_of(page_of(maria, case))
    review = write(maria, case, kind="answer", body="Vi har ändrat rutinen.", token=token)
    page = review.content.decode()
    assert "Skicka svaret till" in page
    assert "Vi har ändrat rutinen." in page
    assert not case.messages.exists()
    assert concerned(case).state == "received"
    # Going on writing, the text is still there, and still an answer.
    again = page_of(maria, case)
    assert "Vi har ändrat rutinen.</textarea>" in again
    assert re.search(r'value="answer" checked', again)
    found = re.search(r'name="token" value="([^"]*)"', page)
    assert found
    sent = {"token": found[1], "kind": "answer", "confirmed": "1", "body": "Vi har ändrat rutinen.", "part": ""}
    for _click in range(2):
        assert maria.post(f"{case.get_absolute_url()}skriv/", sent).status_code == 302
    assert [m.kind for m in case.messages.all()] == ["answer"]
    assert concerned(case).state == "answered"
    assert not Draft.objects.filter(submitted_at=None).exists()


def test_an_answer_that_cannot_be_sent_is_told_before_it_is_looked_through(cast):
    case, maria = cast.case(), cast.client("maria")
    refused = write(maria, case, kind="answer", body="Patienten 640823-3234 kom hem.")
    assert refused.status_code == 422
    token = token_of(page_of(maria, case))
    talking.answer(concerned(case), "En kollegas svar.", by=cast["maria"])
    late = maria.post(f"{case.get_absolute_url()}skriv/", {"token": token, "kind": "answer", "body": "Mitt svar."})
    assert late.status_code == 409
    assert "Mitt svar." in late.content.decode()
    assert case.messages.count() == 1


@pytest.mark.parametrize(("kind", "state"), [("ask", "info_requested"), ("send_message", "received")])
def test_a_question_and_a_message_are_sent_at_once(cast, kind: str, state: str):
    case, maria = cast.case(), cast.client("maria")
    assert write(maria, case, kind=kind, body="När kom listan?").status_code == 302
    assert concerned(case).state == state
    assert case.messages.get().body == "När kom listan?"


@pytest.mark.parametrize("kind", ["", "note", "close", "x"])
def test_without_a_choice_nothing_is_sent_and_the_text_is_kept(cast, kind: str):
    case, maria = cast.case(), cast.client("maria")
    answer = write(maria, case, kind=kind, body="Halvskrivet")
    assert answer.status_code == 302
    page = page_of(maria, case)
    assert "Halvskrivet</textarea>" in page
    assert "Välj om det är ett svar" in page
    assert not case.messages.exists()


@pytest.mark.parametrize("who", ["anna", "karin", "rut"])
def test_nobody_else_writes(cast, who: str):
    case = cast.case()
    for kind in ("answer", "ask", "", "send_message"):
        answer = cast.client(who).post(f"{case.get_absolute_url()}skriv/", {"kind": kind, "body": "x"})
        assert answer.status_code == 404


def test_the_reporter_adds_facts_unasked_and_both_sides_are_told(cast):
    case, sara = cast.case(), cast.client("sara")
    page = page_of(sara, case)
    assert "Skicka meddelandet till" in page
    assert write(sara, case, kind="send_message", body="Listan kom i dag.").status_code == 302
    message = case.messages.get()
    assert (message.party, message.kind) == (reporting(case), Message.Kind.MESSAGE)
    told = set(Notice.objects.filter(kind="case_message").values_list("user__given_name", flat=True))
    assert told >= {cast.per_ake.given_name, cast.maria.given_name}
    assert "Sara" not in page_of(cast.client("maria"), case)
    Party.objects.filter(case=case, side="reporting").update(state="closed", closed_at=clock.now())
    assert "Skicka meddelandet till" not in page_of(sara, case)


def test_one_word_for_one_state_everywhere(cast):
    case = cast.case()
    handling.start_investigation(concerned(case), by=cast["maria"])
    for who, address in (
        ("maria", case.get_absolute_url()),
        ("maria", "/avvikelser/"),
        ("sara", "/"),
        ("sara", "/avvikelser/?vy=reported"),
    ):
        page = cast.client(who).get(address).content.decode()
        assert "Utreds" in page, (who, address)
        assert not re.search(r"Handläggs|[Uu]nder utredning", page), (who, address)


def test_a_heading_says_what_kind_and_where_and_nothing_of_the_patient(cast):
    told = "Man, 75 år, kom hem utan läkemedelslista."
    assert cast.report(description=told, place="Avdelning 3").heading == f"{cast.type()}, Avdelning 3"
    assert cast.report(description=told).heading == str(cast.type())
    assert cast.report(description=told, title="Listan saknades").heading == "Listan saknades"


def test_several_who_ask_are_replied_to_one_by_one(cast):
    case = cast.case(Recipient(cast.region, cast.akut), Recipient(cast.region, cast.medicin))
    maria = case.parties.get(unit=cast.akut)
    lena = case.parties.get(unit=cast.medicin)
    talking.ask(maria, "När?", by=cast["maria"])
    talking.ask(lena, "Var?", by=cast["lena"])
    per_ake = cast.client("per_ake")
    page = page_of(per_ake, case)
    ordinal = re.search(rf'<option value="(\d)">{lena.label}</option>', page)
    assert ordinal
    assert write(per_ake, case, kind="reply", body="Hemma.", part=ordinal[1]).status_code == 302
    lena.refresh_from_db()
    maria.refresh_from_db()
    assert (lena.state, maria.state) == ("investigating", "info_requested")
    # A message goes to all, whichever part was chosen for a reply.
    assert write(per_ake, case, kind="send_message", body="Mer.", part=ordinal[1]).status_code == 302


def test_a_unit_is_named_with_its_provider_wherever_it_is_listed_or_sent_to(cast):
    """ "Mottagningen" is at many: in an inbox, on the button that sends and over the answer one was as good as another."""
    for unit in (cast.akut, cast.norra):
        unit.name = "Mottagningen"
        unit.save()
    case = cast.case()
    handling.acknowledge(concerned(case), by=cast["maria"])
    handling.start_investigation(concerned(case), by=cast["maria"])
    maria, sara, per_ake = (cast.client(name) for name in ("maria", "sara", "per_ake"))
    pages = [
        maria.get("/avvikelser/"), maria.get(case.get_absolute_url()), maria.get("/"), sara.get("/"),
        sara.get(case.get_absolute_url()), per_ake.get("/avvikelser/"), sara.get(f"{case.get_absolute_url()}kvitto/"),
        maria.get(f"{case.get_absolute_url()}answer/"), per_ake.get(case.get_absolute_url()),
    ]  # fmt: skip
    named = 0
    for page in pages:
        # One's own units, to filter one's own cases by, are nobody else's.
        shown = re.sub(r'<select[^>]*name="(enhet|unit)".*?</select>', "", page.content.decode(), flags=re.DOTALL)
        main = re.sub(r"<[^>]+>", " ", shown.split("<main")[-1].split("</main>")[0])
        words = " ".join(main.split())
        for found in re.finditer("Mottagningen", words):
            after = words[found.end() : found.end() + 60]
            assert after.startswith((f", {cast.region.name}", f", {cast.bjorken.name}")), words[found.start() - 80 :][
                :200
            ]
            named += 1
    assert named > 8


def filled(page: str) -> list[str]:
    """The words of each filled button and summary of the page's main part, but for the head's search."""
    main = re.sub(r"<template>.*?</template>", "", page[page.index("<main") : page.index("<footer")], flags=re.DOTALL)
    found = re.findall(
        r'<(?:button|summary)[^>]*class="btn(?: btn--(?:s|wide))*"[^>]*>(.*?)</(?:button|summary)>', main, re.S
    )
    return [" ".join(re.sub(r"<[^>]+>", " ", words).split()) for words in found]


def test_the_next_step_alone_is_the_filled_button(cast):
    case = cast.case()
    maria, per_ake = cast.client("maria"), cast.client("per_ake")
    assert filled(page_of(maria, case)) == ["Bekräfta mottagande"]
    handling.acknowledge(concerned(case), by=cast["maria"])
    (words,) = filled(page_of(maria, case))
    assert "Granska svaret till" in words
    handling.acknowledge(reporting(case), by=cast["per_ake"])
    assert filled(page_of(per_ake, case)) == []
    talking.answer(concerned(case), "Vi har ändrat.", by=cast["maria"])
    assert filled(page_of(maria, case)) == ["Avsluta er del"]
    assert filled(page_of(per_ake, case)) == ["Godta svaret och avsluta", "Godta svaret och avsluta"]


def test_ways_on_stand_together_each_with_when_it_is_the_right_one(cast):
    page = page_of(cast.client("maria"), cast.case())
    start = page.index("Skicka vidare, lyft eller dela upp")
    ways = page[start : page.index("Fler val", start)]
    for words in ("Vidarebefordra", "Lämna tillbaka: fel mottagare", "Lyft till samordnaren"):
        assert words in ways
    assert (ways.count('class="way-on"'), ways.count("När ")) == (3, 3)


def test_without_a_recipient_choosing_one_is_the_step_and_writing_to_oneself_is_not(cast):
    case = cast.case()
    sending_on.refuse(concerned(case), reason="Inte hos oss.", by=cast["maria"])
    page = page_of(cast.client("per_ake"), case)
    assert filled(page) == ["Skicka till en mottagare", "Skicka till en mottagare"]
    assert "Skriv här innan någon annan har ärendet" in page
    handler = re.search(r'<select[^>]*name="to".*?</select>', page, re.DOTALL)
    assert handler
    assert "selected" not in handler[0].replace('value="" selected', "")
