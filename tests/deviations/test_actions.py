"""Actions: their owners, their days, the lists, and the routines that are to be revised."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Notice
from core import clock, refused
from deviations.actions import asking, leaving, listing, revising
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Action, CaseEvent, InvestigationEvent
from deviations.verbs import handling, talking
from documents.signals import version_published
from tests.deviations.cases import concerned
from tests.deviations.investigating import action, cause, hidden
from tests.deviations.test_cited import routine as routine_of


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def in_days(n: int) -> dt.date:
    return clock.today() + dt.timedelta(days=n)


def made(cast, *, owner: str = "anna", case=None, **more) -> Action:
    case = case or cast.case()
    return action(cast, case, cause(cast, case), owner=getattr(cast, owner), **more)


# The owner ----------------------------------------------------------------------------------------------------
def test_the_owner_sees_the_action_and_nothing_of_the_case(cast):
    one = made(cast, owner="anna", due=in_days(3))
    assert told("action_yours") == {"Anna"}
    client, number = cast.client("anna"), one.investigation.party.case.number
    html = client.get("/avvikelser/atgarder/").content.decode()
    assert one.text in html
    assert number not in html
    page = client.get(f"/avvikelser/atgarder/{one.key}/").content.decode()
    assert one.text in page
    for kept in (number, "Checklistan signerades inte", "Epikrisen saknades"):
        assert kept not in page
    assert client.get(f"/avvikelser/{number}/").status_code == 404
    for other in ("sara", "lena", "karin", "per_ake", "rut"):
        assert cast.client(other).get(f"/avvikelser/atgarder/{one.key}/").status_code == 404
        assert one.text not in cast.client(other).get("/avvikelser/atgarder/").content.decode()


def test_the_owner_says_that_it_is_done(cast):
    one, client = made(cast, owner="anna"), cast.client("anna")
    address = f"/avvikelser/atgarder/{one.key}/"
    html = client.get(address).content.decode()
    sent = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "state": "done", "evidence": "Nya listan"}
    assert client.post(address, sent).status_code == 422
    assert client.post(address, sent | {"done_on": "i dag"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.done_on, one.evidence) == ("done", clock.today(), "Nya listan")
    assert InvestigationEvent.objects.latest("pk").by == cast.anna
    # It is ended: the owner changes it no more.
    with pytest.raises(refused.WrongState):
        asking.say(one, state="planned", done_on=None, evidence="", by=cast["anna"], shown="")


def test_who_owns_it_no_more_says_nothing(cast):
    one = made(cast, owner="anna")
    shown = acts.mark(one, KINDS["uppfoljning"])
    Action.objects.update(owner=cast.maria)
    with pytest.raises(refused.NotAllowed):
        asking.say(one, state="done", done_on=clock.today(), evidence="", by=cast["anna"], shown=shown)


def test_what_the_handler_changed_meanwhile_is_seen_first(cast):
    one, client = made(cast, owner="anna"), cast.client("anna")
    address = f"/avvikelser/atgarder/{one.key}/"
    html = client.get(address).content.decode()
    Action.objects.update(state="under_way", evidence="Påbörjad")
    sent = {"token": hidden(html, "token"), "shown": hidden(html, "shown"), "state": "under_way", "evidence": "Mitt"}
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert "Mitt" in answer.content.decode()
    assert Action.objects.get().evidence == "Påbörjad"


# The lists ----------------------------------------------------------------------------------------------------
def test_the_late_stand_first_and_each_tab_has_its_own(cast):
    late, soon, later = (made(cast, due=in_days(n), text=f"Om {n}") for n in (-1, 2, 9))
    done = made(cast, text="Klar", measure="Antal", follow_up=in_days(40))
    Action.objects.filter(pk=done.pk).update(state="done", done_on=clock.today())
    maria, anna = cast["maria"], cast["anna"]
    assert list(listing.of_tab(maria, "vara")) == [late, soon, later]
    assert list(listing.of_tab(anna, "mina")) == [late, soon, later]
    assert list(listing.of_tab(maria, "folj-upp")) == [done]
    assert list(listing.of_tab(anna, "klara")) == [done]
    assert [tab.value for tab in listing.tabs_of(anna)] == ["mina", "klara"]
    for name in ("lena", "per_ake", "karin", "lars"):
        assert not any(listing.of_tab(cast[name], tab).exists() for tab in listing.Tab.values)
    html = cast.client("maria").get("/avvikelser/atgarder/").content.decode()
    assert html.index("Om -1") < html.index("Om 2")
    assert "Försenat" in html


# Reminders ----------------------------------------------------------------------------------------------------
def test_days_are_told_of_once_to_those_who_can_mend_it(cast):
    made(cast, due=in_days(3))
    late = made(cast, due=in_days(-2))
    judged = made(cast, follow_up=in_days(0))
    Action.objects.filter(pk=judged.pk).update(state="done", done_on=clock.today())
    made(cast, due=in_days(30))
    assert [asking.remind() for _ in range(2)] == [3, 0]
    assert told("action_due") == {"Anna"}
    assert told("action_late") == {"Anna", "Maria"}
    assert told("action_judge") == {"Maria"}
    assert CaseEvent.objects.filter(verb__startswith="action_", is_own=False).count() == 0
    Action.objects.filter(pk=late.pk).update(due=in_days(-1))
    assert asking.remind() == 1


# Routines -----------------------------------------------------------------------------------------------------
def test_a_routine_to_be_revised_is_a_task_until_a_version_is_published(cast):
    routine = routine_of(cast)
    one = made(cast, document=routine, due=in_days(20))
    assert "Elin" in told("action_revise")
    elin = cast.client("elin")
    desk = elin.get("/dokument/skrivbord/").content.decode()
    assert one.text in desk
    assert one.investigation.party.case.number not in desk
    assert list(revising.asked_of(cast["eva"])) == []
    version = routine.versions.get()
    version_published.send(sender=type(routine), version=version, by=cast["elin"])
    one.refresh_from_db()
    assert one.state == "done"
    assert routine.number in one.evidence
    assert one.text not in elin.get("/dokument/skrivbord/").content.decode()


def test_an_action_of_a_closed_part_is_still_its_owners(cast):
    case = cast.case()
    one = made(cast, case=case)
    talking.answer(concerned(case), "Klart.", by=cast["maria"])
    handling.close(concerned(case), by=cast["maria"])
    shown = acts.mark(one, KINDS["uppfoljning"])
    asking.say(one, state="done", done_on=clock.today(), evidence="", by=cast["anna"], shown=shown)


# Somebody leaves ----------------------------------------------------------------------------------------------
def test_the_actions_of_who_leaves_are_handed_over(cast):
    one = made(cast, owner="anna")
    leaving_, to = cast.assignments["anna"], cast.assignments["maria"]
    assert leaving.held_by(leaving_) == 1
    assert {a.provider for a in leaving.receivers(leaving_, cast["rut"])} == {cast.region}
    assert leaving.hand_over(leaving_, to, cast["rut"]) == 1
    one.refresh_from_db()
    assert one.owner == cast.maria
    assert leaving.held_by(leaving_) == 0
    assert told("action_yours") == {"Anna", "Maria"}
