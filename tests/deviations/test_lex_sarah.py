"""Lex Sarah: an event is handed to the social care lead, who judges it; and neither side reads the other's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Notice
from accounts.roles import Role
from core import clock, refused
from deviations.entry.reports import Recipient
from deviations.lex_sarah import acts, listing
from deviations.models import Case, LexSarah, LexSarahDecision
from deviations.verbs import talking
from tests.cast import assign, day, person, unit
from tests.deviations.cases import Cast, concerned
from tests.deviations.investigating import hidden

LIST = "/avvikelser/lex-sarah/"
WORDS = "Larmet besvarades inte på fyra timmar."
THREAD = "Vi hör av oss till hemtjänsten."
Outcome = LexSarahDecision.Outcome


@pytest.fixture
def lead(cast: Cast):
    """Saga, of all the municipality; Sixten, of Åsgården alone."""
    for name, at in (("saga", None), ("sixten", cast.asgarden)):
        cast.users[name] = person(email=f"{name}@kommun.example", given_name=name.title(), family_name="Ros")
        cast.assignments[name] = assign(cast.users[name], cast.kommun, Role.SOCIAL_CARE_LEAD, at=at)
    return cast.client("saga")


@pytest.fixture
def case(cast: Cast) -> Case:
    found = cast.case(Recipient(cast.kommun, cast.asgarden))
    talking.send_message(concerned(found), body=THREAD, by=cast["karin"])
    return found


def flagged(cast: Cast, case: Case, *, with_report: bool = False) -> LexSarah:
    part = concerned(case)
    shown = acts.digest_of(part)
    return acts.flag(part, words=WORDS, with_report=with_report, by=cast["karin"], shown=shown)


def page(matter: LexSarah) -> str:
    return f"{LIST}{matter.key}/"


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


# Handing over -------------------------------------------------------------------------------------------------------


def test_a_handler_hands_the_event_over_and_takes_it_back_while_nobody_has_opened_it(cast: Cast, lead, case) -> None:
    client, address = cast.client("karin"), f"/avvikelser/{case.number}/lex-sarah/"
    html = client.get(address).content.decode()
    assert "Saga Ros, Sixten Ros" in html or "Sixten Ros, Saga Ros" in html
    sent = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "words": WORDS}
    assert client.post(address, sent | {"words": ""}).status_code == 422
    assert client.post(address, sent | {"words": "Hon, 19640823-3234, larmade."}).status_code == 422
    assert client.post(address, sent).status_code == 302
    # A second click hands nothing more over.
    assert client.post(address, sent).status_code == 302
    matter = LexSarah.objects.get()
    assert (matter.words, matter.report, matter.received_at) == (WORDS, "", None)
    assert told("lex_sarah") == {"Saga", "Sixten"}
    assert client.post(address, {"take_back": "1"}).status_code == 302
    assert not LexSarah.objects.exists()
    assert told("lex_sarah") == set()
    flagged(cast, case)
    assert lead.get(page(LexSarah.objects.get())).status_code == 200
    client.post(address, {"take_back": "1"})
    assert LexSarah.objects.get().received_at
    assert "har tagit emot det" in client.get(address).content.decode()


def test_the_report_goes_with_it_by_choice_as_it_was_shown(cast: Cast, lead, case) -> None:
    part = concerned(case)
    shown = acts.digest_of(part)
    Case.objects.filter(pk=case.pk).update(description="En annan text.")
    part.case.refresh_from_db()
    with pytest.raises(refused.Moved):
        acts.flag(part, words=WORDS, with_report=True, by=cast["karin"], shown=shown)
    matter = flagged(cast, case, with_report=True)
    Case.objects.filter(pk=case.pk).update(description="En tredje text.")
    html = lead.get(page(matter)).content.decode()
    assert "En annan text." in html
    assert "En tredje text." not in html


def test_only_a_municipalitys_own_part_is_handed_over_by_its_handlers(cast: Cast, lead, case) -> None:
    other = cast.case()
    for name, of in (("maria", other), ("per_ake", case), ("saga", case), ("mona", case), ("lars", case)):
        client = cast.client(name)
        assert client.get(f"/avvikelser/{of.number}/lex-sarah/").status_code == 404, name
        with pytest.raises(refused.NotAllowed):
            acts.flag(concerned(of), words=WORDS, with_report=False, by=cast[name], shown="")
    flagged(cast, case)
    with pytest.raises(refused.WrongState):
        flagged(cast, case)


def test_the_administrator_hears_that_nobody_leads_social_care_and_nothing_of_what(cast: Cast, case) -> None:
    cast.users["ada"] = person(email="ada@kommun.example", given_name="Ada")
    assign(cast.ada, cast.kommun, Role.PROVIDER_ADMIN)
    flagged(cast, case)
    notice = Notice.objects.get(kind="lex_sarah_nobody")
    assert (notice.user, notice.subject) == (cast.ada, "")


# Apart from each other ----------------------------------------------------------------------------------------------


def test_the_lead_reads_what_was_handed_over_and_not_the_case(cast: Cast, lead, case) -> None:
    html = lead.get(page(flagged(cast, case))).content.decode()
    assert WORDS in html
    for hidden_word in (case.number, case.title, case.description[:20], THREAD, "Sara Lindqvist"):
        assert hidden_word not in html, hidden_word
    for address in ("", "lex-sarah/", "utredning/", "lex-maria/", "patient/"):
        assert lead.get(f"/avvikelser/{case.number}/{address}").status_code == 404, address
    assert lead.get(f"/avvikelser/kommunen/{case.number}/").status_code == 404
    assert not Case.objects.visible_to(cast["saga"]).exists()


def test_exactly_the_leads_of_that_place_read_the_matter(cast: Cast, lead, case) -> None:
    cast.users["marta"] = person(email="marta@kommun.example")
    assign(cast.marta, cast.kommun, Role.MEDICALLY_RESPONSIBLE_NURSE)
    cast.users["olle"] = person(email="olle@kommun.example")
    assign(cast.olle, cast.kommun, Role.SOCIAL_CARE_LEAD, at=unit(cast.kommun, "Hemtjänsten Norr"))
    matter = flagged(cast, case)
    for name in ("karin", "mona", "marta", "olle", "maria", "per_ake", "sara", "lars", "rut"):
        assert cast.client(name).get(page(matter)).status_code == 404, name
        assert set(LexSarah.objects.open_to(cast[name])) == set(), name
    for name in ("saga", "sixten"):
        assert set(LexSarah.objects.open_to(cast[name])) == {matter}
        assert WORDS in cast.client(name).get(LIST).content.decode()
    assert cast.client("karin").get(LIST).status_code == 404
    assert WORDS not in cast.client("olle").get(LIST).content.decode()
    # The medically responsible are not told that there is one, nor is any other party.
    for name, address in (
        ("marta", f"/avvikelser/kommunen/{case.number}/"),
        ("per_ake", f"/avvikelser/{case.number}/"),
    ):
        html = cast.client(name).get(address).content.decode()
        assert "Sarah" not in html, name
        assert "socialt ansvarig" not in html, name


def test_the_handlers_see_that_it_is_received_and_not_how_it_is_judged(cast: Cast, lead, case) -> None:
    matter = flagged(cast, case)
    lead.get(page(matter))
    acts.decide(matter, outcome=Outcome.SERIOUS, grounds="Brist i larmkedjan.", by=cast["saga"], shown=mark(matter))
    client = cast.client("karin")
    for address in ("", "lex-sarah/", "utredning/"):
        html = client.get(f"/avvikelser/{case.number}/{address}").content.decode()
        assert "Brist i larmkedjan." not in html
        assert "llvarligt missförhållande" not in html
    assert "Lämnat till den socialt ansvariga" in client.get(f"/avvikelser/{case.number}/").content.decode()


# Judging and seeing to ----------------------------------------------------------------------------------------------


def mark(matter: LexSarah) -> str:
    return acts.mark(LexSarah.objects.get(pk=matter.pk))


def facts(**more):
    return {name: None if name.endswith("_on") else "" for name in acts.FACTS} | more


def tab_of(cast: Cast, matter: LexSarah) -> set[str]:
    return {tab.label for tab in listing.Tab if matter in listing.of_tab(cast["saga"], tab)}


def test_a_serious_matter_goes_the_whole_way(cast: Cast, lead, case) -> None:
    with clock.frozen(clock.now() - dt.timedelta(days=1)):
        matter = flagged(cast, case)
    saga = cast["saga"]
    assert tab_of(cast, matter) == {listing.Tab.TO_JUDGE.label}
    with pytest.raises(refused.WrongState):
        acts.put_facts(matter, facts(sent_on=clock.today()), by=saga, shown=mark(matter))
    html = lead.get(page(matter)).content.decode()
    sent = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "decide": "1"}
    assert lead.post(page(matter), sent | {"outcome": "serious", "grounds": ""}).status_code == 422
    assert lead.post(page(matter), sent | {"outcome": "serious", "grounds": "Allvarligt."}).status_code == 302
    assert tab_of(cast, matter) == {listing.Tab.AT_WORK.label}
    acts.put_facts(matter, facts(sent_on=day(-1)), by=saga, shown=mark(matter))
    assert tab_of(cast, matter) == {listing.Tab.AT_IVO.label}
    with pytest.raises(refused.WrongState):
        acts.decide(matter, outcome=Outcome.NONE, grounds="Nej.", by=saga, shown=mark(matter))
    done = facts(sent_on=day(-1), ivo_decided_on=day(0), remedied_on=day(0))
    acts.put_facts(matter, done, by=saga, shown=mark(matter))
    assert tab_of(cast, matter) == {listing.Tab.DONE.label}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"remedied_on": "2001-01-01"}, 422), ({"sent_on": "2099-01-01"}, 422), ({"remedied_on": "aldrig"}, 422),
        ({"ivo_decided_on": "i dag"}, 422), ({"shown": "0" * 16}, 409), ({"sent_on": "i dag"}, 409),
    ],
)  # fmt: skip
def test_facts_that_cannot_stand_are_refused(cast: Cast, lead, case, wrong, status) -> None:
    matter = flagged(cast, case)
    html = lead.get(page(matter)).content.decode()
    facts_form = html[html.rindex('name="token"') :]
    sent = {"token": hidden(facts_form, "token"), "shown": hidden(facts_form, "shown"), "facts": "1"}
    assert lead.post(page(matter), sent | {"measures": "Ny larmrutin."} | wrong).status_code == status
    matter.refresh_from_db()
    assert matter.measures == ""


def test_nobody_else_judges_and_two_leads_see_each_others_judgement(cast: Cast, lead, case) -> None:
    matter = flagged(cast, case)
    shown = mark(matter)
    for name in ("karin", "mona", "maria", "rut"):
        with pytest.raises(refused.NotAllowed):
            acts.decide(matter, outcome=Outcome.NONE, grounds="Nej.", by=cast[name], shown=shown)
    acts.decide(matter, outcome=Outcome.MISCONDUCT, grounds="Ja.", by=cast["sixten"], shown=shown)
    with pytest.raises(refused.Moved):
        acts.decide(matter, outcome=Outcome.NONE, grounds="Nej.", by=cast["saga"], shown=shown)
    stale = cast["sixten"]
    cast.assignments["sixten"].valid_to = day(-1)
    cast.assignments["sixten"].save()
    with pytest.raises(refused.NotAllowed):
        acts.put_facts(matter, facts(), by=stale, shown=mark(matter))


def test_a_judgement_is_not_changed_afterwards(cast: Cast, lead, case) -> None:
    matter = flagged(cast, case)
    made = acts.decide(matter, outcome=Outcome.NONE, grounds="Nej.", by=cast["saga"], shown=mark(matter))
    with pytest.raises(DatabaseError), transaction.atomic():
        LexSarahDecision.objects.filter(pk=made.pk).update(outcome=Outcome.SERIOUS)
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()
