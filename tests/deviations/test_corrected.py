"""What was reported wrongly is set right with a trace; what was several things becomes several cases."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Notice
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.models import Case, DeviationType, Party
from deviations.verbs import handling, sending_on
from tests import cast as people
from tests.deviations.cases import Cast, concerned, reporting

WORD = "skogsduva"


def other_type(case: Case) -> DeviationType:
    return DeviationType.objects.exclude(pk=case.type_id).first()


def page(cast: Cast, case: Case, who: str) -> str:
    return cast.client(who).get(case.get_absolute_url()).content.decode()


def sent_as_it_is(case: Case, **changed) -> dict:
    at = clock.swedish(case.occurred_at)
    told = {"type": case.type_id, "occurred_date": f"{at:%Y-%m-%d}", "occurred_time": f"{at:%H:%M}"}
    return told | changed


def test_area_and_day_are_set_right_and_all_parties_see_what_they_were(cast):
    case = cast.case(place="Avdelning 3")
    before, new = str(case.type), other_type(case)
    client, url = cast.client("maria"), f"{case.get_absolute_url()}correct/"
    assert "Rätta enhet, datum eller område" in page(cast, case, "maria")
    day = clock.today() - dt.timedelta(days=9)
    sent = sent_as_it_is(case, type=new.pk, occurred_date=f"{day:%Y-%m-%d}", occurred_time="14.30")
    assert "Det är rättat" in client.post(url, sent, follow=True).content.decode()
    case.refresh_from_db()
    assert case.type == new
    assert clock.swedish(case.occurred_at).date() == day
    assert case.title == f"{new}, Avdelning 3"  # nobody's own words
    for who in ("maria", "per_ake", "sara"):
        text = page(cast, case, who)
        assert f"var {before}, är nu {new}" in text, who
        assert "Rättat" in text
    told = Notice.objects.filter(kind="case_corrected").values_list("user__given_name", flat=True)
    assert set(told) == {cast.per_ake.given_name, cast.sara.given_name}


def test_a_heading_of_ones_own_stays(cast):
    case = cast.case(title="Larmet hördes inte")
    at = case.occurred_at
    handling.correct(concerned(case), type=other_type(case), occurred_at=at, occurred_time_known=True, by=cast["maria"])
    case.refresh_from_db()
    assert case.title == "Larmet hördes inte"


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({}, 409, "Inget är ändrat"),
        ({"occurred_date": "2099-01-01"}, 422, "senare än nu"),
        ({"occurred_date": "i övermorgon"}, 422, "Skriv datumet"),
        ({"occurred_time": "25"}, 422, "som 14.30"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(cast, changed: dict, status: int, words: str):
    case = cast.case()
    answer = cast.client("maria").post(f"{case.get_absolute_url()}correct/", sent_as_it_is(case, **changed))
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not case.events.filter(verb="correct").exists()


def test_it_did_not_happen_after_it_was_discovered(cast):
    found = clock.now() - dt.timedelta(days=1)
    case = cast.case(detected_at=found)
    with pytest.raises(refused.NotAllowed):
        handling.correct(
            concerned(case),
            type=case.type,
            occurred_at=found + dt.timedelta(hours=1),
            occurred_time_known=True,
            by=cast["maria"],
        )


def test_who_handles_for_all_of_the_provider_gives_it_to_the_right_unit_and_nobody_else_does(cast):
    user = people.person(email="rolf@region.example", given_name="Rolf")
    cast.users["rolf"] = user
    cast.assignments["rolf"] = people.assign(user, cast.region, Role.CASE_HANDLER)
    case = cast.case(Recipient(cast.region, None))
    part = concerned(case)
    facts = {"type": case.type, "occurred_at": case.occurred_at, "occurred_time_known": True}
    assert cast.client("maria").get(case.get_absolute_url()).status_code == 404
    client, url = cast.client("rolf"), f"{case.get_absolute_url()}correct/"
    assert "har den redan" not in client.post(url, sent_as_it_is(case, unit=cast.akut.name)).content.decode()
    part.refresh_from_db()
    assert part.unit == cast.akut
    assert f"är nu {cast.akut.name}" in page(cast, case, "maria")
    assert Notice.objects.filter(kind="case_received", user=cast.maria).exists()
    # A handler of the unit, a unit that is another's, a unit that has the case.
    with pytest.raises(refused.NotAllowed):
        handling.correct(part, **facts, unit=cast.medicin, by=cast["maria"])
    sending_on.add_party(reporting(case), to_provider=cast.region, to_unit=cast.medicin, by=cast["per_ake"])
    with pytest.raises(refused.NotAllowed):
        handling.correct(part, **facts, unit=cast.medicin, by=cast["rolf"])
    assert Party.objects.get(pk=part.pk).unit == cast.akut


def test_whose_part_has_ended_sees_the_facts_of_then_over_every_door(cast):
    case = cast.case(Recipient(cast.region, cast.akut), place="Avdelning 3", description="Skynket var borta.")
    old, at, new = case.type, case.occurred_at, other_type(case)
    akut, home = concerned(case), reporting(case)
    sending_on.add_party(home, to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    sending_on.forward(akut, to_provider=cast.region, to_unit=cast.medicin, reason="Er.", by=cast["maria"])
    with clock.frozen(clock.now() + dt.timedelta(minutes=5)):
        facts = {"occurred_at": at - dt.timedelta(days=9), "occurred_time_known": False}
        handling.correct(home, type=new, **facts, by=cast["per_ake"])
        last = {"type": old, "occurred_at": at - dt.timedelta(days=12), "occurred_time_known": True}
        handling.correct(home, **last, by=cast["per_ake"])
        handling.correct(home, **last | {"type": new}, by=cast["per_ake"])
        handling.judge_harm(home, actual="harm", potential="serious_harm", by=cast["per_ake"])
    for who, seen, hidden in (("maria", old, new), ("lena", new, old), ("karin", new, old)):
        tab = "closed" if who == "maria" else "waiting_us"
        for address in (case.get_absolute_url(), f"/avvikelser/?vy={tab}", "/"):
            text = cast.client(who).get(address).content.decode().split("<main")[1]
            assert f"{seen}, Avdelning 3" in text, (who, address)
            assert f"{hidden}, Avdelning 3" not in text, (who, address)
        finds = {kind.code: case.number in _narrowed(cast, who, tab, typ=kind.code) for kind in (seen, hidden)}
        assert finds == {seen.code: True, hidden.code: False}, who
        words = {str(kind): case.number in _narrowed(cast, who, tab, q=str(kind)) for kind in (seen, hidden)}
        assert words == {str(seen): True, str(hidden): False}, who
        assert ("allvarlig" in _narrowed(cast, who, tab)) == (who != "maria")
    text = page(cast, case, "maria")
    assert f"{clock.swedish(at):%H.%M}" in text
    assert "Rättat" not in text
    # In the notice of it too.
    text = cast.client("maria").get("/konto/notiser/").content.decode()
    assert str(old) in text
    assert str(new) not in text
    # Sent back to those who had it: they have it anew, and all of it.
    sending_on.add_party(home, to_provider=cast.region, to_unit=cast.akut, by=cast["per_ake"])
    assert f"{new}, Avdelning 3" in page(cast, case, "maria")


def _narrowed(cast: Cast, who: str, tab: str, **by: str) -> str:
    return cast.client(who).get("/avvikelser/", {"vy": tab, **by}).content.decode().split("<tbody")[-1]


def test_a_unit_set_right_later_is_not_told_to_whose_part_has_ended(cast):
    user = people.person(email="rolf@region.example", given_name="Rolf")
    cast.users["rolf"] = user
    cast.assignments["rolf"] = people.assign(user, cast.region, Role.CASE_HANDLER)
    case = cast.case(Recipient(cast.region, None))
    sending_on.add_party(reporting(case), to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    kommun = case.parties.get(provider=cast.kommun)
    sending_on.refuse(kommun, reason="Inte vårt.", by=cast["karin"])
    with clock.frozen(clock.now() + dt.timedelta(minutes=5)):
        facts = {"type": case.type, "occurred_at": case.occurred_at, "occurred_time_known": True}
        part = case.parties.get(provider=cast.region)
        handling.correct(part, **facts, unit=cast.akut, by=cast["rolf"])
    assert cast.akut.name in page(cast, case, "per_ake")
    text = page(cast, case, "karin")
    assert cast.akut.name not in text
    assert cast.region.name in text


def test_one_thing_of_several_becomes_a_case_of_its_own(cast):
    case = cast.case(shares_reporter_name=True, place="Hemmet")
    client, url = cast.client("per_ake"), f"{case.get_absolute_url()}split/"
    assert client.post(url, {"type": other_type(case).pk, "description": "", "concerns": "unknown"}).status_code == 422
    sent = {"type": other_type(case).pk, "description": f"Rullstolen kom inte, {WORD}.", "concerns": "unknown"}
    assert "Det nya ärendet" in client.post(url, sent, follow=True).content.decode()
    made = Case.objects.get(split_from=case)
    assert (made.reporter, made.reporting_provider, made.occurred_at) == (cast.sara, cast.bjorken, case.occurred_at)
    assert made.type == other_type(case)
    assert reporting(made).choose_due
    # Each tells of the other to those who see both.
    assert made.number in page(cast, case, "per_ake")
    assert case.number in page(cast, made, "per_ake")
    assert case.number in page(cast, made, "sara")
    # Those who have one learn nothing of the other.
    text = page(cast, case, "maria")
    assert made.number not in text
    assert "skogsduva" not in text
    assert cast.client("maria").get(made.get_absolute_url()).status_code == 404
    sending_on.add_party(reporting(made), to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    text = page(cast, made, "karin")
    assert WORD in text
    assert case.number not in text
    # Nor that there is one.
    assert "Uppdelat" not in text
    assert "Uppdelat" in page(cast, made, "per_ake")


def test_a_yes_to_show_the_name_is_for_those_who_were_named_and_does_not_follow_a_split(cast):
    case = cast.case(shares_reporter_name=True)
    assert cast.sara.family_name in page(cast, case, "maria")
    assert "Filerna stannar här" in page(cast, case, "per_ake")
    sent = {"type": case.type, "description": "Rullstolen kom inte.", "concerns": (Recipient(cast.kommun, None),)}
    made = handling.split(reporting(case), **sent, by=cast["per_ake"])
    assert "Rullstolen" in page(cast, made, "karin")
    assert cast.sara.family_name not in page(cast, made, "karin")
    # At home she is known, and where she was named still.
    assert cast.sara.family_name in page(cast, made, "per_ake")
    assert cast.sara.family_name in page(cast, case, "maria")


def test_only_those_who_handle_it_at_home_split_it_and_never_with_identity_numbers(cast):
    case = cast.case()
    told = {"type": case.type, "description": "x", "concerns": ()}
    for who in ("maria", "sara", "karin"):
        with pytest.raises(refused.NotAllowed):
            handling.split(reporting(case), **told, by=cast[who])
    sent = {"type": case.type_id, "description": "Gäller 19121212-1212.", "concerns": "unknown"}
    answer = cast.client("per_ake").post(f"{case.get_absolute_url()}split/", sent)
    assert answer.status_code == 422
    assert Case.objects.count() == 1
