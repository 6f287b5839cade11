"""Word and OpenDocument files are read as pages: what they show is there, and what cannot be shown is said at its place."""

from __future__ import annotations

import io
import re
import struct
import zlib

import docx
import pytest
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.shared import Mm
from lxml import etree
from odf import draw, style, svg, table, text
from odf.opendocument import OpenDocumentText
from PIL import Image

from core.files.extraction import Extracted, extract_text
from tests.core import makers
from tests.documents.library import Cast
from tests.documents.test_sheets import attached

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


@pytest.fixture
def read(tmp_path):
    def reading(document, kind: str) -> Extracted:
        path = tmp_path / f"made.{kind}"
        document.save(str(path))
        return extract_text(path, kind)

    return reading


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# --- Word ------------------------------------------------------------------------------------------------------------


def test_a_table_of_a_word_document_has_headers_and_merged_cells(read):
    paper = docx.Document()
    made = paper.add_table(3, 3)
    for n, said in enumerate(("Läkemedel", "Dos", "Dos")):
        made.cell(0, n).text = ""
        made.cell(0, n).paragraphs[0].add_run(said).bold = True
    made.cell(0, 2).text = ""
    made.cell(0, 1).merge(made.cell(0, 2))
    for n, said in enumerate(("Oxazepam", "5 mg", "15 mg")):
        made.cell(1, n).text = said
    for n, said in enumerate(("Risperidon", "0,25 mg", "1 mg")):
        made.cell(2, n).text = said
    html = read(paper, "docx").html
    assert '<th scope="col">Läkemedel</th>' in html
    assert re.search(r'<th scope="col" colspan="2">Dos\s*</th>|<th colspan="2" scope="col">', html)
    assert "<td>Oxazepam</td><td>5 mg</td><td>15 mg</td>" in re.sub(r"</?p>", "", html)


def test_a_header_row_that_word_marks_is_one_and_a_plain_table_gets_none(read):
    paper = docx.Document()
    made = paper.add_table(2, 2)
    for n, said in enumerate(("Fråga", "Svar", "Går själv", "Ja")):
        made.cell(n // 2, n % 2).text = said
    assert "<th" not in read(paper, "docx").html
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(mark)
    html = re.sub(r"</?p>", "", read(paper, "docx").html)
    assert '<thead><tr><th scope="col">Fråga</th><th scope="col">Svar</th></tr></thead>' in html


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (f'<w:p {_W}><w:r><w:t>Version </w:t></w:r><w:fldSimple w:instr="DOCPROPERTY v"><w:r><w:t>4</w:t></w:r></w:fldSimple></w:p>', "Version 4"),
        (f"<w:p {_W} {_M}><m:oMath><m:r><m:t>x/2</m:t></m:r></m:oMath></w:p>", "Formeln finns i filen."),
        (
            (f'<w:p {_W} xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
            'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart">'
            '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="d" descr="Väntetider per månad"/><a:graphic><a:graphicData>'
            "<c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"),
            "Figuren finns i filen. Väntetider per månad",
        ),
        (
            (f'<w:p {_W} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox><w:txbxContent>'
            "<w:p><w:r><w:t>I en ruta</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"),
            "I en ruta",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_at_its_place_and_fields_and_boxes_are_read(read, xml, said):
    paper = docx.Document()
    paper.add_paragraph("Före.")
    paper.add_paragraph("Efter.")
    paper.element.body.insert(1, etree.fromstring(xml))
    found = read(paper, "docx")
    shown = words(found.html)
    assert said in shown
    assert shown.index("Före.") < shown.index(said) < shown.index("Efter.")
    assert said.split(".")[0] in found.text


def test_a_call_out_is_one_where_it_is_styled_so_or_begins_so_in_bold(read):
    paper = docx.Document()
    paper.add_paragraph("Viktigt: Ring först.", style="Intense Quote")
    bold = paper.add_paragraph()
    bold.add_run("Observera:").bold = True
    bold.add_run(" Fråga om allergi.")
    paper.add_paragraph("Viktigt: i löpande text är det ingen ruta.")
    html = read(paper, "docx").html
    assert html.count('<div class="callout">') == 2
    assert '<div class="callout"><p><strong>Viktigt</strong></p><p>Ring först.</p></div>' in html


def test_the_title_of_a_word_document_is_no_heading_of_its_text(read):
    paper = docx.Document()
    paper.add_heading("Rutin för fall", 0)
    paper.add_heading("Syfte", 1)
    html = read(paper, "docx").html
    assert '<p class="doc-title">Rutin för fall</p>' in html
    assert re.findall(r"<h(\d)", html) == ["2"]


def test_headings_and_lists_made_by_hand_are_understood_where_there_are_none_by_style(read):
    paper = docx.Document()
    paper.add_paragraph().add_run("Bakgrund").bold = True
    paper.add_paragraph("Smärta skattas med NRS.")
    paper.add_paragraph().add_run("Ring alltid bakjouren först.").bold = True
    for said in ("- Noll är ingen smärta", "- Tio är värsta smärta"):
        paper.add_paragraph(said)
    html = read(paper, "docx").html
    assert '<h2 id="s-bakgrund">Bakgrund</h2>' in html
    assert "<p><strong>Ring alltid bakjouren först.</strong></p>" in html
    assert "<ul><li>Noll är ingen smärta</li><li>Tio är värsta smärta</li></ul>" in html
    paper.add_heading("Uppföljning", 1)
    assert re.findall(r"<h\d[^>]*>([^<]*)<", read(paper, "docx").html) == ["Uppföljning"]


# --- OpenDocument ----------------------------------------------------------------------------------------------------


def paper_of_odt() -> OpenDocumentText:
    made = OpenDocumentText()
    ordered = text.ListStyle(name="L1")
    ordered.addElement(text.ListLevelStyleNumber(level="1", numformat="1"))
    made.automaticstyles.addElement(ordered)
    bold = style.Style(name="T1", family="text")
    bold.addElement(style.TextProperties(fontweight="bold"))
    made.automaticstyles.addElement(bold)
    made.automaticstyles.addElement(style.Style(name="P1", family="paragraph", parentstylename="Title"))
    made.automaticstyles.addElement(style.Style(name="P2", family="paragraph", parentstylename="Quotations"))
    return made


def test_an_opendocument_is_read_as_a_page(read):
    made = paper_of_odt()
    body = made.text
    body.addElement(text.P(stylename="P1", text="Rutin för munhälsa"))
    body.addElement(text.H(outlinelevel=1, text="Gör så här"))
    steps = text.List(stylename="L1")
    for said in ("Inspektera", "Borsta"):
        item = text.ListItem()
        item.addElement(text.P(text=said))
        steps.addElement(item)
    inner = text.List()
    item = text.ListItem()
    item.addElement(text.P(text="mjuk borste"))
    inner.addElement(item)
    steps.childNodes[1].addElement(inner)
    body.addElement(steps)
    paragraph = text.P(text="Kontakta ")
    paragraph.addElement(text.Span(stylename="T1", text="tandvården"))
    paragraph.addElement(text.A(href="https://tand.region.example/", text=" här"))
    note = text.Note(noteclass="footnote", id="ftn1")
    note.addElement(text.NoteCitation(text="1"))
    inside = text.NoteBody()
    inside.addElement(text.P(text="Även jourtid."))
    note.addElement(inside)
    paragraph.addElement(note)
    body.addElement(paragraph)
    body.addElement(text.P(stylename="P2", text="Viktigt: Sug vid svalgpares."))
    html = read(made, "odt").html
    assert '<p class="doc-title">Rutin för munhälsa</p>' in html
    assert '<h2 id="s-gor-sa-har">Gör så här</h2>' in html
    assert "<ol><li>Inspektera</li><li>Borsta<ul><li>mjuk borste</li></ul></li></ol>" in html
    assert "<strong>tandvården</strong>" in html
    assert '<a href="https://tand.region.example/"' in html
    assert re.search(r'<sup><a id="doc-till-1" href="#doc-not-1"[^>]*>1</a></sup>', html)
    assert re.search(r'<li id="doc-not-1"><p>Även jourtid\.', html)
    assert '<div class="callout"><p><strong>Viktigt</strong></p><p>Sug vid svalgpares.</p></div>' in html


def test_a_table_of_an_opendocument_keeps_headers_and_merged_cells(read):
    made = paper_of_odt()
    grid = table.Table(name="t")
    heads = table.TableHeaderRows()
    for holder, cells in (
        (heads, (("Läkemedel", 1), ("Dos", 2))),
        (grid, (("Oxazepam", 1), ("5 mg", 1), ("15 mg", 1))),
    ):
        row = table.TableRow()
        for said, across in cells:
            cell = table.TableCell(numbercolumnsspanned=across)
            cell.addElement(text.P(text=said))
            row.addElement(cell)
            for _ in range(across - 1):
                row.addElement(table.CoveredTableCell())
        holder.addElement(row)
        if holder is heads:
            grid.addElement(heads)
    made.text.addElement(grid)
    found = read(made, "odt")
    assert '<th scope="col">Läkemedel</th><th scope="col" colspan="2">Dos</th>' in found.html
    assert "<td>Oxazepam</td><td>5 mg</td><td>15 mg</td>" in found.html
    assert "tables_flattened" not in found.warnings


# --- Pictures --------------------------------------------------------------------------------------------------------


def with_picture(data: bytes, alt: str) -> bytes:
    paper = docx.Document()
    paper.add_paragraph("Före bilden.")
    shape = paper.add_picture(io.BytesIO(data), width=Mm(40))
    shape._inline.docPr.set("descr", alt)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def odt_with_picture(data: bytes, alt: str) -> bytes:
    made = OpenDocumentText()
    frame = draw.Frame(width="2cm", height="2cm", anchortype="as-char")
    frame.addElement(draw.Image(href=made.addPictureFromString(data, "image/png")))
    frame.addElement(svg.Desc(text=alt))
    holder = text.P()
    holder.addElement(frame)
    made.text.addElement(holder)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


@pytest.mark.parametrize(("make", "name"), [(with_picture, "rutin.docx"), (odt_with_picture, "rutin.odt")])
def test_a_picture_stands_at_its_place_with_its_words(cast: Cast, make, name):
    """Drawn anew, for those who may read the document."""
    document = attached(cast, make(makers.png(64, 48), 'Säng med "bromsade" hjul'), name)
    page = cast.client("maria").get(document.get_absolute_url()).content.decode()
    address = f"{document.get_absolute_url()}figur/1/"
    assert f'<img src="{address}" alt="Säng med &quot;bromsade&quot; hjul" loading="lazy">' in page
    answer = cast.client("maria").get(address)
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(b"".join(answer))).size == (64, 48)
    assert cast.client("eva").get(address).status_code == 404
    assert cast.client("maria").get(f"{document.get_absolute_url()}figur/2/").status_code == 404


def test_a_picture_that_promises_too_many_dots_is_not_drawn(cast: Cast):
    """A small file that would unpack to billions of dots."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + makers.png()[33:]
    )
    document = attached(
        cast,
        makers.repacked(
            with_picture(makers.png(), "En bild"), lambda name, old: data if name.startswith("word/media/") else old
        ),
        "rutin.docx",
    )
    assert cast.client("maria").get(f"{document.get_absolute_url()}figur/1/").status_code == 503


# --- Blank lines -----------------------------------------------------------------------------------------------------
DOSES = (("60 mg", "eller", "20 mg"), ("Var tredje vecka", "", "Varje vecka", "", ""))
BESIDE = r"<p>60 mg</p>\s*<p>eller</p>\s*<p>20 mg</p></td><td><p>Var tredje vecka</p>\s*<p><br></p>\s*<p>Varje vecka</p></td>"


def test_blank_lines_that_make_room_beside_a_dose_are_kept_and_told(read):
    paper = docx.Document()
    made = paper.add_table(2, 2)
    for n, said in enumerate(DOSES):
        made.cell(0, n).text = ("Dos", "Hur ofta")[n]
        made.cell(1, n).text = said[0]
        for line in said[1:]:
            made.cell(1, n).add_paragraph(line)
    paper.add_paragraph("")
    paper.add_paragraph("Slut.")
    found = read(paper, "docx")
    assert re.search(BESIDE, found.html)
    assert "lines_beside" in found.warnings
    assert "<p></p>" not in found.html
    written = OpenDocumentText()
    rows = table.Table()
    row = table.TableRow()
    for said in DOSES:
        cell = table.TableCell()
        for line in said:
            cell.addElement(text.P(text=line))
        row.addElement(cell)
    rows.addElement(row)
    written.text.addElement(rows)
    written.text.addElement(text.P(text=""))
    found = read(written, "odt")
    assert re.search(BESIDE, found.html)
    assert "lines_beside" in found.warnings
    assert "<p></p>" not in found.html


def test_blank_lines_that_make_room_for_nothing_are_gone(read):
    paper = docx.Document()
    made = paper.add_table(1, 2)
    made.cell(0, 0).text = "Natrium"
    made.cell(0, 0).add_paragraph("")
    made.cell(0, 1).text = ""
    made.cell(0, 1).add_paragraph("137–145")
    paper.add_paragraph("", style="List Bullet")
    found = read(paper, "docx")
    assert "<br>" not in found.html
    assert "<li>" not in found.html
    assert "lines_beside" not in found.warnings


# --- Tabulators ------------------------------------------------------------------------------------------------------
def tabbed_word(*lines: str, bold_first: bool = True):
    paper = docx.Document()
    paper.add_paragraph("Dosen väljs efter ålder.")
    for n, line in enumerate(lines):
        paper.add_paragraph().add_run(line).bold = bold_first and n == 0
    paper.add_paragraph("Effekten bedöms efter en timme.")
    return paper


def tabbed_open(*lines: str):
    written = OpenDocumentText()
    for line in ("Dosen väljs efter ålder.", *lines, "Effekten bedöms."):
        paragraph = text.P()
        for n, part in enumerate(line.split("\t")):
            if n:
                paragraph.addElement(text.Tab())
            paragraph.addText(part)
        written.text.addElement(paragraph)
    return written


def test_lines_with_tabs_are_a_table_where_it_is_sure_what_stands_under_what(read):
    lines = ("Vem\tDos\tHur ofta", "Vuxen\t10 mg\ttvå gånger", "Barn\t5 mg\ten gång")
    html = read(tabbed_word(*lines), "docx").html
    assert '<th scope="col">Vem</th><th scope="col">Dos</th><th scope="col">Hur ofta</th>' in html
    assert "<td>Barn</td><td>5 mg</td><td>en gång</td>" in html
    assert "<p>Dosen väljs efter ålder.</p>" in html
    assert "<p>Effekten bedöms efter en timme.</p>" in html
    assert "<td>Barn</td><td>5 mg</td><td>en gång</td>" in read(tabbed_open(*lines), "odt").html
    # Two parts: however many tabs it took to reach the second.
    html = read(
        tabbed_word("Kort\t\t12 34", "Avdelning 3\t56 78", "Ett längre namn\t90 12", bold_first=False), "docx"
    ).html
    assert "<td>Kort</td><td>12 34</td>" in html


def test_places_left_empty_between_tabs_stay_empty_where_that_is_sure(read):
    """The dose into a vein is not shown as the one under the skin."""
    lines = ("Preparat\tPeroralt\tSubkutant\tIntravenöst", "Morfin\t30 mg\t15 mg\t10 mg", "Oxikodon\t20 mg\t\t10 mg")
    lines += ("Fentanyl\t\t\t0,1 mg", "Kodein\t200 mg")
    for html in (read(tabbed_word(*lines), "docx").html, read(tabbed_open(*lines), "odt").html):
        assert "<td>Oxikodon</td><td>20 mg</td><td></td><td>10 mg</td>" in html
        assert "<td>Fentanyl</td><td></td><td></td><td>0,1 mg</td>" in html
        assert "<td>Kodein</td><td>200 mg</td><td></td><td></td>" in html
    # A word shorter than any that one tab follows: two tabs may do no more than bring it to the same place.
    unsure = ("Läkemedel\tDos\tMax", "Morfin\t10 mg\t30 mg", "Pcm\t\t1 g")
    for html in (read(tabbed_word(*unsure), "docx").html, read(tabbed_open(*unsure), "odt").html):
        assert "<table" not in html
        assert "I raderna ovan visar bara filen vad som står under vad" in html


@pytest.mark.parametrize(
    "lines",
    [
        # A tab more: a place left empty, or a short word before it?
        ("Vem\tDos\tHur ofta", "Vuxen\t\t10 mg\ttvå gånger", "Barn\t5 mg\ten gång"),
        ("Vem\tDos\tHur ofta", "Vuxen\t10 mg", "Barn\t5 mg\ten gång"),
        ("Namn:\t", "Vuxen\t10 mg", "Slut."),
    ],
)
def test_lines_with_other_tabs_are_no_table_and_their_parts_stand_apart(read, lines):
    for html in (read(tabbed_word(*lines), "docx").html, read(tabbed_open(*lines), "odt").html):
        assert "<table" not in html
        assert "Vuxen\u200310 mg" in html


def test_a_style_without_its_kind_is_one_of_paragraphs(tmp_path):
    paper = docx.Document()
    paper.add_paragraph("Skynket hakas av.", style="Heading 2")
    path = tmp_path / "made.docx"
    paper.save(str(path))
    styles = re.compile(rb'(<w:style) w:type="paragraph"( [^>]*w:styleId="Heading2")')

    def untyped(name: str, data: bytes) -> bytes:
        assert name != "word/styles.xml" or styles.search(data)
        return styles.sub(rb"\1\2", data) if name == "word/styles.xml" else data

    path.write_bytes(makers.repacked(path.read_bytes(), untyped))
    html = extract_text(path, "docx").html
    assert re.search(r"<h\d[^>]*>Skynket hakas av", html)


# --- Contents --------------------------------------------------------------------------------------------------------
def test_a_list_of_contents_leads_to_its_headings_without_the_pages_of_paper(read):
    paper = docx.Document()
    for n, (level, words) in enumerate(((1, "Bakgrund"), (2, "Vilka det gäller"), (1, "Ansvar"))):
        style_of = paper.styles.add_style(f"toc {level}", 1) if f"toc {level}" not in paper.styles else None
        paragraph = paper.add_paragraph(style=style_of or paper.styles[f"toc {level}"])
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"_Toc{n}")
        for part in (words, "\t", str(n + 2)):
            run = OxmlElement("w:r")
            made = OxmlElement("w:tab" if part == "\t" else "w:t")
            if part != "\t":
                made.text = part
            run.append(made)
            link.append(run)
        paragraph._p.append(link)
    for n, words in enumerate(("Bakgrund", "Vilka det gäller", "Ansvar")):
        heading = paper.add_heading(words, 1 + (n == 1))
        for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
            mark = OxmlElement(tag)
            mark.set(qn("w:id"), str(n))
            mark.set(qn("w:name"), f"_Toc{n}")
            heading._p.insert(1 if tag.endswith("Start") else len(heading._p), mark)
        paper.add_paragraph("Text.")
    html = read(paper, "docx").html
    assert re.search(
        r'<ul>\s*<li><a href="#doc-_Toc0"[^>]*>Bakgrund</a>\s*<ul>\s*<li><a href="#doc-_Toc1"[^>]*>Vilka det gäller</a>'
        r'</li></ul></li>\s*<li><a href="#doc-_Toc2"[^>]*>Ansvar</a></li></ul>',
        html,
    ), html
    assert 'id="doc-_Toc1"' in html


def test_an_opendocuments_list_of_contents_has_no_pages_of_paper(read):
    written = OpenDocumentText()
    listed, body = text.TableOfContent(name="t"), text.IndexBody()
    for words, page in (("Bakgrund", "3"), ("Ansvar", "12")):
        line = text.P(text=words)
        line.addElement(text.Tab())
        line.addText(page)
        body.addElement(line)
    listed.addElement(body)
    written.text.addElement(listed)
    written.text.addElement(text.H(outlinelevel=1, text="Bakgrund"))
    html = read(written, "odt").html
    assert "<ul><li>Bakgrund</li><li>Ansvar</li></ul>" in html
