"""A PDF is read as a page: what its makers meant, and nothing under a wrong header."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import pytest
import typst
from pypdfium2 import PdfiumError

from bench.reading import files, read, scored
from core.files import extraction
from core.files.extraction import extract_text
from core.sandbox import layout, pdf
from core.sandbox.html import sanitise
from core.sandbox.layout import written
from core.sandbox.layout.joining import Vocabulary
from core.sandbox.layout.lines import parts_number
from core.sandbox.layout.sheet import Word
from core.sandbox.text import Unreadable, clean_text, is_garbled

CASES = Path(__file__).parent / "read"
JUDGED = list(files(aside=False))
LIMITS = {"max_pages": 2000, "max_text_bytes": 5_000_000}


def made(source: str, tmp_path, *, tagged: bool = True) -> str:
    """The HTML of a typst text. Without its tags only the places of its words are there to read from."""
    path = tmp_path / "made.pdf"
    path.write_bytes(typst.compile(source.encode(), format="pdf"))
    if not tagged:
        without_tags(path)
    return str(pdf.read_with_pdfium(str(path), LIMITS)["html"])


def without_tags(path) -> None:
    with pikepdf.open(path, allow_overwriting_input=True) as paper:
        for key in ("/StructTreeRoot", "/MarkInfo"):
            if key in paper.Root:
                del paper.Root[key]
        paper.save(path)


@pytest.mark.parametrize("maker", sorted({file.maker for file in JUDGED}))
def test_the_judged_files_of_each_maker_are_read_right(maker):
    """The aims of the bench, for the files the reader was built on; a cell under a wrong header is never let by."""
    of_maker = [file for file in JUDGED if file.maker == maker][:3]
    for file in of_maker:
        score = scored(file, read(file))
        assert score.wrong_cells == [], file.name
        assert score.running == 0, file.name
        for measure, aim in (("breaks", 0.97), ("headings", 0.97), ("items", 0.95), ("order", 0.97), ("links", 0.95)):
            assert score.f1(measure) >= aim, (file.name, measure, score.missed[measure])


TABLE = """
#set page(width: 400pt, height: 300pt, footer: align(center)[Sida 1 (1)])
#set table(stroke: STROKE)
= Skala
Välj ett alternativ i varje rad, och räkna samman poängen när alla rader är ifyllda.
#table(columns: 3,
  table.header([*Fråga*], [*Svar*], [*Poäng*]),
  [Går själv], [Ja], [3], [Äter själv], [Delvis], [2], [Klär sig], [Nej], [0])
Summan skrivs i journalen samma dag, också när den är oförändrad sedan förra gången.
"""


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("stroke", ["0.5pt", "none", "(bottom: 0.5pt)"])
def test_which_answer_gives_which_score_can_be_read(tmp_path, stroke, tagged):
    html = made(TABLE.replace("STROKE", stroke), tmp_path, tagged=tagged)
    assert re.search(r"<th[^>]*>Fråga</th><th[^>]*>Svar</th><th[^>]*>Poäng</th>", html)
    assert "<td>Äter själv</td><td>Delvis</td><td>2</td>" in html
    assert "Sida 1 (1)" not in html
    assert "<p>Summan skrivs i journalen samma dag" in html


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


def test_what_runs_along_the_pages_is_not_in_the_text_and_pages_can_be_linked_to(tmp_path):
    source = """
#set page(width: 300pt, height: 200pt, header: [Region Fjällmark #h(1fr) RUT-0001], footer: context [Sida #counter(page).display()])
#for n in range(1, 4) [Stycke #n om hur rutinen följs på alla enheter, med samma ordning överallt. #pagebreak(weak: true)]
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert html.count("Fjällmark") == html.partition('<div class="doc-running">')[2].count("Fjällmark") == 1
        assert "Sida" not in re.sub(r"<[^>]*>", "", html)
        assert [int(n) for n in re.findall(r'id="sida-(\d)"', html)] == [1, 2, 3]


def test_a_paragraph_that_a_page_parts_is_one(tmp_path):
    source = """
#set page(width: 260pt, height: 120pt)
#set par(justify: true)
""" + " ".join(f"Mening nummer {n} handlar om samma sak som den förra utan att sluta." for n in range(1, 12))
    html = made(source, tmp_path, tagged=False)
    assert html.count("<p>") == 1
    assert [int(n) for n in re.findall(r'id="sida-(\d)"', html)] == [1, 2, 3]


def test_notes_come_last_and_can_be_gone_to_and_back(tmp_path):
    source = """
#set page(width: 320pt, height: 260pt)
#set text(size: 11pt)
Behandla orsaken först.#footnote[Se även vårdprogrammet om oro hos äldre.] Läkemedel ges bara när annat inte har hjälpt.

Dosen omprövas dagen därpå av läkare, och antecknas i journalen med skälet.
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert '<sup><a id="doc-till-1" href="#doc-not-1">1</a></sup>' in html
        assert re.search(r'<li id="doc-not-1">Se även vårdprogrammet om oro hos äldre\. <a href="#doc-till-1">', html)
        assert html.index("Dosen omprövas") < html.index("Se även")


def word(text: str) -> Word:
    return Word(text, 0, 10, 0, 10)


@pytest.mark.parametrize(
    ("first", "rest", "whole"),
    [
        ("läke\x02", "medel", "läkemedel"),
        ("RUT\x02", "0099", "RUT-0099"),
        ("EKG\ufffe", "elektroderna", "EKG-elektroderna"),
        ("covid\x02", "19", "covid-19"),
        ("om\u2010", "vårdnad", "omvårdnad"),
        ("natt\x02", "sköterska", "natt-sköterska"),  # the document's own way to write it
        ("sär\u00ad", "skilt", "särskilt"),
    ],
)
def test_a_hyphen_at_a_lines_end_stays_where_it_is_the_words_own(first, rest, whole):
    known = Vocabulary([word("natt-sköterska"), word("natt-sköterska"), word("läkemedel")])
    assert known.join(first, rest) == whole


def test_addresses_can_be_followed_and_their_stop_is_no_part_of_them(tmp_path):
    html = made('Läs #link("https://handbok.region.example/oro")[handboken].', tmp_path, tagged=False)
    assert '<a href="https://handbok.region.example/oro">handboken</a>.' in html


def test_a_broken_file_ends_with_its_words_or_with_a_reason():
    """Bytes changed at random: the reader answers with a page, with words, or with what is wrong; never another way."""
    chosen = random.Random(22)
    originals = [file.path.read_bytes() for file in JUDGED if len(file.path.read_bytes()) < 40_000]
    for _ in range(60):
        data = bytearray(chosen.choice(originals))
        for _ in range(chosen.randrange(1, 30)):
            data[chosen.randrange(len(data))] = chosen.randrange(256)
        try:
            found = pdf.read_with_pdfium(io.BytesIO(data), LIMITS)
        except PdfiumError:
            continue  # the second reader has its turn
        except Unreadable:
            continue  # told in words
        else:
            assert set(found) >= {"text", "html", "pages", "warnings"}
            assert not found["fault"]


def test_a_list_of_contents_leads_to_its_pages_without_their_numbers(tmp_path):
    source = """
#set page(width: 320pt, height: 220pt)
#outline(title: [Innehåll])
#pagebreak()
= Syfte
Rutinen gäller alla enheter som tar emot patienter från andra vårdgivare.
#pagebreak()
= Ansvar
Chefen svarar för att rutinen är känd av alla som arbetar på enheten.
#pagebreak()
= Uppföljning
Rutinen följs upp varje år tillsammans med den som har skrivit den.
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert re.findall(r'<li><a href="#sida-(\d)">(\w+)</a>', html) == [
            ("2", "Syfte"),
            ("3", "Ansvar"),
            ("4", "Uppföljning"),
        ]
        assert re.findall(r"<h2>(?:<span[^>]*></span>)?(\w+)</h2>", html)[-3:] == ["Syfte", "Ansvar", "Uppföljning"]


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


def test_a_figure_is_told_at_its_place_with_its_words(tmp_path):
    source = """
#set page(width: 320pt, height: 260pt)
Så här går det till, från första kontakten till uppföljningen efter ett år.
#image(bytes("<svg xmlns='http://www.w3.org/2000/svg' width='200' height='80'><rect width='200' height='80' fill='teal'/></svg>"), alt: "Flödesschema i tre steg")
Därefter skrivs allt i journalen, med namn på den som har fattat beslutet.
"""
    html = made(source, tmp_path)
    told = re.search(r'<p class="doc-left-out" id="(doc-ruta-1-[\d-]+)">(.*?)</p>', html)
    assert told
    assert told[2] == "Figuren finns i filen, sida 1. Flödesschema i tre steg"
    assert html.index("Så här går") < told.start() < html.index("Därefter")


def test_a_paragraph_more_stands_within_its_item(tmp_path):
    source = """
#set page(width: 320pt, height: 260pt)
+ Öppna luftvägen genom att böja huvudet bakåt och lyfta hakan.

  Titta, lyssna och känn efter andning i högst tio sekunder.
+ Börja med kompressioner om andning saknas eller inte är normal.
"""
    html = made(source, tmp_path, tagged=False)
    assert re.search(
        r"<li>(?:<span[^>]*></span>)?Öppna.*?hakan\.\s*<p>Titta.*?sekunder\.</p>\s*</li>\s*<li>Börja", html, re.DOTALL
    )
    assert html.count("<ol") == 1


def test_three_hundred_pages_are_read_within_the_limits(tmp_path):
    source = "#set page(width: 300pt, height: 400pt)\n#for n in range(300) [= Avsnitt #n\n#lorem(120)\n#table(columns: 3, [*A*], [*B*], [*C*], [1], [2], [3])\n#pagebreak(weak: true)]"
    path = tmp_path / "long.pdf"
    path.write_bytes(typst.compile(source.encode(), format="pdf"))
    found = extract_text(path, "pdf")
    assert found.pages == 300
    assert 'id="sida-300"' in found.html
    assert found.html.count("<table") == 300


FLOW = """
#set page(width: 420pt, height: 420pt)
Flödet visar vem som gör vad när en patient kommer in med misstänkt stroke, oavsett varifrån hen kommer.
#let b(x, y, t) = place(dx: x, dy: y, rect(width: 90pt, height: 30pt, inset: 4pt, radius: 4pt)[#set text(8pt); #t])
#let a(x, y) = {
  place(dx: x, dy: y, line(length: 20pt, angle: 90deg))
  place(dx: x - 3pt, dy: y + 18pt, polygon(fill: black, (0pt, 0pt), (6pt, 0pt), (3pt, 6pt)))
}
#block(height: 220pt, width: 100%)[
#b(20pt, 0pt)[Larm 112] #a(65pt, 31pt) #b(20pt, 56pt)[Akutmottagning] #a(65pt, 87pt)
#b(20pt, 112pt)[Datortomografi] #b(180pt, 56pt)[Vårdcentral ringer]
#place(dx: 112pt, dy: 70pt, line(length: 68pt, angle: 0deg)) #a(65pt, 143pt) #b(20pt, 168pt)[Trombolys]
]
Därefter följer vård på strokeenhet, där rehabiliteringen börjar redan första dygnet efter insjuknandet.
"""


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


def test_headings_head_something_and_leap_over_no_level(tmp_path):
    source = """
#set page(width: 420pt, height: 500pt)
#let large(n, body) = block(above: 14pt, text(size: n * 1pt, body))
#large(17)[Region Fjällmark] #large(17)[Hälso- och sjukvård] #large(17)[Medicinkliniken] #large(17)[Storgatan ett]
Rutinen gäller för alla som arbetar på kliniken, också för dem som är där för en dag eller två.
#large(15)[Bakgrund]
Brödtext som är lång nog för att vara text, och som följs av mer text av samma slag i samma storlek.
#large(13)[Syfte]
Brödtext som är lång nog för att vara text, och som följs av mer text av samma slag i samma storlek.
#large(13)[Omfattning]
Brödtext som är lång nog för att vara text, och som följs av mer text av samma slag i samma storlek.
"""
    html = made(source, tmp_path, tagged=False)
    assert re.findall(r"<h(\d)[^>]*>([^<]*)", html) == [("2", "Bakgrund"), ("3", "Syfte"), ("3", "Omfattning")]
    assert "Medicinkliniken" in html
    long = "Viktigt att veta för alla som arbetar på kliniken " * 5
    tagged = made(f"= Rubrik\nText.\n=== Under\nText.\n= {long}\nText.\n= Mer\nText.", tmp_path, tagged=True)
    headings = re.findall(r"<h(\d)[^>]*>(?:<span[^>]*></span>)?([^<]*)", tagged)
    assert headings == [("2", "Rubrik"), ("3", "Under"), ("2", "Mer")]


def test_dots_and_page_numbers_without_a_blank_are_taken_from_the_contents(tmp_path):
    lines = "\n\n".join(f"*{word}{'.' * 60}{n}*" for word, n in (("Bakgrund", 1), ("Ansvar", 1), ("Uppföljning", 1)))
    html = made(f"#set page(width: 500pt)\n{lines}\n\nText som följer.", tmp_path, tagged=False)
    assert "...." not in html, html
    assert [re.sub("<[^>]*>", "", item) for item in re.findall(r"<a [^>]*>.*?</a>", html)] == [
        "Bakgrund", "Ansvar", "Uppföljning",
    ]  # fmt: skip


def test_a_bullet_that_stands_lower_than_its_words_marks_them(tmp_path):
    item = "#box(width: 14pt, move(dy: 2.6pt, text(size: 8pt)[●]))"
    source = (
        "#set page(width: 420pt, height: 200pt)\nTa med till patienten:\n\n"
        f"{item}ett glas vatten och en servett som räcker\n\n{item}en journal"
    )
    html = made(source, tmp_path, tagged=False)
    assert "●" not in html
    assert re.findall(r"<li>([^<\n]*)", html) == ["ett glas vatten och en servett som räcker", "en journal"]


def test_lines_to_write_on_are_no_wider_than_a_telephone(tmp_path):
    html = made('Namn: #("_" * 90)', tmp_path, tagged=False)
    assert "_" * 12 in html
    assert "_" * 13 not in html


def test_letters_beyond_the_first_plane_are_whole(tmp_path):
    html = made("Mängden är $cal(X)$ och $frak(R)$ enligt kurvan.", tmp_path)
    assert "𝒳" in html
    assert "ℜ" in html or "𝔑" in html


def test_a_soft_hyphen_that_was_drawn_is_a_hyphen_before_a_capital_or_a_figure():
    assert clean_text("RUT\u00ad0412, Arabo\u00adIslamic, vård\u00adcentral") == "RUT-0412, Arabo-Islamic, vårdcentral"


def test_letters_that_are_not_what_they_look_like_are_told_of():
    assert is_garbled("ƌƵƚŝŶĞŶ ŐćůůĞƌ ĨƂƌ ĂůůĂ ƐŽŵ ĂƌďĞƚĂƌ ƉĊ ŬůŝŶŝŬĞŶ")
    assert not is_garbled("Rutinen gäller för alla. Dvořák, Łódź, Şükrü, tŷ, ďáblík och Nguyễn. " * 20)


def test_a_fault_of_the_reader_is_told_and_the_words_are_kept(tmp_path, monkeypatch, caplog):
    def broken(*_args):
        raise ValueError("innehåll ur filen")

    monkeypatch.setattr(layout, "read", broken)
    path = tmp_path / "made.pdf"
    path.write_bytes(typst.compile(b"Skynket hakas av.", format="pdf"))
    found = pdf.read_with_pdfium(str(path), LIMITS)
    assert found["html"] == ""
    assert "Skynket hakas av" in found["text"]
    assert "layout_omitted" in found["warnings"]
    assert re.fullmatch(r"ValueError test_layout\.py:\d+", found["fault"])
    extraction._checked({"fault": "ValueError x.py:1\nRut <b>Öberg</b>", "text": "x"}, extraction.Limits())
    (record,) = [r for r in caplog.records if "layout" in r.message]
    assert record.fault == "ValueError x.py:1Rut bbergb"


def without_spans(path) -> None:
    """As word processors tag: no cell says over how many columns or rows it reaches."""
    with pikepdf.open(path, allow_overwriting_input=True) as paper:
        for thing in paper.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") in ("/TH", "/TD") and "/A" in thing:
                del thing["/A"]
        paper.save(path)


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


def test_what_stands_alone_at_the_top_is_kept_where_the_file_says_that_it_is_text(tmp_path):
    source = """
#set page(width: 420pt, height: 500pt, margin: (top: 20pt), footer: align(center)[1 av 1])
#text(size: 8pt)[Gäller bara natten mellan torsdag och fredag]
#v(60pt)
= Rubrik
Brödtext som är lång nog för att vara text, och som följs av mer text av samma slag i samma storlek.

Ännu ett stycke av samma slag, så att det är tydligt vad som är text och hur stor den är.
"""
    html = made(source, tmp_path, tagged=True)
    assert "Gäller bara natten" in html
    assert "1 av 1" not in html


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


HEADED = """
#set page(width: 400pt, height: 300pt, margin: (y: 60pt), header: [Ges ej till barn under 12 år],
  footer: context [Version 3 2026-11-0#counter(page).get().first() #h(1fr) Sida #counter(page).display("1 (1)", both: true)])
= Vätska
#for n in range(3) [Text på sida #n om hur vätska ges till den som inte kan dricka. #pagebreak(weak: true)]
"""


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


def test_items_bear_the_numbers_that_the_file_has():
    """ "Hoppa till punkt 4" and "see b" name them: numbers that leap, letters and Roman numbers."""
    html = re.sub(r"\n", "", str(pdf.read_with_pdfium(str(CASES / "list-leaps.pdf"), LIMITS)["html"]))
    assert '<li>Ge 5 mg.</li><li value="4">Mät puls (steg 3 har utgått).</li><li value="7">Om puls' in html
    assert '<ol type="a"><li>Ge 1 mg.</li><li>Ge 2 mg.</li><li value="4">Ge inget.</li></ol>' in html
    assert '<ol type="I"><li>Lätt reaktion.</li><li>Svår reaktion.</li><li value="4">Hjärtstopp.</li></ol>' in html
    for label, words in (("5.1", "Ge 10 mg vid smärta."), ("5.4", "Kontakta läkare.")):
        assert f"<td>{label}</td><td>{words}</td>" in html


def test_a_number_that_begins_a_line_of_a_sentence_is_no_item():
    html = str(pdf.read_with_pdfium(str(CASES / "number-line.pdf"), LIMITS)["html"])
    assert "är under 10. Halvera då dosen och ge inte mer än 5. Därefter ges 20 mg.</p>" in html
    assert "<p>Ge paracetamol, högst 4 g per dygn, i 3 dagar.</p>" in html
    assert "<li" not in html


@pytest.mark.parametrize(
    ("marker", "going", "counted"),
    [
        ("4.", None, ("1", 4)),
        ("c)", None, ("a", 3)),
        ("i)", None, ("i", 1)),
        ("i)", "a", ("a", 9)),
        ("v.", "i", ("i", 5)),
        ("v.", None, ("a", 22)),
        ("XIV.", None, ("I", 14)),
        ("2.1", None, ("", 0)),
        ("mm.", None, ("", 0)),
    ],
)
def test_a_letter_is_roman_where_the_list_is(marker, going, counted):
    assert written._counted(marker, written._List(0, "ol", going, 2) if going else None) == counted


def test_what_is_struck_in_a_pdf_is_struck(tmp_path):
    """By a rule through the letters, in running text, cells and items; and what is put in its place stands apart."""
    found = extract_text(CASES / "struck.pdf", "pdf")
    assert "Ge <s>10 mg</s> 5 mg metoprolol. <s>Behandlingen får ges till gravida.</s> Kontrollera" in found.html
    assert "<td><s>100 mg</s> 50 mg</td>" in found.html
    assert re.search(r"<li><s>Ge 2 liter vätska.</s>\s*</li>", found.html)
    # In what is searched too.
    assert (
        "Ge [struket: 10 mg] 5 mg metoprolol. [struket: Behandlingen får ges till gravida.] Kontrollera" in found.text
    )
    printed = extract_text(CASES / "tracked-printed.pdf", "pdf")
    assert "Ge <s>10</s> 5 mg två gånger dagligen. Läkemedlet <s>får</s> får inte ges till barn." in printed.html
    assert "105" not in printed.text


def test_rules_that_reach_beyond_the_words_and_notes_of_the_file_strike_too():
    html = extract_text(CASES / "struck-lines.pdf", "pdf").html
    assert "<s>Ge morfin 10 mg strukenrad intravenöst var fjärde timme.</s>" in html
    assert "<s>Ge ketamin 20 mg annotstruken vid behov.</s>" in html
    assert "<s>Ge fentanyl 50 linjestruken mikrogram.</s>" in html
    assert "<p>Ge morfin 5 mg gällerrad intravenöst var fjärde timme.</p>" in html


@pytest.mark.parametrize("tagged", [True, False])
def test_rules_under_over_and_behind_words_strike_nothing(tmp_path, tagged):
    source = """
#set page(width: 400pt, height: 300pt)
Ge #underline[10 mg] och #overline[5 mg], men #strike[20 mg] aldrig. #strike[Ge] 1#strike[2] ml.
#grid(columns: (1fr, auto, 1fr), align: horizon, line(length: 100%), [ Barn ], line(length: 100%))
#place(dx: 0pt, dy: 6pt, line(length: 100%)) #align(center, box(fill: white, inset: 2pt)[Vuxna över 65 år])
#table(columns: 2, stroke: 0.5pt, inset: 0pt, [Dos], [Ålder], [5 mg], [6 år])
"""
    html = made(source, tmp_path, tagged=tagged)
    assert re.findall(r"<s>(.*?)</s>", html) == ["20 mg", "Ge", "2"]
    assert "<s>Ge</s> 1 <s>2</s> ml." in html


@pytest.mark.parametrize("name", ["turned-head.pdf", "vertical-rules.pdf"])
def test_a_table_whose_rows_or_headers_cannot_be_told_is_shown_as_a_picture(name):
    """Headers that run upwards, and doses in cells that no line parts into rows: never a header beside its column."""
    found = extract_text(CASES / name, "pdf")
    assert "<table" not in found.html
    assert re.search(r'<p class="doc-left-out" id="doc-ruta-1-[\d-]+">Tabellen finns i filen, sida 1.</p>', found.html)
    assert "tables_left_out" in found.warnings
    assert "Noradrenalin</strong>" not in found.html


def test_a_number_that_a_line_parts_is_whole_and_keeps_its_unit():
    html = extract_text(CASES / "line-ends.pdf", "pdf").html
    for whole in (
        "5-10 mg per kilo",
        "5–10 mg per kilo",
        "är 0,5 mg och",
        "10 000 IE",
        "COVID-19",
        "B-12",
        "1-3 dagar",
    ):
        assert whole in html
    for name, dose, most in (("Metoklopramid", "5-10 mg", "30 mg"), ("Digoxin", "0,13 mg", "0,25 mg")):
        assert f"<td>{name}</td><td>{dose}</td><td>{most}</td>" in html
    assert "<td>Natriumklorid</td><td>0,9 %</td>" in html


@pytest.mark.parametrize(
    ("above", "below", "parts"),
    [
        ("dosen är 0,", "5 mg", True),
        ("10", "000 IE", True),
        ("5–", "10 mg", True),
        # Members of a list, and numbers beside one another.
        ("på dag 1,", "2 och 3", False),
        ("rum 10", "200 meter bort", False),
        ("Vaccin –", "3 doser", False),
    ],
)
def test_a_line_that_ends_between_two_numbers_joins_none(above, below, parts):
    assert parts_number(above, below) is parts


def test_a_box_at_the_side_is_read_by_itself():
    found = extract_text(CASES / "sidebox.pdf", "pdf")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.html))
    box = "OBS! Ges inte till patienter med andningsfrekvens under 10. Halvera dosen vid ålder över 75 år: 1,25 mg."
    assert box in said
    assert (
        "patienten är smärtfri. Ge 2,5 mg och vänta fem minuter. Upprepa högst fyra gånger. Därefter kontakta" in said
    )
    assert said.index("Smärtbehandling med morfin") < said.index("OBS!")


BOXES = """
#set page(width: 420pt, height: 400pt)
Före boxarna står en text som går över hela sidans bredd, så att det syns var den slutar.
#grid(columns: (1fr, 1fr), gutter: 12pt,
  %s[Ge 5 mg till vuxna patienter på vårdavdelning, högst tre gånger om dygnet.]%s,
  %s[Ge 2 mg till barn under tolv år, och aldrig mer än två gånger om dygnet.]%s)
Efter boxarna går texten vidare.
"""


@pytest.mark.parametrize(
    "look", ["stroke: 1pt, inset: 6pt", "fill: luma(220), inset: 7pt", "stroke: 1pt, radius: 4pt, inset: 6pt"]
)
def test_boxes_side_by_side_are_read_one_after_the_other(tmp_path, look):
    around = (f"block({look})", "")
    said = re.sub(r"<[^>]*>", "", made(BOXES % (around * 2), tmp_path, tagged=False)).replace("\n", " ")
    assert re.search(r"vuxna patienter på vårdavdelning, högst tre gånger om dygnet", said) or "finns i filen" in said
    assert re.search(r"barn under tolv år, och aldrig mer än två gånger om dygnet", said) or "finns i filen" in said


def test_tables_side_by_side_stand_each_under_its_own_heading():
    html = extract_text(CASES / "two-tables.pdf", "pdf").html
    order = [html.index(part) for part in (">Vuxna</h2>", "500 mg × 4", ">Barn</h2>", "75 mg × 4", "Överskrid aldrig")]
    assert order == sorted(order)
    assert "Vuxna Barn" not in html


NOTES = """
#set page(width: 400pt, height: 220pt)
#set footnote(numbering: "{numbering}")
{reset}
Ge 5 mg#footnote[Halvera vid njursvikt.] morfin per dos.
#pagebreak()
{again}
Ge 2 mg#footnote[Inte till barn.] ketamin per dos.
"""


def test_notes_have_the_marks_of_the_file():
    def said(**how: str) -> str:
        return NOTES.format(**{"numbering": "1", "reset": "", "again": ""} | how)

    with TemporaryDirectory() as folder:
        path = Path(folder)
        goes_on = made(said(), path, tagged=False)
        assert '<li id="doc-not-1">' in goes_on
        assert '<li id="doc-not-2">' in goes_on
        from_five = made(said(reset="#counter(footnote).update(4)"), path, tagged=False)
        assert '<li id="doc-not-5" value="5">Halvera vid njursvikt.' in from_five
        assert '<li id="doc-not-6">Inte till barn.' in from_five
        # Begun anew on the next page: the mark leads to neither, and both keep their number.
        anew = made(said(again="#counter(footnote).update(0)"), path, tagged=False)
        assert "<li>Halvera vid njursvikt.</li>" in anew
        assert '<li value="1">Inte till barn.</li>' in anew
        assert "doc-till" not in anew
        signs = made(said(numbering="*"), path, tagged=False)
        assert re.search(r'<li(?: id="doc-not-\*")? class="doc-numbered">\* Halvera vid njursvikt.', signs)


def test_a_unit_that_a_line_parts_is_whole_and_numbers_over_two_lines_are_two(tmp_path):
    source = """
#set page(width: 300pt, height: 300pt)
#table(columns: (70pt, 60pt, 80pt), [*Läkemedel*], [*Dos*], [*Tid*], [Morfin], [1 000 000 mg/kg], [10 mg × 2 \\\\ 300 dagar])
"""
    for tagged in (True, False):
        html = made(source, tmp_path, tagged=tagged)
        assert "mg/ kg" not in html
        assert not re.search(r"2 300", html)
        assert "1 000 000 mg/kg" in html or "finns i filen" in html
