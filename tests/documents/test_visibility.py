"""Everybody who should read a document can, and nobody else: through every door of this app."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import transaction

from core import clock
from documents import lifecycle, search
from documents.models import Document, Version
from documents.page.lists import changed_documents, programme_areas
from documents.visibility import acts as visibility_acts
from documents.visibility.preview import Visibility
from tests.documents.library import PORTAL, SEES, Cast, names


def test_each_reader_sees_exactly_their_documents_in_every_list(cast: Cast):
    for who in SEES:
        sees_exactly(cast, who)


def sees_exactly(cast: Cast, who: str) -> None:
    reader, expected = cast.reader(who), SEES[who]
    assert names(cast, Document.objects.visible_to(reader)) == expected
    everything = search.search(reader, "", page=100)
    assert names(cast, [h.document for h in everything.hits]) == expected
    assert everything.total == len(expected)
    found = search.search(reader, "granskogen", page=100)
    assert names(cast, [h.document for h in found.hits]) == expected
    assert found.total == len(expected)
    assert sum(found.counts["types"].values()) == len(expected)
    changed = changed_documents(reader, limit=100)
    assert names(cast, [v.document for v in changed]) <= expected
    assert sum(shown.seen or 0 for shown in programme_areas(reader)) <= len(expected)


def test_each_reader_opens_exactly_their_pages_and_versions(cast: Cast):
    for who in SEES:
        opens_exactly(cast, who)


def opens_exactly(cast: Cast, who: str) -> None:
    client = cast.client(who)
    for name, document in cast.documents.items():
        expected = 200 if name in SEES[who] else 404
        for address in (f"/dokument/{document.number}/", f"/dokument/{document.number}/v/1/"):
            assert client.get(address).status_code == expected, (who, name, address)


def test_what_one_may_not_see_answers_as_what_never_was(cast: Cast):
    client = cast.client("mona")
    hidden, never = cast.documents["private"].number, "RUT-9999"
    pages = [client.get(f"/dokument/{n}/") for n in (hidden, never)]
    bodies = [p.content.decode().replace(n, "N") for p, n in zip(pages, (hidden, never), strict=True)]
    assert [p.status_code for p in pages] == [404, 404]
    # But for the tokens of the form, which are new in each answer, not a letter differs.
    shown = [re.sub(r'name="(?:csrfmiddlewaretoken|token)" value="[^"]+"', "", b) for b in bodies]
    assert shown[0] == shown[1]
    for word in ("Dokument private", "Ordet för private"):
        assert word not in bodies[0]


def test_a_visitor_is_never_sent_to_sign_in(cast: Cast):
    for name in ("closed", "draft", "private"):
        answer = cast.client("public").get(f"/dokument/{cast.documents[name].number}/")
        assert answer.status_code == 404
        assert "/konto/login/" in answer.content.decode()


def test_a_change_of_visibility_takes_effect_at_once_everywhere(cast: Cast):
    document, client = cast.documents["closed"], cast.client("mona")
    address = f"/dokument/{document.number}/"
    assert client.get(address).status_code == 404
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(municipal=True), reason="Gäller dem.")
    reader = cast.reader("mona")
    assert client.get(address).status_code == 200
    assert document.number in client.get("/dokument/?q=granskogen").content.decode()
    assert document in [h.document for h in search.search(reader, "closed").hits]
    visibility_acts.change_visibility(document, by=PORTAL, change=Visibility(), reason="Stängs.")
    assert client.get(address).status_code == 404
    assert search.search(reader, "closed").total == 0


def test_a_search_never_shows_words_of_a_version_not_yet_available(cast: Cast):
    document = cast.documents["public"]
    new = lifecycle.add_version(
        document, by=PORTAL, body="Hemlighetsordet tallbarr.", available_from=clock.now() + timedelta(days=1)
    )
    lifecycle.publish(new, by=PORTAL)
    reader = cast.reader("public")
    assert search.search(reader, "tallbarr").total == 0
    assert search.search(reader, "granskogen").total == len(SEES["public"])
    answer = cast.client("public").get(f"/dokument/{document.number}/")
    assert "tallbarr" not in answer.content.decode()
    with clock.frozen(clock.now() + timedelta(days=2)), transaction.atomic():
        search.reindex([document.pk])
        assert search.search(reader, "tallbarr").total == 1


def test_drafts_of_a_public_document_are_seen_by_its_editors_alone(cast: Cast):
    document = cast.documents["public"]
    lifecycle.add_version(document, by=PORTAL, body="Utkastets ord mossbär.")
    for who, expected in (
        ("public", 404),
        ("anna", 404),
        ("eva", 404),
        ("elin", 200),
    ):
        assert cast.client(who).get(f"/dokument/{document.number}/v/2/").status_code == expected
        seen = Version.objects.visible_to(cast.reader(who)).filter(document=document)
        assert seen.count() == (2 if expected == 200 else 1)
    assert search.search(cast.reader("public"), "mossbär").total == 0
