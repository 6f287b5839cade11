"""PDFs made for a test of the reader, and the handed ones."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import typst

from bench.reading import files
from core.sandbox import pdf
from core.sandbox.layout.sheet import Word

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


def word(text: str) -> Word:
    return Word(text, 0, 10, 0, 10)


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


def without_spans(path) -> None:
    """As word processors tag: no cell says over how many columns or rows it reaches."""
    with pikepdf.open(path, allow_overwriting_input=True) as paper:
        for thing in paper.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") in ("/TH", "/TD") and "/A" in thing:
                del thing["/A"]
        paper.save(path)


HEADED = """
#set page(width: 400pt, height: 300pt, margin: (y: 60pt), header: [Ges ej till barn under 12 år],
  footer: context [Version 3 2026-11-0#counter(page).get().first() #h(1fr) Sida #counter(page).display("1 (1)", both: true)])
= Vätska
#for n in range(3) [Text på sida #n om hur vätska ges till den som inte kan dricka. #pagebreak(weak: true)]
"""


BOXES = """
#set page(width: 420pt, height: 400pt)
Före boxarna står en text som går över hela sidans bredd, så att det syns var den slutar.
#grid(columns: (1fr, 1fr), gutter: 12pt,
  %s[Ge 5 mg till vuxna patienter på vårdavdelning, högst tre gånger om dygnet.]%s,
  %s[Ge 2 mg till barn under tolv år, och aldrig mer än två gånger om dygnet.]%s)
Efter boxarna går texten vidare.
"""


NOTES = """
#set page(width: 400pt, height: 220pt)
#set footnote(numbering: "{numbering}")
{reset}
Ge 5 mg#footnote[Halvera vid njursvikt.] morfin per dos.
#pagebreak()
{again}
Ge 2 mg#footnote[Inte till barn.] ketamin per dos.
"""
