"""A document that came as a file is gone on with as text: read through by hand, saved by hand, the file where it was."""

from __future__ import annotations

from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile

from documents.models import Document, Source, SourceDocument, Version
from documents.reading.jobs import read_text
from documents.visibility.preview import Visibility
from tests.core import makers
from tests.documents.library import Cast, current
from tests.documents.test_sheets import paper, published
from tests.documents.test_writing import page_of, save

OFFER = "Lägg filens text här"


def word(cast: Cast) -> Document:
    return published(cast, Visibility(regional=True), makers.word(picture_alt="Säng med bromsade hjul"), "fall.docx")


def take(client, document: Document, **typed: str):
    _text, form = page_of(client, document.number)
    return client.post(f"/dokument/{document.number}/andra/", {**form, "take_text": "1", **typed})


def test_the_text_of_a_file_is_read_through_saved_and_the_file_stays_where_it_was(cast: Cast):
    document, elin = word(cast), cast.client("elin")
    assert OFFER in page_of(elin, document.number)[0]
    answer = take(elin, document, title="Fallrisk på avdelning")
    body = answer.context["form"]["body"].value()
    assert body.startswith("## Syfte\n\n") or "\n\n## Syfte\n\n" in body
    assert "### Åtgärder" in body
    assert "- Lås sängens hjul" in body
    assert "| Ansvarig | Sjuksköterska |" in body
    assert answer.context["form"]["leaves_file"].value()
    assert answer.context["form"]["title"].value() == "Fallrisk på avdelning"
    page = answer.content.decode()
    assert "En bild, lägg in den själv" in page
    assert "Säng med bromsade hjul" in page
    assert OFFER not in page
    # Nothing is saved by it, and it is kept as what was typed.
    assert not document.versions.unfinished().exists()
    assert page_of(elin, document.number)[1]["body"].strip() == body.strip().replace("\r\n", "\n")
    assert save(elin, document.number, body=body, leaves_file="on", save="1").status_code == 302
    draft, first = document.versions.unfinished().get(), current(document)
    assert draft.body.startswith(body[:40])
    assert not draft.file
    assert first.file
    assert not first.body
    # The file is still beside what is written.
    assert "Filen i version 1, att jämföra med" in page_of(elin, document.number)[0]


def test_a_text_that_is_there_is_never_written_over(cast: Cast):
    document, elin = word(cast), cast.client("elin")
    answer = take(elin, document, body="Mina egna ord")
    assert answer.context["form"]["body"].value() == "Mina egna ord"
    assert "Inget är hämtat" in answer.content.decode()


def test_pages_of_a_pdf_stand_beside_as_pictures(cast: Cast):
    document, elin = published(cast, Visibility(regional=True), paper()), cast.client("elin")
    page = take(elin, document).content.decode()
    assert f'src="/dokument/{document.number}/v/1/sida/1/?bredd=' in page


def test_a_file_that_came_with_the_draft_goes_on_with_it(cast: Cast):
    document, elin = cast.documents["public"], cast.client("elin")
    came = SimpleUploadedFile("ny.docx", makers.word(picture_alt=""))
    assert save(elin, document.number, body="", file=came, save="1").status_code == 302
    draft = document.versions.unfinished().get()
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    answer = take(elin, document)
    assert "Lås sängens hjul" in answer.context["form"]["body"].value()
    # No version before has it: it would be gone.
    assert not answer.context["form"]["leaves_file"].value()
    assert Version.objects.get(pk=draft.pk).file


def test_a_document_of_a_source_is_not_gone_on_with(cast: Cast):
    document, elin = word(cast), cast.client("elin")
    source = Source.objects.create(code="s", name="Källan", owner=cast.providers["region"], ready_mapping="centuri")
    SourceDocument.objects.create(source=source, document=document, number="X-1")
    answer = elin.post(f"/dokument/{document.number}/andra/", {"take_text": "1", "body": ""})
    assert "Lås sängens hjul" not in answer.content.decode()
    assert OFFER not in answer.content.decode()
