"""What is found in a file is told: to the one who uploads it, with what to do; to its readers, where something is missing."""

from __future__ import annotations

import dataclasses
import io
import time
from types import SimpleNamespace

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEvent, Notice
from core import refused
from core.files import extraction
from core.files.extraction import FAULTS, READER, REMOVED, WARNINGS, ExtractionFailed, extract_text
from documents import approval, lifecycle
from documents.desk import desk_of
from documents.models import Document, Reading
from documents.reading import findings, readings
from documents.reading import jobs as reading_jobs
from documents.reading.jobs import read_text
from documents.visibility.preview import Visibility
from tests.core import makers
from tests.documents.library import PORTAL, Cast, add, answer
from tests.documents.test_writing import save

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture
def read(tmp_path):
    def reading(data: bytes, kind: str):
        path = tmp_path / f"file.{kind}"
        path.write_bytes(data)
        return extract_text(path, kind)

    return reading


# PDF ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "code"),
    [("white", "hidden_text"), ("turned", "hidden_text"), ("bar", "covered_text"), ("picture", "covered_text")],
)
def test_text_that_nobody_sees_is_told_and_neither_shown_nor_found(read, kind, code):
    found = read(makers.drawn_pdf(kind=kind), "pdf")
    assert code in found.warnings
    assert "SYNLIGT" in found.text
    assert "för alla läsare" in found.text
    assert "DOLT" not in found.text


@pytest.mark.parametrize("kind", ["", "header", "pale", "ocr"])
def test_text_that_is_seen_or_meant_to_be_found_is_left_alone(read, kind):
    found = read(makers.drawn_pdf(kind=kind), "pdf")
    assert not {"hidden_text", "covered_text"} & set(found.warnings)
    assert "DOLT ord" in found.text


@pytest.mark.parametrize("make", [makers.tagged_pdf, makers.plain_pdf, makers.scanned_pdf])
def test_an_ordinary_pdf_hides_nothing(read, make):
    assert not {"hidden_text", "covered_text", "comments", "restricted_pdf"} & set(read(make(), "pdf").warnings)


def test_looking_for_what_is_not_seen_takes_no_more_time_than_it_may(read):
    started = time.monotonic()
    found = read(makers.drawn_pdf(kind="white", pages=400), "pdf")
    assert "hidden_text" in found.warnings
    assert time.monotonic() - started < 20


def test_comments_restrictions_and_pages_that_are_not_there(read):
    assert "comments" in read(makers.drawn_pdf(kind="note"), "pdf").warnings
    assert "restricted_pdf" in read(makers.encrypted_pdf("", "owner"), "pdf").warnings
    empty = io.BytesIO()
    pypdf.PdfWriter().write(empty)
    with pytest.raises(ExtractionFailed) as failure:
        read(empty.getvalue(), "pdf")
    assert failure.value.code == "no_pages"


# Word ---------------------------------------------------------------------------------------------------------
HIDDEN = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>DOLT</w:t></w:r><w:r><w:t>SYNLIGT</w:t></w:r></w:p>"
NOT_HIDDEN = HIDDEN.replace("<w:vanish/>", '<w:vanish w:val="0"/>')


def test_hidden_text_in_a_word_document_is_told_and_neither_shown_nor_found(read):
    found = read(makers.word_with(HIDDEN), "docx")
    assert "hidden_text" in found.warnings
    for said in (found.text, found.html):
        assert "SYNLIGT" in said
        assert "DOLT" not in said
    seen = read(makers.word_with(NOT_HIDDEN), "docx")
    assert "DOLT" in seen.text
    assert "hidden_text" not in seen.warnings


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<w:p><w:ins w:id="1" w:author="x"><w:r><w:t>ny</w:t></w:r></w:ins></w:p>', "tracked_changes"),
        ('<w:p><w:del w:id="1" w:author="x"><w:r><w:delText>ut</w:delText></w:r></w:del></w:p>', "tracked_changes"),
        ('<w:p><w:r><w:commentReference w:id="0"/></w:r></w:p>', "comments"),
        ('<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"/></w:p>', "parts_omitted"),
        ("<w:altChunk/>", "parts_omitted"),
    ],
)
def test_what_is_left_in_a_word_document_is_told(read, xml, code):
    assert code in read(makers.word_with(xml), "docx").warnings
    assert code not in read(makers.word(), "docx").warnings


def test_a_quotation_in_a_word_document_is_one_on_the_page(read):
    xml = '<w:p><w:pPr><w:pStyle w:val="Quote"/></w:pPr><w:r><w:t>Citat ur lagen</w:t></w:r></w:p>'
    assert "<blockquote><p>Citat ur lagen</p></blockquote>" in read(makers.word_with(xml), "docx").html


# OpenDocument -------------------------------------------------------------------------------------------------
def test_an_opendocument_without_hidden_sections_and_with_its_notes_apart(read):
    def change(name: str, data: bytes) -> bytes:
        if name != "content.xml":
            return data
        note = (
            "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>NOTENS ORD</text:p>"
            "</text:note-body></text:note>"
        )
        section = '<text:section text:name="s" text:display="none"><text:p>DOLT</text:p></text:section>'
        return data.replace(b"</office:text>", f"<text:p>Ordet{note} sist.</text:p>{section}</office:text>".encode())

    found = read(makers.repacked(makers.opendocument(), change), "odt")
    assert "Ordet [1] sist." in found.text
    assert "NOTENS ORD" in found.text.splitlines()
    assert "DOLT" not in found.text
    assert "hidden_text" in found.warnings


# Words --------------------------------------------------------------------------------------------------------
def test_every_code_has_words_and_what_to_do():
    assert set(findings.FOUND) == WARNINGS | REMOVED
    assert set(findings.FAULTS) == FAULTS | {"storage"}
    for said in (*findings.FOUND.values(), *findings.FAULTS.values()):
        assert str(said.what).endswith(".")
        assert str(said.mend).endswith(".")
    assert findings.LACKS <= WARNINGS


# Where it is told ---------------------------------------------------------------------------------------------
def uploaded(cast: Cast, data: bytes, name: str) -> tuple[Client, str, Document]:
    """An editor has chosen a file; a real job has read it."""
    document = add(cast, "fil", Visibility(public=True), published=False)
    lifecycle.update_draft(document.versions.get(), by=PORTAL, body="")
    client, write = cast.client("elin"), f"/dokument/{document.number}/andra/"
    answer = save(client, document.number, body="", file=SimpleUploadedFile(name, data))
    assert answer.status_code == 302
    assert "Den läses just nu" in client.get(write).content.decode()
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), document.versions.get().pk)
    return client, write, document


def test_the_uploader_is_told_and_whoever_publishes_must_say_yes(cast: Cast):
    client, write, document = uploaded(cast, makers.drawn_pdf(kind="bar"), "maskad.pdf")
    notice = Notice.objects.get(kind="file_findings")
    assert (notice.user_id, notice.url) == (cast["elin"].user_id, write)
    page = client.get(write).content.decode()
    assert "under ett streck" in page
    assert "DOLT" not in page
    notice.refresh_from_db()
    assert notice.read_at
    type_of = document.type
    type_of.author_may_approve = True
    type_of.save()
    sent = approval.submit(document.versions.get(), by=cast["elin"])
    unread = answer(client, f"/dokument/{document.number}/granska/", {"approve": "1"})
    assert "Läs själva filen" in unread.content.decode()
    answer(client, f"/dokument/{document.number}/granska/", {"approve": "1", "has_read_file": "on"})
    assert document.events.get(verb="approved").after == {"has_read_file": True}
    assert sent.pk == document.versions.get(state="approved").pk
    publish = f"/dokument/{document.number}/publicera/"
    assert "SYNLIGT text" in client.get(publish).content.decode()
    refused = answer(client, publish, {"when": "now", "change_summary": "Ny."})
    assert "Välj en rättad fil" in refused.content.decode()
    assert document.versions.get().state == "approved"
    answer(client, publish, {"when": "now", "change_summary": "Ny.", "accepts": "on"})
    assert document.versions.get().state == "published"


def test_approval_waits_for_the_reading(cast: Cast, hedda: Client):
    """A bar over words that can be copied out: approved while the file was being read, nobody would be asked."""
    document = add(cast, "fil", Visibility(public=True), published=False)
    lifecycle.update_draft(document.versions.get(), by=PORTAL, body="")
    save(cast.client("elin"), document.number, body="", file=SimpleUploadedFile("a.pdf", makers.drawn_pdf(kind="bar")))
    sent = approval.submit(document.versions.get(), by=cast["elin"])
    page = f"/dokument/{document.number}/granska/"
    html = hedda.get(page).content.decode()
    assert "Filen läses fortfarande" in html
    assert 'name="approve"' not in html
    with pytest.raises(refused.WrongState):
        approval.approve(sent, by=cast["hedda"], has_read_file=True)
    shown = hedda.get(page).context["mark"]
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), sent.pk)
    # What was shown while it was read is not what is decided on.
    with pytest.raises(refused.Moved):
        approval.approve(sent, by=cast["hedda"], has_read_file=True, shown=shown)
    assert "under ett streck" in hedda.get(page).content.decode()
    assert answer(hedda, page, {"approve": "1"}).status_code == 422
    assert answer(hedda, page, {"approve": "1", "has_read_file": "on"}).status_code == 302


def test_where_reading_failed_the_approver_states_having_read_the_file(cast: Cast, hedda: Client):
    document = add(cast, "fil", Visibility(public=True), published=False)
    draft = lifecycle.attach_file(
        document.versions.get(), io.BytesIO(makers.tagged_pdf()), by=cast["elin"], name="a.pdf"
    )
    Reading.objects.filter(version=draft).update(state="failed", fault="timeout")
    sent = approval.submit(draft, by=cast["elin"])
    with pytest.raises(refused.WrongState):
        approval.approve(sent, by=cast["hedda"])
    assert "Jag har läst själva filen" in hedda.get(f"/dokument/{document.number}/granska/").content.decode()
    approval.approve(sent, by=cast["hedda"], has_read_file=True)


@pytest.mark.parametrize("published", [False, True])
def test_what_is_found_after_the_yes_is_told_until_it_is_answered(cast: Cast, hedda: Client, published: bool):
    """The reader of files has learnt to see the bar since."""
    document = add(cast, "fil", Visibility(public=True), published=False)
    lifecycle.update_draft(document.versions.get(), by=PORTAL, body="")
    data = io.BytesIO(makers.drawn_pdf(kind="bar"))
    draft = lifecycle.attach_file(document.versions.get(), data, by=cast["elin"], name="a.pdf")
    Reading.objects.filter(version=draft).update(state="read", text="Ord.")
    approved = approval.approve(approval.submit(draft, by=cast["elin"]), by=cast["hedda"])
    if published:
        lifecycle.publish(approved, by=cast["elin"])
    readings.read_again(approved)
    for _twice in range(2):
        Reading.objects.filter(version=draft).update(state="waiting")
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    told = set(Notice.objects.filter(kind="found_late").values_list("user_id", flat=True))
    assert told == {cast["hedda"].user_id, cast["elin"].user_id}
    for who in ("elin", "hedda"):
        assert [p.version for p in desk_of(cast[who]).found_late] == [approved]
    address = desk_of(cast["hedda"]).found_late[0].late_address
    assert "under ett streck" in hedda.get(address).content.decode()
    if published:
        assert answer(hedda, address, {"answered": "1"}).status_code == 302
        assert document.events.first().verb == "findings_answered"
        readings.read_again(approved)
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    else:
        answer(cast.client("elin"), address, {"when": "now", "change_summary": "x", "accepts": "on"})
    assert desk_of(cast["hedda"]).found_late == []


def test_a_busy_server_tries_again_and_says_that_nothing_is_wrong_with_the_file(cast: Cast, monkeypatch):
    document = add(cast, "fil", Visibility(public=True), published=False)
    draft = lifecycle.attach_file(
        document.versions.get(), io.BytesIO(makers.tagged_pdf()), by=cast["elin"], name="a.pdf"
    )
    stalled = dataclasses.replace(extraction.Limits(), seconds=0.001)
    monkeypatch.setattr(reading_jobs, "READING", stalled)
    with pytest.raises(ExtractionFailed) as failure:
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), draft.pk)
    assert failure.value.is_passing
    assert draft.read.state == "waiting"
    read_text(SimpleNamespace(job=SimpleNamespace(attempts=reading_jobs.ATTEMPTS - 1)), draft.pk)
    draft = document.versions.get()
    assert (draft.read.state, draft.read.fault) == ("failed", "busy")
    assert "Inget är fel på filen" in str(findings.found_in(draft)[0].what)


def test_after_an_upgrade_files_are_read_anew_by_themselves_a_few_at_a_time(cast: Cast):
    made = []
    for n in range(3):
        document = add(cast, f"fil{n}", Visibility(public=True), published=False)
        data = io.BytesIO(makers.tagged_pdf())
        made.append(lifecycle.attach_file(document.versions.get(), data, by=cast["elin"], name="a.pdf").pk)
    of_these = Reading.objects.filter(version__in=made)
    of_these.update(state="read", reader=0)
    assert readings.read_former(2) == 2
    assert of_these.filter(state="waiting").count() == 2
    assert readings.read_former(2) == 0  # those are read first
    for pk in made:
        read_text(SimpleNamespace(job=SimpleNamespace(attempts=0)), pk)
    assert readings.read_former(2) == 1
    of_these.update(state="read", reader=READER)
    assert readings.read_former(2) == 0


def test_the_draft_of_a_file_opens_to_those_who_work_on_it_and_nobody_else(cast: Cast):
    client, _write, document = uploaded(cast, makers.word_with("<w:altChunk/>"), "rutin.docx")
    draft = f"{document.get_absolute_url()}v/1/"
    page = client.get(draft).content.decode()
    assert "Risken bedöms vid inskrivning" in page
    assert "Det är filen som gäller." in page
    assert "Formler, diagram" in page
    assert client.get(f"{draft}fil/").status_code == 200
    assert AuditEvent.objects.filter(action="opened_document", target_id=document.number).exists()
    for other in ("rut", "anna", "eva", "public"):
        assert cast.client(other).get(draft).status_code == 404
    assert not Notice.objects.filter(kind="file_findings").exists()
    lifecycle.publish(document.versions.get(), by=PORTAL)
    readers = cast.client("public").get(document.get_absolute_url()).content.decode()
    assert "Det är filen som gäller." in readers
    assert "Formler, diagram" in readers
    assert "Det här hittades i filen" not in readers
    assert "Det här hittades i filen" in cast.client("elin").get(document.get_absolute_url()).content.decode()


def test_a_file_that_cannot_be_read_says_why_to_those_who_work_on_it(cast: Cast):
    document = add(cast, "trasig", Visibility(public=True))
    Reading.objects.filter(version__document=document).update(state="failed", fault="timeout")
    address = document.get_absolute_url()
    assert "Filen tar för lång tid att läsa." in cast.client("elin").get(address).content.decode()
    assert "Filen tar för lång tid att läsa." not in cast.client("public").get(address).content.decode()
