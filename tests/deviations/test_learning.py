"""A learning example: written of a closed case, answered by the other parties, approved by another, found by all."""

from __future__ import annotations

import datetime as dt
import html as html_module
import re

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Assignment, Notice
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.learning import acts, listing, pointing
from deviations.models import Case, LearningAnswer, LearningExample
from deviations.verbs import handling, talking
from documents import lifecycle
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
from tests.cast import day
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import action, cause, hidden
from tests.documents.library import PORTAL

TEXT = {
    "title": "Skogsduvan som fick två listor",
    "happened": "En äldre patient fick med sig två listor över läkemedel hem.",
    "why": "Listan skrevs ut innan den var ändrad.",
    "done": "Listan skrivs ut sist av allt.",
    "others": "Skriv ut listan när patienten går, inte förr.",
}
EVERYBODY = ["regional", "private", "municipal"]
LIST = "/avvikelser/larande/"


@pytest.fixture
def routine(cast: Cast) -> Document:
    """A routine of the region's that all providers read."""
    made = lifecycle.create_document(
        by=PORTAL,
        title="Läkemedelslista vid hemgång",
        type=DocumentType.objects.get(code="RUT"),
        owner=cast.region,
        visibility=Visibility(regional=True, private=True, municipal=True),
    )
    lifecycle.publish(lifecycle.add_version(made, by=PORTAL, body="Skriv ut."), by=PORTAL, approver_label="Chefläkaren")
    return made


@pytest.fixture
def case(cast: Cast, routine: Document) -> Case:
    """Closed by both: Sara at Björken reported it to the emergency clinic."""
    case = cast.case(documents=(routine,), place="Rum 14")
    talking.answer(concerned(case), body="Vi har sett över rutinen.", by=cast["maria"])
    handling.close(concerned(case), by=cast["maria"])
    handling.accept(reporting(case), feedback="De skriver ut listan sist.", by=cast["per_ake"])
    return case


def at(case: Case) -> str:
    return f"/avvikelser/{case.number}/larande/"


def write(cast: Cast, case: Case, *, by: str = "maria", routines=(), audience=EVERYBODY, **changes) -> LearningExample:
    part = concerned(case)
    shown = acts.mark(acts.of_part(part))
    values = {**TEXT, "area": None, "audience": audience, **changes}
    return acts.write(part, by=cast[by], shown=shown, routines=list(routines), **values)


def sent(cast: Cast, case: Case, **more) -> LearningExample:
    row = write(cast, case, **more)
    return acts.send(concerned(case), by=cast["maria"], shown=acts.mark(row))


def agreed(cast: Cast, case: Case, **more) -> LearningExample:
    """Sent, and the reporting part has said yes."""
    row = sent(cast, case, **more)
    acts.answer(row, reporting(case), objects=False, reason="", by=cast["per_ake"], shown=acts.mark(row))
    return row


def approve(cast: Cast, row: LearningExample, *, by: str = "elin") -> Document:
    return acts.approve(row, by=cast[by], shown=acts.mark(row))


def notices(kind: str) -> set[int]:
    return set(Notice.objects.filter(kind=kind).values_list("user_id", flat=True))


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html_module.unescape(answer.content.decode())


# The whole way ------------------------------------------------------------------------------------------------
def test_from_a_closed_case_to_a_document_beside_the_routine(cast: Cast, case: Case, routine: Document) -> None:
    maria, elin, per_ake = cast.client("maria"), cast.client("elin"), cast.client("per_ake")
    html = text_of(maria, at(case))
    told = {"token": hidden(html, "token"), "shown": "", "routines": str(routine.pk), "audience": EVERYBODY, **TEXT}
    assert maria.post(at(case), told).status_code == 302
    html = text_of(maria, at(case))
    assert "Listan skrivs ut sist av allt." in html
    token = re.findall(r'name="token" value="([^"]*)"', html)[0]
    unread = maria.post(at(case), {"token": token, "shown": hidden(html, "shown"), "send": "1"})
    assert unread.status_code == 422
    assert "Läs igenom det först" in unread.content.decode()
    gone = maria.post(at(case), {"token": token, "shown": hidden(html, "shown"), "send": "1", "looked": "on"})
    assert gone.status_code == 302
    row = LearningExample.objects.get()
    assert notices("learning_asked") == {cast.per_ake.pk}
    assert notices("learning_to_approve") == {cast.elin.pk}

    # The other party says yes, and then the approver.
    html = text_of(per_ake, at(case))
    assert "Skogsduvan" in html
    token = re.search(r'name="token" value="([^"]*)"', html.split('name="answer"')[0].rsplit("<form", 1)[1])
    assert token
    said = {"token": token[1], "shown": acts.mark(row), "outcome": "yes", "reason": "", "answer": str(row.key)}
    assert per_ake.post(at(case), said).status_code == 302
    html = text_of(elin, f"{LIST}{row.key}/")
    assert case.number not in html
    published = elin.post(f"{LIST}{row.key}/", {"approve": "1", "shown": hidden(html, "shown")})
    document = Document.objects.get(type__code="LAR")
    assert published.url == document.get_absolute_url()
    assert (document.title, document.owner_id) == (TEXT["title"], cast.region.pk)

    # A nurse of another provider finds it beside the routine and in the search; nothing leads back.
    ugo = cast.client("ugo")
    assert TEXT["title"] in text_of(ugo, routine.get_absolute_url())
    assert document.number in text_of(ugo, "/dokument/?q=skogsduvan")
    page = text_of(ugo, document.get_absolute_url())
    assert routine.number in page
    assert "Elin Åkesson" in page
    for secret in (case.number, "Björken", "Rum 14", "/avvikelser/AVV"):
        assert secret not in page, secret
    # Those who took part come to it from the case.
    for name in ("sara", "per_ake", "maria"):
        assert document.number in text_of(cast.client(name), f"/avvikelser/{case.number}/")
    assert notices("learning_published") == {cast.sara.pk, cast.per_ake.pk, cast.maria.pk}
    # Elin approved it herself: she is not told of her own act, and nobody else edits there.
    assert notices("learning_routine") == set()


def test_the_editors_of_the_routine_hear_of_it_where_they_can_read_it(
    cast: Cast, case: Case, routine: Document
) -> None:
    editor = Assignment.objects.get(user=cast.anna)
    editor.roles = [*editor.roles, Role.DOCUMENT_EDITOR]
    editor.save()
    row = agreed(cast, case, routines=[routine], audience=["private"])
    approve(cast, row)
    # An editor of the owner works on the example too, so that it is hers to read.
    assert notices("learning_routine") == {cast.anna.pk}
    # It is visible to private providers alone: Sara hears of it, and Maria of the region does not.
    assert notices("learning_published") == {cast.sara.pk, cast.per_ake.pk}


# Who may ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["sara", "lena", "anna", "lars", "karin", "elin", "ugo", "rut"])
def test_who_does_not_handle_a_part_has_no_such_page(cast: Cast, case: Case, name: str) -> None:
    sent(cast, case)
    assert cast.client(name).get(at(case)).status_code == 404


@pytest.mark.parametrize("name", ["sara", "lena", "maria", "per_ake", "anna", "lars", "eva", "ugo", "rut"])
def test_who_does_not_approve_there_has_no_page_to_approve(cast: Cast, case: Case, name: str) -> None:
    row = sent(cast, case)
    assert cast.client(name).get(f"{LIST}{row.key}/").status_code == 404
    with pytest.raises(refused.NotAllowed):
        approve(cast, row, by=name)


def test_whoever_wrote_it_does_not_approve_it(cast: Cast, case: Case) -> None:
    own = Assignment.objects.get(user=cast.maria)
    own.roles = [*own.roles, Role.APPROVER]
    own.save()
    row = agreed(cast, case)
    assert cast.client("maria").get(f"{LIST}{row.key}/").status_code == 404
    with pytest.raises(refused.NotAllowed):
        approve(cast, row, by="maria")
    with pytest.raises(DatabaseError), transaction.atomic():
        LearningExample.objects.update(approved_by=cast.maria)


def test_an_approver_whose_role_has_gone_approves_nothing(cast: Cast, case: Case) -> None:
    row, by = agreed(cast, case), cast["elin"]
    Assignment.objects.filter(user=cast.elin).update(roles=[Role.READER])
    with pytest.raises(refused.NotAllowed):
        acts.approve(row, by=by, shown=acts.mark(row))


def test_the_list_is_for_handlers_and_approvers(cast: Cast, case: Case) -> None:
    sent(cast, case)
    assert TEXT["title"] in text_of(cast.client("elin"), LIST)
    assert TEXT["title"] in text_of(cast.client("per_ake"), LIST)
    assert TEXT["title"] in text_of(cast.client("maria"), LIST)
    assert TEXT["title"] not in text_of(cast.client("lena"), LIST)
    assert TEXT["title"] not in text_of(cast.client("karin"), LIST)
    for name in ("sara", "lars", "eva", "rut"):
        assert cast.client(name).get(LIST).status_code == 404, name


# In which state -----------------------------------------------------------------------------------------------
def test_it_is_written_when_the_part_is_closed(cast: Cast) -> None:
    case = cast.case()
    with pytest.raises(refused.WrongState):
        write(cast, case)
    assert "larande" not in text_of(cast.client("maria"), f"/avvikelser/{case.number}/")
    assert "när er del är avslutad" in text_of(cast.client("maria"), at(case))


def test_it_is_not_approved_while_somebody_can_object_or_has(cast: Cast, case: Case, frozen) -> None:
    row = sent(cast, case)
    with pytest.raises(refused.WrongState, match="kan invända till"):
        approve(cast, row)
    acts.answer(
        row, reporting(case), objects=True, reason="Rummet känns igen.", by=cast["per_ake"], shown=acts.mark(row)
    )
    assert notices("learning_objection") == {cast.maria.pk}
    later = clock.now() + dt.timedelta(days=40)
    with frozen(later), pytest.raises(refused.WrongState, match="invänder"):
        approve(cast, row)
    # A text that is written anew is asked about anew, and silence is a yes.
    acts.take_back(concerned(case), by=cast["maria"])
    row = sent(cast, case, happened="En äldre patient fick två listor.")
    assert [answer for _party, answer in acts.answers(row)] == [None]
    with frozen(later):
        assert approve(cast, row).title == TEXT["title"]


def test_an_objection_can_be_taken_back(cast: Cast, case: Case) -> None:
    row = sent(cast, case)
    for objects in (True, False):
        reason = "Rummet känns igen." if objects else ""
        acts.answer(row, reporting(case), objects=objects, reason=reason, by=cast["per_ake"], shown=acts.mark(row))
    assert LearningAnswer.objects.count() == 1
    assert approve(cast, row).title == TEXT["title"]


def test_it_waits_while_the_case_is_open_again(cast: Cast, case: Case) -> None:
    row = agreed(cast, case)
    handling.reopen(concerned(case), reason="Nya uppgifter", by=cast["maria"])
    with pytest.raises(refused.WrongState, match="öppnats igen"):
        approve(cast, row)


def test_an_approver_sends_it_back_with_a_reason(cast: Cast, case: Case) -> None:
    row = agreed(cast, case)
    elin = cast.client("elin")
    html = text_of(elin, f"{LIST}{row.key}/")
    told = {"token": hidden(html, "token"), "shown": hidden(html, "shown")}
    assert elin.post(f"{LIST}{row.key}/", {**told, "reason": ""}).status_code == 422
    assert elin.post(f"{LIST}{row.key}/", {**told, "reason": "Vem är Skogsduvan?"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "draft"
    assert "Vem är Skogsduvan?" in text_of(cast.client("maria"), at(case))
    assert notices("learning_sent_back") == {cast.maria.pk}
    assert elin.get(f"{LIST}{row.key}/").status_code == 404


def test_nobody_approves_another_text_than_was_shown(cast: Cast, case: Case) -> None:
    row = agreed(cast, case)
    shown = acts.mark(row)
    acts.take_back(concerned(case), by=cast["maria"])
    row = agreed(cast, case, done="Något annat.")
    with pytest.raises(refused.Moved):
        acts.approve(row, by=cast["elin"], shown=shown)
    with pytest.raises(refused.Moved):
        acts.answer(row, reporting(case), objects=False, reason="", by=cast["per_ake"], shown=shown)
    acts.take_back(concerned(case), by=cast["maria"])
    with pytest.raises(refused.Moved):
        acts.send(concerned(case), by=cast["maria"], shown=shown)
    with pytest.raises(refused.Moved):
        acts.drop(concerned(case), by=cast["maria"], shown=shown)


def test_two_who_write_at_once_lose_nothing(cast: Cast, case: Case) -> None:
    maria = cast.client("maria")
    html = text_of(maria, at(case))
    write(cast, case)
    told = {"token": hidden(html, "token"), "shown": "", "audience": EVERYBODY, **TEXT, "title": "En annan rubrik"}
    answer = maria.post(at(case), told)
    assert answer.status_code == 409
    assert "En annan rubrik" in answer.content.decode()
    assert LearningExample.objects.get().title == TEXT["title"]


def test_a_draft_is_thrown_away_and_begun_anew(cast: Cast, case: Case) -> None:
    row = write(cast, case)
    acts.drop(concerned(case), by=cast["maria"], shown=acts.mark(row))
    assert not LearningExample.objects.exists()
    write(cast, case)
    approve(cast, agreed(cast, case))
    with pytest.raises(refused.WrongState):
        write(cast, case)


def test_an_administrator_hears_that_nobody_approves(cast: Cast, case: Case) -> None:
    per_ake = Assignment.objects.get(user=cast.per_ake)
    per_ake.roles = [*per_ake.roles, Role.PROVIDER_ADMIN]
    per_ake.save()
    part, values = reporting(case), {**TEXT, "area": None, "audience": EVERYBODY}
    row = acts.write(part, by=cast["per_ake"], shown="", routines=[], **values)
    acts.send(part, by=cast["per_ake"], shown=acts.mark(row))
    assert notices("learning_nobody") == {cast.per_ake.pk}
    assert notices("learning_asked") == {cast.maria.pk}


# De-identified ------------------------------------------------------------------------------------------------
def test_an_identity_number_is_refused_and_nothing_is_lost(cast: Cast, case: Case) -> None:
    maria = cast.client("maria")
    html = text_of(maria, at(case))
    told = {"token": hidden(html, "token"), "shown": "", "audience": EVERYBODY, **TEXT, "why": "Det var 121212-1212."}
    answer = maria.post(at(case), told)
    assert answer.status_code == 422
    assert "ser ut som ett personnummer" in answer.content.decode()
    assert TEXT["done"] in answer.content.decode()
    assert not LearningExample.objects.exists()


def test_names_small_places_days_and_ages_are_pointed_out(cast: Cast, case: Case) -> None:
    text = (
        "Maria ringde den 3 mars 2026. Patienten var 92 år och kom från Särskilt boende Åsgården till Rum 14.\n"
        "Hon fick Waran av Öbergs kollega, en 91-årig kvinna på Akutkliniken. Listan var fel."
    )
    told = {one.word: one.why for one in pointing.pointed(text, concerned(case))}
    assert told == {
        "Maria": pointing.PERSON,
        "3 mars 2026": pointing.DAY,
        "92 år": pointing.AGE,
        "Särskilt boende Åsgården": pointing.PLACE,
        "Rum 14": pointing.PLACE,
        "Waran": pointing.CAPITAL,
        "Öbergs": pointing.PERSON,
        "91-årig": pointing.AGE,
        "Akutkliniken": pointing.PLACE,
    }
    assert pointing.pointed("Listan skrevs ut för tidigt. Patienten fick den.", concerned(case)) == []


def test_a_unit_is_pointed_out_by_its_own_word(cast: Cast) -> None:
    case = cast.case(Recipient(cast.kommun, cast.asgarden))
    told = {one.word for one in pointing.pointed("Det hände på Åsgården i natt.", concerned(case))}
    assert told == {"Åsgården"}


def test_the_page_shows_what_is_pointed_out_to_writer_and_approver(cast: Cast, case: Case) -> None:
    row = sent(cast, case, happened="En patient från Åsgården fick två listor.")
    for name, address in (("maria", at(case)), ("elin", f"{LIST}{row.key}/")):
        if name == "maria":
            acts.take_back(concerned(case), by=cast["maria"])
            assert "Åsgården" in text_of(cast.client(name), address).split("kännas igen på")[1]
            acts.send(concerned(case), by=cast["maria"], shown=acts.mark(row))
        else:
            assert "Åsgården" in text_of(cast.client(name), address).split("kännas igen på")[1]


def test_it_begins_from_the_investigation_of_ones_own(cast: Cast) -> None:
    case = cast.case()
    talking.answer(concerned(case), body="Vi har sett över rutinen.", by=cast["maria"])
    found = cause(cast, case, "Checklistan saknade en rad")
    action(cast, case, found, text="Raden läggs till", owner=cast.maria, due=day(3))
    handling.close(concerned(case), by=cast["maria"])
    html = text_of(cast.client("maria"), at(case))
    assert "Checklistan saknade en rad" in html
    assert "Raden läggs till" in html
    handling.accept(reporting(case), feedback="Klart.", by=cast["per_ake"])
    assert "Checklistan" not in text_of(cast.client("per_ake"), at(case))


def test_a_routine_that_a_reader_cannot_see_is_not_told_beside_the_example(cast: Cast, routine: Document) -> None:
    own = lifecycle.create_document(
        by=PORTAL,
        title="Regionens egen",
        type=routine.type,
        owner=cast.region,
        visibility=Visibility(regional=True),
    )
    lifecycle.publish(lifecycle.add_version(own, by=PORTAL, body="Text."), by=PORTAL, approver_label="Chefläkaren")
    case = cast.case(documents=(routine, own), by="anna")
    part = concerned(case)
    talking.answer(part, body="Klart.", by=cast["maria"])
    handling.close(part, by=cast["maria"])
    row = acts.write(
        part, by=cast["maria"], shown="", routines=[routine, own], **{**TEXT, "area": None, "audience": EVERYBODY}
    )
    acts.send(part, by=cast["maria"], shown=acts.mark(row))
    with clock.frozen(clock.now() + dt.timedelta(days=30)):
        made = approve(cast, row)
    assert {d.pk for d in listing.routines_of(made, cast["maria"])} == {routine.pk, own.pk}
    assert listing.routines_of(made, cast["ugo"]) == [routine]
    assert "Regionens egen" not in text_of(cast.client("ugo"), made.get_absolute_url())
