"""What one party asks of another: who sees it, what is answered, what comes of a yes."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from accounts.models import Notice
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.models import Action, Case, PartyRequest
from deviations.requests import acts
from deviations.verbs import handling
from tests.cast import assign, person
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import action, cause, hidden

WORDS = "Ring funktionsnumret, inte avdelningen"


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def asked(cast: Cast, case: Case, **more) -> PartyRequest:
    values = {"kind": "action", "text": WORDS, "due": clock.today() + dt.timedelta(days=9), "action": None}
    return acts.ask(concerned(case), reporting(case), by=cast["maria"], **{**values, **more})


def page(cast: Cast, who: str, case: Case) -> str:
    answer = cast.client(who).get(f"/avvikelser/{case.number}/begaran/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_action_is_asked_for_and_a_yes_makes_it_theirs(cast):
    case, client = cast.case(), cast.client("maria")
    own = action(cast, case, cause(cast, case), text="Hemligt för oss")
    address, html = f"/avvikelser/{case.number}/begaran/", page(cast, "maria", case)
    part = re.search(r'<option value="(\d)"[^>]*>Hälsocentralen Björken', html)
    assert part
    sent = {"token": hidden(html, "token"), "kind": "action", "part": part[1], "action": str(own.key), "text": WORDS}
    assert client.post(address, sent | {"text": ""}).status_code == 422
    assert client.post(address, sent | {"due": "2020-01-01"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert told("case_asked") == {"Per-Åke"}
    theirs = page(cast, "per_ake", case)
    assert WORDS in theirs
    assert "Hemligt för oss" not in theirs
    token = hidden(theirs[theirs.index('name="answers"') - 800 :], "token")
    answer = {"token": token, "answers": str(PartyRequest.objects.get().key), "answer": "no"}
    assert cast.client("per_ake").post(address, answer).status_code == 422
    assert cast.client("per_ake").post(address, answer | {"answer": "yes"}).status_code == 302
    made = Action.objects.get(text=WORDS)
    assert made.investigation.party == reporting(case)
    assert told("case_asked_answer") == {"Maria"}
    assert "Svar: ja" in page(cast, "maria", case)


def test_no_third_party_sees_it(cast):
    case = cast.case(Recipient(cast.region, cast.akut), Recipient(cast.kommun))
    part = case.parties.get(provider=cast.region)
    acts.ask(part, reporting(case), kind="action", text=WORDS, due=None, action=None, by=cast["maria"])
    assert WORDS in page(cast, "per_ake", case)
    assert WORDS not in page(cast, "karin", case)
    assert "Bad en annan part" not in cast.client("karin").get(f"/avvikelser/{case.number}/").content.decode()
    for name in ("sara", "lena", "anna", "rut"):
        assert cast.client(name).get(f"/avvikelser/{case.number}/begaran/").status_code == 404


def test_an_answer_is_given_once_by_those_who_are_asked(cast):
    case = cast.case()
    one = asked(cast, case)
    with pytest.raises(refused.NotAllowed):
        acts.answer(one, answer="yes", text="", by=cast["maria"])
    acts.answer(one, answer="other", text="Vi byter nummer i stället.", by=cast["per_ake"])
    with pytest.raises(refused.WrongState):
        acts.answer(one, answer="yes", text="", by=cast["per_ake"])
    assert not Action.objects.exists()
    assert "Vi byter nummer" in page(cast, "maria", case)


def test_an_action_of_another_part_is_not_asked_with(cast):
    case, other = cast.case(), cast.case()
    with pytest.raises(refused.WrongState):
        asked(cast, case, action=action(cast, other, cause(cast, other)))


def test_lex_maria_is_asked_of_the_other_partys_officer(cast):
    case = cast.case()
    with pytest.raises(refused.WrongState):
        asked(cast, case, kind="lex_maria")
    officer = person(email="odd@bjorken.example", given_name="Odd", family_name="Strand")
    assign(officer, cast.bjorken, Role.LEX_MARIA_OFFICER)
    handling.judge_harm(concerned(case), actual="none", potential="serious_harm", by=cast["maria"])
    asked(cast, case, kind="lex_maria")
    assert "Odd" in told("case_serious")
