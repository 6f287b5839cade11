"""Old numbers and addresses lead to the document of now, and tell nobody else that there is one."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from documents import search
from documents.delivery.addresses import kept_form
from documents.models import FormerNumber, Source, SourceDocument
from tests.cast import Cast

OLD = "https://www.region.example/GlobalAssets/V%C3%A5rd/rutin%2017.pdf?id=A7"


@pytest.fixture
def source(cast: Cast) -> Source:
    return Source.objects.create(code="rjh", name="Källan", owner=cast.region, ready_mapping="centuri")


def came(source: Source, document, number: str, *addresses: str) -> SourceDocument:
    kept = [kept_form(address) for address in addresses]
    return SourceDocument.objects.create(source=source, document=document, number=number, addresses=kept)


def test_a_sources_number_of_now_and_before_leads_to_the_document_and_to_its_file(cast: Cast, source: Source):
    document = cast.documents["private"]
    came(source, document, "Dok-3912")
    FormerNumber.objects.create(source=source, document=document, number="A17")
    there = cast.client("sara")
    for old in ("DOK-3912", "Dok-3912", "a17"):
        assert there.get(f"/dokument/{old}/")["Location"] == f"/dokument/{document.number}/"
        assert there.get(f"/dokument/{old}/fil/")["Location"] == f"/dokument/{document.number}/fil/"


def test_what_the_document_itself_has_not_leads_to_nothing(cast: Cast, source: Source):
    document = cast.documents["public"]
    came(source, document, document.number)
    assert document.versions.filter(file="").exists()
    assert cast.client("public").get(f"/dokument/{document.number}/fil/").status_code == 404


def test_an_address_of_another_site_leads_there_from_a_bookmark_and_by_forwarding(cast: Cast, source: Source):
    document = cast.documents["public"]
    came(source, document, "3912", OLD, "/rutiner/17/")
    there = cast.client("public")
    for old in ("/globalassets/v%C3%A5rd/rutin%2017.pdf?id=a7", "/rutiner/17", "/Rutiner/17/"):
        assert there.get(old)["Location"] == document.get_absolute_url()
    answer = there.get(reverse("old_address"), {"u": OLD})
    assert (answer.status_code, answer["Location"]) == (302, document.get_absolute_url())
    for not_there in ("/globalassets/vård/rutin 17.pdf", "/", "", "http://[", "/rutiner/18"):
        assert there.get(reverse("old_address"), {"u": not_there}).status_code == 404


def told(answer) -> str:
    """The page without its tickets, and without the number that was asked for."""
    return re.sub(r'value="[^"]*"|391[23]|nonce="[^"]*"', "", answer.content.decode())


def test_for_those_who_may_not_see_it_the_answer_is_that_of_no_document(cast: Cast, source: Source):
    came(source, cast.documents["regional"], "3912", OLD)
    for reader in ("public", "sara"):
        there = cast.client(reader)
        there.get("/dokument/9999/")
        hidden, none = there.get("/dokument/3912/"), there.get("/dokument/3913/")
        assert (hidden.status_code, none.status_code) == (404, 404)
        assert told(hidden) == told(none)
        assert there.get(reverse("old_address"), {"u": OLD}).status_code == 404
    assert cast.client("anna").get("/dokument/3912/").status_code == 302


def test_a_number_of_two_sources_leads_nowhere_unless_one_alone_is_seen(cast: Cast, source: Source):
    other = Source.objects.create(code="b", name="Björken", owner=cast.bjorken, ready_mapping="centuri")
    came(source, cast.documents["public"], "3912")
    came(other, cast.documents["regional"], "3912")
    public = cast.documents["public"].get_absolute_url()
    assert cast.client("public").get("/dokument/3912/")["Location"] == public
    assert cast.client("anna").get("/dokument/3912/").status_code == 404


def test_the_sources_number_finds_the_document(cast: Cast, source: Source):
    document = cast.documents["public"]
    came(source, document, "Dok-3912")
    search.reindex([document.pk])
    assert document.get_absolute_url() in cast.client("public").get("/dokument/?q=3912").content.decode()
