"""Papers to hand over: a tagged PDF, for screen readers (PDF/UA-1) and for the archive (PDF/A-2b) in one file."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import docx as word
import typst
from docx.oxml import OxmlElement

from core import clock


@dataclass(frozen=True)
class Block:
    """One block of a paper: "heading" (of `level` 2 to 4), "text", "list", "table" or "facts".

    `items` of a list are texts, or pairs of a text and a list of its own; `rows` of a table begin with its header, and
    those of facts are pairs of a name and a value.
    """

    kind: str
    text: str = ""
    level: int = 2
    ordered: bool = False
    items: list[Any] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def heading(text: str, level: int = 2) -> Block:
    return Block("heading", text, level)


def text(words: str) -> list[Block]:
    """Its paragraphs, parted by empty lines."""
    return [Block("text", part.strip()) for part in words.split("\n\n") if part.strip()]


def bullets(items: list[Any], *, ordered: bool = False) -> Block:
    return Block("list", items=items, ordered=ordered)


def table(header: list[str], rows: list[list[str]]) -> Block:
    return Block("table", rows=[header, *rows])


def facts(rows: list[tuple[str, str]]) -> Block:
    return Block("facts", rows=[[name, value or "–"] for name, value in rows])


# Each text is shown as it is: nothing of it is read as a command of the typesetter's.
_TEMPLATE = r"""
#let doc = json(bytes(sys.inputs.doc))
#let made = doc.made
#set document(
  title: doc.title, author: doc.author,
  date: datetime(year: made.at(0), month: made.at(1), day: made.at(2), hour: made.at(3), minute: made.at(4), second: 0),
)
#set text(lang: doc.language, size: 10.5pt, font: "Libertinus Serif")
#set page(paper: "a4", margin: (x: 24mm, top: 22mm, bottom: 24mm), footer: context
  text(size: 9pt)[#doc.footer #h(1fr) #doc.page_word #counter(page).display() (#counter(page).final().first())])
#set par(justify: false, leading: 0.7em, spacing: 0.9em)
#show heading: set block(above: 1.4em, below: 0.7em)
#let lines(words) = { for (n, line) in words.split("\n").enumerate() { if n > 0 { linebreak() }; line } }
#let entry(item) = if type(item) == array { [#lines(item.at(0)) #list(..item.at(1).map(entry))] } else { lines(item) }
#heading(level: 1, doc.title)
#for b in doc.blocks {
  if b.kind == "heading" { heading(level: b.level, b.text) }
  else if b.kind == "list" and b.ordered { enum(..b.items.map(entry)) }
  else if b.kind == "list" { list(..b.items.map(entry)) }
  else if b.kind == "facts" {
    table(columns: (32%, 1fr), stroke: none, inset: (x: 0pt, y: 3pt),
      ..b.rows.map(row => (strong(lines(row.at(0))), lines(row.at(1)))).flatten())
  }
  else if b.kind == "table" {
    table(columns: b.rows.at(0).len(), stroke: 0.5pt + luma(60%),
      table.header(..b.rows.at(0).map(c => strong(lines(c)))), ..b.rows.slice(1).flatten().map(lines))
  }
  else { par(lines(b.text)) }
}
"""


def pdf(
    title: str,
    blocks: list[Block],
    *,
    author: str,
    footer: str,
    page_word: str,
    language: str = "sv",
    made_at: dt.datetime | None = None,
) -> bytes:
    """The paper, as of `made_at` (now). Raises `typst.TypstError` where it would not be what it says it is."""
    at = clock.swedish(made_at or clock.now())
    data = {
        "title": title,
        "author": author,
        "footer": footer,
        "page_word": page_word,
        "language": language,
        "made": [at.year, at.month, at.day, at.hour, at.minute],
        "blocks": [asdict(block) for block in blocks],
    }
    inputs = {"doc": json.dumps(data, ensure_ascii=False)}
    return typst.compile(_TEMPLATE.encode(), sys_inputs=inputs, format="pdf", pdf_standards=["ua-1", "a-2b"])


def docx(title: str, blocks: list[Block], *, author: str, language: str = "sv-SE") -> bytes:
    """The same blocks as a Word file, to be put into another text: headings, lists and tables of Word's own styles, the
    first row of a table repeated as its header.
    """
    made = word.Document()
    made.core_properties.title, made.core_properties.author = title, author
    made.core_properties.language = language
    made.add_heading(title, level=1)
    for block in blocks:
        if block.kind == "heading":
            made.add_heading(block.text, level=block.level)
        elif block.kind == "list":
            for item in block.items:
                made.add_paragraph(str(item), style="List Number" if block.ordered else "List Bullet")
        elif block.kind in ("table", "facts"):
            _word_table(made, block)
        else:
            made.add_paragraph(block.text)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _word_table(made: Any, block: Block) -> None:
    table = made.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
    for row in block.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    if block.kind == "table":
        header = table.rows[0]._tr.get_or_add_trPr()
        header.append(OxmlElement("w:tblHeader"))
        for cell in table.rows[0].cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
