"""What may come in as a file is decided by its content, and whoever is refused is told why and what to do."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.files.types import (
    CONTENT_TYPES,
    DOCUMENT_KINDS,
    MAX_NAME_CHARS,
    PICTURE_KINDS,
    RejectedFile,
    clean_name,
    inspect_upload,
)
from tests.core import makers

MB = 1_000_000
ALL = DOCUMENT_KINDS | PICTURE_KINDS


def inspect(data: bytes, name: str = "fil", allowed=ALL, max_bytes: int = 50 * MB):
    return inspect_upload(io.BytesIO(data), name=name, max_bytes=max_bytes, allowed=allowed)


def code_for(data: bytes, name: str = "fil", **kwargs) -> str:
    with pytest.raises(RejectedFile) as caught:
        inspect(data, name, **kwargs)
    assert len(str(caught.value.message)) > 20
    assert "%(" not in str(caught.value.message)
    return caught.value.code


@pytest.mark.parametrize(
    ("kind", "name", "make"),
    [
        ("pdf", "rutin.pdf", makers.tagged_pdf),
        ("pdf", "RUTIN.PDF", makers.plain_pdf),
        ("docx", "rutin.docx", makers.word),
        ("odt", "rutin.odt", makers.opendocument),
        ("jpeg", "bild.jpg", makers.jpeg),
        ("jpeg", "bild.JPEG", makers.jpeg),
        ("png", "bild.png", makers.png),
    ],
)
def test_an_honest_file_comes_in_with_its_kind_size_and_digest(kind, name, make):
    data = make()
    found = inspect(data, name)
    assert found.kind == kind
    assert found.content_type == CONTENT_TYPES[kind]
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert found.safe_name == name


def test_the_file_is_left_at_its_beginning_whether_it_came_in_or_not():
    for data in (makers.word(), makers.plain_pdf()[:300], b"\xff\xd8\xff"):
        file = io.BytesIO(data)
        with contextlib.suppress(RejectedFile):
            inspect_upload(file, name="x", max_bytes=MB)
        assert file.tell() == 0


def test_pictures_come_in_only_where_they_are_asked_for():
    assert code_for(makers.png(), "bild.png", allowed=DOCUMENT_KINDS) == "not_allowed"
    assert code_for(makers.word(), "rutin.docx", allowed=PICTURE_KINDS) == "not_allowed"


def test_empty_and_too_large_files_are_refused_and_reading_stops_at_the_limit():
    assert code_for(b"") == "empty"

    class Endless(io.RawIOBase):
        given_out = 0

        def seek(self, *_):
            return 0

        def read(self, size=-1):
            Endless.given_out += size
            return b"%PDF-" + b"x" * (size - 5)

    with pytest.raises(RejectedFile) as caught:
        inspect_upload(Endless(), name="x.pdf", max_bytes=MB)
    assert caught.value.code == "too_big"
    assert "1 MB" in caught.value.message
    assert Endless.given_out < 2 * MB


def test_a_file_that_lies_about_its_kind_is_refused_with_both_kinds_named():
    with pytest.raises(RejectedFile) as caught:
        inspect(makers.word(), "rutin.pdf")
    assert caught.value.code == "mislabelled"
    assert ".pdf" in caught.value.message
    assert "docx" in caught.value.message
    assert code_for(makers.plain_pdf(), "rutin.pdf.exe") == "mislabelled"
    assert code_for(makers.opendocument(), "rutin.docx") == "mislabelled"


@pytest.mark.parametrize("data", [b"<html><script>1</script>", b"MZ\x90\0" * 99, b"hello", b"GIF89a;", b"{\\rtf1 x}"])
def test_other_kinds_are_refused_whatever_they_are_called(data):
    assert code_for(data, "rutin.pdf") == "unsupported"


def test_a_web_page_with_a_pdf_header_further_down_is_no_pdf():
    assert code_for(b"<script>x()</script>" + makers.plain_pdf(), "rutin.pdf") == "unsupported"


def test_other_packages_and_old_word_files_are_told_what_to_be_saved_as():
    assert code_for(makers.zipped(a_dot_txt=b"hej"), "rutin.docx") == "unsupported"
    assert code_for(makers.spreadsheet(), "lista.odt") == "unsupported"
    assert code_for(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000, "rutin.doc") == "old_format"


# --- Locked, cut off, broken -----------------------------------------------------------------------------------------


def test_a_pdf_that_needs_a_password_is_refused_and_one_that_only_forbids_printing_comes_in():
    assert code_for(makers.encrypted_pdf("hemligt"), "rutin.pdf") == "encrypted"
    assert inspect(makers.encrypted_pdf(""), "rutin.pdf").kind == "pdf"


def test_locked_office_files_are_refused_as_locked():
    assert code_for(makers.office_encrypted(), "rutin.docx") == "encrypted"
    # Over the edge between two pieces of the stream, too.
    assert code_for(makers.office_encrypted(before=65536 - 256 - 10), "rutin.docx") == "encrypted"

    def lock(name, data):
        if name != "META-INF/manifest.xml":
            return data
        return data.replace(b"<manifest:file-entry", b"<manifest:encryption-data/><manifest:file-entry", 1)

    assert code_for(makers.repacked(makers.opendocument(), lock), "rutin.odt") == "encrypted"
    newer = makers.zipped(mimetype=CONTENT_TYPES["odt"].encode(), **{"encrypted-package": b"x"})
    assert code_for(newer, "rutin.odt") == "encrypted"


@pytest.mark.parametrize(
    "make", [makers.tagged_pdf, makers.plain_pdf, makers.word, makers.opendocument, makers.jpeg, makers.png]
)
def test_a_file_that_was_cut_off_is_refused(make):
    data = make()
    for part in (0.5, 0.9):
        assert code_for(data[: int(len(data) * part)]) in ("truncated", "damaged")


def test_a_package_whose_content_was_changed_on_the_way_is_damaged():
    data = bytearray(makers.word())
    data[len(data) // 3] ^= 0xFF
    assert code_for(bytes(data), "rutin.docx") == "damaged"


def test_a_package_without_its_body_is_damaged():
    assert code_for(makers.repacked(makers.word(), lambda n, d: None if n == "word/document.xml" else d)) == "damaged"
    assert code_for(makers.repacked(makers.opendocument(), lambda n, d: None if n == "content.xml" else d)) == "damaged"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_package_with_two_bodies_is_refused_because_two_readers_would_read_differently():
    assert code_for(makers.repacked(makers.word(), word__document_dot_xml=b"<other/>")) == "damaged"


def test_a_package_whose_list_and_entries_disagree_on_names_is_refused():
    data = makers.word()
    # The first place is the entry's own header, the last the list at the end of the package.
    place = data.index(b"word/document.xml")
    assert place < data.rindex(b"word/document.xml")
    assert code_for(data[:place] + b"word/documenX.xml" + data[place + 17 :], "rutin.docx") == "damaged"


def test_entities_in_a_packages_declarations_are_not_expanded():
    def bomb(name, data):
        if name != "[Content_Types].xml":
            return data
        entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        return data.replace(b"<Types", entities + b"<Types", 1)

    assert code_for(makers.repacked(makers.word(), bomb)) == "damaged"


# --- Programs and bombs ----------------------------------------------------------------------------------------------


def test_files_with_programs_in_them_are_refused():
    def docm(name, data):
        if name != "[Content_Types].xml":
            return data
        plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        return data.replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")

    assert code_for(makers.repacked(makers.word(), docm), "rutin.docm") == "macros"
    assert code_for(makers.repacked(makers.word(), word__vbaProject_dot_bin=b"x"), "rutin.docx") == "macros"
    assert code_for(makers.repacked(makers.word(), word__activeX__activeX1_dot_bin=b"x"), "rutin.docx") == "macros"
    assert code_for(makers.repacked(makers.opendocument(), Basic__Standard__Module1_dot_xml=b"x")) == "macros"
    # LibreOffice writes the empty list of modules for files without any.
    empty_list = {"Basic__Standard__script-lb_dot_xml": b"<x/>"}
    assert inspect(makers.repacked(makers.opendocument(), **empty_list)).kind == "odt"


def test_a_package_that_unpacks_to_far_too_much_is_refused_in_little_memory():
    bomb = makers.repacked(makers.word(), word__media__big_dot_bmp=b"\0" * (60 * 1024 * 1024))
    assert len(bomb) < MB
    tracemalloc.start()
    try:
        assert code_for(bomb, "rutin.docx") == "archive_bomb"
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * MB


def test_a_bomb_that_claims_to_be_small_is_counted_by_what_comes_out():
    bomb = makers.repacked(makers.word(), word__big=b"\0" * (60 * 1024 * 1024))
    assert code_for(makers.understated(bomb, "word/big", 1000)) == "archive_bomb"
    small_lie = makers.repacked(makers.word(), word__big=b"\0" * 100_000)
    assert code_for(makers.understated(small_lie, "word/big", 1000)) == "damaged"


def test_a_bomb_inside_a_package_inside_is_found_and_an_honest_attachment_is_not_one():
    inner = makers.zipped(x=b"\0" * (60 * 1024 * 1024))
    attached = makers.repacked(makers.word(), word__embeddings__a_dot_xlsx=makers.zipped(y=inner))
    assert code_for(attached) == "archive_bomb"
    nested = b"x"
    for _ in range(5):
        nested = makers.zipped(next=nested)
    assert code_for(makers.repacked(makers.word(), word__embeddings__a_dot_xlsx=nested)) == "archive_bomb"
    honest = makers.repacked(makers.word(), word__embeddings__a_dot_xlsx=makers.spreadsheet())
    assert inspect(honest, "rutin.docx").kind == "docx"


def test_a_package_of_very_many_entries_is_refused():
    assert code_for(makers.repacked(makers.word(), **{f"n{i}": b"" for i in range(10_001)})) == "archive_bomb"


def test_a_picture_of_impossible_size_is_refused():
    assert code_for(makers.png(60_000, 60_000), "bild.png") == "too_many_pixels"
    assert code_for(makers.png(0, 5), "bild.png") == "damaged"


def test_a_large_file_is_never_whole_in_memory():
    padding = b"% " + b"x" * 97 + b"\n"
    data = makers.plain_pdf()
    large = data[:9] + padding * 200_000 + data[9:]
    file = io.BytesIO(large)
    tracemalloc.start()
    try:
        assert inspect_upload(file, name="stor.pdf", max_bytes=100 * MB).size == len(large)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MB


# --- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\anna\\Rutin fall.pdf", "Rutin fall.pdf"),
        ("rutin\u202efdp.pdf", "rutinfdp.pdf"),
        ("ru\0tin\r\n\u200b.pdf", "rutin .pdf"),
        ("A\u030atga\u0308rder.pdf", "Åtgärder.pdf"),
        ('a"b<c>?.pdf', "a_b_c__.pdf"),
        ("...pdf", "pdf"),
        ("  .. ", ""),
        ("\ud800x.pdf", "x.pdf"),
    ],
)
def test_names_lose_paths_and_what_cannot_be_seen(given_name, shown):
    assert clean_name(given_name) == shown


def test_long_names_are_cut_and_keep_their_ending():
    name = inspect(makers.plain_pdf(), "å" * 400 + ".pdf").safe_name
    assert len(name) == MAX_NAME_CHARS
    assert name.endswith("å.pdf")


@pytest.mark.parametrize("name", ["Rutin v2.1", "Rutin f.d. avdelning", "rutin"])
def test_a_name_without_an_ending_gets_the_one_of_its_content(name):
    assert inspect(makers.plain_pdf(), name).safe_name == f"{name}.pdf"


def test_a_name_of_which_nothing_is_left_gets_a_new_one():
    assert inspect(makers.plain_pdf(), "\u202e//").safe_name.endswith(".pdf")


# --- Whatever comes --------------------------------------------------------------------------------------------------

_REAL = [makers.plain_pdf, makers.word, makers.opendocument, makers.jpeg, makers.png]


@st.composite
def hostile_bytes(draw):
    """Random bytes behind a real beginning, real files cut anywhere, and real files with bytes turned over."""
    data = draw(st.sampled_from(_REAL))()
    how = draw(st.sampled_from(["random", "cut", "changed", "joined"]))
    if how == "random":
        return draw(st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xd8\xff", data[:64]])) + draw(
            st.binary(max_size=600)
        )
    if how == "cut":
        return data[: draw(st.integers(0, len(data)))]
    if how == "joined":
        return data[: draw(st.integers(0, len(data)))] + data[draw(st.integers(0, len(data))) :]
    changed = bytearray(data)
    # The end holds a package's list of entries, where damage does the most.
    for place in draw(st.lists(st.integers(0, len(data) - 1) | st.integers(max(0, len(data) - 900), len(data) - 1))):
        changed[place] = draw(st.integers(0, 255))
    return bytes(changed)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=hostile_bytes(), name=st.text(max_size=30))
def test_no_file_makes_the_inspection_fail_in_any_other_way_than_a_refusal(data, name):
    try:
        found = inspect(data, name, max_bytes=MB)
    except RejectedFile:
        return
    assert found.kind in ALL
    assert found.size == len(data)


@settings(max_examples=150, deadline=None)
@given(name=st.text(st.characters(), max_size=300))
def test_every_name_comes_out_safe(name):
    clean = clean_name(name)
    assert len(clean) <= MAX_NAME_CHARS
    assert not set(clean) & set('/\\\0\r\n\u202e<>:"|?*')
    assert not clean.startswith(".")
    assert clean_name(clean) == clean
