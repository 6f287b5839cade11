"""What lies on whose desk, and when a document is to be looked through."""

from __future__ import annotations

import datetime as dt

import pytest

from core import clock, refused
from documents import approval, ending, lifecycle
from documents.approval import with_review_due
from documents.desk import desk_of
from documents.desk.waiting import Desk
from documents.models import Document, DocumentType, SentBack, Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, Cast, add, answer, current


@pytest.fixture
def hedda(hedda: object) -> str:
    """An approver of the region, by her short name."""
    return "hedda"


def piles(desk: Desk, version: Version) -> set[str]:
    """Where this version lies."""
    names = ("to_decide", "to_publish", "sent_back", "to_write", "with_others", "to_come")
    return {name for name in names if version.pk in {paper.version.pk for paper in getattr(desk, name)}}


def test_each_step_moves_a_version_to_the_desk_of_the_one_who_acts(cast: Cast, hedda: str):
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ny.", change_summary="Nytt.")

    def lies() -> tuple[set[str], set[str]]:
        return piles(desk_of(cast["elin"]), draft), piles(desk_of(cast[hedda]), draft)

    assert lies() == ({"to_write"}, {"with_others"})
    approval.submit(draft, by=cast["elin"])
    assert lies() == ({"with_others"}, {"to_decide"})
    approval.send_back(draft, by=cast[hedda], reason="Kortare.")
    assert lies() == ({"sent_back"}, {"with_others"})
    assert [paper.reason for paper in desk_of(cast["elin"]).sent_back] == ["Kortare."]
    for page in ("/", "/dokument/skrivbord/"):
        assert "Kortare." in cast.client("elin").get(page).content.decode()
    approval.submit(draft, by=cast["elin"])
    approval.approve(draft, by=cast[hedda])
    assert lies() == ({"to_publish"}, {"to_publish"})
    lifecycle.publish(draft, by=cast["elin"], available_from=clock.now() + dt.timedelta(days=1))
    assert lies() == ({"to_come"}, {"to_come"})
    # Another provider's editor has none of it.
    assert piles(desk_of(cast["eva"]), draft) == set()
    assert "Sedan" in cast.client("eva").get("/dokument/skrivbord/").content.decode()  # her own draft


def test_what_is_to_be_reviewed_first_lies_with_reviewers(cast: Cast, hedda: str):
    DocumentType.objects.update(needs_review=True)
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ny.", change_summary="Nytt.")
    approval.submit(draft, by=cast["elin"])
    assert piles(desk_of(cast[hedda]), draft) == {"to_decide"}
    assert piles(desk_of(cast["elin"]), draft) == {"with_others"}


def test_the_review_clock_runs_from_when_it_applied_or_was_found_to_hold(cast: Cast):
    document = add(cast, "old", Visibility(public=True), valid_from=dt.date(2020, 2, 29))
    months = document.type.revision_months

    def due() -> dt.date:
        return with_review_due(Document.objects.all()).get(pk=document.pk).review_due

    assert (due(), months) == (dt.date(2022, 2, 28), 24)
    assert document in desk_of(cast["elin"]).overdue
    elin = cast.client("elin")
    page = elin.get(f"/dokument/{document.number}/granska/").content.decode()
    assert "Ska granskas senast 28 februari 2022." in page
    for who in ("anna", "eva", "public"):
        assert cast.client(who).post(f"/dokument/{document.number}/granska/", {"holds": "1"}).status_code == 404
    answer(elin, f"/dokument/{document.number}/granska/", {"holds": "1"})
    assert due().year == clock.today().year + 2
    assert document not in desk_of(cast["elin"]).overdue
    assert current(document).number == 1
    # What is published after that starts the clock by its own day.
    new = lifecycle.add_version(document, by=PORTAL, body="Ny.", valid_from=dt.date(2021, 1, 1))
    lifecycle.publish(new, by=PORTAL)
    assert due() == dt.date(2023, 1, 1)


def test_sixty_days_before_it_is_due_it_is_on_the_desk(cast: Cast):
    began = clock.today() - dt.timedelta(days=700)
    document = add(cast, "soon", Visibility(public=True), valid_from=began)
    due = with_review_due(Document.objects.all()).get(pk=document.pk).review_due
    for days, on_desk in ((61, False), (60, True), (0, True)):
        with clock.frozen(clock.start_of_day(due - dt.timedelta(days=days)) + dt.timedelta(hours=9)):
            assert (document in desk_of(cast["elin"]).due) is on_desk


def test_what_has_expired_is_not_found_to_hold(cast: Cast):
    with pytest.raises(refused.WrongState, match="gått ut"):
        lifecycle.confirm_content(cast.documents["expired"], by=cast["elin"])
    with pytest.raises(refused.WrongState):
        lifecycle.confirm_content(cast.documents["draft"], by=cast["elin"])


def test_an_empty_desk_says_what_will_come(cast: Cast):
    Version.objects.filter(document__owner=cast.bjorken).exclude(published_at__isnull=False).delete()
    page = cast.client("eva").get("/dokument/skrivbord/").content.decode()
    assert "Inget beslut väntar på dig." in page
    assert page.count('class="empty"') == 6


def test_a_sensitive_opening_that_waits_stands_first_for_those_who_can_answer(cast: Cast, hedda: str):
    document = add(cast, "anbud", Visibility(regional=True))
    lifecycle.update_document(document, by=PORTAL, is_sensitive=True)
    document.refresh_from_db()
    visibility_acts.change_visibility(document, by=cast["elin"], change=Visibility(public=True), reason="Upphandlat.")
    assert [o.document for o in desk_of(cast[hedda]).openings] == [document]
    assert desk_of(cast["elin"]).openings == []  # who asks does not answer
    for page in ("/", "/dokument/skrivbord/"):
        html = cast.client(hedda).get(page).content.decode()
        assert f"/dokument/{document.number}/synlighet/" in html
        assert "Säg ja eller nej" in html


def test_the_desk_offers_no_act_that_is_refused(cast: Cast, hedda: str):
    """What has expired cannot be found to hold; what was approved beside something else is not published."""
    over = add(cast, "ute", Visibility(public=True), valid_from=dt.date(2019, 1, 1), valid_to=dt.date(2020, 1, 1))
    client = cast.client("elin")
    row = client.get("/dokument/skrivbord/").content.decode().split(f"{over.number}</span>")[1].split("</li>")[0]
    assert f"/dokument/{over.number}/andra/" in row
    assert "/granska/" not in row
    assert 'name="holds"' not in client.get(f"/dokument/{over.number}/granska/").content.decode()
    other = add(cast, "omkörd", Visibility(public=True))
    draft = lifecycle.add_version(
        other, by=cast["elin"], body="Ny.", change_summary="Nytt.", begins_from=current(other)
    )
    approval.approve(approval.submit(draft, by=cast["elin"]), by=cast[hedda])
    assert [p.is_overtaken for p in desk_of(cast["elin"]).to_publish] == [False]
    ending.withdraw(current(other), by=PORTAL, reason="Fel.")
    assert [p.is_overtaken for p in desk_of(cast["elin"]).to_publish] == [True]
    page = client.get(f"/dokument/{other.number}/granska/").content.decode()
    assert f'href="/dokument/{other.number}/publicera/"' not in page
    assert answer(client, f"/dokument/{other.number}/granska/", {"send_back": "1", "reason": "x"}).status_code == 302


def test_what_is_sent_again_shows_what_was_asked_for_and_what_differs_since(cast: Cast, hedda: str):
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ge 5 mg.", change_summary="Nytt.")
    address = f"/dokument/{draft.document.number}/granska/"
    approval.submit(draft, by=cast["elin"])
    assert "Skickad tillbaka förut" not in cast.client(hedda).get(address).content.decode()
    approval.send_back(draft, by=cast[hedda], reason="Hur ofta?")
    approval.submit(draft, by=cast["elin"])
    unchanged = cast.client(hedda).get(address).content.decode()
    assert "Hur ofta?" in unchanged
    assert "skickades igen oförändrad" in unchanged
    approval.send_back(draft, by=cast[hedda], reason="Hur ofta, frågade jag?")
    lifecycle.update_draft(draft, by=cast["elin"], body="Ge 5 mg till natten.", title="Dos till natten")
    approval.submit(draft, by=cast["elin"])
    mended = cast.client(hedda).get(address).content.decode()
    since = mended.split('id="begart"')[1].split('id="lasning"')[0]
    for shown in ("Hur ofta, frågade jag?", "till natten", "Dos till natten"):
        assert shown in since
    assert "oförändrad" not in since
    approval.approve(draft, by=cast[hedda])
    lifecycle.publish(draft, by=cast["elin"])
    assert not SentBack.objects.exists()
