"""What lies on whose desk, and when a document is to be looked through."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import clock
from accounts.roles import Role
from documents import approval, lifecycle
from documents.desk import Desk, desk_of, with_review_due
from documents.models import Document, DocumentType, Version
from documents.visibility_preview import Visibility
from tests import cast as people
from tests.documents.library import PORTAL, Cast, add, answer, current


@pytest.fixture
def hedda(cast: Cast) -> str:
    user = people.person(email="hedda@vard.example", given_name="Hedda", family_name="Strand")
    people.assign(user, cast.region, Role.APPROVER)
    cast.users["hedda"] = user
    return "hedda"


def piles(desk: Desk, version: Version) -> set[str]:
    """Where this version lies."""
    names = ("to_decide", "to_publish", "to_write", "with_others", "to_come")
    return {name for name in names if version.pk in {paper.version.pk for paper in getattr(desk, name)}}


def test_each_step_moves_a_version_to_the_desk_of_the_one_who_acts(cast: Cast, hedda: str):
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ny.", change_summary="Nytt.")

    def lies() -> tuple[set[str], set[str]]:
        return piles(desk_of(cast["elin"]), draft), piles(desk_of(cast[hedda]), draft)

    assert lies() == ({"to_write"}, {"with_others"})
    approval.submit(draft, by=cast["elin"])
    assert lies() == ({"with_others"}, {"to_decide"})
    approval.send_back(draft, by=cast[hedda], reason="Kortare.")
    assert lies() == ({"to_write"}, {"with_others"})
    assert [paper.is_back for paper in desk_of(cast["elin"]).to_write] == [True]
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
    draft = lifecycle.add_version(cast.documents["public"], by=cast["elin"], body="Ny.")
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
    with pytest.raises(lifecycle.WrongState, match="gått ut"):
        lifecycle.confirm_content(cast.documents["expired"], by=cast["elin"])
    with pytest.raises(lifecycle.WrongState):
        lifecycle.confirm_content(cast.documents["draft"], by=cast["elin"])


def test_an_empty_desk_says_what_will_come(cast: Cast):
    Version.objects.filter(document__owner=cast.bjorken).exclude(published_at__isnull=False).delete()
    page = cast.client("eva").get("/dokument/skrivbord/").content.decode()
    assert "Inget beslut väntar på dig." in page
    assert page.count('class="empty"') == 6
