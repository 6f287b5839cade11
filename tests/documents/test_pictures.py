"""Pictures in the text: put where the writer was, told in words, seen by those who may read the version that has it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image

from core import markdown, refused
from core.files import storage
from documents import ending, lifecycle, search
from documents.comparing import comparison
from documents.models import Document, Picture
from documents.reading import pictures
from documents.visibility.preview import Visibility
from tests.core import makers
from tests.documents.library import PORTAL, Cast, add, current
from tests.documents.test_writing import page_of


def upload(name: str = "Saras foto.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, makers.jpeg() if data is None else data)


def put_in(client: Client, document: Document, **said):
    _text, form = page_of(client, document.number)
    sent = {**form, "add_picture": "1", "picture": upload(), "picture_says": "En hand", **said}
    return client.post(f"/dokument/{document.number}/andra/", sent)


def body_of(answer) -> str:
    return answer.context["form"]["body"].value()


def published_with(cast: Cast, name: str, text: str) -> Document:
    """A document whose current version has its first picture."""
    document = add(cast, name, Visibility(private=True))
    pictures.add(document, upload(), "En hand", by=cast["elin"])
    lifecycle.publish(lifecycle.add_version(document, by=PORTAL, body=text), by=PORTAL)
    return document


def test_a_picture_is_put_where_the_writer_was_and_what_is_typed_is_kept(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    answer = put_in(elin, document, body="Före.\r\n\r\nEfter.", picture_at="6", title="Ny rubrik")
    assert body_of(answer) == "Före.\n\n![En hand](bild-1)\n\nEfter."
    assert answer.context["form"]["title"].value() == "Ny rubrik"
    assert f'<img src="/dokument/{document.number}/bild/1/" alt="En hand" loading="lazy">' in answer.context["html"]
    assert current(document).number == 1
    assert not document.versions.unfinished().exists()  # the text is not saved by it
    # It is kept as what was typed: the page comes back with it.
    assert page_of(elin, document.number)[1]["body"].strip() == "Före.\n\n![En hand](bild-1)\n\nEfter."
    assert body_of(put_in(elin, document, body="Text")) == "Text\n\n![En hand](bild-2)"  # last, without a place


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"picture_says": ""}, "Skriv vad bilden visar"),
        ({"picture": ""}, "Välj en bild"),
        ({"picture": "pdf"}, "Välj en av: JPEG, PNG."),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_the_text_is_kept(cast: Cast, said: dict, fault: str):
    if said.get("picture") == "pdf":
        said = {"picture": upload("bild.pdf", makers.tagged_pdf())}
    answer = put_in(cast.client("elin"), cast.documents["public"], body="Halvskrivet", **said)
    assert answer.status_code == 422
    assert body_of(answer) == "Halvskrivet"
    faults = " ".join(error for errors in answer.context["adding"].errors.values() for error in errors)
    assert fault in faults
    assert not Picture.objects.exists()


def test_where_it_was_taken_is_taken_out(cast: Cast):
    exif = Image.Exif()
    exif[0x010F] = "Saras telefon"
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (10, 120, 90)).save(out, "JPEG", exif=exif)
    picture = pictures.add(cast.documents["public"], upload(data=out.getvalue()), "En hand", by=cast["elin"])
    with storage.local_path(picture.file) as path:
        assert b"Saras" not in Path(path).read_bytes()


def test_it_is_seen_by_those_who_may_read_the_version_that_has_it(cast: Cast):
    document = published_with(cast, "with", "Se ![En hand](bild-1) här.")
    pictures.add(document, upload(), "Ännu inte visad", by=cast["elin"])
    lifecycle.add_version(document, by=cast["elin"], body="![Ny](bild-2)")

    def sees(who: str, ordinal: int) -> int:
        return cast.client(who).get(f"/dokument/{document.number}/bild/{ordinal}/").status_code

    assert [sees(who, 1) for who in ("elin", "sara", "public", "mona", "rut")] == [200, 200, 404, 404, 404]
    assert [sees(who, 2) for who in ("elin", "sara", "public")] == [200, 404, 404]
    assert sees("elin", 3) == 404
    answer = cast.client("sara").get(f"/dokument/{document.number}/bild/1/")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    etag = {"if-none-match": answer["ETag"]}
    assert cast.client("sara").get(f"/dokument/{document.number}/bild/1/", headers=etag).status_code == 304
    assert cast.client("public").get(f"/dokument/{document.number}/bild/1/", headers=etag).status_code == 404
    ending.revoke(document, by=cast["elin"], reason="Slut.")
    assert sees("sara", 1) == 200  # a revoked text is still read


def test_nothing_is_loaded_from_elsewhere(cast: Cast):
    for source in (
        "https://annan.example/x.png",
        "//annan.example/x.png",
        "/dokument/RUT-1/bild/1/",
        "bild-0",
        "bild-1x",
    ):
        html = markdown.render(f"Se ![handen]({source}) här.", "RUT-9")
        assert "<img" not in html
        assert "handen" in html
    assert "<img" not in markdown.render("![handen](bild-1)")  # no document, no picture
    hostile = markdown.render('![x" onerror="alert(1)](bild-1 "y")', "RUT-9")
    assert "onerror=" not in hostile.replace("&quot;", '"').split('alt="')[0]
    assert 'alt="x&quot; onerror=&quot;alert(1)"' in hostile
    assert 'title="' not in hostile


def test_what_it_shows_is_found_and_compared(cast: Cast):
    document = published_with(cast, "with", "Se ![Ett handfat av kopparbläck](bild-1) här.")
    assert [h.document for h in search.search(cast["sara"], "kopparbläck").hits] == [document]
    first, second = document.versions.order_by("number")
    said = " ".join(
        piece.text
        for section in comparison.compare(first, second).sections
        for entry in section.entries
        for piece in entry.pieces
    )
    assert "[Bild 1: Ett handfat av kopparbläck]" in " ".join(said.split())


def test_only_those_who_work_on_the_document_put_in_and_nothing_is_changed(cast: Cast):
    document = published_with(cast, "with", "![En hand](bild-1)")
    for who in ("sara", "eva", "anna"):
        assert cast.client(who).post(f"/dokument/{document.number}/andra/", {"add_picture": "1"}).status_code == 404
        with pytest.raises(refused.NotAllowed):
            pictures.add(document, upload(), "x", by=cast[who])
    for act in (lambda p: p.delete(), lambda p: p.update(file_sha256="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(document.pictures.all())
    call_command("sweep_files", hours=1)
    with storage.local_path(document.pictures.get().file) as path:
        assert Path(path).exists()


def test_the_visual_editor_sends_a_picture_and_is_told_its_name_or_what_is_wrong(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    address = f"/dokument/{document.number}/andra/bild/"
    answer = elin.post(address, {"picture": upload(), "picture_says": " En   hand "})
    assert answer.status_code == 201
    assert answer.json() == {"src": "bild-1", "alt": "En hand", "url": f"/dokument/{document.number}/bild/1/"}
    assert not document.versions.unfinished().exists()
    for wrong, said in (
        ({"picture": upload()}, "Skriv vad bilden visar"),
        ({"picture_says": "En hand"}, "Välj en bild"),
    ):
        answer = elin.post(address, wrong)
        assert answer.status_code == 422
        assert said in answer.json()["error"]
    answer = elin.post(address, {"picture": upload("a.png", b"GIF89a"), "picture_says": "En hand"})
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert document.pictures.count() == 1
    # Others do not learn that the document is there to be written.
    assert cast.client("anna").post(address, {"picture": upload(), "picture_says": "x"}).status_code == 404
