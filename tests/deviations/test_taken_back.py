"""A report is taken back before anybody takes it up, and then nobody it was sent to learns what was in it; a case that is
sent back to one that had it is theirs anew.
"""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Notice
from accounts.roles import Role
from core import refused
from deviations.access.states import CaseState, state_of
from deviations.entry.reports import Recipient
from deviations.models import CaseFile, Party
from deviations.verbs import VERBS, sending_on, talking
from tests import cast as people
from tests.deviations.cases import concerned, reporting
from tests.deviations.test_case_page import page_of
from tests.deviations.test_message_files import upload

WORDS = "Ordet skogsduva"


def take_back(cast, case, by: str = "sara") -> None:
    sending_on.withdraw(reporting(case), reason="Fel patient.", by=cast[by])


def test_its_receivers_learn_the_number_and_that_it_was_taken_back_and_nothing_more(cast):
    case = cast.case(description=WORDS, title="Rubriken skogsduva")
    maria = cast.client("maria")
    assert "skogsduva" in page_of(maria, case)
    take_back(cast, case)
    page = page_of(maria, case)
    assert case.number in page
    assert "Ärendet är återtaget" in page
    assert Notice.objects.filter(kind="case_withdrawn", user=cast.maria).count() == 1
    for address in (
        case.get_absolute_url(),
        "/",
        "/avvikelser/?vy=closed",
        "/konto/notiser/",
    ):
        assert "skogsduva" not in maria.get(address).content.decode(), address
        assert "Fel patient" not in maria.get(address).content.decode(), address
    for tab in ("waiting_us", "closed", "unassigned"):
        assert maria.get("/avvikelser/", {"vy": tab, "q": "skogsduva"}).context["inbox"].rows == []
    for verb in ("acknowledge", "note", "answer", "skriv"):
        assert maria.post(f"{case.get_absolute_url()}{verb}/", {"body": "x", "kind": "ask"}).status_code == 404
    # Another unit of the same provider, and a stranger, learn nothing at all.
    for who in ("lena", "karin", "anna", "rut"):
        assert cast.client(who).get(case.get_absolute_url()).status_code == 404


def test_at_home_it_is_still_read(cast):
    case = cast.case(description=WORDS)
    take_back(cast, case)
    assert state_of(case) == CaseState.WITHDRAWN
    for who in ("sara", "per_ake"):
        page = page_of(cast.client(who), case)
        assert WORDS in page
        assert "Återtagen" in page
    assert "Fel patient." in page_of(cast.client("per_ake"), case)


def test_its_files_go_with_it(cast):
    case = cast.case()
    cast.client("sara").post(
        f"{case.get_absolute_url()}skriv/", {"kind": "send_message", "body": "Se.", "files": [upload()], "token": ""}
    )
    file = CaseFile.objects.get()
    assert cast.client("maria").get(f"/avvikelser/bilaga/{file.key}/").status_code == 200
    take_back(cast, case, "per_ake")
    assert cast.client("maria").get(f"/avvikelser/bilaga/{file.key}/").status_code == 404


@pytest.mark.parametrize("act", ["acknowledge", "ask", "refuse"])
def test_once_somebody_has_taken_it_up_it_cannot_be_taken_back(cast, act: str):
    case = cast.case()
    more = {"ask": {"body": "När?"}, "refuse": {"reason": "Inte vår."}}.get(act, {})
    assert "Ta tillbaka rapporten" in page_of(cast.client("sara"), case)
    VERBS[act].do(concerned(case), by=cast["maria"], **more)
    assert "Ta tillbaka rapporten" not in page_of(cast.client("sara"), case)
    with pytest.raises(refused.NotAllowed):
        take_back(cast, case)
    assert not Party.objects.filter(state="withdrawn").exists()


def test_one_who_handles_for_both_sides_still_reads_it(cast):
    case = cast.case(Recipient(cast.region, cast.medicin), by="anna", description=WORDS)
    user = people.person(given_name="Rolf")
    people.assign(user, cast.region, Role.CASE_HANDLER)
    take_back(cast, case, "anna")
    assert WORDS in page_of(people.sign_in(Client(), user), case)
    assert "återtaget" in page_of(cast.client("lena"), case)


# Sent back --------------------------------------------------------------------------------------------------------
def test_sent_back_to_one_that_had_it_its_part_is_opened_anew(cast):
    case = cast.case()
    sending_on.forward(
        concerned(case), to_provider=cast.region, to_unit=cast.medicin, reason="Hör till medicin.", by=cast["maria"]
    )
    talking.send_message(concerned(case), "Sagt under tiden.", by=cast["lena"])
    assert "Sagt under tiden." not in page_of(cast.client("maria"), case)
    sending_on.forward(
        concerned(case), to_provider=cast.region, to_unit=cast.akut, reason="Hör till er.", by=cast["lena"]
    )
    part = concerned(case)
    assert (part.unit, part.state, part.forwarded_to) == (cast.akut, "received", None)
    assert part.acknowledge_due
    assert "Sagt under tiden." in page_of(cast.client("maria"), case)
    assert case.parties.count() == 3
    talking.answer(part, "Vi tar det.", by=cast["maria"])
    assert reporting(case).state == "answered"


def test_nobody_is_sent_a_case_that_they_have(cast):
    case = cast.case()
    with pytest.raises(refused.NotAllowed, match="har redan ärendet"):
        sending_on.add_party(reporting(case), to_provider=cast.region, to_unit=cast.akut, by=cast["per_ake"])
