"""The law of conservation: what a page's letters say stands in what was made of it, or its part is a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
import typst

from core.files.extraction import extract_text
from core.sandbox import conservation, pdf
from core.sandbox.conservation import Part, unclaimed, unkept
from core.sandbox.letters import Letters

LIMITS = {"max_pages": 2000, "max_text_bytes": 5_000_000}
SOURCE = """
#set page(width: 420pt, height: 400pt)
= Dosering
Ge 0,5 mg per 10 kg, högst 12 ml, vid mer än 10#super[9] celler per liter. Ge − 2 mg mindre vid ± 5 % avvikelse.
+ Ge 5 mg
+ Vänta 30 minuter
#table(columns: 3, [*Vikt*], [*Dos*], [*Högst*], [10 kg], [5 mg], [15 mg], [20 kg], [10 mg], [30 mg])
Kontakta läkare.
"""


def paper(tmp_path, source: str = SOURCE):
    path = tmp_path / "made.pdf"
    path.write_bytes(typst.compile(source.encode(), format="pdf"))
    return path


@pytest.fixture
def judged(tmp_path, monkeypatch) -> tuple[list[Letters], list[Part]]:
    """The letters and the parts of a page, as the reader hands them to the law."""
    handed: list[tuple[list[Letters], list[Part]]] = []

    def unkept_too(pages: list[Letters], parts: list[Part]) -> set[int]:
        handed.append((pages, list(parts)))
        return unkept(pages, parts)

    monkeypatch.setattr(conservation, "unkept", unkept_too)
    assert not pdf.read_with_pdfium(str(paper(tmp_path)), LIMITS)["fault"]
    return handed[0]


def test_what_is_read_right_is_kept(judged):
    pages, parts = judged
    assert unkept(pages, parts) == set()
    assert unclaimed(pages, parts, []) == []
    assert sum(part.is_table for part in parts) == 1
    assert sum(bool(part.cells) for part in parts) == 6


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("0,5 mg", "0,6 mg"),
        ("0,5 mg", "05 mg"),
        ("0,5 mg", "0.5 mg"),
        ("per 10 kg", "per kg"),
        ("högst 12 ml", "högst 1 2 ml"),
        ("10<sup>9</sup>", "109"),
        ("− 2 mg", "2 mg"),
        ("± 5", "5"),
        ("5 %", "5"),
        ("mg mindre", "mg"),
        ("Ge 0,5", "Ge inte 0,5"),
        ("Ge 0,5 mg per 10 kg", "Ge 10 mg per 0,5 kg"),
        ("<td>5 mg</td><td>15 mg</td>", "<td>15 mg</td><td>5 mg</td>"),
        ("<td>5 mg</td>", "<td></td>"),
        ("<td>5 mg</td>", ""),
        ("Kontakta", ""),
    ],
)  # fmt: skip
def test_a_part_that_says_something_else_is_told(judged, said, instead):
    pages, parts = judged
    place = next(n for n, part in enumerate(parts) if said in part.html)
    parts[place] = replace(parts[place], html=parts[place].html.replace(said, instead, 1))
    assert unkept(pages, parts) == {place}


def test_a_list_that_counts_from_elsewhere_is_told_item_by_item(judged):
    pages, parts = judged
    first = next(n for n, part in enumerate(parts) if "<ol>" in part.html)
    parts[first] = replace(parts[first], html=parts[first].html.replace("<ol>", '<ol start="3">'))
    assert unkept(pages, parts) == {first, first + 1}


def test_a_glued_number_is_told_on_a_line_and_over_two(judged):
    pages, parts = judged
    place = next(n for n, part in enumerate(parts) if part.is_table)
    for cells in ([3, 4], [3, 6]):
        glued = [[span for n in cells for span in parts[place].cells[n]]]
        one, other = "10 kg", ("5 mg" if 4 in cells else "20 kg")
        apart, together = Part(f"<p>{one} {other}</p>", glued), Part(f"<p>{one}{other}</p>", glued)
        assert unkept(pages, [apart, together]) == set()
        numbers = [[span for n in cells for span in parts[place].cells[n][:1]]]
        first, second = one.split()[0], other.split()[0]
        wrong, right = Part(f"<p>{first}{second}</p>", numbers), Part(f"<p>{first} {second}</p>", numbers)
        assert unkept(pages, [right, wrong]) == {1}


@pytest.mark.parametrize(
    "order", [[0, 1, 2, 4, 3, 5, 6, 7, 8], [0, 1, 2, 6, 4, 5, 3, 7, 8], [2, 1, 0, 3, 4, 5, 6, 7, 8]]
)
def test_cells_that_stand_elsewhere_are_told_though_their_words_are_right(judged, order):
    """A dose beside another weight, or under another header: each cell's own words are as the file has them."""
    pages, parts = judged
    place = next(n for n, part in enumerate(parts) if part.is_table)
    texts = re.findall(r">([^<>]+)</t[hd]>", parts[place].html)
    moved = "".join(
        f"<tr>{''.join(f'<td>{texts[n]}</td>' for n in order[at : at + 3])}</tr>" for at in range(0, len(order), 3)
    )
    parts[place] = Part(f"<table>{moved}</table>", [parts[place].cells[n] for n in order], is_table=True)
    assert unkept(pages, parts) == {place}


def test_columns_that_are_woven_into_one_text_are_told(judged):
    pages, parts = judged
    table = next(part for part in parts if part.is_table)
    woven = [[span for n in (3, 5, 6, 8) for span in table.cells[n]]]
    assert unkept(pages, [Part("<p>10 kg 15 mg 20 kg 30 mg</p>", woven)]) == {0}


def test_letters_that_no_part_claims_are_told_where_they_are(judged):
    pages, parts = judged
    place = next(n for n, part in enumerate(parts) if "Kontakta" in part.html)
    lost = parts.pop(place)
    ((page, box),) = unclaimed(pages, parts, [])
    (first, *_, last) = (span for spans in lost.cells for span in spans)
    assert page == 1
    assert box[0] <= pages[0].boxes[first[1]][0] < pages[0].boxes[last[2]][2] <= box[2]
    # Named as left out, or within a part that is shown as a picture, they are said.
    assert unclaimed(pages, parts, lost.cells[0]) == []
    crop = "-".join(str(round(side)) for side in (box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))
    assert unclaimed(pages, [*parts, Part(f'<p id="doc-ruta-1-{crop}">Bild</p>', [])], []) == []


def _private(sign: int) -> Callable[[bytes], bytes]:
    """Maps a digit of the file's fonts to a letter of nobody's."""
    return lambda table: re.sub(rb"(?i)<00%02x>(\s*\n)" % sign, rb"<f0%02x>\1" % sign, table)


def test_words_with_a_letter_that_nobody_knows_are_shown_as_they_are(tmp_path):
    path = paper(tmp_path, "#set page(width: 420pt, height: 300pt)\nGe 7 mg morfin.\n\nKontakta läkare.")
    with pikepdf.open(path, allow_overwriting_input=True) as file:
        for thing in file.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
                table = _private(ord("7"))(thing.ToUnicode.read_bytes())
                assert b"f037" in table
                thing.ToUnicode = file.make_stream(table)
        file.save(path)
    found = extract_text(path, "pdf")
    assert "text_left_out" in found.warnings
    assert re.search(r'<p class="doc-left-out" id="doc-ruta-1-[\d-]+">Texten finns i filen, sida 1.</p>', found.html)
    assert "morfin" not in found.html
    assert "Kontakta läkare." in found.html


@pytest.mark.parametrize("numbers", [(500, 250, 5), (1, 2, 3), (20, 5, 10)])
def test_doses_after_dots_are_no_numbers_of_pages(tmp_path, numbers):
    names = ("Paracetamol", "Ibuprofen", "Morfin")
    rows = "\n\n".join(f"{name} #box(width: 1fr, repeat[.]) {n}" for name, n in zip(names, numbers, strict=True))
    html = extract_text(paper(tmp_path, f"#set page(width: 420pt, height: 300pt)\n= Doser i mg\n{rows}"), "pdf").html
    for name, number in zip(names, numbers, strict=True):
        assert re.search(rf"{name}[\s.]*{number}\b", re.sub(r"<[^>]*>", "", html)) or "finns i filen" in html


def test_figures_that_are_raised_by_their_own_shape_are_raised_in_text_and_page(tmp_path):
    """Type of one size and on one line: only the figures' own shapes say 10⁹ and not 109."""
    source = "#set page(width: 420pt, height: 300pt)\nEn 10#super[9] celler, 10#super[−3] mol, 10#super[12] l, tal 21."
    found = extract_text(paper(tmp_path, source), "pdf")
    assert "En 10<sup>9</sup> celler, 10<sup>−3</sup> mol, 10<sup>12</sup> l, tal 21." in found.html
    assert "En 10⁹ celler, 10⁻³ mol, 10¹² l, tal 21." in found.text
    assert "text_left_out" not in found.warnings
