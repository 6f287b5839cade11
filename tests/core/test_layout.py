"""A PDF is read as a page: what its makers meant."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import typst
from pypdfium2 import PdfiumError

from bench.reading import read, scored
from core.files import extraction
from core.files.extraction import extract_text
from core.sandbox import layout, pdf
from core.sandbox.layout import written
from core.sandbox.layout.joining import Vocabulary
from core.sandbox.layout.lines import parts_number
from core.sandbox.text import Unreadable, clean_text, is_garbled
from tests.core.papers import (
    BOXES,
    CASES,
    JUDGED,
    LIMITS,
    NOTES,
    TABLE,
    made,
    word,
)


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


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("stroke", ["0.5pt", "none", "(bottom: 0.5pt)"])
def test_which_answer_gives_which_score_can_be_read(tmp_path, stroke, tagged):
    html = made(TABLE.replace("STROKE", stroke), tmp_path, tagged=tagged)
    assert re.search(r"<th[^>]*>Fråga</th><th[^>]*>Svar</th><th[^>]*>Poäng</th>", html)
    assert "<td>Äter själv</td><td>Delvis</td><td>2</td>" in html
    assert "Sida 1 (1)" not in html
    assert "<p>Summan skrivs i journalen samma dag" in html


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


@pytest.mark.parametrize(
    "look", ["stroke: 1pt, inset: 6pt", "fill: luma(220), inset: 7pt", "stroke: 1pt, radius: 4pt, inset: 6pt"]
)
def test_boxes_side_by_side_are_read_one_after_the_other(tmp_path, look):
    around = (f"block({look})", "")
    said = re.sub(r"<[^>]*>", "", made(BOXES % (around * 2), tmp_path, tagged=False)).replace("\n", " ")
    assert re.search(r"vuxna patienter på vårdavdelning, högst tre gånger om dygnet", said) or "finns i filen" in said
    assert re.search(r"barn under tolv år, och aldrig mer än två gånger om dygnet", said) or "finns i filen" in said


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
