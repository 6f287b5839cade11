"""What acts, fetches from outside or tells of its maker is taken out of a file, and the uploader is told."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from core.files import receiving
from core.files.extraction import REMOVED, ExtractionFailed, clean_copy, extract_text
from core.files.types import RejectedFile
from documents import lifecycle
from documents.models import Version
from tests.core import makers
from tests.documents.library import PORTAL, Cast
from tests.documents.test_writing import save

Clean = Callable[..., tuple[bytes, set[str]]]


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    """`clean(data, kind)` gives the copy and what was taken out, by the real confined process."""

    def run(data: bytes, kind: str, *, bare: bool = False) -> tuple[bytes, set[str]]:
        source, target = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
        source.write_bytes(data)
        removed = clean_copy(source, target, kind, bare=bare)
        return target.read_bytes(), set(removed)

    return run


def pdf(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(makers.plain_pdf(("Rutin för provtagning",)))) as made:
        change(made)
        made.save(out)
    return out.getvalue()


def everything(data: bytes) -> str:
    """All that stands in a PDF, its streams unpacked."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        out = io.BytesIO()
        opened.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    return out.getvalue().decode("latin-1")


def js(words: str = "app.alert('LARM')") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(words))


def open_action(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = js()


def open_action_indirect(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = made.make_indirect(js())


def chained(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(
        S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]), Next=made.make_indirect(js())
    )


def named_script(made: pikepdf.Pdf) -> None:
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), made.make_indirect(js())])))


def page_action(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.AA = Dictionary(O=js())


def link_action(made: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=js())
    made.pages[0].obj.Annots = Array([made.make_indirect(link)])


def form_field(made: pikepdf.Pdf) -> None:
    field = made.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("f"), Rect=Array([0, 0, 9, 9]),
                   AA=Dictionary(K=js(), F=made.make_indirect(js())))
    )  # fmt: skip
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=made.make_stream(b"<xdp>LARM</xdp>"))


def outline(made: pikepdf.Pdf) -> None:
    item = made.make_indirect(Dictionary(Title=String("Kapitel"), A=js()))
    made.Root.Outlines = made.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))


def embedded(made: pikepdf.Pdf) -> None:
    made.attachments["LARM.exe"] = b"MZ LARM"


def attached_to_page(made: pikepdf.Pdf) -> None:
    stream = made.make_indirect(made.make_stream(b"LARM"))
    spec = made.make_indirect(Dictionary(Type=Name.Filespec, F=String("LARM.bin"), EF=Dictionary(F=stream)))
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=spec)
    made.pages[0].obj.Annots = Array([made.make_indirect(note)])


def action(made: pikepdf.Pdf, **what) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(**what))
    made.pages[0].obj.Annots = Array([made.make_indirect(link)])


def launch(made: pikepdf.Pdf) -> None:
    action(made, S=Name.Launch, F=String("LARM.exe"))


def submit(made: pikepdf.Pdf) -> None:
    action(made, S=Name.SubmitForm, F=String("http://annan.example/LARM"))


def other_file(made: pikepdf.Pdf) -> None:
    action(made, S=Name.GoToR, F=String("//server/LARM.pdf"), D=Array([0, Name.Fit]))


def external_stream(made: pikepdf.Pdf) -> None:
    stream = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    stream.F = Dictionary(FS=Name.URL, F=String("http://annan.example/LARM.png"))
    made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(I=made.make_indirect(stream)))


HOSTILE = [open_action, open_action_indirect, chained, named_script, page_action, link_action, form_field, outline,
           embedded, attached_to_page, launch, submit, other_file, external_stream]  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda f: f.__name__)
def test_what_acts_or_fetches_is_taken_out_of_a_pdf_and_told(clean: Clean, change) -> None:
    data = pdf(change)
    assert "LARM" in everything(data)
    copy, removed = clean(data, "pdf")
    assert removed
    assert removed <= REMOVED
    assert "LARM" not in everything(copy)
    assert "JavaScript" not in everything(copy)


def test_boxes_named_in_other_than_utf_8_are_no_fault_and_hide_nothing(clean: Clean) -> None:
    """As forms made by older programs have them: /L#e4kemedel."""

    def boxes(made: pikepdf.Pdf) -> None:
        shown = Dictionary({"/LXXXkemedel": Dictionary(AA=Dictionary(E=js())), "/Off": Dictionary()})
        made.Root.Boxes = Array([Dictionary(AP=Dictionary(N=shown))])
        made.Root.Begin = Dictionary({"/S": Name.Launch, "/F": String("LARM.exe"), "/LXXXkemedel": String("x")})

    data = pdf(boxes).replace(b"/LXXXkemedel", b"/L#e4kemedel")
    assert b"/L#e4kemedel" in data
    copy, told = clean(data, "pdf")
    assert told == {"scripts_removed", "outside_removed"}
    assert "LARM" not in everything(copy)
    assert "/L#e4kemedel" in everything(copy)


def test_the_words_of_a_pdf_are_as_they_were(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(clean(pdf(form_field), "pdf")[0])
    assert "Rutin för provtagning" in extract_text(tmp_path / "a.pdf", "pdf").text


def test_links_bookmarks_tags_and_title_stay(clean: Clean) -> None:
    def links(made: pikepdf.Pdf) -> None:
        action(made, S=Name.URI, URI=String("https://www.exempel.example/"))
        made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])

    copy, removed = clean(pdf(links), "pdf")
    assert removed == set()
    assert "https://www.exempel.example/" in everything(copy)
    tagged, removed = clean(makers.tagged_pdf(), "pdf")
    assert removed == set()
    with pikepdf.open(io.BytesIO(tagged)) as opened:
        assert "/StructTreeRoot" in opened.Root
        assert str(opened.Root.Lang) == "sv"
        assert str(opened.docinfo.Title) == "Fallprevention på särskilt boende"


def test_nothing_in_a_bare_pdf_tells_of_its_maker(clean: Clean) -> None:
    def signed(made: pikepdf.Pdf) -> None:
        made.docinfo["/Author"] = "Sara Lindqvist"
        made.docinfo["/Company"] = "Sara Lindqvist"
        with made.open_metadata() as xmp:
            xmp["dc:creator"] = ["Sara Lindqvist"]
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), T=String("Sara Lindqvist"),
                          Contents=String("Se här"))  # fmt: skip
        made.pages[0].obj.Annots = Array([made.make_indirect(note)])

    data = pdf(signed)
    assert "Lindqvist" in everything(data)
    copy = everything(clean(data, "pdf", bare=True)[0])
    assert "Lindqvist" not in copy
    assert "Se h" in copy


# Word and OpenDocument --------------------------------------------------------------------------------------
def parts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return "\n".join(f"{n}\n{package.read(n).decode('utf-8', 'replace')}" for n in package.namelist())


def word(change: Callable[[docx.document.Document], None] = lambda _d: None) -> bytes:
    document = docx.Document(io.BytesIO(makers.word()))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def relation(document: docx.document.Document, kind: str, target: str) -> str:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return document.part.relate_to(target, base + kind, is_external=True)


def field(words: str) -> Callable[[docx.document.Document], None]:
    def add(document: docx.document.Document) -> None:
        run = document.add_paragraph().add_run()
        element = OxmlElement("w:instrText")
        element.text = words
        run._r.append(element)

    return add


@pytest.mark.parametrize(
    "change",
    [
        lambda d: relation(d, "attachedTemplate", "http://annan.example/LARM.dotm"),
        lambda d: relation(d, "image", "http://annan.example/LARM.png"),
        lambda d: relation(d, "oleObject", "file://server/LARM.bin"),
        lambda d: relation(d, "hyperlink", r"\\server\LARM"),
        field(' DDEAUTO c:\\\\windows\\\\cmd.exe "/k LARM" '),
        field(' INCLUDEPICTURE "http://annan.example/LARM.png" '),
    ],
    ids=["template", "image", "ole", "link to a file", "dde", "included picture"],
)
def test_what_a_word_document_fetches_leads_nowhere_and_is_told(clean: Clean, change) -> None:
    copy, removed = clean(word(change), "docx")
    assert removed == {"outside_removed"}
    said = parts(copy)
    for words in ("annan.example", "file://server", r"\\server", "DDEAUTO", "INCLUDEPICTURE"):
        assert words not in said
    assert docx.Document(io.BytesIO(copy)).paragraphs[0].text == "Syfte"


def test_links_in_a_word_document_stay(clean: Clean) -> None:
    copy, removed = clean(word(lambda d: relation(d, "hyperlink", "https://www.exempel.example/")), "docx")
    assert removed == set()
    assert "https://www.exempel.example/" in parts(copy)


def test_nothing_in_a_bare_word_document_tells_of_its_maker(clean: Clean, tmp_path: Path) -> None:
    def signed(document: docx.document.Document) -> None:
        document.core_properties.author = "Sara Lindqvist"
        document.core_properties.last_modified_by = "Sara Lindqvist"
        document.add_comment(
            document.add_paragraph("Text").runs, text="Kommentar", author="Sara Lindqvist", initials="SL"
        )
        change = OxmlElement("w:ins")
        change.set(qn("w:author"), "Sara Lindqvist")
        document.add_paragraph()._p.append(change)

    data = word(signed)
    assert parts(data).count("Lindqvist") >= 4
    copy, _removed = clean(data, "docx", bare=True)
    assert "Lindqvist" not in parts(copy)
    assert 'w:initials="SL"' not in parts(copy)
    assert "Kommentar" in parts(copy)
    (tmp_path / "a.docx").write_bytes(copy)
    assert "Risken bedöms vid inskrivning" in extract_text(tmp_path / "a.docx", "docx").text


def test_an_opendocument_fetches_nothing_and_a_bare_one_has_no_maker(clean: Clean, tmp_path: Path) -> None:
    data = _odt_with_picture_from_outside()
    copy, removed = clean(data, "odt")
    assert removed == {"outside_removed"}
    assert "annan.example" not in parts(copy)
    with zipfile.ZipFile(io.BytesIO(copy)) as package:
        first = package.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    bare, _removed = clean(data, "odt", bare=True)
    assert "Redaktören" in parts(data)
    assert "Redaktören" not in parts(bare)
    (tmp_path / "a.odt").write_bytes(bare)
    assert "alla vårdgivare" in extract_text(tmp_path / "a.odt", "odt").text


def _odt_with_picture_from_outside() -> bytes:
    out = io.BytesIO()
    outside = b'<text:p><draw:frame><draw:image xlink:href="http://annan.example/LARM.png"/></draw:frame></text:p>'
    with zipfile.ZipFile(io.BytesIO(makers.opendocument())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "content.xml":
                data = data.replace(b"</office:text>", outside + b"</office:text>")
            new.writestr(entry, data)
    return out.getvalue()


# The way in -------------------------------------------------------------------------------------------------
@pytest.fixture
def draft(cast: Cast) -> Version:
    document = lifecycle.create_document(
        by=PORTAL, title="Med fil", type=cast.documents["public"].type, owner=cast.region
    )
    return lifecycle.add_version(document, by=PORTAL)


def stored(path: str) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


@pytest.mark.django_db
def test_the_copy_is_served_and_the_original_is_kept_with_its_digest(draft) -> None:
    data = pdf(open_action)
    version = lifecycle.attach_file(draft, io.BytesIO(data), by=PORTAL, name="rutin.pdf")
    assert version.file_removed == ["scripts_removed"]
    assert stored(version.original_file) == data
    assert "LARM" not in everything(stored(version.file))
    assert version.original_sha256 != version.file_sha256
    assert version.document.events.get(verb="file_attached").after["removed"] == ["scripts_removed"]


@pytest.mark.django_db
def test_a_file_with_nothing_to_take_out_is_served_as_it_came(draft) -> None:
    data = makers.tagged_pdf()
    version = lifecycle.attach_file(draft, io.BytesIO(data), by=PORTAL, name="rutin.pdf")
    assert (version.file_removed, version.original_file) == ([], "")
    assert stored(version.file) == data


@pytest.mark.django_db
def test_the_uploader_is_told_in_words(cast: Cast) -> None:
    client, document = cast.client("elin"), cast.documents["public"]
    upload = SimpleUploadedFile("rutin.pdf", pdf(open_action))
    assert save(client, document.number, body="", file=upload).status_code == 302
    page = client.get(f"/dokument/{document.number}/andra/").content.decode()
    assert "Skript och åtgärder har tagits bort" in page


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_broken_file_is_refused_in_words_and_nothing_hangs(tmp_path: Path, data) -> None:
    kind, whole = data.draw(
        st.sampled_from([("pdf", pdf(form_field)), ("docx", word()), ("png", makers.png()), ("jpeg", makers.jpeg())])
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + data.draw(st.binary(min_size=1, max_size=8)) + whole[at + data.draw(st.integers(0, 50)) :]
    upload = io.BytesIO(broken)
    said = "Taken in."
    try:
        receiving.receive(upload, name=f"a.{kind}", app="deviations", max_bytes=10**7,
                      allowed={"pdf", "docx", "png", "jpeg"}, bare=True)  # fmt: skip
    except RejectedFile as refused:
        said = refused.message
    assert said.endswith(".")


def test_a_picture_of_too_many_pixels_is_refused(clean: Clean) -> None:
    with pytest.raises(ExtractionFailed):
        clean(makers.png(60_000, 60_000), "png")
