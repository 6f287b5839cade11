"""Nothing typed is lost, nobody else reads it, and what is sent is kept once."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.urls import reverse

from accounts.forms import drafts
from accounts.forms.drafts import Ticket
from accounts.models import Draft
from accounts.readers import PUBLIC, Reader
from core import clock
from tests import cast

pytestmark = pytest.mark.django_db
FORM = "deviation"


@pytest.fixture
def me() -> Reader:
    return cast.reader(cast.assign(None, cast.private()))


def typed(ticket: Ticket, text: str, writer: str = "") -> drafts.KeptDraft:
    return drafts.keep(ticket, {"what": [text], "writer": [writer]})


def text_of(ticket: Ticket) -> str:
    return Draft.objects.get(token=ticket.token).payload["what"][0]


def sending(ticket: Ticket, text: str, act: str = "submit", writer: str = "") -> drafts.Sending:
    return drafts.sending_of(ticket, act, {"what": [text], "writer": [writer]})


def test_what_is_typed_comes_back(me):
    data = {"title": ["Fel styrka i dosett"], "types": ["läkemedel", "dokumentation"]}
    ticket = drafts.keep(drafts.ticket_for(me, FORM), data).ticket
    found = drafts.find(me, FORM)
    assert found.token == ticket.token
    assert found.payload == data
    assert drafts.find(me, FORM, str(ticket.token)) == found


def test_a_draft_begins_with_the_first_letter(me):
    ticket = drafts.ticket_for(me, FORM)
    assert drafts.find(me, FORM) is None
    drafts.keep(ticket, {"what": [""], "wants_feedback": ["on"], "csrfmiddlewaretoken": ["x"]})
    assert not Draft.objects.exists()
    typed(ticket, "V")
    assert drafts.find(me, FORM).token == ticket.token


def test_it_lies_encrypted_in_the_database(me):
    typed(drafts.ticket_for(me, FORM), "trasig entrématta")
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM accounts_draft")
        assert "entr" not in cursor.fetchone()[0]


def test_a_number_that_a_form_refuses_is_not_in_the_draft(me):
    ticket = typed(drafts.ticket_for(me, FORM), "Man 640823-3234 kom hem").ticket
    assert text_of(ticket) == "Man 64****-**** kom hem"


def test_the_newest_of_a_form_is_the_one_to_go_on_with(me, frozen):
    with frozen(clock.now()) as time:
        old, new = drafts.ticket_for(me, FORM), drafts.ticket_for(me, FORM)
        old = typed(old, "0").ticket
        time.move(minutes=1)
        typed(new, "1")
        time.move(minutes=1)
        typed(old, "2")
        assert drafts.find(me, FORM).token == old.token
        assert drafts.find(me, "another form") is None


def test_a_draft_is_ones_own_only(me):
    ticket = typed(drafts.ticket_for(me, FORM), "x").ticket
    colleague = cast.reader(cast.assign(None, cast.region()))
    for other in (colleague, PUBLIC):
        assert drafts.find(other, FORM) is None
        assert drafts.find(other, FORM, str(ticket.token)) is None
        assert drafts.ticket_of(other, FORM, str(ticket)) is None


def test_a_draft_stays_with_the_assignment_it_was_written_under():
    user = cast.person()
    one = cast.reader(cast.assign(user, cast.private("Alen AB")))
    other = cast.reader(cast.assign(user, cast.private("Björken AB")))
    ticket = typed(drafts.ticket_for(one, FORM), "x").ticket
    assert drafts.find(one, FORM).token == ticket.token
    assert drafts.find(other, FORM) is None
    assert drafts.find(other, FORM, str(ticket.token)) is None
    assert drafts.ticket_of(other, FORM, str(ticket)) is None
    assert drafts.ticket_of(one, FORM, str(ticket)) == ticket


@pytest.mark.parametrize("text", ["", "x", "'; drop table", "7f9c24e8-3b12-4fef-91e0-56a2d5a1c0de", "0" * 5000, None])
def test_a_ticket_that_we_did_not_give_is_none(me, text):
    typed(drafts.ticket_for(me, FORM), "x")
    assert drafts.parse_ticket(text) is None
    assert drafts.find(me, FORM, text or "x") is None


def test_a_ticket_tampered_with_is_none(me):
    text = str(drafts.ticket_for(me, FORM))
    assert drafts.parse_ticket(text) is not None
    assert drafts.parse_ticket(text[:-1] + ("A" if text[-1] != "A" else "B")) is None


def test_what_is_kept_is_bounded(me):
    ticket = drafts.ticket_for(me, FORM)
    ticket = drafts.keep(ticket, {"long": ["x" * (drafts.MAX_CHARS + 1)]}).ticket
    assert len(drafts.of_ticket(ticket).payload["long"][0]) == drafts.MAX_CHARS
    ticket = drafts.keep(ticket, {f"field{n}": ["x"] for n in range(drafts.MAX_FIELDS * 2)}).ticket
    assert len(drafts.of_ticket(ticket).payload) == drafts.MAX_FIELDS
    ticket = drafts.keep(ticket, {"many": ["x" * drafts.MAX_CHARS] * 3, "after": ["y"]}).ticket
    payload = drafts.of_ticket(ticket).payload
    assert sum(len(v) for values in payload.values() for v in values) <= drafts.MAX_CHARS


def test_what_the_form_carries_of_itself_is_not_kept(me):
    data = {name: ["hemligt"] for name in drafts.CARRIED} | {"what": ["x"]}
    ticket = drafts.keep(drafts.ticket_for(me, FORM), data).ticket
    assert drafts.of_ticket(ticket).payload == {"what": ["x"]}


# Two tabs ---------------------------------------------------------------------------------------------------
def test_two_tabs_of_one_draft_do_not_overwrite_each_other(me):
    ticket = typed(drafts.ticket_for(me, FORM), "gemensamt", "A").ticket
    in_a = typed(ticket, "från A", "A")
    in_b = typed(ticket, "från B", "B")
    assert not in_a.is_copy
    assert in_b.is_copy
    assert {text_of(in_a.ticket), text_of(in_b.ticket)} == {"från A", "från B"}
    again = typed(in_b.ticket, "mer från B", "B")
    assert (again.is_copy, again.ticket.token) == (False, in_b.ticket.token)
    assert Draft.objects.count() == 2


def test_without_scripts_too(me):
    ticket = typed(drafts.ticket_for(me, FORM), "gemensamt").ticket
    typed(ticket, "från A")
    assert typed(ticket, "från B").is_copy


def test_a_tab_that_comes_back_with_an_old_ticket_goes_on_with_its_draft(me):
    ticket = drafts.ticket_for(me, FORM)
    typed(ticket, "ett", "A")
    kept = typed(ticket, "ett två", "A")
    assert not kept.is_copy
    assert text_of(kept.ticket) == "ett två"


def test_the_same_text_in_two_tabs_is_one_draft(me):
    ticket = drafts.ticket_for(me, FORM)
    typed(ticket, "samma", "A")
    assert not typed(ticket, "samma", "B").is_copy
    assert Draft.objects.count() == 1


def test_what_another_tab_wrote_is_left_when_this_one_is_sent(me):
    ticket = drafts.ticket_for(me, FORM)
    typed(ticket, "från A", "A")
    drafts.mark_sent(sending(ticket, "från B", writer="B"), by=me, form_key=FORM, result="AVV-26-7K3F9Q")
    assert drafts.find(me, FORM).payload == {"what": ["från A"]}
    assert Draft.objects.get(token=ticket.token).payload == {}


# Sent once --------------------------------------------------------------------------------------------------
def test_the_same_sending_is_known_and_other_content_is_not_taken_for_it(me):
    ticket = typed(drafts.ticket_for(me, FORM), "först").ticket
    first = sending(ticket, "först")
    assert drafts.sent_before(first, by=me) is None
    drafts.mark_sent(first, by=me, form_key=FORM, result="AVV-26-7K3F9Q")
    assert drafts.sent_before(sending(ticket, "först", writer="B"), by=me).result == "AVV-26-7K3F9Q"
    for other in (sending(ticket, "sedan"), sending(ticket, "först", act="note")):
        with pytest.raises(drafts.OtherContent) as used:
            drafts.sent_before(other, by=me)
        assert used.value.result == "AVV-26-7K3F9Q"
    assert drafts.find(me, FORM) is None
    with pytest.raises(drafts.OtherContent) as used:
        drafts.sent_before(first, by=cast.reader(cast.assign()))
    assert used.value.result == ""


def test_what_is_typed_under_a_used_token_is_a_draft_of_its_own(me):
    ticket = typed(drafts.ticket_for(me, FORM), "först").ticket
    drafts.mark_sent(sending(ticket, "först"), by=me, form_key=FORM, result="AVV-26-7K3F9Q")
    kept = typed(ticket, "sedan")
    assert kept.is_copy
    assert drafts.sent_before(sending(kept.ticket, "sedan"), by=me) is None
    assert text_of(kept.ticket) == "sedan"
    assert Draft.objects.get(token=ticket.token).payload == {}


def test_a_token_whose_draft_is_thrown_away_is_still_sent_once(me):
    ticket = typed(drafts.ticket_for(me, FORM), "x").ticket
    drafts.discard(ticket)
    drafts.mark_sent(sending(ticket, "x"), by=me, form_key=FORM, result="AVV-26-7K3F9Q")
    assert drafts.sent_before(sending(ticket, "x"), by=me).result == "AVV-26-7K3F9Q"


def test_line_breaks_of_browsers_make_no_difference(me):
    ticket = drafts.ticket_for(me, FORM)
    assert sending(ticket, "rad\r\nrad") == sending(ticket, "rad\nrad")


def test_what_goes_wrong_leaves_what_was_typed(me):
    ticket = drafts.ticket_for(me, FORM)
    with pytest.raises(OSError, match="full"), drafts.kept_on_failure(ticket, {"what": ["x"]}, ["bild.png"]):
        raise OSError("disk full")
    assert text_of(ticket) == "x"
    assert drafts.lost_files(drafts.of_ticket(ticket)) == ["bild.png"]


def test_a_draft_is_kept_thirty_days_from_the_last_change(me, frozen):
    with frozen(dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)) as time:
        ticket = typed(drafts.ticket_for(me, FORM), "x").ticket
        time.move(days=20)
        ticket = typed(ticket, "xy").ticket
        time.move(days=30)
        assert drafts.find(me, FORM).token == ticket.token
        assert drafts.purge() == 0
        time.move(seconds=1)
        assert drafts.find(me, FORM) is None
        assert drafts.purge() == 1


def test_what_was_sent_is_remembered_for_longer_than_a_ticket_lasts(me, frozen):
    with frozen(dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)) as time:
        ticket = drafts.ticket_for(me, FORM)
        drafts.mark_sent(sending(ticket, "x"), by=me, form_key=FORM, result="AVV-26-7K3F9Q")
        time.move(days=30, hours=23)
        assert drafts.purge() == 0
        assert drafts.sent_before(sending(ticket, "x"), by=me)
        time.move(hours=2)
        assert drafts.purge() == 1


# The page ---------------------------------------------------------------------------------------------------
@pytest.fixture
def page(client):
    """`page(data)` saves a draft as a person with one assignment; the person is `page.user`."""
    user = cast.person(language="sv")
    reader = cast.reader(cast.assign(user, cast.private()))
    cast.sign_in(client, user)

    def save(ticket: Ticket | str, **data):
        return client.post(reverse("save_draft", args=[FORM]), {"token": str(ticket), **data})

    save.reader = reader
    return save


def test_the_page_saves_says_when_and_gives_the_token_to_go_on_with(page, client):
    ticket = drafts.ticket_for(page.reader, FORM)
    told = page(ticket, what="matta").json()
    assert told["saved"] is True
    now = drafts.parse_ticket(told["token"])
    assert now == replace(ticket, revision=1)
    assert text_of(now) == "matta"
    assert client.get(reverse("save_draft", args=[FORM])).status_code == 405


def test_another_tab_is_told_that_its_text_is_a_draft_of_its_own(page):
    ticket = drafts.ticket_for(page.reader, FORM)
    page(ticket, what="från A", writer="A")
    told = page(ticket, what="från B", writer="B").json()
    assert "ett eget utkast" in told["message"]
    assert drafts.parse_ticket(told["token"]).token != ticket.token


def test_the_page_answers_the_same_for_anothers_and_for_none(page):
    theirs = drafts.ticket_for(cast.reader(cast.assign(None, cast.region())), FORM)
    other_form = drafts.ticket_for(page.reader, "another")
    answers = [page(token, what="x") for token in (theirs, other_form, str(uuid.uuid4()), "")]
    assert {a.status_code for a in answers} == {404}
    assert len({a.content for a in answers}) == 1
    assert not Draft.objects.exists()
