"""A part's own is that part's: notes, own events, names. And each part's state is its own."""

from __future__ import annotations

import uuid

import pytest

from core.refused import NotAllowed
from deviations.access.handlers import handlers_of
from deviations.access.states import CaseState, state_of
from deviations.entry.reports import Recipient
from deviations.models import Case, CaseEvent, Party
from deviations.verbs import handling, sending_on, submission, talking
from tests import cast as people
from tests.deviations.cases import Cast, reporting


def opened(cast: Cast, name: str, case: Case):
    return Case.objects.open_or_404(cast[name], case.number)


def part(case: Case, unit) -> Party:
    return case.parties.get(unit=unit, side="concerned")


@pytest.fixture
def two(cast: Cast) -> Case:
    """A case that concerns two clinics of the region; Vera handles for the region as a whole."""
    cast.users["vera"] = people.person(given_name="Vera", family_name="Helström")
    people.assign(cast.users["vera"], cast.region, "case_handler")
    return cast.case(Recipient(cast.region, cast.akut), Recipient(cast.region, cast.medicin))


def test_a_units_notes_and_own_events_are_its_own_and_the_whole_providers(cast, two):
    akut, medicin = part(two, cast.akut), part(two, cast.medicin)
    talking.note(akut, "Vikarie i helgen.", by=cast["maria"])
    talking.note(medicin, "Läkaren var ny.", by=cast["lena"])
    handling.assign(akut, to=cast.assignments["maria"], by=cast["maria"])
    seen = {
        n: {m.body for m in opened(cast, n, two).own_messages()} for n in ("maria", "lena", "vera", "per_ake", "sara")
    }
    assert seen == {
        "maria": {"Vikarie i helgen."},
        "lena": {"Läkaren var ny."},
        "vera": {"Vikarie i helgen.", "Läkaren var ny."},
        "per_ake": set(),
        "sara": set(),
    }
    own = {n: opened(cast, n, two).events().filter(is_own=True).count() for n in seen}
    assert own == {"maria": 3, "lena": 2, "vera": 5, "per_ake": 0, "sara": 0}


def test_what_another_unit_writes_after_ones_part_ended_is_not_ones_own(cast):
    case = cast.case()
    talking.note(part(case, cast.akut), "Från Akuten.", by=cast["maria"])
    sending_on.forward(
        part(case, cast.akut), to_provider=cast.region, to_unit=cast.medicin, reason="Hör dit.", by=cast["maria"]
    )
    talking.note(part(case, cast.medicin), "Från Medicin.", by=cast["lena"])
    assert [m.body for m in opened(cast, "maria", case).own_messages()] == ["Från Akuten."]
    assert [m.body for m in opened(cast, "lena", case).own_messages()] == ["Från Medicin."]
    pages = {n: cast.client(n).get(case.get_absolute_url()).content.decode() for n in ("maria", "lena")}
    assert "Från Medicin." not in pages["maria"]
    assert "Från Akuten." not in pages["lena"]


def test_two_parts_of_one_unit_share_one_thread(cast):
    handler = people.assign(cast.anna, cast.region, "case_handler", at=cast.medicin)
    case = submission.submit(uuid.uuid4(), data=cast.report(Recipient(cast.region, cast.akut)), by=cast["anna"])
    assert handler
    talking.note(reporting(case), "Som rapporterande.", by=cast["maria"])
    talking.note(part(case, cast.akut), "Som berörd.", by=cast["maria"])
    assert [m.body for m in opened(cast, "maria", case).own_messages()] == ["Som rapporterande.", "Som berörd."]


def test_a_writers_name_is_shown_to_their_own_part_only(cast, two):
    talking.send_message(part(two, cast.akut), "Vi läser journalen.", by=cast["maria"])
    pages = {n: cast.client(n).get(two.get_absolute_url()).content.decode() for n in ("maria", "vera", "lena", "sara")}
    assert {n for n, page in pages.items() if "Maria Öberg" in page.split("<main")[1]} == {"maria", "vera"}


def test_the_reporters_name_is_not_shown_to_another_unit_of_their_own_provider(cast):
    case = submission.submit(uuid.uuid4(), data=cast.report(Recipient(cast.region, cast.medicin)), by=cast["anna"])
    pages = {n: cast.client(n).get(case.get_absolute_url()).content.decode() for n in ("maria", "lena")}
    assert "Anna Berglund" in pages["maria"]
    assert "Anna Berglund" not in pages["lena"]


def test_a_part_without_a_unit_is_for_those_who_handle_for_the_whole_provider(cast):
    cast.users["vera"] = people.person(given_name="Vera", family_name="Helström")
    people.assign(cast.users["vera"], cast.region, "case_handler")
    case = cast.case(Recipient(cast.region))
    seen = {n for n in ("maria", "lena", "vera") if Case.objects.visible_to(cast[n]).filter(pk=case.pk).exists()}
    assert seen == {"vera"}
    told = {a.user for a in handlers_of(part(case, None))}
    assert told == {cast.vera}


def test_start_page_and_case_page_show_the_same_of_how_far_others_have_come(cast, two):
    handling.acknowledge(part(two, cast.medicin), by=cast["lena"])
    sending_on.refuse(part(two, cast.akut), reason="Inte vi.", by=cast["maria"])
    handling.start_investigation(part(two, cast.medicin), by=cast["lena"])
    for name, units in (("maria", {"Akutkliniken"}), ("lena", {"Akutkliniken", "Medicinkliniken"})):
        units = {f"{unit}, {cast.region.name}" for unit in units}
        start = cast.client(name).get("/").context["cases"]
        assert {p.label for row in start for p in row["parts"]} == units
        page = cast.client(name).get(two.get_absolute_url()).context["parties"]
        assert {p["label"] for p in page if p["state"] and not p["is_reporting"]} == units


# Each part's state -----------------------------------------------------------------------------------------
def test_the_first_answer_leaves_the_case_open_until_all_have_answered(cast, two):
    talking.answer(part(two, cast.akut), "Vårt svar.", by=cast["maria"])
    assert reporting(two).state == "received"
    assert reporting(two).feedback_due is None
    with pytest.raises(NotAllowed):
        handling.accept(reporting(two), "Tack för rapporten.", by=cast["per_ake"])
    assert state_of(two) != CaseState.ANSWERED
    talking.answer(part(two, cast.medicin), "Vårt svar.", by=cast["lena"])
    assert reporting(two).state == "answered"
    assert reporting(two).feedback_due
    handling.accept(reporting(two), "Tack för rapporten.", by=cast["per_ake"])


def test_the_case_is_answered_when_the_last_that_had_not_was_the_wrong_recipient(cast, two):
    talking.answer(part(two, cast.akut), "Vårt svar.", by=cast["maria"])
    sending_on.refuse(part(two, cast.medicin), reason="Inte vi.", by=cast["lena"])
    assert reporting(two).state == "answered"


def test_when_nobody_is_concerned_any_more_nothing_is_answered(cast):
    case = cast.case()
    sending_on.refuse(part(case, cast.akut), reason="Inte vi.", by=cast["maria"])
    assert reporting(case).state == "received"


def test_each_event_tells_the_change_of_its_own_part(cast, two):
    akut = part(two, cast.akut)
    talking.ask(akut, "När?", by=cast["maria"])
    talking.reply(akut, "I tisdags.", by=cast["per_ake"])
    talking.answer(akut, "Svar.", by=cast["maria"])
    talking.answer(part(two, cast.medicin), "Svar.", by=cast["lena"])
    handling.reopen(akut, "Mer har hänt.", by=cast["per_ake"])
    sending_on.add_party(reporting(two), to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    now = {p.pk: Party.State.RECEIVED for p in two.parties.all()}
    for event in CaseEvent.objects.filter(case=two).exclude(verb="submit").order_by("pk"):
        assert event.from_state == now[event.party_id], event.verb
        now[event.party_id] = event.to_state
    assert now == {p.pk: p.state for p in two.parties.all()}


def test_who_acted_on_anothers_part_is_named_at_their_own_home_only(cast):
    case = cast.case()
    talking.ask(part(case, cast.akut), "När?", by=cast["maria"])
    talking.reply(part(case, cast.akut), "I tisdags.", by=cast["per_ake"])
    who = {
        n: next(e["who"] for e in cast.client(n).get(case.get_absolute_url()).context["events"] if "vara" in e["text"])
        for n in ("maria", "per_ake")
    }
    assert "Per-Åke" in who["per_ake"]
    assert "Per-Åke" not in who["maria"]
