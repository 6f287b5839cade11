"""The inbox: what stands under each tab, in which order, and what it costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deviations import lists, workflow
from deviations.acts import handlers_of
from deviations.models import Party
from deviations.templatetags.case_tags import cases_citing
from documents.models import Document, DocumentType
from tests.deviations.cases import concerned, reporting


def numbers(reader, tab, **more):
    return [row.case.number for row in lists.inbox(reader, tab=tab, **more).rows]


def test_each_case_stands_under_the_tabs_it_belongs_to(cast):
    new, asked, answered, refused = (cast.case() for _ in range(4))
    workflow.assign(concerned(asked), to=handlers_of(concerned(asked)).get(), by=cast["maria"])
    workflow.ask(concerned(asked), "När kom listan?", by=cast["maria"])
    workflow.answer(concerned(answered), "Checklistan signeras.", by=cast["maria"])
    workflow.refuse(concerned(refused), reason="Inte hos oss.", by=cast["maria"])
    for case in (new, asked, answered, refused):
        workflow.acknowledge(reporting(case), by=cast["per_ake"]) if case != answered else None
    maria = {
        "waiting_us": {new}, "mine": {asked}, "unassigned": {new, answered}, "waiting_others": {asked, answered},
        "overdue": set(), "closed": {refused}, "reported": set(),
    }  # fmt: skip
    per_ake = {
        "waiting_us": {asked, answered, refused}, "waiting_others": {new}, "closed": set(), "reported": set(),
        "unassigned": {new, asked, answered, refused},
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
        Party.objects.filter(pk=concerned(case).pk).update(answer_due=day)
    late, second, third = cases[1].number, cases[2].number, cases[0].number
    assert numbers(cast["maria"], "waiting_us") == [late, second, third]
    assert [r.is_late for r in lists.inbox(cast["maria"]).rows] == [True, False, False]
    assert numbers(cast["maria"], "overdue") == [late]


def test_pages_by_key_hold_every_case_once(cast, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 3)
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
    "query", ["vy=%C3%A5", "efter=2026-99-99.AVV-26-222222", "efter='--", "fore=x", "efter=%E2%80%AE"]
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

    workflow.send_message(concerned(case), "Ett.", by=cast["maria"])
    client.get(case.get_absolute_url())
    few = cost()
    for i in range(20):
        workflow.send_message(concerned(case), f"Meddelande {i}.", by=cast["maria"])
        workflow.note(concerned(case), f"Anteckning {i}.", by=cast["maria"])
    assert cost() == few


def test_a_document_tells_of_the_cases_that_the_reader_sees(cast):
    routine = Document.objects.create(
        number="OVK-0021", title="Utskrivning", type=DocumentType.objects.first(), owner=cast.region
    )
    case, other = cast.case(documents=(routine,)), cast.case(documents=(routine,), by="anna")
    assert cases_citing(routine, cast["sara"]) == [case]
    assert cases_citing(routine, cast["maria"]) == [other, case]
    assert cases_citing(routine, cast["karin"]) == []
