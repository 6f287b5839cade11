"""A case gets a handler by somebody acting in it, or taking it; it is let go in one click; and one goes from case to
case in the list that one came from."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from core.refused import NotAllowed
from deviations.inbox.bulk import acknowledge_many
from deviations.inbox.filters import Filters
from deviations.inbox.lists import numbers_in
from deviations.inbox.walking import walk
from deviations.models import Case, Party
from deviations.verbs import handling, sending_on, talking
from tests.deviations.cases import concerned, reporting


def press(client: Client, page: str, case: Case, verb: str) -> str:
    """The button of a verb as the page has it; gives the page after it."""
    (form,) = re.findall(rf'<form[^>]*action="{case.get_absolute_url()}{verb}/"[^>]*>(.*?)</form>', page, re.DOTALL)[:1]
    fields = re.findall(r'<input type="hidden" name="(token|part)" value="([^"]*)"', form)
    return client.post(f"{case.get_absolute_url()}{verb}/", dict(fields), follow=True).content.decode()


def handler(party: Party) -> str:
    party.refresh_from_db()
    return party.handler.given_name if party.handler else ""


def test_whoever_acts_where_nobody_handles_has_the_case(cast):
    case = cast.case()
    talking.ask(concerned(case), "När kom listan?", by=cast["maria"])
    assert handler(concerned(case)) == "Maria"
    assert handler(reporting(case)) == ""
    assert [e.verb for e in case.events.filter(party=concerned(case)).order_by("pk")][-2:] == ["take", "ask"]


def test_somebody_elses_case_stays_theirs(cast):
    case = cast.case()
    handling.take(concerned(case), by=cast["maria"])
    handling.acknowledge(concerned(case), by=cast["maria"])
    Party.objects.filter(pk=reporting(case).pk).update(handler=cast.per_ake)
    talking.note(concerned(case), "Ringt.", by=cast["maria"])
    assert handler(concerned(case)) == "Maria"
    with pytest.raises(NotAllowed, match="redan"):
        handling.take(concerned(case), by=cast["maria"])


def test_one_whose_handler_has_left_is_taken_up(cast):
    case = cast.case()
    Party.objects.filter(pk=concerned(case).pk).update(handler=cast.greta)  # who works there no more
    handling.acknowledge(concerned(case), by=cast["maria"])
    assert handler(concerned(case)) == "Maria"


def test_acts_that_end_the_part_or_go_to_many_make_nobody_its_handler(cast):
    refused, many = cast.case(), cast.case()
    sending_on.refuse(concerned(refused), reason="Inte hos oss.", by=cast["maria"])
    assert handler(refused.parties.get(side="concerned")) == ""
    assert acknowledge_many(cast["maria"], [many.number]).count == 1
    assert handler(concerned(many)) == ""


def test_the_reporter_does_not_become_a_handler(cast):
    case = cast.case()
    talking.write_home(reporting(case), "Jag glömde en sak.", by=cast["sara"])
    assert handler(reporting(case)) == ""


def test_the_page_says_so_and_undoes_it_in_one_click(cast):
    case = cast.case()
    maria = cast.client("maria")
    page = maria.get(case.get_absolute_url()).content.decode()
    assert "Ta ärendet" in page
    said = press(maria, page, case, "acknowledge")
    assert "Ingen hade ärendet, så nu har du det." in said
    assert "Ta ärendet" not in said
    assert handler(concerned(case)) == "Maria"
    press(maria, said, case, "release")
    assert handler(concerned(case)) == ""
    assert concerned(case).acknowledged_at is not None  # what was done stands


# From case to case ----------------------------------------------------------------------------------------------------
def test_the_next_case_is_the_one_after_it_in_the_list(cast):
    cases = {case.number: case for case in (cast.case() for _n in range(4))}
    order = numbers_in(cast["maria"], "waiting_us", Filters(), 9)
    session: dict = {}
    first = walk(session, cast["maria"], order[1])
    assert (first.before, first.after, first.left) == (order[0], order[2], 3)
    talking.answer(concerned(cases[order[1]]), "Klart.", by=cast["maria"])
    gone = walk(session, cast["maria"], order[1])
    assert (gone.after, gone.left) == (order[2], 3)  # it has left the list, and leads on to the same


def test_the_list_is_remembered_with_its_filters(cast):
    cast.case(), cast.case()
    maria = cast.client("maria")
    maria.get("/avvikelser/?vy=unassigned&q=epikrisen")
    number = maria.get("/avvikelser/?vy=unassigned&q=epikrisen").context["inbox"].rows[0].case.number
    page = maria.get(f"/avvikelser/{number}/").content.decode()
    assert "Utan handläggare: ett kvar" in page
    assert "Nästa ärende" in page
    assert "Nästa ärende" not in cast.client("sara").get(f"/avvikelser/{number}/").content.decode()


def test_another_providers_cases_are_not_walked_to(cast):
    case = cast.case()
    assert walk({}, cast["lena"], case.number).after == ""
    assert walk({}, cast["sara"], case.number) is None
