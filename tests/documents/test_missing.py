"""A question about a missing document reaches the stewards, its answer whoever asked, and both are found again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Assignment, Notice
from accounts.readers import PUBLIC
from accounts.roles import Role
from core import clock
from documents import missing
from documents.desk import desk_of
from documents.models import MissingDocument
from tests import cast as people
from tests.documents.library import Cast

STEWARD, ASKING = "/dokument/saknade/", "/saknas/"
MONDAY = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def steward(cast: Cast) -> None:
    """Elin is the publication steward."""
    own = cast.assignments["elin"]
    own.roles = sorted({*own.roles, Role.PUBLICATION_STEWARD})
    own.save()


def asked(cast: Cast, who: str, what: str = "Rutin för älgbett") -> MissingDocument:
    client = cast.client(who)
    token = client.get(ASKING).context["ticket"]
    assert client.post(ASKING, {"what": what, "unit": "", "token": str(token)}).status_code == 302
    return MissingDocument.objects.latest("pk")


def test_it_is_told_to_the_stewards_without_its_words(cast: Cast):
    missing.report_missing("Rutin för älgbett", "Björken", by=PUBLIC)
    notice = Notice.objects.get(kind="document_missing")
    assert notice.user == cast.elin
    assert "älgbett" not in notice.subject + notice.url
    assert cast.client("anna").get(STEWARD).status_code == 404
    assert "Rutin för älgbett" in cast.client("elin").get(notice.url).content.decode()


def test_the_answer_reaches_whoever_asked_and_stands_there(cast: Cast):
    made, sara = asked(cast, "sara"), cast.client("sara")
    waiting = sara.get(ASKING).content.decode()
    assert "Rutin för älgbett" in waiting
    assert "Besvaras senast" in waiting
    seen, hidden = cast.documents["public"].number, cast.documents["closed"].number
    said = f"Den finns som {seen}, inte som {hidden}. <b>Läs den.</b>"
    answer = cast.client("elin").post(STEWARD, {"missing": made.pk, "answer": said}, follow=True)
    assert "den som frågade får besked" in answer.content.decode()
    notice = Notice.objects.get(kind="missing_answered")
    assert (notice.user, notice.url) == (cast.sara, ASKING)
    page = sara.get(ASKING).content.decode()
    assert f'href="/dokument/{seen}/"' in page
    assert f'href="/dokument/{hidden}/"' not in page  # nor does the link tell that it is there
    assert "<b>" not in page.split('id="fragor"')[1].split("</section>")[0]
    notice.refresh_from_db()
    assert notice.read_at
    for other in ("anna", "public"):
        assert "älgbett" not in cast.client(other).get(ASKING).content.decode()
    assert not any("älgbett" in m.body for m in mail.outbox)


def test_the_steward_finds_it_again_with_its_answer_and_who_gave_it(cast: Cast):
    made, client = asked(cast, "sara"), cast.client("elin")
    empty = client.post(STEWARD, {"missing": made.pk, "answer": " "})
    assert empty.status_code == 422
    client.post(STEWARD, {"missing": made.pk, "answer": "Den heter Djurbett."})
    page = client.get(STEWARD).content.decode()
    for shown in ("Rutin för älgbett", "Den heter Djurbett.", "Elin Åkesson"):
        assert shown in page.split('id="besvarade"')[1]
    assert "älgbett" in client.get(STEWARD, {"q": "djurbett"}).content.decode()
    assert "älgbett" not in client.get(STEWARD, {"q": "vargbett"}).content.decode()
    # Answered twice it is told, and the first stands.
    client.post(STEWARD, {"missing": made.pk, "answer": "Annat."})
    assert MissingDocument.objects.get().answer == "Den heter Djurbett."


def test_it_is_counted_late_after_two_working_days_and_the_stewards_are_told(cast: Cast):
    steward = people.reader(Assignment.objects.get(pk=cast.assignments["elin"].pk))
    with clock.frozen(MONDAY):
        made = asked(cast, "sara")
    assert made.answer_due == dt.date(2026, 12, 2)
    with clock.frozen(MONDAY + dt.timedelta(days=2)):
        assert missing.remind() == 0
        assert [m.is_late for m in desk_of(steward).missing] == [False]
    with clock.frozen(MONDAY + dt.timedelta(days=3)):
        assert missing.remind() == 1
        assert Notice.objects.get(kind="missing_late").user == cast.elin
        assert [m.is_late for m in desk_of(steward).missing] == [True]
        page = cast.client("elin").get(STEWARD).content.decode()
        assert "Skulle ha besvarats" in page
        assert "Rutin för älgbett" in cast.client("elin").get("/").content.decode()
        missing.answer_missing(made, "Sent.", by=steward)
    assert MissingDocument.objects.get().is_late
    assert desk_of(cast["eva"]).missing == []


def test_whoever_has_not_signed_in_is_told_that_nobody_can_answer(cast: Cast):
    page = Client().get(ASKING).content.decode()
    assert "/konto/login/?next=/saknas/" in page
    made = missing.report_missing("Rutin", "", by=PUBLIC)
    told = cast.client("elin").post(STEWARD, {"missing": made.pk, "answer": "Den finns."}, follow=True)
    assert "hade inte loggat in" in told.content.decode()
    assert not Notice.objects.filter(kind="missing_answered").exists()
