"""Those who take part in one investigation: what they read, what they write, and when it ends."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Notice
from core import clock, refused
from deviations.models import Action, Case, Cause, Investigation, InvestigationEvent, Participant
from deviations.taking_part import naming
from deviations.verbs import sending_on, talking
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import cause, hidden

SECRET = "Bara i tråden"


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def takes_part(cast: Cast, who: str = "anna", **more) -> tuple[Case, Participant]:
    """A case whose emergency clinic has an investigation that somebody takes part in."""
    case = cast.case()
    talking.send_message(concerned(case), SECRET, by=cast["maria"])
    cause(cast, case, "Vikarien kände inte till checklistan")
    values = {"last_day": None, **more}
    found = Investigation.objects.get()
    return case, naming.name(concerned(case), found, cast.assignments[who], by=cast["maria"], **values)


def status(cast: Cast, who: str, address: str) -> int:
    return cast.client(who).get(address).status_code


def test_whoever_takes_part_reads_the_investigation_and_nothing_else(cast):
    case, one = takes_part(cast)
    assert told("participant") == {"Anna"}
    page = f"/avvikelser/{case.number}/utredning/?i={one.key}"
    html = cast.client("anna").get(page).content.decode()
    assert "Vikarien kände inte till" in html
    assert case.description[:30] in html
    for kept in (SECRET, "Innan ni kan avsluta", "som-pdf", "Ärenden hos andra"):
        assert kept not in html
    for address in (
        "", "utredning/", "lex-maria/", "patient/", "begaran/", "kvitto/", f"utredning/som-pdf/?i={one.key}",
        f"utredning/bedomning/?i={one.key}", f"utredning/patienten/?i={one.key}", f"utredning/hanvisning/?i={one.key}",
    ):  # fmt: skip
        assert status(cast, "anna", f"/avvikelser/{case.number}/{address}") == 404, address
    # The key is the person's own.
    for other in ("sara", "lena", "karin", "nora"):
        assert status(cast, other, page) == 404
    assert case.number in cast.client("anna").get("/avvikelser/utredningar/").content.decode()
    assert Case.objects.visible_to(cast["anna"]).count() == 0


def test_they_write_with_their_name_and_both_see_it(cast):
    case, one = takes_part(cast)
    client, address = cast.client("anna"), f"/avvikelser/{case.number}/utredning/orsak/?i={one.key}"
    html = client.get(address).content.decode()
    sent = {
        "token": hidden(html, "token"),
        "shown": hidden(html, "shown"),
        "text": "Larmet var tyst",
        "category": "technology",
    }
    answer = client.post(address, sent)
    assert answer.status_code == 302
    assert f"i={one.key}" in answer["Location"]
    assert "Larmet var tyst" in cast.client("maria").get(f"/avvikelser/{case.number}/utredning/").content.decode()
    assert InvestigationEvent.objects.latest("pk").by_name == "Anna Berglund"
    key = Cause.objects.get(text="Larmet var tyst").key
    one.ended_at = clock.now()
    one.save()
    assert client.post(f"/avvikelser/{case.number}/utredning/orsak/{key}/?i={one.key}", sent).status_code == 404


@pytest.mark.parametrize("how", ["day", "assignment", "handler", "part"])
def test_it_ends(cast, how):
    case, one = takes_part(cast)
    page = f"/avvikelser/{case.number}/utredning/?i={one.key}"
    assert status(cast, "anna", page) == 200
    if how == "day":
        Participant.objects.update(last_day=clock.today() - clock.ONE_DAY)
    elif how == "assignment":
        cast.assignments["anna"].is_active = False
        cast.assignments["anna"].save()
    elif how == "handler":
        naming.end(concerned(case), one, by=cast["maria"])
    else:
        sending_on.refuse(concerned(case), reason="Det är inte vi.", by=cast["maria"])
    assert status(cast, "anna", page) in (302, 404)
    assert not Investigation.objects.open_to(cast["anna"]).exists()


def test_only_the_own_providers_handlers_name_their_own(cast):
    case, _one = takes_part(cast)
    found = Investigation.objects.get()
    for by, party, whom in (("per_ake", reporting(case), "sara"), ("maria", concerned(case), "sara")):
        with pytest.raises(refused.WrongState):
            naming.name(party, found, cast.assignments[whom], last_day=None, by=cast[by])
    with pytest.raises(refused.NotAllowed):
        naming.name(concerned(case), found, cast.assignments["anna"], last_day=None, by=cast["lena"])
    yesterday = clock.today() - dt.timedelta(days=1)
    with pytest.raises(refused.WrongState):
        naming.name(concerned(case), found, cast.assignments["anna"], last_day=yesterday, by=cast["maria"])


def test_a_joint_analysis_has_named_people_at_both(cast):
    case, _one = takes_part(cast)
    page = f"/avvikelser/{case.number}/utredning/"
    client = cast.client("maria")
    html = client.get(page).content.decode()
    number = hidden(html.replace('name="share" value', 'name="shared" value'), "shared")
    assert client.post(f"{page}deltagare/", {"share": number}).status_code == 302
    assert told("case_joint") == {"Per-Åke"}
    # The other party's handler names people, and reads nothing by that.
    theirs = cast.client("per_ake")
    assert "Gemensam analys hos" in theirs.get(page).content.decode()
    assert "Vikarien" not in theirs.get(page).content.decode()
    sent = {"whom": str(cast.assignments["sara"].key), "joint": "1"}
    assert theirs.post(f"{page}deltagare/", sent).status_code == 302
    one = Participant.objects.get(assignment=cast.assignments["sara"])
    address = f"{page}orsak/?i={one.key}"
    sara = cast.client("sara")
    assert "Vikarien" in sara.get(f"{page}?i={one.key}").content.decode()
    html = sara.get(address).content.decode()
    told_by = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "category": "communication"}
    assert sara.post(address, told_by | {"text": "Listan kom som fax"}).status_code == 302
    assert InvestigationEvent.objects.latest("pk").by_name == "Sara Lindqvist, Hälsocentralen Björken"
    # Who works at the other provider is not theirs to see.
    assert "Maria Öberg" not in sara.get(f"{page}atgard/?i={one.key}").content.decode()
    naming.end_joint(reporting(case), one.investigation.joints.get(), by=cast["per_ake"])
    assert status(cast, "sara", f"{page}?i={one.key}") == 404
    assert not Action.objects.exists()
