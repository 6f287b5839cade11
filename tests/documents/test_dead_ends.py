"""Links that lead nowhere for some readers, addresses that are gone, and what somebody tried in vain."""

from __future__ import annotations

import datetime as dt

import pytest

from core import clock
from core.outbound import Answer
from documents import ending, lifecycle, missing, search
from documents.links import asking, noting
from documents.models import (
    Document,
    DocumentTried,
    FailedSearch,
    OutsideAddress,
    Reading,
    Source,
    ToWatch,
    WatchFinding,
)
from documents.page import opens
from documents.search import unanswered
from documents.visibility.acts import change_visibility
from documents.visibility.preview import Visibility
from documents.watch import looking
from tests.documents.library import PORTAL, Cast, add, current
from tests.documents.watched import OPEN, PAGE, came, made


def saying(cast: Cast, text: str, visibility: Visibility = OPEN) -> Document:
    document = made(cast, visibility)
    draft = lifecycle.add_version(document, by=PORTAL, body=text, valid_from=clock.today())
    lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    return document


def test_a_link_to_what_some_readers_cannot_see(cast: Cast, look):
    there = made(cast, Visibility(regional=True, municipal=True))
    here = saying(cast, f"Läs [mer](/dokument/{there.number}/#rubrik).", Visibility(regional=True, private=True))
    told = look(here)["dead_end"]
    assert told == {"number": there.number, "own": True, "groups": ["private"], "what": "hidden"}
    page = cast.client("elin").get(f"{PAGE}?vy=alla").content.decode()
    assert f"/dokument/{there.number}/synlighet/andra/?fran=kontroll&amp;oppna=private" in page
    change_visibility(there, by=PORTAL, change=Visibility(public=True), reason="För alla.")
    assert "dead_end" not in look(here)  # mended by a change of the other


def test_a_number_in_the_text_leads_there_too(cast: Cast, look):
    there = made(cast, Visibility(regional=True))
    here = saying(cast, f"Följ {there.number}, sidan 3, och ISO-9001.")
    assert look(here)["dead_end"]["groups"] == ["municipal", "private", "public"]


def test_a_link_to_what_is_revoked_or_never_was(cast: Cast, look):
    there = made(cast)
    here = saying(cast, f"Läs [mer](/dokument/{there.number}/).")
    assert look(here) == {}
    ending.revoke(there, by=PORTAL, reason="Slut.")
    assert look(here)["dead_end"]["what"] == "revoked"
    gone = saying(cast, "Läs [mer](/dokument/RUT-9999/).")
    assert look(gone)["dead_end"]["what"] == "gone"


def test_of_a_hidden_document_no_more_is_told_than_of_none(cast: Cast, look):
    """SECURITY: the editors of one provider learn nothing of another's documents by linking to their numbers."""
    hidden = cast.documents["closed"]
    texts = [f"Läs [mer](/dokument/{n}/) och {n}." for n in (hidden.number, "RUT-9999")]
    told = []
    for text in texts:
        own = add(cast, text, Visibility(), owner="bjorken")
        draft = lifecycle.add_version(own, by=PORTAL, body=text)
        lifecycle.publish(draft, by=PORTAL, approver_label="Chefen")
        told.append(look(own)["dead_end"])
    first, second = told
    assert first | {"number": ""} == second | {"number": ""}
    assert first["what"] == "gone"


def test_links_are_noted_anew_when_the_text_changes(cast: Cast):
    document = saying(cast, "Läs [mer](https://www.example.org/a?b=1#c).")
    noting.note([current(document).pk])
    reading = Reading.objects.get(version=current(document))
    assert (reading.leads_to, reading.names, reading.addresses) == ([], [], ["https://www.example.org/a?b=1"])
    reading.html = "<p>Ny.</p>"
    reading.save()
    reading.refresh_from_db()
    assert reading.leads_to is None


def test_an_address_that_is_gone_three_nights_is_told(cast: Cast, look, settings):
    document = saying(cast, "Läs [mer](https://www.example.org/borta).")
    look(document)
    assert asking.ask_some() == 0  # the door is closed
    asking._take_up()
    row = OutsideAddress.objects.get()
    for answer, nights in ((404, 1), (500, 0), (404, 1), (410, 2), (404, 3)):
        asking.keep(row, Answer(answer))
        row.refresh_from_db()
        assert row.gone_nights == nights
        ToWatch.objects.create(document_id=document.pk)
        assert ("dead_address" in look(document)) == (nights == 3)
    lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Utan."), by=PORTAL, approver_label="C")
    assert look(document) == {}
    asking._take_up()
    assert not OutsideAddress.objects.exists()


# Tried in vain ------------------------------------------------------------------------------------------------------
def test_many_who_open_what_they_may_not_see_are_counted_by_kind(cast: Cast, look, uncounted: None):
    document = made(cast, Visibility(regional=True))
    yesterday = clock.now() - dt.timedelta(days=1)
    with clock.frozen(yesterday):
        for who in ("sara", "ugo", "public", "anna"):
            cast.client(who).get(f"/dokument/{document.number}/")
        cast.client("sara").get("/dokument/RUT-9999/")
        opens.write()
    cast.client("sara").get(f"/dokument/{document.number}/")
    opens.write()
    rows = DocumentTried.objects.order_by("day").values_list("document", "provider_kind", "times")
    assert list(rows) == [(document.pk, "private", 2), (document.pk, "private", 1)]
    ToWatch.objects.create(document_id=document.pk)
    assert look(document)["tried"] == {"kinds": ["private"], "times": 3, "missing": False}
    change_visibility(document, by=PORTAL, change=Visibility(private=True, regional=True), reason="De ska läsa.")
    assert "tried" not in look(document)


@pytest.mark.parametrize(("days", "times", "is_found"), [(1, 5, False), (2, 1, False), (2, 2, True)])
def test_searches_count_with_openings(cast: Cast, look, days: int, times: int, is_found: bool):
    document = made(cast, Visibility(regional=True))
    for back in range(days):
        day = clock.today() - dt.timedelta(days=back)
        failed = FailedSearch.objects.create(text=f"sepsis {back}", provider_kind="municipal", day=day, count=times)
        failed.hidden.add(document)
    ToWatch.objects.create(document_id=document.pk)
    assert ("tried" in look(document)) == is_found


def test_a_missing_document_that_is_there_and_hidden(cast: Cast, look):
    document = made(cast, Visibility(regional=True), title="Älgbett på småbarn")
    draft = lifecycle.add_version(document, by=PORTAL, body="Text.", title="Älgbett på småbarn")
    lifecycle.publish(draft, by=PORTAL, approver_label="C")
    search.reindex([document.pk])
    asked = missing.report_missing("rutin för älgbett på småbarn", "", by=cast["sara"])
    assert missing.look_again() == 1
    assert missing.look_again() == 0
    ToWatch.objects.create(document_id=document.pk)
    assert look(document)["tried"]["missing"]
    missing.answer_missing(asked, "Den finns nu.", by=cast["elin"])
    ToWatch.objects.create(document_id=document.pk)
    assert "tried" not in look(document)
    assert unanswered.look_again() == 0


def test_readers_are_told_of_a_silent_source(cast: Cast, source: Source):
    document = made(cast)
    came(document, source)
    address = f"/dokument/{document.number}/"
    assert "inte levererat" not in cast.client("sara").get(address).content.decode()
    Source.objects.filter(pk=source.pk).update(delivers_every_days=1, confirmed_at=clock.now() - dt.timedelta(days=3))
    looking.look_at_all()
    assert WatchFinding.objects.filter(rule="silent_source").exists()
    assert "Centuri har inte levererat" in cast.client("sara").get(address).content.decode()
