"""A PDF's tables are read as they stand, and no cell stands under a wrong header."""

from __future__ import annotations

import re

import pytest
import typst

from core.files.extraction import extract_text
from core.sandbox import pdf
from core.sandbox.html import sanitise
from tests.core.papers import (
    CASES,
    FLOW,
    HEADED,
    LIMITS,
    made,
    without_spans,
)


def test_a_table_that_cannot_be_told_is_not_guessed_at(tmp_path):
    """A header that reaches over two columns without a line to show it: which column is whose is not seen."""
    source = """
#set page(width: 420pt, height: 300pt)
#set table(stroke: none)
Dosen väljs efter vikt och njurfunktion enligt tabellen, och omprövas dagen därpå av läkare.
#table(columns: (1fr, 1fr, 1fr, 1fr),
  [*Läkemedel*], [*Dos*], [], [*Kommentar*], [], [*Första*], [*Högst*], [],
  [Oxazepam], [5 mg], [15 mg], [Fallrisk], [Risperidon], [0,25 mg], [1 mg], [Ompröva], [Klometiazol], [300 mg], [600 mg], [Till natten])
"""
    html = made(source, tmp_path, tagged=False)
    assert "<table" not in html
    assert "Tabellen finns i filen, sida 1." in html
    assert "0,25 mg" not in html  # no string of words that says nothing
    path = tmp_path / "made.pdf"
    found = extract_text(path, "pdf")
    assert "tables_left_out" in found.warnings
    assert "0,25 mg" in found.text  # and is found all the same


def test_two_columns_are_read_one_after_the_other(tmp_path):
    text = "Vaccin beställs i två omgångar och förvaras i kylskåp mellan två och åtta grader tills det används. " * 4
    source = (
        f"#set page(width: 420pt, height: 260pt)\n#columns(2)[#par[ALFA {text}]\n#par[BETA {text}]\n#par[GAMMA {text}]]"
    )
    html = made(source, tmp_path, tagged=False)
    assert [html.index(word) for word in ("ALFA", "BETA", "GAMMA")] == sorted(
        html.index(w) for w in ("ALFA", "BETA", "GAMMA")
    )
    assert html.count("<p>") == 3


def test_what_is_explained_keeps_its_word_and_a_table_its_caption(tmp_path):
    source = """
= Roller
/ Läkare: ordinerar
/ Sjuksköterska: utför och dokumenterar
#figure(table(columns: 2, [Storlek], [Färg], [14 G], [Orange]), caption: [Kanyler])
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert re.search(r"<strong>Läkare</strong> ordinerar", html)
        assert "Tabell 1: Kanyler" in html or "Table 1: Kanyler" in html
        assert "<td>14 G</td><td>Orange</td>" in html


def test_a_flow_chart_is_a_figure_and_neither_table_nor_text(tmp_path):
    html = made(FLOW, tmp_path, tagged=False)
    assert "<table" not in html
    told = re.search(r'<p class="doc-left-out" id="doc-ruta-1-[\d-]+">(.*?)</p>', html)
    assert told
    assert told[1].startswith("Figuren finns i filen, sida 1. I figuren: Larm 112 Akutmottagning")
    assert html.count("<p>") == 2


def test_rows_that_no_line_shows_keep_their_lines_or_are_not_guessed_at(tmp_path):
    """One row between its lines, and in it several: which dose is whose is seen by what stands beside what."""
    source = """
#set page(width: 420pt, height: 300pt)
Dosen väljs efter ålder och vikt, och omprövas dagen därpå av den läkare som har ansvaret för patienten.
#table(columns: (160pt, 120pt), table.header([*Vem*], [*Dos*]), CELLS)
Effekten bedöms efter en timme.
"""
    for tagged in (True, False):
        even = made(source.replace("CELLS", r"[Vuxen \ Barn \ Äldre], [10 mg \ 5 mg \ 2 mg]"), tmp_path, tagged=tagged)
        parted = ("Vuxen", "10 mg"), ("Barn", "5 mg"), ("Äldre", "2 mg")
        assert "".join(f"<tr><td>{who}</td><td>{dose}</td></tr>" for who, dose in parted) in even
        assert even.count("<th") == 2 + even.count("<thead")
        odd = r"[Vuxen \ Barn, också det \ som är nyfött \ Äldre], [10 mg \ 5 mg \ #v(8pt) 2 mg]"
        html = made(source.replace("CELLS", odd), tmp_path, tagged=tagged)
        assert "<table" not in html
        assert "Tabellen finns i filen, sida 1." in html
        # A blank line makes room for the two lines beside it.
        apart = r"[Docetaxel 60 mg med pegfilgrastim \ eller \ Docetaxel 20 mg], [Var tredje vecka \ \ Varje vecka]"
        html = made(source.replace("CELLS", apart), tmp_path, tagged=tagged)
        assert "<table" not in html
        text = "Ges långsamt i blodet av sjuksköterska som har läst hur det går till i hela rutinen"
        prose = made(source.replace("CELLS", f"[{text}], [{text}]"), tmp_path, tagged=tagged)
        assert prose.count(f"<td>{text}</td>") == 2


def test_columns_within_one_cell_are_not_run_together(tmp_path):
    source = """
#set page(width: 420pt, height: 300pt)
#let row(a, b, c) = [#a #h(40pt) #b #h(40pt) #c \\ ]
Värdena nedan gäller för vuxna och tas om när provet har stått längre än en timme i rumstemperatur.
#table(columns: (100pt, 260pt), [*Prov*], [*Värden*], [Natrium], [#row[137][140][145] #row[131][135][139]])
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert "137 140 145" not in html
        assert "Tabellen finns i filen, sida 1." in html


def test_paragraphs_with_tabs_that_stand_in_columns_are_a_table(tmp_path):
    """Tagged as paragraphs, as word processors do with tabs: the tags alone would make a string of words of them."""
    source = """
#set page(width: 420pt, height: 300pt)
#let row(a, b, c) = [#box(width: 120pt, a)#box(width: 120pt, b)#c \n\n]
= Dosering
Dosen väljs efter ålder, och omprövas dagen därpå av den läkare som har ansvaret för patienten.

#row[*Vem*][*Dos*][*Hur ofta*]
#row[Vuxen][10 mg][två gånger]
#row[Barn][5 mg][en gång]
#row[Äldre][2 mg][en gång]

Effekten bedöms efter en timme av den som gav dosen, och skrivs i journalen.
"""
    html = made(source, tmp_path, tagged=True)
    assert re.search(r"<th[^>]*>Vem</th><th[^>]*>Dos</th><th[^>]*>Hur ofta</th>", html)
    assert "<td>Barn</td><td>5 mg</td><td>en gång</td>" in html
    assert "<h2>" in html


@pytest.mark.parametrize(("stroke", "is_seen"), [("0.5pt", True), ("none", False)])
def test_what_reaches_over_columns_is_seen_by_its_lines_where_no_tag_tells_it(tmp_path, stroke, is_seen):
    source = f"""
#set page(width: 420pt, height: 300pt)
= Dosering
Dosen väljs efter vikt och njurfunktion enligt tabellen, och omprövas dagen därpå av läkare.
#table(columns: (120pt, 80pt, 80pt), stroke: {stroke},
  table.header([*Läkemedel*], table.cell(colspan: 2, align: center)[*Dos*]),
  [Oxazepam], [5 mg], [15 mg], [Risperidon], [0,25 mg], [1 mg])
"""
    path = tmp_path / "spans.pdf"
    path.write_bytes(typst.compile(source.encode(), format="pdf"))
    without_spans(path)
    html = str(pdf.read_with_pdfium(str(path), LIMITS)["html"])
    assert ("<table" in html) is is_seen
    assert re.search(r'<th[^>]*colspan="2"[^>]*>Dos</th>' if is_seen else "Tabellen finns i filen", html)


def test_a_table_within_a_cell_is_shown_as_it_is(tmp_path):
    inner = "#table(columns: 2, [Natt], [5 mg], [Dag], [10 mg])"
    source = f"#set page(width: 420pt)\nText före.\n#table(columns: 2, [Vem], [Hur], [Vuxen], [{inner}])"
    html = made(source, tmp_path, tagged=False)
    assert "<table" not in html
    assert html.count("Tabellen finns i filen") == 1


def test_words_in_the_middle_of_a_narrow_cell_are_not_run_together(tmp_path):
    source = """
#set page(width: 420pt, height: 300pt)
#table(columns: (70pt, 70pt), align: center, [*Personer \\ tränade*], [*Personer \\ prövade*], [12], [14], [9], [7])
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert "Personertränade" not in html
        assert re.search(r"Personer(?:<br>| )tränade", html)


def test_a_list_of_contents_without_dots_is_no_table(tmp_path):
    rows = "\n".join(f"#link(<a{n}>)[Avsnitt {n} #h(1fr) {n}] \\" for n in range(1, 6))
    texts = "\n".join(f"#pagebreak()\n== Avsnitt {n} <a{n}>\nText." for n in range(1, 6))
    html = made(f"#set page(width: 420pt, height: 300pt)\n{rows}\n{texts}", tmp_path, tagged=False)
    assert "<table" not in html
    assert html.count("<li>") == 5
    # Numbers that lead nowhere may be points: they are kept, but for where it is said what they are.
    rows = "\n\n".join(f"{what} #h(1fr) {n}" for what, n in (("Går själv", 1), ("Äter själv", 2), ("Klär sig", 3)))
    points = made(f"#set page(width: 420pt, height: 300pt)\nPoäng\n\n{rows}", tmp_path, tagged=False)
    assert "<td>Äter själv</td><td>2</td>" in points or re.search(r"Äter själv\s*2", points)
    pages = made(f"#set page(width: 420pt, height: 300pt)\n= Innehåll\n{rows}\n{texts}", tmp_path, tagged=True)
    assert '<a href="#sida-2">Äter själv</a>' in pages


def test_lines_that_stand_beside_one_another_become_rows_and_the_rest_reaches_over_them(tmp_path):
    source = r"""
#set page(width: 460pt, height: 300pt)
Dosen väljs efter ålder och vikt, och omprövas dagen därpå av den läkare som har ansvaret för patienten.
#table(columns: (80pt, 120pt, 100pt, 60pt), table.header([*Läke- \ medel*], [*Vem \ får*], [*Dos \ natt*], [*Sätt*]),
  table.cell(rowspan: 2)[Oxazepam], [Vuxen \ Barn], [10 mg \ 5 mg], [Munnen], [Äldre], [2 mg], [Munnen])
Effekten bedöms efter en timme.
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        body = html.split("<tbody>")[1]
        assert body.startswith(
            '<tr><td rowspan="3">Oxazepam</td><td>Vuxen</td><td>10 mg</td><td rowspan="2">Munnen</td></tr>'
            "<tr><td>Barn</td><td>5 mg</td></tr><tr><td>Äldre</td><td>2 mg</td><td>Munnen</td></tr>"
        ), body
        assert html.split("<tbody>")[0].count("<tr>") == 1
    # What heads a row is parted as the rest.
    source = source.replace("Vuxen \\ Barn", "*Vuxen \\ Barn*").replace("[Äldre]", "[*Äldre*]")
    source = source.replace("table.cell(rowspan: 2)[Oxazepam], ", "").replace("[*Läke- \\ medel*], ", "")
    html = made(source.replace("columns: (80pt, ", "columns: ("), tmp_path, tagged=False)
    assert '<th scope="row">Vuxen</th><td>10 mg</td>' in html
    assert '<th scope="row">Barn</th><td>5 mg</td>' in html


def test_a_line_over_a_part_of_a_table_heads_no_column(tmp_path):
    source = """
#set page(width: 460pt, height: 300pt)
#table(columns: 3, table.header([*Prov*], [*Lägst*], [*Högst*]),
  [*Kemi*], [], [], [Natrium], [137], [145], [*Blod*], [], [], [Hb], [117], [153])
"""
    html = made(source, tmp_path, tagged=False)
    assert html.count("<thead><tr>") == 1
    assert html.split("</thead>")[0].count("<tr>") == 1
    assert "Kemi" in html.split("<tbody>")[1]


def test_nothing_that_differs_between_pages_is_taken_for_a_header():
    """Hours of a schedule at the edges of its pages, and a dose first on each card, are the text."""
    schedule = str(pdf.read_with_pdfium(str(CASES / "schedule.pdf"), LIMITS)["html"])
    for hour in range(1, 81):
        assert f"<td>Timme {hour}</td><td>{hour + 1} ml/timme</td><td>{hour + 2} mg</td>" in schedule
    cards = str(pdf.read_with_pdfium(str(CASES / "cards.pdf"), LIMITS)["html"])
    for dose in (5, 10, 50):
        assert f"Ge {dose} mg per kg till barn under 12 år." in cards
    assert "doc-running" not in cards


@pytest.mark.parametrize("tagged", [True, False])
def test_headers_and_footers_are_said_once_after_the_text(tmp_path, tagged):
    html = made(HEADED, tmp_path, tagged=tagged)
    text, _, beside = html.partition('<div class="doc-running">')
    assert "Ges ej till barn" not in text
    assert beside == (
        "<p><strong>På varje sida</strong></p><p>Ges ej till barn under 12 år</p><p>Version 3 2026-11-01</p></div>"
    )
    # They reach the reader.
    assert sanitise(html).count("Ges ej till barn under 12 år") == 1
    assert 'class="doc-running"' in sanitise(html)


def test_a_header_as_close_as_a_line_of_the_text_is_text(tmp_path):
    """Where a row that repeats stands in the text, it stays there, on each page."""
    source = """
#set page(width: 400pt, height: 300pt, margin: (y: 20pt))
#for n in range(3) [Ges ej till barn. \\ Text på sida #n om hur vätska ges. \\ Och mer om det. #pagebreak(weak: true)]
"""
    html = made(source, tmp_path, tagged=False)
    assert html.count("Ges ej till barn.") == 3


@pytest.mark.parametrize("name", ["turned-head.pdf", "vertical-rules.pdf"])
def test_a_table_whose_rows_or_headers_cannot_be_told_is_shown_as_a_picture(name):
    """Headers that run upwards, and doses in cells that no line parts into rows: never a header beside its column."""
    found = extract_text(CASES / name, "pdf")
    assert "<table" not in found.html
    assert re.search(r'<p class="doc-left-out" id="doc-ruta-1-[\d-]+">Tabellen finns i filen, sida 1.</p>', found.html)
    assert "tables_left_out" in found.warnings
    assert "Noradrenalin</strong>" not in found.html


def test_tables_side_by_side_stand_each_under_its_own_heading():
    html = extract_text(CASES / "two-tables.pdf", "pdf").html
    order = [html.index(part) for part in (">Vuxna</h2>", "500 mg × 4", ">Barn</h2>", "75 mg × 4", "Överskrid aldrig")]
    assert order == sorted(order)
    assert "Vuxna Barn" not in html
