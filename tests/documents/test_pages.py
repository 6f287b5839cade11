"""A document's page says plainly how it stands, its file comes only through the check, and opens leave their trace."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from accounts.models import AuditEvent
from accounts.readers import PUBLIC
from core import markdown, refused
from core.files.types import RejectedFile
from documents import lifecycle, search
from documents.models import Version
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.core import makers
from tests.documents.library import PORTAL, SEES, Cast, add, build


def page(cast: Cast, name: str, who: str = "public", tail: str = "") -> str:
    answer = cast.client(who).get(f"/dokument/{cast.documents[name].number}/{tail}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "who", "standing"),
    [
        ("public", "public", "valid"),
        ("revoked", "public", "revoked"),
        ("expired", "public", "expired"),
        ("future", "public", "not_yet"),
        ("draft", "elin", "draft"),
        ("archived", "elin", "archived"),
    ],
)
def test_the_page_says_how_the_document_stands(cast: Cast, name: str, who: str, standing: str):
    answer = cast.client(who).get(f"/dokument/{cast.documents[name].number}/")
    said = answer.context["standing"]
    assert said.code == standing
    assert said.title == "" or said.title in answer.content.decode()


@pytest.mark.parametrize(("name", "said"), [("public", "gällande"), ("expired", "utgången"), ("revoked", "upphävt")])
def test_the_list_of_versions_says_of_the_newest_how_it_stands_today(cast: Cast, name: str, said: str):
    versions = page(cast, name).split('id="versioner"')[1].split("</ol>")[0]
    assert said in versions.lower()
    assert ("gällande" in versions) == (name == "public")


def test_a_revoked_document_names_its_replacement_only_to_those_who_may_see_it(cast: Cast):
    replacement = cast.documents["replaced"]
    assert replacement.title in page(cast, "revoked")
    visibility_acts.change_visibility(replacement, by=PORTAL, change=Visibility(regional=True), reason="Stängs.")
    assert replacement.number not in page(cast, "revoked")
    assert replacement.number in page(cast, "revoked", "anna")


def test_an_older_version_says_so_and_leads_to_the_current(cast: Cast):
    document = cast.documents["public"]
    lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Ny."), by=PORTAL)
    answer = cast.client("public").get(f"/dokument/{document.number}/v/1/")
    assert answer.context["standing"].code == "superseded"
    assert f'href="/dokument/{document.number}/"' in answer.content.decode()


def test_opening_what_is_not_public_is_logged_and_what_is_public_is_not(cast: Cast):
    page(cast, "public", "anna")
    page(cast, "public")
    assert not AuditEvent.objects.filter(action="opened_document").exists()
    page(cast, "regional", "anna")
    event = AuditEvent.objects.get(action="opened_document")
    assert (event.target_id, event.actor_id) == (
        cast.documents["regional"].number,
        cast.anna.pk,
    )


def test_readers_see_which_groups_but_never_which_named_providers(cast: Cast):
    assert cast.tallen.name not in page(cast, "to_provider", "stina")
    assert cast.tallen.name in page(cast, "to_provider", "elin")


def test_a_page_costs_the_same_however_many_versions(cast: Cast):
    document, client = cast.documents["public"], cast.client("stina")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/dokument/{document.number}/")
        return len(queries)

    cost()
    few = cost()
    for _ in range(3):
        lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body="Mer."), by=PORTAL)
    assert cost() == few


def test_markdown_becomes_safe_html_with_headings_callouts_and_scrolling_tables():
    html = markdown.render(
        "# Överst\n\n## Åtgärd\n\n## Åtgärd\n\n> **Viktigt:** Ring 112.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
        "<script>x</script> [ut](//ond.example) [js](javascript:alert(1)) [dok](RUT-0231) [d](/dokument/RUT-1/) ![b](x.png)"
    )
    assert [h.id for h in markdown.headings(html)] == ["s-overst", "s-atgard", "s-atgard-2"]
    assert '<div class="callout">' in html
    assert 'class="scroll" tabindex="0" role="region"' in html
    assert 'href="/dokument/RUT-0231/"' in html
    assert 'href="/dokument/RUT-1/"' in html
    for danger in ("<script", 'href="javascript', 'href="//ond', "<img", "style="):
        assert danger not in html


# Files ------------------------------------------------------------------------------------------------------
@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def attach(cast: Cast, name: str, data: bytes, file_name: str, visibility: Visibility) -> Version:
    document = add(cast, name, visibility, published=False)
    draft = document.versions.get()
    lifecycle.update_draft(draft, by=PORTAL, body="")
    draft = lifecycle.attach_file(draft, io.BytesIO(data), by=PORTAL, name=file_name)
    return lifecycle.publish(draft, by=PORTAL)


def run_worker() -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.mark.django_db(transaction=True)
def test_an_uploaded_file_is_read_by_a_real_worker_and_found_by_its_words(files):
    cast = build()
    pdf = attach(cast, "pdf", makers.tagged_pdf(), "Läkemedel på öar.pdf", Visibility(regional=True))
    word = attach(cast, "word", makers.word(), "rutin.docx", Visibility(public=True))
    scan = attach(cast, "scan", makers.scanned_pdf(), "skannad.pdf", Visibility(public=True))
    assert pdf.read.state == "waiting"
    run_worker()
    for version in (pdf, word, scan):
        version.reading.refresh_from_db()
        assert (version.read.state, version.read.fault) == ("read", "")
    assert pdf.read.pages == 2
    reader = cast.reader("anna")
    assert pdf.document in [h.document for h in search.search(reader, "läkemedelsgenomgångar").hits]
    assert pdf.document not in [h.document for h in search.search(PUBLIC, "läkemedelsgenomgångar").hits]
    assert "<p>" in word.read.html
    assert "no_text" in scan.read.warnings
    shown = cast.client("anna").get(f"/dokument/{pdf.document.number}/").content.decode()
    assert "Läkemedelsgenomgång" in shown
    before = pdf.document.events.count()
    run_worker()
    assert pdf.document.events.count() == before


def test_a_file_comes_only_through_the_check(cast: Cast, files):
    version = attach(cast, "file", makers.tagged_pdf(), "Läkemedel på öar.pdf", Visibility(private=True))
    address = f"/dokument/{version.document.number}/"
    for who in SEES:
        expected = 200 if who in {"stina", "nora", "sara", "eva", "ugo", "elin"} else 404
        for tail in ("fil/", "v/1/fil/"):
            assert cast.client(who).get(address + tail).status_code == expected, who
    assert AuditEvent.objects.filter(action="opened_file", target_id=version.document.number).exists()


def test_a_file_is_served_whole_private_confined_and_by_its_own_name(cast: Cast, files):
    data = makers.tagged_pdf()
    version = attach(cast, "file", data, "Läkemedel på öar.pdf", Visibility(public=True))
    client, address = cast.client("public"), f"/dokument/{version.document.number}/fil/"
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''L%C3%A4kemedel%20p%C3%A5%20%C3%B6ar.pdf"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    again = client.get(address, HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    visibility_acts.change_visibility(version.document, by=PORTAL, change=Visibility(), reason="Stängs.")
    assert client.get(address, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 404


def test_a_document_without_a_file_has_no_file(cast: Cast):
    assert cast.client("public").get(f"/dokument/{cast.documents['public'].number}/fil/").status_code == 404


def test_a_file_that_may_not_come_in_changes_nothing(cast: Cast, files):
    draft = cast.documents["draft"].versions.get()
    with pytest.raises(RejectedFile):
        lifecycle.attach_file(draft, io.BytesIO(b"MZ not a document"), by=PORTAL, name="rutin.pdf")
    draft.refresh_from_db()
    assert draft.file == ""
    with pytest.raises(refused.NotAllowed):
        lifecycle.attach_file(draft, io.BytesIO(makers.tagged_pdf()), by=cast.reader("eva"), name="a.pdf")
