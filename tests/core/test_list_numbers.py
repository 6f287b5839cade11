"""Lists and headings of Word documents bear the numbers that Word shows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from core.files.extraction import extract_text
from core.sandbox import list_numbers

CASES = Path(__file__).parent / "read"


def html(name: str) -> str:
    return extract_text(CASES / name, "docx").html


def test_a_list_goes_on_after_a_paragraph_and_says_its_own_labels():
    found = html("list-goes-on.docx")
    assert '<p>Kontrollera puls mellan stegen.</p><ol start="3"><li>Tredje steget, se steg 2.</li>' in found
    # A label that no list of a browser counts by is words, and the browser's number is not beside it.
    assert '<li class="doc-numbered">Steg 4: Ge 5 mg.<ol><li class="doc-numbered">4.a) Om vaken.</li>' in found
    assert '<li class="doc-numbered">Steg 5: Ge 10 mg, se steg 4.a.</li>' in found


def test_lists_parted_by_tables_begin_where_the_file_says_and_letters_are_letters():
    found = html("list-parted.docx")
    assert '<ol start="3"><li>Koppla defibrillator</li></ol>' in found
    assert '<ol start="4"><li>Ge adrenalin</li></ol>' in found
    assert '<ol start="4"><li>Överväg orsaker</li></ol>' in found
    assert '<ol type="A"><li>Alternativ ett</li><li>Alternativ två</li></ol>' in found
    assert '<li class="doc-numbered">1.1 Underavsnitt</li><li class="doc-numbered">1.2 Andra underavsnitt</li>' in found


def test_numbers_that_are_no_numbers_are_left_as_they_were():
    """A damaged numbering neither stops the reading nor makes a label without end."""
    for number, format in ((10**6, "upperLetter"), (0, "lowerRoman"), (5000, "upperRoman")):
        assert list_numbers._written(number, format) == str(number)
    assert list_numbers._written(28, "lowerLetter") == "bb"
    assert list_numbers._written(14, "upperRoman") == "XIV"
    assert list_numbers._number_of("²") is None
    assert list_numbers._number_of("9" * 5000) is None


def test_what_a_text_box_says_twice_is_counted_once():
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    numbering = ET.fromstring(
        f'<w:numbering {w}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        "</w:numbering>"
    )
    item = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr></w:p>'
    body = ET.fromstring(
        f'<w:body {w} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
        f"<mc:Choice>{item}</mc:Choice><mc:Fallback>{item}</mc:Fallback></mc:AlternateContent>{item}</w:body>"
    )
    assert list_numbers.Numberings(numbering, None).mark(body)
    found = [text.text for text in body.iter(f"{list_numbers.W}t")]
    assert [text.split("|")[1] for text in found] == ["1", "2"]
