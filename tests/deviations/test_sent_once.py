"""What is sent becomes one thing, as the one it was opened as; what is typed survives whatever happens to it."""

from __future__ import annotations

import io
import os
import re
import resource
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.forms import drafts
from accounts.models import Assignment, AuditEvent, Draft
from deviations.models import Case, CaseEvent, CaseFile, Message
from documents.models import MissingDocument
from tests import cast as people
from tests.core import makers
from tests.deviations.cases import Cast, concerned

NEW = "/avvikelser/ny/"


def hidden(page, key: str = "deviation") -> dict[str, str]:
    """What the form of this key carries: its token, and who opened it."""
    text = page.content.decode()
    tokens = re.findall(r'name="token" value="([^"]+)"', text)
    opened_as = re.search(r'name="opened_as" value="([^"]+)"', text)[1]
    token = next(t for t in tokens if drafts.parse_ticket(t).form_key.startswith(key))
    return {"token": token, "opened_as": opened_as}


def report(cast: Cast, page, **changes) -> dict:
    return {
        "event_kind": "risk", "description": "Ett trappsteg är löst.", "type": cast.type().pk,
        "occurred_date": "i går", "concerns": [f"u{cast.akut.pk}"], **hidden(page), **changes,
    }  # fmt: skip


@pytest.fixture
def sara(cast: Cast) -> Client:
    return cast.client("sara")


# Once -------------------------------------------------------------------------------------------------------
def test_two_tabs_of_one_form_become_two_cases_and_neither_is_shown_the_others_receipt(cast, sara):
    sara.post("/konto/utkast/deviation/", {**hidden(sara.get(NEW)), "description": "påbörjat"})
    tab_a, tab_b = sara.get(NEW), sara.get(NEW)
    assert hidden(tab_a)["token"].split(":")[0] == hidden(tab_b)["token"].split(":")[0]
    first = sara.post(NEW, report(cast, tab_a, description="Det som hände i A."))
    second = sara.post(NEW, report(cast, tab_b, description="Det som hände i B."))
    assert (first.status_code, second.status_code) == (302, 409)
    assert "Det som hände i B." in second.content.decode()
    assert Case.objects.get().number in second.content.decode()
    third = sara.post(NEW, report(cast, second, description="Det som hände i B."))
    assert third.status_code == 302
    assert {c.description for c in Case.objects.all()} == {"Det som hände i A.", "Det som hände i B."}
    assert not drafts.own(cast["sara"]).exists()


def test_the_same_again_is_the_same_case_also_when_it_could_not_be_sent_any_more(cast, sara):
    data = report(cast, sara.get(NEW))
    first = sara.post(NEW, data)
    cast.akut.is_active = False
    cast.akut.save()
    assert sara.post(NEW, data)["Location"] == first["Location"]
    assert Case.objects.count() == 1


def test_six_clicks_after_the_draft_was_thrown_away_in_another_tab_are_one_case(cast, sara):
    page = sara.get(NEW)
    sara.post("/konto/utkast/deviation/", {**hidden(page), "description": "påbörjat"})
    page = sara.get(NEW)
    sara.post(NEW, {**hidden(page), "discard": "1"})
    assert not Draft.objects.exists()
    data = report(cast, page)
    assert {sara.post(NEW, data)["Location"] for _ in range(6)} == {f"{Case.objects.get().get_absolute_url()}kvitto/"}


def test_a_message_and_an_answer_from_two_tabs_are_both_there(cast):
    case, maria = cast.case(), cast.client("maria")
    maria.get(case.get_absolute_url())
    maria.post(f"/konto/utkast/case-{case.number.lower()}/", {
        **hidden(maria.get(case.get_absolute_url()), "case"), "body": "påbörjat",
    })  # fmt: skip
    tabs = [hidden(maria.get(case.get_absolute_url()), "case") for _ in range(2)]
    sent = maria.post(f"{case.get_absolute_url()}send_message/", {"body": "Vi har fått det.", **tabs[0]})
    lost = maria.post(f"{case.get_absolute_url()}answer/", {"body": "Svaret är detta.", **tabs[1]})
    assert (sent.status_code, lost.status_code) == (302, 409)
    assert "Svaret är detta." in lost.content.decode()
    again = maria.post(f"{case.get_absolute_url()}answer/", {"body": "Svaret är detta.", **hidden(lost, "case")})
    assert again.status_code == 302
    assert [m.body for m in Message.objects.all()] == ["Vi har fått det.", "Svaret är detta."]


@pytest.mark.parametrize(
    ("verb", "data"),
    [("acknowledge", {}), ("close", {}), ("start_investigation", {}), ("refuse", {"reason": "Inte vi."})],
)
def test_a_second_click_of_a_handler_is_no_error_over_the_success(cast, verb, data):
    case, maria = cast.case(), cast.client("maria")
    if verb == "close":
        maria.post(f"{case.get_absolute_url()}answer/", {"body": "Svar."})
    data = {**data, **hidden(maria.get(case.get_absolute_url()), verb)}
    answers = [maria.post(f"{case.get_absolute_url()}{verb}/", data) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert CaseEvent.objects.filter(verb=verb).count() == 1


# As whom ----------------------------------------------------------------------------------------------------
@pytest.fixture
def both(cast: Cast) -> tuple[Client, Assignment, Assignment]:
    """Sara, who also works at Ugglan, in a browser that works as Björken."""
    client = cast.client("sara")
    at_bjorken = cast.assignments["sara"]
    at_ugglan = people.assign(cast.sara, cast.ugglan, "reader", "reporter", "case_handler")
    client.post("/konto/uppdrag/", {"assignment": at_bjorken.pk})
    return client, at_bjorken, at_ugglan


def test_a_report_opened_as_one_is_never_sent_as_another(cast, both):
    client, _here, there = both
    data = report(cast, client.get(NEW))
    client.post("/konto/uppdrag/", {"assignment": there.pk})
    answers = [client.post(NEW, data) for _ in range(2)]
    assert [a.status_code for a in answers] == [409, 409]
    assert not Case.objects.exists()
    page = answers[0].content.decode()
    assert "Ett trappsteg är löst." in page
    assert "Hälsocentralen Björken" in page
    assert 'name="send_as"' in page
    # It is a draft under the one it was opened as, too.
    assert Draft.objects.get().assignment_id == cast.assignments["sara"].pk
    typed = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page.split("<main")[1]))
    sent = client.post(NEW, typed)
    assert sent.status_code == 302
    assert Case.objects.get().reporting_provider == cast.bjorken
    assert client.get(sent["Location"]).status_code == 200
    assert AuditEvent.objects.filter(action="switched_assignment").count() == 3


def test_a_form_of_an_assignment_that_has_ended_is_not_sent_and_its_text_is_shown(cast, both):
    client, here, _there = both
    data = report(cast, client.get(NEW))
    Assignment.objects.filter(pk=here.pk).update(is_active=False)
    answer = client.post(NEW, data)
    assert answer.status_code == 409
    assert "Ett trappsteg är löst." in answer.content.decode()
    assert 'name="send_as"' not in answer.content.decode()
    assert client.post(NEW, {**data, "send_as": data["opened_as"]}).status_code == 409
    assert not Case.objects.exists()


def test_a_verb_opened_as_one_is_not_done_as_another(cast, both):
    client, _here, there = both
    case = cast.case()
    data = {"body": "Jag lägger till detta."}
    page = client.get(case.get_absolute_url())
    client.post("/konto/uppdrag/", {"assignment": there.pk})
    data["opened_as"] = re.search(r'name="opened_as" value="([^"]+)"', page.content.decode())[1]
    assert client.post(f"{case.get_absolute_url()}reply/", data).status_code == 409
    assert not Message.objects.exists()


@pytest.mark.parametrize("stamp", ["", "x", "1.2", "1.2:abc", "\x00"])
def test_who_opened_a_form_cannot_be_made_up(cast, sara, stamp):
    answer = sara.post(NEW, report(cast, sara.get(NEW), opened_as=stamp))
    assert answer.status_code in {400, 409}
    assert "Ett trappsteg" not in answer.content.decode()
    assert not Case.objects.exists()


def test_another_person_in_the_same_browser_does_not_get_what_was_typed(cast, client):
    people.sign_in(client, cast.sara)
    data = report(cast, client.get(NEW))
    people.sign_in(client, cast.anna)
    answer = client.post(NEW, data)
    assert answer.status_code == 409
    assert "Ett trappsteg" not in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_form_whose_protection_ran_out_holds_what_was_typed_and_can_be_sent(cast):
    client = Client(enforce_csrf_checks=True)
    people.sign_in(client, cast.sara)
    data = report(cast, client.get(NEW), csrfmiddlewaretoken="x" * 64)
    answer = client.post(NEW, data)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Ett trappsteg är löst." in page
    assert drafts.find(cast["sara"], "deviation").payload["description"] == ["Ett trappsteg är löst."]
    typed = dict(re.findall(r'name="([A-Za-z_]+)" value="([^"]*)"', page.split("<main")[1]))
    assert client.post(NEW, typed).status_code == 302
    assert Case.objects.count() == 1
    strange = client.post(NEW, {**data, "opened_as": ""})
    assert strange.status_code == 403
    assert "Ett trappsteg" not in strange.content.decode()


# Typed ------------------------------------------------------------------------------------------------------
def test_a_visit_leaves_nothing_behind(cast, sara):
    sara.get(NEW)
    sara.get(cast.case().get_absolute_url())
    assert not drafts.own(cast["sara"]).exists()
    assert "Fortsätt på ditt utkast" not in sara.get("/").content.decode()


def test_what_was_sent_without_scripts_after_the_session_ended_is_kept(cast, client):
    people.sign_in(client, cast.sara)
    data = report(cast, client.get(NEW), files=[SimpleUploadedFile("bild.png", makers.png())])
    client.logout()
    assert client.post(NEW, data)["Location"].startswith("/konto/login/")
    assert client.login(username=cast.sara.email, password=people.PASSWORD)
    page = client.get(NEW).content.decode()
    assert "Ett trappsteg är löst." in page
    assert "bild.png" in page


def test_a_refused_identity_number_is_in_no_draft(cast, sara):
    answer = sara.post(NEW, report(cast, sara.get(NEW), description="Man 640823-3234 föll."))
    assert answer.status_code == 422
    assert "Man 640823-3234 föll." in answer.content.decode()
    assert drafts.find(cast["sara"], "deviation").payload["description"] == ["Man 64****-**** föll."]


@pytest.mark.parametrize("verb", ["refuse", "forward"])
def test_the_reason_of_a_refusal_or_forwarding_has_a_draft(cast, verb):
    case, maria = cast.case(), cast.client("maria")
    ticket = hidden(maria.get(case.get_absolute_url()), verb)
    saved = maria.post(f"/konto/utkast/{verb}-{case.number.lower()}/", {**ticket, "reason": "Halvskrivet skäl"})
    assert saved.json()["saved"]
    page = maria.get(case.get_absolute_url())
    assert "Halvskrivet skäl" in page.content.decode()
    done = maria.post(f"{case.get_absolute_url()}{verb}/", {
        **hidden(page, verb), "reason": "Helt skäl", "recipient": f"u{cast.medicin.pk}",
    })  # fmt: skip
    assert done.status_code == 302
    assert not drafts.own(cast["maria"]).exists()


def test_a_missing_document_has_a_draft_and_is_asked_for_once(cast, sara):
    ticket = hidden(sara.get("/saknas/"), "missing")
    sara.post("/konto/utkast/missing/", {**ticket, "what": "Rutin för"})
    page = sara.get("/saknas/")
    assert "Rutin för" in page.content.decode()
    data = {**hidden(page, "missing"), "what": "Rutin för älgbett"}
    assert [sara.post("/saknas/", data).status_code for _ in range(2)] == [302, 302]
    assert sara.post("/saknas/", {**data, "what": "Något annat"}).status_code == 409
    assert MissingDocument.objects.get().what == "Rutin för älgbett"


def test_of_two_files_one_bad_the_good_one_is_kept_and_sent(cast, sara):
    files = [SimpleUploadedFile("bra.png", makers.png()), SimpleUploadedFile("dålig.png", b"<script>")]
    answer = sara.post(NEW, report(cast, sara.get(NEW), files=files))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "dålig.png" in page
    assert "bra.png" in page
    sent = sara.post(NEW, report(cast, answer))
    assert sent.status_code == 302
    assert [f.file_name for f in CaseFile.objects.all()] == ["bilaga-1.png"]
    assert Draft.objects.get().file_paths == []


def test_a_file_is_kept_when_something_else_was_wrong_and_can_be_taken_away(cast, sara):
    one, two = (SimpleUploadedFile(f"{n}.png", makers.png()) for n in "ab")
    answer = sara.post(NEW, report(cast, sara.get(NEW), description="", files=[one, two]))
    kept = {f["name"]: f["path"] for f in drafts.files_of(drafts.find(cast["sara"], "deviation"))}
    assert set(kept) == {"a.png", "b.png"}
    sent = report(cast, answer, remove_file=[kept["a.png"]], keep_names="on")
    assert sara.post(NEW, sent).status_code == 302
    assert [f.file_name for f in CaseFile.objects.all()] == ["b.png"]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 64 kB: what a full disk does, without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_takes_nothing_of_what_was_typed(cast, sara, full_disk):
    big = Image.frombytes("RGB", (300, 300), os.urandom(300 * 300 * 3))
    data = io.BytesIO()
    big.save(data, "PNG")
    answer = sara.post(NEW, report(cast, sara.get(NEW), files=[SimpleUploadedFile("bild.png", data.getvalue())]))
    assert answer.status_code == 503
    assert "bild.png" in answer.content.decode()
    assert drafts.find(cast["sara"], "deviation").payload["description"] == ["Ett trappsteg är löst."]
    assert not Case.objects.exists()


def test_a_handlers_other_choice_under_a_used_token_is_not_taken_for_the_first(cast):
    case, maria = cast.case(), cast.client("maria")
    ticket = hidden(maria.get(case.get_absolute_url()), "judge_harm")
    address = f"{case.get_absolute_url()}judge_harm/"
    assert maria.post(address, {**ticket, "actual": "none", "potential": "harm"}).status_code == 302
    other = maria.post(address, {**ticket, "actual": "harm", "potential": "harm"})
    assert other.status_code == 409
    again = {**hidden(other, "judge_harm"), "actual": "harm", "potential": "harm"}
    assert maria.post(address, again).status_code == 302
    case.refresh_from_db()
    assert case.actual_harm == "harm"
    assert concerned(case).state == "received"
