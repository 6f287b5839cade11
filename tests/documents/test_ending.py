"""How a document, or a version of it, comes to its end: with a reason, told to its readers, and no address lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from core import clock, refused
from documents import ending, lifecycle, search
from documents.acts.course import course_of
from documents.models import Document, Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.cast import sign_in
from tests.documents.library import PORTAL, Cast, add, answer, current


def page_of(document: Document) -> str:
    return f"/dokument/{document.number}/upphav/"


def two_versions(cast: Cast, name: str = "public") -> Document:
    document = cast.documents[name]
    lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Nya ordet blåbärsris."), by=PORTAL)
    return document


def states(document: Document) -> dict[int, str]:
    return dict(document.versions.values_list("number", "state"))


@pytest.mark.parametrize(("then", "after"), [("former", "published"), ("nothing", "superseded")])
def test_withdrawing_asks_whether_the_former_applies_again(cast: Cast, then: str, after: str):
    document, elin = two_versions(cast), cast.client("elin")
    refused = answer(elin, page_of(document), {"withdraw": "1", "dra-reason": "Fel dos."})
    assert refused.status_code == 422
    assert "Välj vad som ska gälla." in refused.content.decode()
    assert states(document) == {1: "superseded", 2: "published"}
    shown = course_of(document).mark
    elin.post(page_of(document), {"withdraw": "1", "dra-reason": "Fel dos.", "dra-then": then, "shown": shown})
    assert states(document) == {1: after, 2: "withdrawn"}
    readers = Client().get(document.get_absolute_url()).content.decode()
    assert ("Inget av det här dokumentet gäller nu" in readers) is (then == "nothing")
    assert "blåbärsris" not in readers
    assert Client().get(f"{document.get_absolute_url()}v/2/").status_code == 404
    assert not search.search(cast["public"], "blåbärsris").hits
    event = document.events.filter(verb="withdrawn").get()
    assert (event.reason, event.by_label.split(",")[0]) == ("Fel dos.", "Elin Åkesson")
    # Twice is told, and changes nothing.
    again = elin.post(page_of(document), {"withdraw": "1", "dra-reason": "Fel dos.", "dra-then": then, "shown": shown})
    assert again.status_code == (422 if then == "former" else 302)
    assert document.events.filter(verb="withdrawn").count() == 1


def test_a_revoked_document_tells_its_readers_what_replaces_it(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    other = cast.documents["all_kinds"]
    for wrong in ({"upphav-reason": ""}, {"upphav-reason": "Slut.", "upphav-replaced_by": "RUT-9999"}):
        assert answer(elin, page_of(document), {"revoke": "1", **wrong}).status_code == 422
    # A document that one may not see is no more there than one that never was.
    hidden = {"upphav-reason": "Slut.", "upphav-replaced_by": cast.documents["of_private"].number}
    assert answer(elin, page_of(document), {"revoke": "1", **hidden}).status_code == 422
    form = {"revoke": "1", "upphav-reason": "Slut.", "upphav-replaced_by": other.number}
    told = answer(elin, page_of(document), form)
    assert told.status_code == 422
    page = told.content.decode()
    assert "Alla som inte har loggat in" in page  # who read this and will not be able to read that
    assert f"/dokument/{other.number}/synlighet/" in page
    document.refresh_from_db()
    assert document.state == "active"
    knows = re.search(r'name="knows" value="([^"]*)"', page)
    assert knows
    # Others than were shown would lose it now: told once more.
    visibility_acts.change_visibility(other, by=PORTAL, change=Visibility(regional=True), reason="Smalare.")
    narrowed = answer(elin, page_of(document), {**form, "knows": knows[1]})
    assert narrowed.status_code == 422
    assert "Hälsocentralen Björken" in narrowed.content.decode()
    knows = re.search(r'name="knows" value="([^"]*)"', narrowed.content.decode())
    assert knows
    answer(elin, page_of(document), {**form, "knows": knows[1]})
    document.refresh_from_db()
    assert (document.state, document.replaced_by) == ("revoked", other)
    # Those who may see what replaces it are led there; for others it says as much as they may know.
    assert other.number in cast.client("anna").get(document.get_absolute_url()).content.decode()
    public = Client().get(document.get_absolute_url())
    assert public.status_code == 200
    assert other.number not in public.content.decode()
    assert Client().get(f"{document.get_absolute_url()}v/1/").status_code == 200
    assert "Vad ska hända med det upphävda" in elin.get(page_of(document)).content.decode()
    again = answer(elin, page_of(document), {"revoke": "1", "upphav-reason": "Slut."}, follow=True)
    assert "redan upphävt" in again.content.decode()


def test_nobody_is_told_of_where_all_can_read_what_replaces_it(cast: Cast):
    document, other = cast.documents["all_kinds"], cast.documents["public"]
    form = {"revoke": "1", "upphav-reason": "Slut.", "upphav-replaced_by": other.number}
    assert answer(cast.client("elin"), page_of(document), form).status_code == 302


def test_a_replacement_that_is_not_published_shuts_everybody_out(cast: Cast):
    document, draft = cast.documents["private"], cast.documents["draft"]
    visibility_acts.change_visibility(draft, by=PORTAL, change=Visibility(private=True), reason="x")
    form = {"revoke": "1", "upphav-reason": "Slut.", "upphav-replaced_by": draft.number}
    told = answer(cast.client("elin"), page_of(document), form)
    assert "Hälsocentralen Björken" in told.content.decode()


def test_a_draft_is_thrown_away_and_its_number_is_not_used_again(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    lifecycle.add_version(document, by=PORTAL, body="Förgäves.")
    answer(elin, page_of(document), {"discard": "1"})
    assert states(document) == {1: "published", 2: "withdrawn"}
    assert lifecycle.add_version(document, by=PORTAL, body="Igen.").number == 3
    assert current(document).number == 1


def test_what_is_to_come_gives_way_to_what_applies(cast: Cast):
    document = cast.documents["public"]
    later = clock.now() + timedelta(days=3)
    new = lifecycle.add_version(document, by=PORTAL, body="Sedan.", available_from=later)
    lifecycle.publish(new, by=PORTAL)
    assert "Vad gäller sedan?" not in cast.client("elin").get(page_of(document)).content.decode()
    ending.withdraw(new, by=PORTAL, reason="Fel.")
    assert states(document) == {1: "published", 2: "withdrawn"}


def test_the_page_of_ending_is_for_those_who_work_on_the_document(cast: Cast):
    document = add(cast, "theirs", Visibility(public=True), owner="bjorken")
    form = {"revoke": "1", "upphav-reason": "x"}
    for who in ("public", "elin", "sara", "rut"):
        assert cast.client(who).post(page_of(document), form).status_code == 404
    assert answer(cast.client("eva"), page_of(document), form).status_code == 302
    assert Version.objects.get(document=document).state == "published"


@pytest.mark.parametrize(
    ("place", "state", "sent"),
    [
        ("upphav", "published", {"revoke": "1", "upphav-reason": "Halvskrivet skäl"}),
        ("granska", "in_review", {"send_back": "1", "reason": "Halvskrivet skäl"}),
        ("publicera", "approved", {"change_summary": "Halvskrivet skäl"}),
    ],
)
def test_what_is_sent_after_the_session_has_ended_is_kept(cast: Cast, place: str, state: str, sent: dict[str, str]):
    document, elin = cast.documents["public"], cast.client("elin")
    if state != "published":
        lifecycle.add_version(document, by=PORTAL, body="Nytt.")
        document.versions.filter(number=2).update(state=state, sent_at=clock.now())
    address = f"{document.get_absolute_url()}{place}/"
    found = re.search(r'name="token" value="([^"]*)"', elin.get(address).content.decode())
    assert found
    elin.logout()
    # Nobody learns by it that the page exists.
    assert elin.post(address, sent | {"token": found[1]}).status_code == 404
    sign_in(elin, cast.elin)
    assert "Halvskrivet skäl" in elin.get(address).content.decode()
    assert document.versions.order_by("-number").values_list("state", flat=True)[0] == state


def test_a_document_is_replaced_by_none_that_whoever_revokes_it_cannot_see(cast: Cast):
    document, hidden = cast.documents["public"], cast.documents["of_private"]
    sent = {"revoke": "1", "upphav-reason": "Slut.", "upphav-replaced_by": hidden.number}
    refused = answer(cast.client("elin"), page_of(document), sent)
    assert refused.status_code == 422
    assert hidden.title not in refused.content.decode()
    document.refresh_from_db()
    assert document.state == "active"


def test_what_was_revoked_is_archived_taken_out_and_applies_again(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    assert answer(elin, page_of(document), {"archive": "1"}).status_code == 200  # what applies is not archived
    document.refresh_from_db()
    assert document.state == "active"
    ending.revoke(document, by=cast["elin"], reason="Av misstag.")
    page = elin.get(page_of(document)).content.decode()
    assert "Av misstag." in page
    answer(elin, page_of(document), {"archive": "1"})
    assert [cast.client(who).get(document.get_absolute_url()).status_code for who in ("elin", "anna", "public")] == [
        200, 404, 404,
    ]  # fmt: skip
    assert not search.search(cast["public"], document.number).hits
    assert answer(elin, page_of(document), {"reinstate": "1", "reason": ""}).status_code == 422
    for state in ("revoked", "active"):
        answer(elin, page_of(document), {"reinstate": "1", "reason": "Behövs."})
        document.refresh_from_db()
        assert document.state == state
        assert Client().get(document.get_absolute_url()).status_code == 200
    assert [e.verb for e in document.events.all()[:4]] == ["reinstated", "reinstated", "archived", "revoked"]
    assert search.search(cast["public"], document.number).hits


@pytest.mark.parametrize("who", ["public", "anna", "eva", "rut"])
def test_nobody_else_archives_or_brings_back(cast: Cast, who: str):
    document = cast.documents["revoked"]
    for act in ("archive", "reinstate"):
        assert cast.client(who).post(page_of(document), {act: "1", "reason": "x"}).status_code == 404
        with pytest.raises(refused.NotAllowed):
            getattr(ending, act)(document, by=cast[who], **({} if act == "archive" else {"reason": "x"}))
