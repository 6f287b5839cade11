"""What letters mean by how they look is read from Word and OpenDocument: struck, raised, signs, ticks, chosen values."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from core.files.extraction import Extracted, extract_text
from core.sandbox.html import plain, spoken, words
from core.sandbox.symbols import sign
from tests.core import makers

CASES = Path(__file__).parent / "read"


def read(name: str) -> Extracted:
    return extract_text(CASES / name, name.rpartition(".")[2])


@pytest.mark.parametrize("name", ["struck.docx", "struck.odt"])
def test_struck_is_struck_by_letters_doubly_by_style_and_by_paragraph(name: str):
    found = read(name)
    for shown in ("Ge <s>10 mg</s> 5 mg.", "<s>Får ges till gravida.</s>", "<s>50 mg</s>", "<s>Ge 2 liter vätska.</s>"):
        assert shown in found.html
    assert "Ge 1 liter vätska." in found.html
    # In what is searched and shown in a list too.
    assert "[struket: 10 mg] 5 mg" in found.text


@pytest.mark.parametrize("name", ["raised.docx", "raised.odt"])
def test_raised_and_lowered_by_letters_by_style_and_by_place(name: str):
    found = read(name)
    assert "10<sup>9</sup>/l" in found.html
    assert "10⁹/l" in found.text
    assert "109" not in found.text
    if name.endswith("docx"):
        assert "10<sup>-3</sup>" in found.html
        assert "50 × 10⁹/l via stil" in found.text
        assert "H₂O" in found.text
    else:
        assert "5 mg<sup>2</sup>" in found.html
        assert "CO₂ under 6 kPa, SpO₂ 88–92 %, HCO₃⁻ över 18." in found.text


@pytest.mark.parametrize("name", ["symbols.docx", "symbols.odt"])
def test_signs_of_a_font_of_signs_are_those_signs(name: str):
    text = read(name).text
    for shown in (
        "≤90 mmHg",
        "≥5 µg",
        "±2 %",
        "☑ Kryssad ruta",
        "☐ Tom ruta",
        "✗ Kryss",
        "↑ eller minska ↓",
        "≤ 5 µg.",
    ):
        assert shown in text
    assert "unknown_signs" not in read(name).warnings


def test_a_tick_and_a_chosen_value_are_read():
    ticks, fields = read("ticks.docx").text, read("form-fields.docx").text
    for shown in ("☒ Fastande", "☐ Premedicinerad", "subkutant, inte i.v."):
        assert shown in ticks
    for shown in ("☒ Waran utsatt", "☐ Samtycke", "Dos: 0,25 mg", "Val: Ge inte"):
        assert shown in fields


def test_no_break_glues_numbers_together():
    text = read("breaks.docx").text
    assert re.search(r"1\s+2 mg", text)
    assert "12 mg" not in text
    assert re.search(r"Ge 5\s+10 mg", text)
    assert "510" not in text


def in_word(tmp_path: Path, said: str) -> Extracted:
    def put(name: str, data: bytes) -> bytes:
        return data.replace(b"<w:body>", b"<w:body>" + said.encode(), 1) if name == "word/document.xml" else data

    path = tmp_path / "a.docx"
    path.write_bytes(makers.repacked(makers.word(), put))
    return extract_text(path, "docx")


def test_a_sign_that_is_not_known_is_a_box_and_a_finding(tmp_path: Path):
    found = in_word(
        tmp_path, '<w:p><w:r><w:sym w:font="Wingdings" w:char="E123"/></w:r><w:r><w:t>5 mg</w:t></w:r></w:p>'
    )
    assert "□5 mg" in found.text
    assert "unknown_signs" in found.warnings
    assert sign("Symbol", 0xF0A3) == "≤"
    assert sign("Cambria", ord("m")) == "m"


def test_off_means_off(tmp_path: Path):
    said = (
        "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>10</w:t></w:r>"
        '<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>5</w:t></w:r>'
        '<w:r><w:rPr><w:vertAlign w:val="baseline"/></w:rPr><w:t>mg</w:t></w:r></w:p>'
    )
    assert "<p><s>10</s>5mg</p>" in in_word(tmp_path, said).html


def test_words_alone_say_what_their_look_does():
    html = "<p>10<sup>9</sup>/l, H<sub>2</sub>O, a<sub>min</sub>, <s>10 mg</s> 5 mg</p>"
    assert plain(html) == "10⁹/l, H₂O, a_min, [struket: 10 mg] 5 mg"
    assert words(html) == plain(html)
    assert spoken("<p>inget</p>") == "<p>inget</p>"


def test_a_package_without_named_styles_is_read(tmp_path: Path):
    path = tmp_path / "a.odt"
    with zipfile.ZipFile(CASES / "struck.odt") as whole, zipfile.ZipFile(path, "w") as less:
        for entry in whole.namelist():
            if entry != "styles.xml":
                less.writestr(entry, whole.read(entry))
    assert "Ge <s>10 mg</s> 5 mg." in extract_text(path, "odt").html
