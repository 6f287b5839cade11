"""Nothing is left alone: reminded before it is to be looked through, told when that is late, handed over at once."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from accounts.models import Notice
from accounts.roles import Role
from core import clock
from core.refused import NotAllowed, WrongState
from documents import approval, lifecycle
from documents.approval import with_review_due
from documents.desk import caretaking, desk_of
from documents.models import Document, DocumentEvent
from documents.visibility.preview import Visibility
from tests import cast as people
from tests.documents.library import Cast, add

PAGE = "/dokument/lamna-over/"


@pytest.fixture
def hedda(cast: Cast) -> str:
    user = people.person(email="hedda@vard.example", given_name="Hedda", family_name="Strand")
    cast.assignments["hedda"] = people.assign(user, cast.region, Role.DOCUMENT_EDITOR, Role.APPROVER)
    cast.users["hedda"] = user
    return "hedda"


def told(kind: str) -> dict[str, str]:
    """Who has been told, and of how many documents."""
    return dict(Notice.objects.filter(kind=kind).values_list("user__given_name", "subject"))


def due_in(cast: Cast, name: str, days: int, **said) -> Document:
    """A document of the region's that is to be looked through in so many days."""
    document = add(cast, name, Visibility(public=True), valid_from=clock.today() - dt.timedelta(days=400))
    due = with_review_due(Document.objects.all()).get(pk=document.pk).review_due
    began = clock.today() - dt.timedelta(days=400) + (clock.today() + dt.timedelta(days=days) - due)
    Document.objects.filter(pk=document.pk).update(content_holds_on=began, **said)
    document.refresh_from_db()
    return document


def only_these_are_due(*documents: Document) -> None:
    Document.objects.exclude(pk__in=[d.pk for d in documents]).update(state="archived")


def test_who_looks_after_it_is_reminded_and_later_all_who_could(cast: Cast, hedda: str):
    document = due_in(cast, "soon", 55, content_owner=cast.users[hedda])
    only_these_are_due(document)
    due = with_review_due(Document.objects.all()).get(pk=document.pk).review_due
    assert caretaking.remind() == 1
    assert caretaking.remind() == 0  # once
    assert told("review_reminded") == {"Hedda": "1"}
    with clock.frozen(clock.start_of_day(due) + dt.timedelta(hours=12)):
        assert caretaking.remind() == 0  # its last day
    with clock.frozen(clock.start_of_day(due) + dt.timedelta(days=1, hours=12)):
        assert caretaking.remind() == 1
        assert caretaking.remind() == 0
        assert told("review_escalated") == {"Hedda": "1", "Elin": "1"}
        lifecycle.confirm_content(document, by=cast["elin"])
        assert caretaking.remind() == 0
    later = with_review_due(Document.objects.all()).get(pk=document.pk).review_due
    with clock.frozen(clock.start_of_day(later) - dt.timedelta(days=10)):
        assert caretaking.remind() == 1  # the next time it is due


def test_several_documents_are_one_notice(cast: Cast, hedda: str):
    only_these_are_due(*(due_in(cast, name, 20, content_owner=cast.users[hedda]) for name in ("a", "b", "c")))
    assert caretaking.remind() == 3
    assert told("review_reminded") == {"Hedda": "3"}
    client = cast.client(hedda)
    assert "Dokument att granska inom 60 dagar: 3" in client.get("/konto/notiser/").content.decode()
    client.get("/dokument/skrivbord/")
    assert Notice.objects.get(kind="review_reminded").read_at


def test_where_the_person_has_left_its_unit_is_reminded_or_else_all(cast: Cast, hedda: str):
    of_unit, of_all = (
        due_in(cast, name, 20, content_owner=cast.users[hedda], owner_unit=unit)
        for name, unit in (("unit", cast.akut), ("all", None))
    )
    only_these_are_due(of_unit, of_all)
    cast.assignments["hedda"].valid_to = people.day(-1)
    cast.assignments["hedda"].save()
    people.assign(people.person(given_name="Ulla"), cast.region, Role.DOCUMENT_EDITOR, at=cast.akut)
    caretaking.remind()
    assert told("review_reminded") == {"Ulla": "2", "Elin": "1"}


def mark_of(page: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


# Handing over -----------------------------------------------------------------------------------------------------
def test_all_that_one_looks_after_and_writes_is_handed_over_at_once(cast: Cast, hedda: str):
    document = due_in(cast, "hers", 20, content_owner=cast.elin)
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Halvfärdigt.")
    elsewhere = cast.documents["of_private"]
    Document.objects.filter(pk=elsewhere.pk).update(content_owner=cast.elin)
    cast.assignments["elin"].is_active = False
    cast.assignments["elin"].save()
    assert caretaking.left_behind(cast[hedda]) == 2
    client = cast.client(hedda)
    assert "inte längre arbetar med era dokument" in client.get("/dokument/skrivbord/").content.decode()
    assert "Elin Åkesson" in client.get(PAGE).content.decode()
    sent = {"person": cast.elin.email, "to": "hedda@vard.example"}
    assert "Välj vem som tar över" in client.post(PAGE, sent | {"to": ""}, follow=True).content.decode()
    asked = client.post(PAGE, sent).content.decode()
    assert "Lämna över 2 dokument från Elin Åkesson till Hedda Strand?" in asked
    assert document.number in asked
    document.refresh_from_db()
    assert document.content_owner == cast.elin
    # Another document has come meanwhile: it is asked anew.
    more = due_in(cast, "more", 20, content_owner=cast.elin)
    assert "har ändrats sedan du tittade" in client.post(PAGE, sent | {"shown": mark_of(asked)}).content.decode()
    Document.objects.filter(pk=more.pk).update(content_owner=None)
    sent |= {"shown": mark_of(client.post(PAGE, sent).content.decode())}
    assert "2 dokument är överlämnade till Hedda Strand" in client.post(PAGE, sent, follow=True).content.decode()
    document.refresh_from_db()
    draft.refresh_from_db()
    elsewhere.refresh_from_db()
    assert document.content_owner == draft.author == cast.users[hedda]
    assert elsewhere.content_owner == cast.elin  # another provider's
    assert DocumentEvent.objects.filter(verb="handed_over").count() == 2
    assert draft in {paper.version for paper in desk_of(cast[hedda]).to_write}
    assert caretaking.left_behind(cast[hedda]) == 0
    # Twice is told, and changes nothing.
    assert "redan gjort det" in client.post(PAGE, sent, follow=True).content.decode()
    # Whoever took over the draft is one of those who wrote it, and so is the one who began it.
    assert approval.writers_of(draft) == {cast.elin.pk, cast.users[hedda].pk}


def test_who_only_administers_reads_persons_and_counts_and_no_title(cast: Cast, hedda: str):
    """A draft exists for none but those who edit it; a provider's administrator hands it over unread."""
    kept = due_in(cast, "hers", 20, content_owner=cast.elin)
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Halvfärdigt.")
    user = people.person(email="vera@vard.example", given_name="Vera")
    cast.users["vera"], cast.assignments["vera"] = user, people.assign(user, cast.region, Role.PROVIDER_ADMIN)
    editor, admin = (cast.client(who).get(PAGE).content.decode() for who in (hedda, "vera"))
    for document in (kept, draft.document):
        assert document.title in editor
        assert document.title not in admin
        assert document.number not in admin
    assert "Elin Åkesson" in admin
    assert "Lämna över alla 2" in admin
    sent = {"person": cast.elin.email, "to": "hedda@vard.example"}
    asked = cast.client("vera").post(PAGE, sent).content.decode()
    assert "Lämna över 2 dokument" in asked
    assert not [thing for thing in (kept.title, kept.number, draft.document.number) if thing in asked]
    sent |= {"shown": mark_of(asked)}
    assert "2 dokument är överlämnade" in cast.client("vera").post(PAGE, sent, follow=True).content.decode()


def test_nobody_hands_over_what_is_not_their_own_providers_or_to_somebody_else(cast: Cast, hedda: str):
    Document.objects.filter(pk=cast.documents["public"].pk).update(content_owner=cast.elin)
    of_region, of_bjorken = cast.assignments["hedda"], cast.assignments["eva"]
    for who in ("anna", "lars", "rut"):
        assert cast.client(who).get(PAGE).status_code == 404
        with pytest.raises(NotAllowed):
            caretaking.hand_over(cast.elin, of_region, by=cast[who])
    assert "Elin" not in cast.client("eva").get(PAGE).content.decode()
    with pytest.raises(WrongState):
        caretaking.hand_over(cast.users["hedda"], cast.assignments["elin"], by=cast["hedda"])
    for to in (of_bjorken, cast.assignments["anna"], cast.assignments["elin"]):
        with pytest.raises(NotAllowed):
            caretaking.hand_over(cast.elin, to, by=cast["elin"])


# One is asked -----------------------------------------------------------------------------------------------------
def test_one_may_be_asked_to_decide_and_the_others_still_can(cast: Cast, hedda: str):
    third = people.person(email="tyra@vard.example", given_name="Tyra", family_name="Lind")
    cast.assignments["tyra"] = people.assign(third, cast.region, Role.APPROVER)
    cast.users["tyra"] = third
    document, elin = cast.documents["public"], cast.client("elin")
    page = elin.get(f"/dokument/{document.number}/andra/").content.decode()
    assert 'value="tyra@vard.example"' in page
    assert f'value="{cast.elin.email}"' not in page.split('name="asked"')[1]  # not oneself
    draft = lifecycle.add_version(document, by=cast["elin"], body="Ny.", change_summary="Nytt.")
    with pytest.raises(WrongState):
        approval.submit(draft, by=cast["elin"], asked=cast.assignments["anna"])
    approval.submit(draft, by=cast["elin"], asked=cast.assignments["tyra"])
    assert told("version_waits") == {"Tyra": document.number}
    lies = lambda who, pile: draft.pk in {p.version.pk for p in getattr(desk_of(cast[who]), pile)}  # noqa: E731
    assert lies("tyra", "to_decide")
    assert lies(hedda, "with_others")
    assert "Väntar på Tyra Lind" in cast.client(hedda).get("/dokument/skrivbord/").content.decode()
    # Whoever was asked has left: it lies with the others.
    cast.assignments["tyra"].is_active = False
    cast.assignments["tyra"].save()
    assert lies(hedda, "to_decide")
    approval.approve(draft, by=cast[hedda])


def test_whoever_ends_an_editor_hands_the_documents_over_in_the_same_act(cast, hedda):
    document = add(cast, "rutin", Visibility(public=True))
    Document.objects.filter(pk=document.pk).update(content_owner=cast.users[hedda])
    admin = people.assign(None, cast.region, Role.PROVIDER_ADMIN)
    client = people.sign_in(Client(), admin.user)
    address = f"/konto/var-verksamhet/person/{cast.assignments[hedda].key}/"
    page = client.get(address)
    assert "Dokument och utkast som personen ansvarar för: 1" in page.content.decode()
    sent = {"act": "end", "when": "now", "shown": page.context["shown"], "left": page.context["left"]}
    client.post(address, {**sent, "documents": str(cast.assignments["elin"].key)})
    document.refresh_from_db()
    assert document.content_owner == cast.elin
    assert told("documents_handed_over") == {"Elin": "1"}
    assert not people.Assignment.objects.current().filter(pk=cast.assignments[hedda].pk).exists()
