"""A version that is to come, one unfinished at a time, and acts that are decided on what was shown: what readers get is
what was compared with what they have.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notice
from core import clock, refused
from documents import approval, ending, lifecycle
from documents.acts.course import course_of
from documents.acts.jobs import reindex
from documents.comparing.merging import merge
from documents.desk import writing
from documents.models import Document, Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, answer

DOSE = "## Dos\n\nGe 5 mg till natten.\n\n## Kontroll\n\nKontrolera blodtrycket.\n"
NEW_YEAR = DOSE.replace("5 mg", "10 mg")
MENDED = DOSE.replace("Kontrolera", "Kontrollera")


@pytest.fixture
def document(cast: Cast, hedda: Client) -> Document:
    """Version 1 says 5 mg; version 2, which is to come in a month, says 10 mg."""
    document = add(cast, "dos", Visibility(public=True), published=False)
    first = lifecycle.update_draft(document.versions.get(), by=PORTAL, body=DOSE)
    lifecycle.publish(first, by=PORTAL)
    written(cast, document, NEW_YEAR)
    lifecycle.publish(
        yes(cast, document), by=cast["elin"], change_summary="10 mg från nyår.",
        available_from=clock.now() + dt.timedelta(days=30), valid_from=None,
    )  # fmt: skip
    return document


def written(cast: Cast, document: Document, body: str) -> Version:
    now = writing.writing_of(document)
    text = {"body": body, "change_summary": "Ändrad.", "is_major": False}
    return writing.save(document, by=cast["elin"], details={}, text=text, seen=now.mark)


def yes(cast: Cast, document: Document) -> Version:
    return approval.approve(approval.submit(course_of(document).unfinished, by=cast["elin"]), by=cast["hedda"])


def page(document: Document, name: str) -> str:
    return f"/dokument/{document.number}/{name}/"


def read(document: Document, at: dt.timedelta = dt.timedelta()) -> str:
    """The page, with plain blanks before its units."""
    with clock.frozen(clock.now() + at):
        return Client().get(document.get_absolute_url()).content.decode().replace("\u00a0", " ")


NEXT_YEAR = dt.timedelta(days=31)
NOW = {"when": "now", "change_summary": "Stavning rättad."}


def test_writing_begins_from_what_readers_have_and_one_to_come_is_told(cast: Cast, document: Document):
    html = cast.client("elin").get(page(document, "andra")).content.decode()
    assert "Texten börjar från version 1" in html
    assert "5 mg" in html
    assert "10 mg" not in html
    assert "Version 2 kommer" in html
    draft = written(cast, document, MENDED)
    assert (draft.number, draft.begins_from.number) == (3, 1)


def test_a_mended_spelling_takes_nothing_along_that_is_to_come(cast: Cast, document: Document, hedda: Client):
    """The approver sees what readers get today, and what they would get on the day of the other."""
    written(cast, document, MENDED)
    approval.submit(course_of(document).unfinished, by=cast["elin"])
    html = hedda.get(page(document, "granska")).content.decode()
    today, later = html.split('id="sedan"')
    assert "Kontrollera" in today
    assert "10" not in today.split('id="skillnad"')[1]
    assert "10" in later
    assert "Kontrolera" in later  # what the one to come would undo
    approval.approve(course_of(document).unfinished, by=cast["hedda"])
    elin = cast.client("elin")
    unsaid = answer(elin, page(document, "publicera"), NOW)
    assert unsaid.status_code == 422
    assert "10 mg" not in read(document)


@pytest.mark.parametrize(
    ("fate", "number", "on_the_day"),
    [("taken_back", 3, "5 mg"), ("kept", 4, "10 mg"), ("anew", 3, "5 mg")],
)
def test_what_becomes_of_it_is_chosen(cast: Cast, document: Document, fate: str, number: int, on_the_day: str):
    written(cast, document, MENDED)
    yes(cast, document)
    done = answer(cast.client("elin"), page(document, "publicera"), {**NOW, "to_come": fate})
    assert done.status_code == 302
    for said in ("5 mg", "Kontrollera"):
        assert said in read(document)
    assert document.versions.get(number=2).state == "withdrawn"
    with clock.frozen(clock.now() + NEXT_YEAR):
        assert course_of(document).in_force.number == number
    assert on_the_day in read(document, NEXT_YEAR)
    assert Client().get(f"{document.get_absolute_url()}v/2/").status_code == 404


def test_made_anew_it_is_both_changes_and_waits_for_a_yes(cast: Cast, document: Document):
    written(cast, document, MENDED)
    yes(cast, document)
    elin = cast.client("elin")
    answer(elin, page(document, "publicera"), {**NOW, "to_come": "anew"})
    draft = course_of(document).unfinished
    assert draft.body == MENDED.replace("5 mg", "10 mg")
    assert (draft.number, draft.state, draft.begins_from.number) == (4, "draft", 3)
    assert draft.is_shown_later
    assert "Det som version 2 skulle ändra" in elin.get(page(document, "andra")).content.decode()
    # Whoever publishes has not written it by that; its own writer is known.
    assert approval.writers_of(draft) == {cast["elin"].user_id}
    approval.approve(approval.submit(draft, by=cast["elin"]), by=cast["hedda"])
    form = elin.get(page(document, "publicera")).context["form"]
    assert form["when"].value() == "later"
    assert form["change_summary"].value() == "10 mg från nyår."


def test_it_is_kept_only_by_an_approver_who_saw_the_two_compared(cast: Cast, document: Document):
    """Approved before the other was published, it was compared with nothing to come."""
    written(cast, document, MENDED)
    approved = yes(cast, document)
    Version.objects.filter(pk=approved.pk).update(approved_beside=None)
    elin = cast.client("elin")
    assert 'value="kept"' not in elin.get(page(document, "publicera")).content.decode()
    with pytest.raises(refused.WrongState):
        lifecycle.publish(approved, by=cast["elin"], change_summary="x", to_come="kept")


def test_two_are_never_to_come(cast: Cast, document: Document):
    written(cast, document, MENDED)
    approved = yes(cast, document)
    soon = {"change_summary": "x", "available_from": clock.now() + dt.timedelta(days=3)}
    with pytest.raises(refused.WrongState, match="Två versioner"):
        lifecycle.publish(approved, by=cast["elin"], to_come="kept", **soon)
    lifecycle.publish(approved, by=cast["elin"], to_come="taken_back", **soon)
    assert course_of(document).to_come.number == 3
    assert "5 mg" in read(document)
    assert "Kontrollera" in read(document, dt.timedelta(days=4))


def test_what_was_approved_on_something_else_is_not_published(cast: Cast, document: Document):
    """Version 2 comes into force between the yes and the publishing: 10 mg would be undone, and nobody has seen it."""
    written(cast, document, MENDED)
    approved = yes(cast, document)
    with clock.frozen(clock.now() + NEXT_YEAR):
        refused = answer(cast.client("elin"), page(document, "publicera"), NOW)
        assert refused.status_code == 422
        assert "har ändrats" in refused.content.decode()
        assert course_of(document).in_force.number == 2
        approval.send_back(approved, by=cast["hedda"], reason="Version 2 gäller nu.")
        html = cast.client("elin").get(page(document, "andra")).content.decode()
        assert "Läsarna har version 2 nu" in html
        yes(cast, document)
        assert answer(cast.client("elin"), page(document, "publicera"), NOW).status_code == 302


def test_the_writers_of_what_does_not_come_are_told(cast: Cast, document: Document):
    written(cast, document, MENDED)
    yes(cast, document)
    lifecycle.publish(course_of(document).unfinished, by=cast["hedda"], change_summary="x", to_come="taken_back")
    assert Notice.objects.filter(kind="to_come_moved", user=cast["elin"].user_id).count() == 1


# What a version says of its document ------------------------------------------------------------------------------
SAID = {"title": "Dos 0,5 mg", "summary": "Halv mot förr.", "keywords": ["dos"], "applies_regional": False,
        "applies_private": True, "applies_municipal": True}  # fmt: skip


def seen(document: Document, client: Client) -> str:
    html = client.get(document.get_absolute_url()).content.decode()
    return html + client.get("/dokument/", {"q": document.number}).content.decode()


def test_title_summary_and_reach_are_approved_and_published_with_the_text(cast: Cast, hedda: Client):
    """Saved in a draft they are nobody's but the writers'; the approver sees them compared; readers get them with it."""
    document, elin, anna = add(cast, "sagt", Visibility(public=True)), cast.client("elin"), cast.client("anna")
    now = writing.writing_of(document)
    text = {**now.text, **SAID, "body": "Ge 0,5 mg.", "change_summary": "Halverad."}
    writing.save(document, by=cast["elin"], details={}, text=text, seen=now.mark)
    for client in (anna, elin):
        assert "Dos 0,5 mg" not in seen(document, client)
    assert "Dos 0,5 mg" in elin.get(page(document, "andra")).content.decode()
    approval.submit(course_of(document).unfinished, by=cast["elin"])
    html = hedda.get(page(document, "granska")).content.decode()
    for shown in ("<del>", "Dokument sagt", "Dos 0,5 mg", "Halv mot förr.", "Privata vårdgivare"):
        assert shown in html.split('id="skillnad"')[1]
    answer(hedda, page(document, "granska"), {"approve": "1"})
    assert "Dos 0,5 mg" not in seen(document, anna)
    answer(elin, page(document, "publicera"), NOW)
    assert "Dos 0,5 mg" in seen(document, anna)
    document.refresh_from_db()
    assert {name: getattr(document, name) for name in SAID} == SAID
    assert "Dokument sagt" in anna.get(f"{document.get_absolute_url()}v/1/").content.decode()
    compared = anna.get(f"{document.get_absolute_url()}jamfor/1/2/").content.decode()
    assert "Dokument sagt" in compared
    assert "Dos 0,5 mg" in compared


def test_what_is_to_come_keeps_its_title_until_then(cast: Cast, hedda: Client):
    document = add(cast, "sedan", Visibility(public=True))
    later = clock.now() + dt.timedelta(days=30)
    draft = lifecycle.add_version(document, by=PORTAL, body="Ge 0,5 mg.", available_from=later, **SAID)
    lifecycle.publish(draft, by=PORTAL)
    assert "Dos 0,5 mg" not in seen(document, Client())
    with clock.frozen(clock.now() + NEXT_YEAR):
        assert "Dos 0,5 mg" in Client().get(document.get_absolute_url()).content.decode()
        reindex(document.pk)
        assert "Dos 0,5 mg" in seen(document, Client())
        ending.withdraw(draft, by=PORTAL, reason="Fel.", restore=True)
        assert "Dos 0,5 mg" not in seen(document, Client())


def test_a_document_has_the_title_of_its_draft_before_it_has_readers(cast: Cast):
    document = add(cast, "ny", Visibility(public=True), published=False)
    lifecycle.update_draft(document.versions.get(), by=cast["elin"], title="Det rätta namnet")
    assert "Det rätta namnet" in seen(document, cast.client("elin"))


# One unfinished ---------------------------------------------------------------------------------------------------
def test_taken_back_while_another_is_written_it_is_withdrawn(cast: Cast, document: Document):
    written(cast, document, MENDED)
    elin = cast.client("elin")
    assert "Version 3 arbetas det på" in elin.get(page(document, "publicera")).content.decode()
    answer(elin, page(document, "publicera"), {"take_back": "1"})
    assert dict(document.versions.values_list("number", "state")) == {1: "published", 2: "withdrawn", 3: "draft"}
    # The way on is open: sent, approved, published, written anew.
    yes(cast, document)
    assert answer(elin, page(document, "publicera"), NOW).status_code == 302
    assert elin.get(page(document, "andra")).status_code == 200


def test_the_database_holds_one_unfinished_version(cast: Cast):
    document = cast.documents["public"]
    lifecycle.add_version(document, by=PORTAL, body="Ett.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(document=document, number=3, body="Två.")


# Stale pages ------------------------------------------------------------------------------------------------------
def acts_of(document: Document) -> dict[str, tuple[str, dict[str, str]]]:
    """Every act of a document by its page, and what its form sends besides the mark."""
    return {
        "publish": ("publicera", {**NOW, "to_come": "taken_back"}),
        "take back": ("publicera", {"take_back": "1"}),
        "approve": ("granska", {"approve": "1"}),
        "send back": ("granska", {"send_back": "1", "reason": "x"}),
        "holds": ("granska", {"holds": "1"}),
        "throw away": ("upphav", {"discard": "1"}),
        "withdraw": ("upphav", {"withdraw": "1", "dra-reason": "x", "dra-then": "former"}),
        "revoke": ("upphav", {"revoke": "1", "upphav-reason": "x"}),
        "archive": ("upphav", {"archive": "1"}),
        "reinstate": ("upphav", {"reinstate": "1", "reason": "x"}),
    }


@pytest.mark.parametrize("act", acts_of(Document()))
@pytest.mark.parametrize("mark", ["none", "stale"])
def test_no_act_is_done_on_what_was_never_shown(cast: Cast, hedda: Client, act: str, mark: str):
    """Somebody else has opened the document to others, or written on, since the page was shown."""
    document = add(cast, "akt", Visibility(public=True))
    if act == "take back":
        later = clock.now() + dt.timedelta(days=3)
        lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Ny.", available_from=later), by=PORTAL)
    elif act in ("publish", "approve", "send back", "throw away"):
        written(cast, document, "Ny.")
        if act != "throw away":
            approval.submit(course_of(document).unfinished, by=cast["elin"])
        if act == "publish":
            approval.approve(course_of(document).unfinished, by=cast["hedda"])
    elif act in ("archive", "reinstate"):
        ending.revoke(document, by=PORTAL, reason="x")
    where, data = acts_of(document)[act]
    client, shown = hedda, {}
    if mark == "stale":
        shown = {"shown": client.get(page(document, where)).context["mark"]}
        if act in ("archive", "reinstate"):
            ending.reinstate(document, by=PORTAL, reason="x")
            ending.revoke(document, by=PORTAL, reason="x")
        else:
            visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(regional=True), reason="x")
    before = list(document.events.values_list("verb", flat=True))
    refused = client.post(page(document, where), {**data, **shown}, follow=True)
    assert list(document.events.values_list("verb", flat=True)) == before
    assert "ändra" in refused.content.decode()
    # Shown anew, it is done.
    done = answer(client, page(document, where), data)
    assert done.status_code == 302, act
    assert document.events.count() == len(before) + 1


def test_what_has_moved_is_told_by_whom(cast: Cast, hedda: Client):
    document = cast.documents["public"]
    shown = cast.client("elin").get(page(document, "upphav")).context["mark"]
    visibility_acts.change_visibility(document, by=cast["elin"], change=Visibility(regional=True), reason="x")
    form = {"revoke": "1", "upphav-reason": "Slut.", "shown": shown}
    html = hedda.post(page(document, "upphav"), form).content.decode()
    assert "Elin Åkesson" in html
    assert "Slut." in html  # nothing that was typed is lost


# Merging ----------------------------------------------------------------------------------------------------------
def test_two_changes_of_one_text_are_laid_together():
    assert merge(DOSE, MENDED, NEW_YEAR).text == MENDED.replace("5 mg", "10 mg")
    both = merge("a\nb\nc\n", "a\nB\nc\n", "a\nbb\nc\n")
    assert (both.text, both.collisions) == ("a\nbb\nc\n", 1)


@given(
    st.lists(st.sampled_from("abcd\n"), max_size=30).map("\n".join),
    st.lists(st.sampled_from("abcd\n"), max_size=30).map("\n".join),
)
def test_a_text_laid_on_what_has_not_changed_is_itself(base: str, other: str):
    assert merge(base, base, other).text == other
    assert merge(base, other, base).text == other
    assert merge(base, other, other).text == other
