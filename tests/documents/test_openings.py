"""What is commercially sensitive is opened by two: who asks, and an approver of the owner who says yes."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Assignment, Notice
from accounts.readers import Reader, reader_for
from core import refused
from documents import lifecycle
from documents.models import Document, VisibilityProposal
from documents.visibility import acts
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility, decided_on, stamp
from tests import cast as people
from tests.documents.library import PORTAL, Cast

OPEN = Visibility(regional=True, private=True)


@pytest.fixture
def tender(cast: Cast) -> Document:
    """A sensitive document of the region's, which has two approvers."""
    for name, role in (("karin", "approver"), ("olle", "approver"), ("ester", "document_editor")):
        cast.users[name] = people.person(given_name=name.title())
        cast.assignments[name] = people.assign(cast.users[name], cast.region, role)
    Document.objects.filter(pk=cast.documents["regional"].pk).update(is_sensitive=True)
    return Document.objects.get(pk=cast.documents["regional"].pk)


def reader(cast: Cast, name: str) -> Reader:
    assignment = Assignment.objects.select_related("user", "provider", "unit").get(user=cast.users[name])
    return reader_for(cast.users[name], assignment)


def client_of(cast: Cast, name: str) -> Client:
    return people.sign_in(Client(), cast.users[name])


def now(document: Document) -> Visibility:
    return Visibility.of(Document.objects.get(pk=document.pk))


def ask(cast: Cast, document: Document, name: str = "elin", wish: Visibility = OPEN) -> VisibilityProposal:
    visibility_acts.change_visibility(document, by=reader(cast, name), change=wish, reason="Upphandlingen är avslutad.")
    found = acts.waiting(document)
    assert found
    return found


def mark(document: Document, wish: Visibility = OPEN) -> str:
    return decided_on(stamp([Document.objects.get(pk=document.pk)]), wish)


def test_it_waits_until_another_says_yes(cast: Cast, tender: Document):
    before = now(tender)
    proposal = ask(cast, tender)
    assert now(tender) == before
    assert cast.client("ugo").get(f"/dokument/{tender.number}/").status_code == 404
    told = set(Notice.objects.filter(kind="opening_waits").values_list("user", flat=True))
    assert told == {cast.users["karin"].pk, cast.users["olle"].pk}
    with pytest.raises(refused.NotAllowed):
        acts.confirm_opening(tender, by=reader(cast, "elin"), shown=mark(tender))
    page = client_of(cast, "karin").get(f"/dokument/{tender.number}/synlighet/").content.decode()
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    assert shown
    assert "Upphandlingen är avslutad." in page
    assert Notice.objects.get(kind="opening_waits", user=cast.users["karin"]).read_at is not None
    answer = {"answer": "confirm", "shown": shown[1]}
    client_of(cast, "karin").post(f"/dokument/{tender.number}/synlighet/vantar/", answer)
    assert now(tender) == OPEN
    assert cast.client("ugo").get(f"/dokument/{tender.number}/").status_code == 200
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("confirmed", cast.users["karin"])
    assert Notice.objects.get(kind="opening_decided").user == cast.users["elin"]
    told = client_of(cast, "elin").get(f"/dokument/{tender.number}/synlighet/historik/").content.decode()
    assert "Bekräftad" in told


def test_who_asks_does_not_answer_even_as_approver(cast: Cast, tender: Document):
    ask(cast, tender, "karin")
    for verb, given in (
        (acts.confirm_opening, {"shown": mark(tender)}),
        (acts.refuse_opening, {"reason": "Nej."}),
    ):
        with pytest.raises(refused.NotAllowed):
            verb(tender, by=reader(cast, "karin"), **given)
    page = client_of(cast, "karin").get(f"/dokument/{tender.number}/synlighet/").content.decode()
    assert "Ja, öppna det" not in page
    who = cast.users["karin"]
    with pytest.raises(IntegrityError), transaction.atomic():
        VisibilityProposal.objects.update(state="confirmed", decided_by=who, decided_at="2026-01-01T00:00Z")
    assert acts.confirm_opening(tender, by=reader(cast, "olle"), shown=mark(tender)).visible_private


def test_without_another_approver_it_cannot_be_opened_and_the_page_says_why(cast: Cast, tender: Document):
    for name in ("karin", "olle"):
        Assignment.objects.filter(user=cast.users[name]).update(is_active=False)
    with pytest.raises(refused.WrongState, match="fastställare"):
        visibility_acts.change_visibility(tender, by=reader(cast, "elin"), change=OPEN, reason="Öppna.")
    page = cast.client("elin").post(
        f"/dokument/{tender.number}/synlighet/andra/", {"regional": "on", "private": "on", "look": ""}
    )
    assert "Det kan inte öppnas" in page.content.decode()
    assert 'name="save"' not in page.content.decode()
    # To close, or to open to the region's own, needs nobody.
    visibility_acts.change_visibility(tender, by=reader(cast, "elin"), change=Visibility(), reason="Stäng.")
    assert now(tender) == Visibility()


def test_no_is_told_with_its_reason_and_a_wish_can_be_taken_back(cast: Cast, tender: Document):
    before = now(tender)
    ask(cast, tender)
    with pytest.raises(refused.WrongState):
        visibility_acts.change_visibility(
            tender, by=reader(cast, "elin"), change=Visibility(public=True), reason="Mer."
        )
    with pytest.raises(refused.WrongState):
        acts.refuse_opening(tender, by=reader(cast, "olle"), reason=" ")
    acts.refuse_opening(tender, by=reader(cast, "olle"), reason="Avtalet är inte skrivet.")
    assert now(tender) == before
    assert (
        "Avtalet är inte skrivet."
        in cast.client("elin").get(f"/dokument/{tender.number}/synlighet/historik/").content.decode()
    )
    ask(cast, tender)
    cast.client("elin").post(f"/dokument/{tender.number}/synlighet/vantar/", {"answer": "withdraw"})
    assert acts.waiting(tender) is None
    with pytest.raises(refused.WrongState):
        acts.confirm_opening(tender, by=reader(cast, "olle"), shown=mark(tender))
    assert [p.state for p in tender.proposals.order_by("pk")] == ["refused", "withdrawn"]


def test_the_mark_is_taken_away_by_an_approver_alone(cast: Cast, tender: Document):
    with pytest.raises(refused.NotAllowed):
        lifecycle.update_document(tender, by=reader(cast, "ester"), is_sensitive=False)
    lifecycle.update_document(tender, by=reader(cast, "ester"), contact="Annan kontakt")
    lifecycle.update_document(tender, by=reader(cast, "karin"), is_sensitive=False)
    visibility_acts.change_visibility(tender, by=reader(cast, "elin"), change=OPEN, reason="Inte längre känsligt.")
    assert now(tender) == OPEN


def test_what_moved_meanwhile_is_shown_anew_to_the_one_who_answers(cast: Cast, tender: Document):
    ask(cast, tender)
    old = mark(tender)
    visibility_acts.change_visibility(tender, by=reader(cast, "elin"), change=Visibility(), reason="Stäng så länge.")
    with pytest.raises(refused.Moved):
        acts.confirm_opening(tender, by=reader(cast, "olle"), shown=old)
    acts.confirm_opening(tender, by=reader(cast, "olle"), shown=mark(tender))
    assert now(tender) == OPEN


def test_through_the_administration_it_waits_too(cast: Cast, tender: Document):
    rut = cast.reader("rut", door="admin")
    visibility_acts.change_visibility(tender, by=rut, change=OPEN, reason="På begäran.")
    assert not now(tender).private
    assert acts.waiting(tender)
    acts.withdraw_opening(tender, by=reader(cast, "elin"))
    # Commands of the operator (the demonstration, a source) do what they are told.
    visibility_acts.change_visibility(tender, by=PORTAL, change=OPEN, reason="Inläsning.")
    assert now(tender) == OPEN


@pytest.mark.django_db(transaction=True)
def test_yes_twice_at_once_is_yes_once(cast: Cast, tender: Document):
    ask(cast, tender)
    shown, said = mark(tender), []

    def answer(name: str) -> None:
        try:
            acts.confirm_opening(tender, by=reader(cast, name), shown=shown)
            said.append("yes")
        except refused.Refused:
            said.append("no")
        finally:
            connection.close()

    crew = [threading.Thread(target=answer, args=(name,)) for name in ("karin", "olle")]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert sorted(said) == ["no", "yes"]
    assert tender.events.filter(verb="visibility_changed").count() == 1
