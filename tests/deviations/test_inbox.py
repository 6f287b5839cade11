"""The inbox: what stands under each tab, in which order, and what it costs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from core.lists import keyset
from deviations.access.handlers import handlers_of
from deviations.entry.reports import Recipient
from deviations.inbox import bulk, lists, saved
from deviations.inbox.filters import Filters
from deviations.models import DeviationType, Party
from deviations.templatetags.case_tags import cases_citing
from deviations.verbs import handling, sending_on, talking
from documents.models import Document, DocumentType
from tests import cast as people
from tests.deviations.cases import concerned, reporting


def numbers(reader, tab, **more):
    return [row.case.number for row in lists.inbox(reader, tab=tab, **more).rows]


def test_each_case_stands_under_the_tabs_it_belongs_to(cast):
    new, asked, answered, refused = (cast.case() for _ in range(4))
    handling.assign(concerned(asked), to=handlers_of(concerned(asked)).get(), by=cast["maria"])
    talking.ask(concerned(asked), "När kom listan?", by=cast["maria"])
    talking.answer(concerned(answered), "Checklistan signeras.", by=cast["maria"])
    sending_on.refuse(concerned(refused), reason="Inte hos oss.", by=cast["maria"])
    for case in (new, asked, answered, refused):
        handling.acknowledge(reporting(case), by=cast["per_ake"]) if case != answered else None
    maria = {
        "waiting_us": {new}, "mine": {asked, answered}, "unassigned": {new}, "waiting_others": {asked, answered},
        "overdue": set(), "closed": {refused}, "reported": set(),
    }  # fmt: skip
    per_ake = {
        "waiting_us": {asked, answered, refused}, "waiting_others": {new}, "closed": set(), "reported": set(),
        "unassigned": {answered}, "mine": {new, asked, refused},
    }  # fmt: skip
    for name, tabs in (("maria", maria), ("per_ake", per_ake)):
        for tab, cases in tabs.items():
            assert set(numbers(cast[name], tab)) == {c.number for c in cases}, (name, tab)
        counts = {t["value"]: t["count"] and int(t["count"]) for t in lists.inbox(cast[name]).tabs}
        assert all(counts[tab] in (len(cases), None) for tab, cases in tabs.items())
    assert set(numbers(cast["sara"], "")) == {c.number for c in (new, asked, answered, refused)}
    assert [t["value"] for t in lists.inbox(cast["sara"]).tabs] == ["reported"]
    assert numbers(cast["lena"], "") == []


def test_above_999_a_tab_says_that_there_are_more(cast, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED", 1)
    cast.case(), cast.case()
    for name, tab in (("maria", "waiting_us"), ("sara", "reported")):
        counts = {t["value"]: t["count"] for t in lists.inbox(cast[name]).tabs}
        assert counts[tab] == "1+", name


def test_the_overdue_stand_first_and_then_the_oldest(cast):
    cases = [cast.case() for _ in range(3)]
    for case, day in zip(cases, (dt.date(2030, 1, 1), dt.date(2020, 1, 1), dt.date(2029, 1, 1)), strict=True):
        Party.objects.filter(pk=concerned(case).pk).update(answer_due=day, acknowledge_due=day)
    late, second, third = cases[1].number, cases[2].number, cases[0].number
    assert numbers(cast["maria"], "waiting_us") == [late, second, third]
    assert [r.is_late for r in lists.inbox(cast["maria"]).rows] == [True, False, False]
    assert numbers(cast["maria"], "overdue") == [late]


def test_pages_by_key_hold_every_case_once(cast, monkeypatch):
    monkeypatch.setattr(keyset, "PAGE_SIZE", 3)
    made = {cast.case().number for _ in range(8)}
    for reader, tab in ((cast["maria"], "waiting_us"), (cast["sara"], "reported")):
        pages, link = [], ""
        while True:
            key = link.rpartition("efter=")[2]
            page = lists.inbox(reader, tab=tab, after=key)
            pages.append([r.case.number for r in page.rows])
            link = page.next_url or ""
            if not link:
                break
        assert [len(p) for p in pages] == [3, 3, 2]
        assert {n for p in pages for n in p} == made
        back = lists.inbox(reader, tab=tab, before=page.previous_url.rpartition("fore=")[2])
        assert [r.case.number for r in back.rows] == pages[1]
        first = lists.inbox(reader, tab=tab, before=back.previous_url.rpartition("fore=")[2])
        assert ([r.case.number for r in first.rows], first.previous_url) == (pages[0], None)


@pytest.mark.parametrize(
    "query",
    [
        "vy=%C3%A5",
        "efter=1.2026-99-99.AVV-26-222222",
        "part=x&typ=",
        "enhet=&q=",
        "efter='--",
        "fore=x",
        "efter=%E2%80%AE",
    ],
)
def test_odd_addresses_give_the_first_page(cast, sign_in, query):
    case = cast.case()
    assert case.number in sign_in(cast.maria).get(f"/avvikelser/?{query}").content.decode()


@pytest.mark.parametrize("who", ["maria", "per_ake", "sara"])
def test_the_inbox_costs_as_many_queries_for_thirty_as_for_three(cast, sign_in, who):
    client = sign_in(getattr(cast, who))

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/avvikelser/").status_code == 200
        return len(queries)

    for _ in range(3):
        cast.case()
    client.get("/avvikelser/")
    few = cost()
    for _ in range(27):
        cast.case()
    assert cost() == few


def test_a_case_page_costs_as_much_with_many_messages(cast, sign_in):
    case = cast.case()
    client = sign_in(cast.maria)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(case.get_absolute_url()).status_code == 200
        return len(queries)

    talking.send_message(concerned(case), "Ett.", by=cast["maria"])
    client.get(case.get_absolute_url())
    few = cost()
    for i in range(20):
        talking.send_message(concerned(case), f"Meddelande {i}.", by=cast["maria"])
        talking.note(concerned(case), f"Anteckning {i}.", by=cast["maria"])
    assert cost() == few


def test_a_document_tells_of_the_cases_that_the_reader_sees(cast):
    routine = Document.objects.create(
        number="OVK-0021", title="Utskrivning", type=DocumentType.objects.first(), owner=cast.region
    )
    case, other = cast.case(documents=(routine,)), cast.case(documents=(routine,), by="anna")
    assert cases_citing(routine, cast["sara"]) == [case]
    assert cases_citing(routine, cast["maria"]) == [other, case]
    assert cases_citing(routine, cast["karin"]) == []


# What stands first, what one narrows by, and one act to many -------------------------------------------------------
def test_what_could_have_led_to_serious_harm_stands_before_what_is_late(cast):
    late, serious, new = (cast.case() for _ in range(3))
    Party.objects.filter(pk=concerned(late).pk).update(acknowledge_due=dt.date(2020, 1, 1))
    handling.judge_harm(concerned(serious), actual="none", potential="serious_harm", by=cast["maria"])
    rows = lists.inbox(cast["maria"]).rows
    assert [r.case.number for r in rows] == [serious.number, late.number, new.number]
    assert [(r.is_serious, r.is_late) for r in rows] == [(True, False), (False, True), (False, False)]
    assert numbers(cast["maria"], "overdue") == [late.number]
    page = cast.client("maria").get("/avvikelser/").content.decode()
    assert "Risk: allvarlig skada" in page
    assert re.search(r"\d+ dagar sen, skulle \d+ ", page)


def test_pages_by_key_hold_the_serious_and_the_rest_once(cast, monkeypatch):
    monkeypatch.setattr(keyset, "PAGE_SIZE", 2)
    cases = [cast.case() for _ in range(5)]
    for case in cases[:3]:
        handling.judge_harm(concerned(case), actual="", potential="serious_harm", by=cast["maria"])
    seen, link = [], ""
    while True:
        page = lists.inbox(cast["maria"], after=link.rpartition("efter=")[2])
        seen.append([r.case.number for r in page.rows])
        link = page.next_url or ""
        if not link:
            break
    assert [len(p) for p in seen] == [2, 2, 1]
    assert {n for p in seen[:1] for n in p} < {c.number for c in cases[:3]}
    assert {n for p in seen for n in p} == {c.number for c in cases}
    back = lists.inbox(cast["maria"], before=page.previous_url.rpartition("fore=")[2])
    assert [r.case.number for r in back.rows] == seen[1]


def found(client, **asked) -> set[str]:
    rows = client.get("/avvikelser/", {"vy": "waiting_us", **asked}).context["inbox"].rows
    return {row.case.number for row in rows}


def test_the_list_is_narrowed_by_unit_counterpart_type_and_words(cast):
    from_private = cast.case(place="Rum 7")
    to_medicine = cast.case(Recipient(cast.region, cast.medicin))
    from_municipal = cast.case(by="mona", type=DeviationType.objects.get(code="remiss"))
    user = people.person(given_name="Rolf")
    people.assign(user, cast.region, Role.CASE_HANDLER)
    whole = people.sign_in(Client(), user)
    assert found(whole) == {c.number for c in (from_private, to_medicine, from_municipal)}
    assert found(whole, enhet=cast.medicin.name) == {to_medicine.number}
    assert found(whole, part="municipal") == {from_municipal.number}
    assert found(whole, part="private") == {from_private.number, to_medicine.number}
    assert found(whole, part="regional") == set()
    assert found(whole, typ="remiss") == {from_municipal.number}
    assert found(whole, q=from_private.number.lower()) == {from_private.number}
    assert found(whole, q="rum 7") == {from_private.number}
    assert found(whole, q="finns inte") == set()
    assert "Inget ärende här passar filtret" in whole.get("/avvikelser/?q=finns+inte").content.decode()
    # Another unit's cases are found by no words.
    assert found(cast.client("maria"), q=to_medicine.number) == set()


def test_a_filter_stays_from_page_to_page(cast, monkeypatch):
    monkeypatch.setattr(keyset, "PAGE_SIZE", 1)
    cast.case(), cast.case()
    page = cast.client("maria").get("/avvikelser/", {"q": "utskrivning", "part": "private"}).context["inbox"]
    assert "q=utskrivning" in page.next_url
    assert "part=private" in page.next_url


def many(client, *cases, **sent):
    return client.post("/avvikelser/", {"v": [c.number for c in cases], **sent}, follow=True).content.decode()


def test_many_are_given_to_one_handler_and_what_cannot_be_is_told(cast):
    first, second, closed, other = (
        cast.case(),
        cast.case(),
        cast.case(),
        cast.case(Recipient(cast.region, cast.medicin)),
    )
    talking.answer(concerned(closed), "Klart.", by=cast["maria"])
    handling.close(concerned(closed), by=cast["maria"])
    page = many(cast.client("maria"), first, second, closed, other, to=cast.maria.email, assign="1")
    assert "2 ärenden är tilldelade Maria Öberg" in page
    assert f"{closed.number}: Det är avslutat." in page
    assert f"{other.number}: Ni har inget sådant ärende." in page
    assert {concerned(c).handler for c in (first, second)} == {cast.maria}
    assert concerned(other).handler is None
    assert "Mitt ärende" in page


def test_many_are_acknowledged_at_once(cast):
    first, second = cast.case(), cast.case()
    handling.acknowledge(concerned(first), by=cast["maria"])
    page = many(cast.client("maria"), first, second, acknowledge="1")
    assert "Ett ärende är bekräftat" in page
    assert f"{first.number}: Det är redan bekräftat." in page
    assert {concerned(c).state for c in (first, second)} == {"acknowledged"}


def test_nothing_is_given_to_nobody_or_to_somebody_who_does_not_handle(cast):
    case, maria = cast.case(), cast.client("maria")
    assert "Välj minst ett ärende." in many(maria, acknowledge="1")
    for to in ("", cast.sara.email, cast.lena.email, "x"):
        assert "Välj vem som ska ha ärendena." in many(maria, case, to=to, assign="1")
    assert concerned(case).handler is None
    assert cast.client("sara").post("/avvikelser/", {"v": [case.number], "acknowledge": "1"}).status_code == 404
    assert concerned(case).state == "received"


def test_the_start_page_says_how_many_wait(cast):
    late, serious, asked = (cast.case() for _ in range(3))
    Party.objects.filter(pk=concerned(late).pk).update(answer_due=dt.date(2020, 1, 1))
    handling.judge_harm(concerned(serious), actual="", potential="serious_harm", by=cast["maria"])
    talking.ask(concerned(asked), "När?", by=cast["maria"])
    page = cast.client("maria").get("/").content.decode()
    assert "Väntar på er: 2, varav 1 försenade" in page
    assert "Ett kunde ha lett till allvarlig skada." in page
    assert "Väntar på er" not in cast.client("sara").get("/").content.decode()


def held(*cases) -> list[str]:
    return [p.handler.given_name if p.handler else "" for p in map(concerned, cases)]


def test_many_are_taken_at_once_and_none_from_a_colleague(cast):
    free, colleagues = [cast.case() for _ in range(2)], cast.case()
    nils = people.assign(None, cast.region, Role.CASE_HANDLER).user
    Party.objects.filter(pk=concerned(colleagues).pk).update(handler=nils)
    done = bulk.take_many(cast["maria"], [c.number for c in (*free, colleagues)])
    assert (done.count, [number for number, _why in done.refused]) == (2, [colleagues.number])
    assert [*held(*free), concerned(colleagues).handler] == ["Maria", "Maria", nils]


def test_giving_many_is_undone_in_one_click_and_each_has_its_former_handler(cast):
    nils = people.assign(None, cast.region, Role.CASE_HANDLER)
    free, marias, gone_on = [cast.case() for _ in range(3)]
    handling.take(concerned(marias), by=cast["maria"])
    client = cast.client("maria")
    page = client.post(
        "/avvikelser/",
        {"assign": "1", "to": nils.user.email, "v": [c.number for c in (free, marias, gone_on)]},
        follow=True,
    ).content.decode()
    assert "Ångra: som det var innan" in page
    assert {concerned(c).handler for c in (free, marias, gone_on)} == {nils.user}
    # Somebody else has got it since: it stays theirs.
    Party.objects.filter(pk=concerned(gone_on).pk).update(handler=cast.per_ake)
    page = client.post("/avvikelser/", {"undo": "1"}, follow=True).content.decode()
    assert "2 ärenden är som de var innan" in page
    assert f"{gone_on.number}: Någon annan har fått det" in page
    assert [*held(free, marias), concerned(gone_on).handler] == ["", "Maria", cast.per_ake]
    assert "Ångra" not in page
    assert "inget kvar att ångra" in client.post("/avvikelser/", {"undo": "1"}, follow=True).content.decode()


def test_acknowledging_offers_no_undo_for_the_others_have_seen_it(cast):
    case = cast.case()
    sent = {"acknowledge": "1", "v": [case.number]}
    page = cast.client("maria").post("/avvikelser/", sent, follow=True).content.decode()
    assert "Ett ärende är bekräftat" in page
    assert "Ångra" not in page


def test_a_heading_of_the_area_alone_gives_room_to_place_and_day(cast):
    own, made = cast.case(title="Epikrisen saknades"), cast.case()
    made.title = f"{made.type}, Avdelning 3"
    made.place, made.occurred_at = "Avdelning 3", dt.datetime(2026, 4, 14, 12, tzinfo=dt.UTC)
    made.save()
    about = {row.case.number: row.about for row in lists.inbox(cast["maria"]).rows}
    assert about == {own.number: str(own.type), made.number: "14 april 2026"}
    made.title = str(made.type)
    made.save()
    assert "Avdelning 3, 14 april 2026" in [row.about for row in lists.inbox(cast["maria"]).rows]


def test_a_late_row_says_by_which_day(cast):
    case = cast.case()
    Party.objects.filter(pk=concerned(case).pk).update(acknowledge_due=dt.date(2020, 5, 1))
    assert "skulle 1 maj 2020" in cast.client("maria").get("/avvikelser/").content.decode()


@pytest.mark.parametrize("words", ["lakemedelslistan", "läkemedelslistor", "LÄKEMEDELSLISTA saknade", "rullstolarna"])
def test_words_are_found_in_any_form_and_without_their_dots(cast, words):
    case, other = (
        cast.case(description="Läkemedelslistan och rullstolen saknades."),
        cast.case(description="Remissen kom."),
    )
    found = numbers(cast["maria"], "waiting_us", filters=Filters(words=words))
    assert found == [case.number] != [other.number]


def test_what_was_done_at_once_is_searched_too(cast):
    case = cast.case(immediate_action="Ringde jouren.")
    cast.case()
    assert numbers(cast["maria"], "waiting_us", filters=Filters(words="jour")) == [case.number]


def test_a_filter_is_saved_found_again_and_removed(cast):
    client = cast.client("maria")
    sent = {"urval": "vy=mine&q=hemg%C3%A5ng", "name": " Hemgång\u200b "}
    page = client.post("/avvikelser/urval/", sent, follow=True).content.decode()
    assert 'href="?vy=mine&amp;q=hemg%C3%A5ng">Hemgång</a>' in page
    # Under the same name: another list.
    client.post("/avvikelser/urval/", {"urval": "vy=overdue&q=remiss", "name": "Hemgång"})
    (one,) = saved.of(cast["maria"])
    assert one.query == "vy=overdue&q=remiss"
    assert saved.of(cast["lena"]) == []
    assert "Hemgång" not in cast.client("lena").get("/avvikelser/").content.decode()
    page = client.post("/avvikelser/urval/", {"remove": "Hemgång"}, follow=True).content.decode()
    assert "Urvalet ”Hemgång” är borttaget" in page
    assert saved.of(cast["maria"]) == []


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"urval": "vy=mine&q=x", "name": " \u200b"}, "Ge urvalet ett namn"),
        ({"urval": "vy=mine", "name": "Allt"}, "Välj något i filtret först"),
        ({"urval": "vy=å&part=ingen", "name": "Udda"}, "Välj något i filtret först"),
        ({"urval": "vy=mine&q=x", "name": "Trettonde"}, "Du har 12 sparade urval"),
    ],
)
def test_an_empty_filter_a_nameless_one_and_too_many_are_not_saved(cast, sent, told):
    for n in range(12):
        saved.save(cast["maria"], f"Nummer {n}", "mine", Filters(words="x"))
    assert told in cast.client("maria").post("/avvikelser/urval/", sent, follow=True).content.decode()
    assert len(saved.of(cast["maria"])) == 12
    assert cast.client("sara").post("/avvikelser/urval/", sent).status_code == 404
