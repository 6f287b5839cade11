"""Texts and numbers nobody expected: they cost time in proportion to their length, and none of them is a fault."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from accounts.readers import PUBLIC
from core import clock, markdown, refused
from core.files import extraction
from core.files.extraction import extract_text
from core.refused import WrongState
from core.sandbox import written_text
from documents import approval, lifecycle, reference, search
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
from tests.cast import make
from tests.core import makers
from tests.documents.library import PORTAL, Cast, add
from tests.documents.test_writing import save

LONG = 60_000
# What took time in square to the length, in our code or in PostgreSQL's parser; and much else that is odd.
HARD = {
    "equal headings": "## a\n\n",
    "tables": "|a|\n|-|\n\n",
    "tables under one heading": "### b\n\n|a|\n|-|\n\n|a|\n|-|\n\n",
    "call-outs": "> **Viktigt:** a\n\n",
    "letters and underscores": "a_",
    "letters and at": "1a@",
    "stops and hyphens": ".a-a",
    "comments": "<!--",
    "brackets": "[a](<b",
    "emphasis": "*a_ ",
}


def seconds(act) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


@pytest.mark.parametrize("name", HARD)
def test_a_long_text_costs_what_its_length_does(cast: Cast, name: str):
    document = add(cast, "long", Visibility(public=True), published=False)
    draft = document.versions.get()

    def write(length: int) -> float:
        body = HARD[name] * (length // len(HARD[name]))
        return seconds(lambda: lifecycle.update_draft(draft, by=PORTAL, body=body + "\n\nSlutordet gransörat."))

    write(1000)
    short, long = write(LONG // 8), write(LONG)
    # Eight times the length; in square it would be 64 times. A floor, since a short one is hardly measurable.
    assert long < 24 * max(short, 0.05)
    lifecycle.publish(draft, by=PORTAL)
    assert seconds(lambda: search.search(PUBLIC, "granskogen gransörat")) < 1.5


def test_equal_headings_have_ids_of_their_own():
    ids = [h.id for h in markdown.headings(markdown.render("## a 2\n\n" + "## a\n\n" * 3))]
    assert ids == ["s-a-2", "s-a", "s-a-3", "s-a-4"]


def test_headings_without_end_in_a_word_file_are_read(tmp_path):
    path = tmp_path / "rubriker.docx"
    path.write_bytes(makers.word_of_headings(3000))
    found = extract_text(path, "docx")
    assert found.html.count('id="s-rubrik') == 3000


def test_more_different_words_than_an_index_holds_are_indexed_as_far_as_they_go(cast: Cast):
    body = " ".join(f"förstaord{n:05d}-sistaord{n:05d}" for n in range(15_000))
    document = add(cast, "words", Visibility(public=True), published=False)
    draft = lifecycle.update_draft(document.versions.get(), by=PORTAL, body=body)
    lifecycle.publish(draft, by=PORTAL)
    assert [h.document.pk for h in search.search(PUBLIC, "sistaord00001").hits] == [document.pk]


def test_a_draft_whose_last_day_has_been_is_refused_with_what_to_do(cast: Cast):
    document = add(cast, "late", Visibility(public=True), published=False)
    yesterday = clock.today() - timedelta(days=1)
    lifecycle.update_draft(document.versions.get(), by=PORTAL, valid_to=yesterday)
    approval.approve(approval.submit(document.versions.get(), by=PORTAL), by=cast["elin"])
    with pytest.raises(WrongState, match="har varit"):
        lifecycle.publish(document.versions.get(), by=cast["elin"])
    approved = document.versions.get()
    assert lifecycle.publish(approved, by=cast["elin"], valid_to=clock.today()).state == "published"


def test_one_that_was_to_be_visible_until_a_moment_that_has_been_is_refused(cast: Cast):
    document = add(cast, "gone", Visibility(public=True), published=False)
    draft = document.versions.get()
    lifecycle.update_draft(draft, by=PORTAL, available_to=clock.now() - timedelta(minutes=1))
    approval.approve(approval.submit(draft, by=PORTAL), by=cast["elin"])
    with pytest.raises(refused.WrongState, match="har varit"):
        lifecycle.publish(draft, by=cast["elin"])


@pytest.mark.django_db(transaction=True)
def test_a_number_asked_for_eight_times_at_once_is_given_once():
    reference.load()
    cast = make(Cast)
    said: list[str] = []

    def ask() -> None:
        try:
            kind = DocumentType.objects.get(code="RUT")
            lifecycle.create_document(by=PORTAL, title="A", type=kind, owner=cast.region, number="RUT-8888")
            said.append("made")
        except refused.WrongState:
            said.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["made", *["refused"] * 7]
    assert Document.objects.filter(number="RUT-8888").count() == 1


def test_a_document_without_a_version_has_a_page_for_those_who_work_on_it(cast: Cast):
    kind = DocumentType.objects.get(code="RUT")
    document = lifecycle.create_document(
        by=PORTAL, title="Oskriven", type=kind, owner=cast.region, visibility=Visibility(public=True)
    )
    elin = cast.client("elin")
    assert document.number in elin.get("/dokument/").content.decode()
    page = elin.get(document.get_absolute_url())
    assert page.status_code == 200
    assert "Ingen version än" in page.content.decode()
    for address in ("v/1/", "fil/", "v/1/fil/"):
        assert elin.get(document.get_absolute_url() + address).status_code == 404
    assert cast.client("anna").get(document.get_absolute_url()).status_code == 404


def test_a_published_file_gone_from_the_disk_is_said_to_be(cast: Cast, settings, caplog):
    document = add(cast, "file", Visibility(public=True), published=False)
    draft = document.versions.get()
    lifecycle.attach_file(draft, io.BytesIO(makers.plain_pdf()), by=PORTAL, name="x.pdf")
    lifecycle.publish(draft, by=PORTAL)
    address = document.get_absolute_url() + "fil/"
    assert cast.client("public").get(address).status_code == 200
    draft.refresh_from_db()
    (settings.MEDIA_ROOT / draft.file).rename(settings.MEDIA_ROOT / "elsewhere")
    answer = cast.client("public").get(address)
    assert answer.status_code == 503
    assert document.get_absolute_url() in answer.content.decode()
    assert [record.file for record in caplog.records if "cannot be opened" in record.message] == [draft.file]


def test_signs_without_end_are_rendered_within_bounds_and_nothing_is_lost(cast: Cast, monkeypatch):
    """`[` twenty thousand times took five seconds of the server's own time, and four times as many a minute."""
    monkeypatch.setattr(extraction, "RENDERING", replace(extraction.RENDERING, cpu_seconds=1))
    document, client, heavy = cast.documents["public"], cast.client("elin"), "[" * 100_000
    page = f"/dokument/{document.number}/andra/"
    took = seconds(lambda: save(client, document.number, body=heavy))
    assert took < 15
    answer = save(client, document.number, body=heavy, change_summary="Ny.")
    assert answer.status_code == 422
    assert "tusentals gånger" in answer.content.decode()
    assert heavy in answer.content.decode()
    assert not document.versions.unfinished().exists()
    looked = client.post(page, {"body": heavy, "look": "1"}, headers={"HX-Request": "true"})
    assert "tusentals gånger" in looked.content.decode()


@pytest.mark.parametrize("body", ["[" * 4_000, "ord " * 30_000, "- [x](https://a.example/)\n" * 3_000])
def test_a_long_text_is_rendered_the_same_in_the_confined_process(body: str):
    assert not markdown.is_light(body) or len(body) < markdown.MAX_CHARS_HERE
    assert extraction.render_text(body, "RUT-1") == written_text.render(body, "RUT-1")
