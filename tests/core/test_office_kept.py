"""What a Word or OpenDocument file says stands on its page, paragraph by paragraph; what does not is said there."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from odf.opendocument import OpenDocumentText
from odf.style import Footer, MasterPage, PageLayout
from odf.text import P

from core.files.extraction import extract_text
from core.sandbox.office_kept import with_what_is_lost

CASES = Path(__file__).parent / "read"
SAID = "Här står text i filen som inte visas på sidan."


@pytest.fixture
def word(tmp_path) -> Path:
    document = docx.Document()
    document.add_heading("Dosering", 1)
    document.add_paragraph("Ge 5 mg per 10 kg.")
    row = document.add_table(2, 2)
    for cell, text in zip((c for r in row.rows for c in r.cells), ("Vikt", "Dos", "10 kg", "5 mg"), strict=True):
        cell.text = text
    document.add_paragraph("Kontakta läkare.")
    path = tmp_path / "rutin.docx"
    document.save(path)
    return path


HTML = (
    "<h2>Dosering</h2><p>Ge 5 mg per 10 kg.</p><table><tr><td>Vikt</td><td>Dos</td></tr>"
    "<tr><td>10 kg</td><td>5 mg</td></tr></table><p>Kontakta läkare.</p>"
)


def test_what_stands_on_the_page_is_left_as_it_is(word):
    assert with_what_is_lost(str(word), HTML) == (HTML, 0)
    # Tags within words, and the blanks of another maker, are no other words.
    other = HTML.replace("5 mg per", "<strong>5</strong>\u00a0mg\n per").replace("läkare", "l&auml;kare")
    assert with_what_is_lost(str(word), other) == (other, 0)


@pytest.mark.parametrize(
    ("said", "instead", "after"),
    [
        ("Ge 5 mg per 10 kg.", "", "Dosering"),
        ("Ge 5 mg", "Ge 50 mg", "Dosering"),
        ("5 mg per 10 kg", "10 kg per 5 mg", "Dosering"),
        ("<td>5 mg</td>", "<td></td>", "10 kg"),
        ("Kontakta läkare.", "Kontakta.", "5 mg"),
    ],
)
def test_what_does_not_is_said_at_its_place(word, said, instead, after):
    html, lost = with_what_is_lost(str(word), HTML.replace(said, instead, 1))
    assert lost == 1
    assert html.count(SAID) == 1
    assert html.index(after) < html.index(SAID)
    assert html.partition(SAID)[0].rpartition(after)[2].count("<p>") <= 1


@pytest.mark.parametrize("path", sorted([*CASES.glob("*.docx"), *CASES.glob("*.odt")]), ids=lambda path: path.name)
def test_files_that_are_hard_to_read_lose_nothing(path):
    found = extract_text(path, path.suffix[1:])
    assert "words_left_out" not in found.warnings
    assert SAID not in found.html


def test_what_no_reader_knows_is_told_to_reader_and_editor(word):
    """Words in an element of some other maker: passed over by the reader, and seen in the file."""
    kept = io.BytesIO()
    with zipfile.ZipFile(word) as package, zipfile.ZipFile(kept, "w") as target:
        for name in package.namelist():
            data = package.read(name)
            if name == "word/document.xml":
                data = data.replace(
                    b"<w:t>Kontakta l",
                    b'<w:t>Kontakta</w:t></w:r><w:customXml w:element="x"><w:r><w:t>aldrig</w:t></w:r></w:customXml>'
                    b"<w:ruby><w:rubyBase><w:r><w:t>25 mg</w:t></w:r></w:rubyBase></w:ruby><w:r><w:t>l",
                )
                assert b"25 mg" in data
            target.writestr(name, data)
    word.write_bytes(kept.getvalue())
    found = extract_text(word, "docx")
    assert "25 mg" not in found.html
    assert "words_left_out" in found.warnings
    assert SAID in found.html


@pytest.mark.parametrize("words", ["", "Får inte spridas"])
def test_words_in_headers_and_footers_are_told_in_both_formats(tmp_path, words):
    document = docx.Document()
    document.add_paragraph("Text.")
    document.sections[0].footer.paragraphs[0].text = words
    document.save(tmp_path / "a.docx")
    other = OpenDocumentText()
    layout = PageLayout(name="sida")
    other.automaticstyles.addElement(layout)
    master = MasterPage(name="Standard", pagelayoutname=layout)
    footer = Footer()
    footer.addElement(P(text=words))
    master.addElement(footer)
    other.masterstyles.addElement(master)
    other.text.addElement(P(text="Text."))
    other.save(tmp_path / "a.odt")
    for kind in ("docx", "odt"):
        found = extract_text(tmp_path / f"a.{kind}", kind)
        assert ("headers_omitted" in found.warnings) is bool(words), kind
