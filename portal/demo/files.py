"""Real DOCX and PDF files for the demonstration, made from the Markdown of its texts."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode


@dataclass
class Block:
    """One block of a text: 'heading', 'paragraph', 'list', 'table' or 'callout'."""

    kind: str
    text: str = ""
    level: int = 0
    ordered: bool = False
    items: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def blocks(markdown: str) -> list[Block]:
    """The text's blocks in order; inline marks are dropped, links keep their words."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))
    return [b for node in tree.children for b in _block(node)]


def _plain(node: SyntaxTreeNode) -> str:
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    return "".join(_plain(child) for child in node.children)


def _block(node: SyntaxTreeNode) -> list[Block]:
    if node.type == "heading":
        return [Block("heading", _plain(node), level=int(node.tag[1]))]
    if node.type == "paragraph":
        return [Block("paragraph", _plain(node))]
    if node.type in {"bullet_list", "ordered_list"}:
        items = [" ".join(_plain(child) for child in item.children) for item in node.children]
        return [Block("list", ordered=node.type == "ordered_list", items=items)]
    if node.type == "blockquote":
        return [Block("callout", " ".join(_plain(child) for child in node.children))]
    if node.type == "table":
        rows = [[_plain(cell) for cell in row.children] for part in node.children for row in part.children]
        return [Block("table", rows=rows)]
    return []


def docx(title: str, number: str, markdown: str) -> bytes:
    """A Word document with real headings, lists and a marked header row in each table."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.oxml.shared import OxmlElement

    paper = Document()
    paper.core_properties.title, paper.core_properties.language = title, "sv-SE"
    paper.core_properties.author = "Region Fjällmark"
    paper.add_heading(title, 0)
    paper.sections[0].footer.paragraphs[0].text = number
    for block in blocks(markdown):
        if block.kind == "heading":
            paper.add_heading(block.text, max(1, block.level - 1))
        elif block.kind == "list":
            for item in block.items:
                paper.add_paragraph(item, style="List Number" if block.ordered else "List Bullet")
        elif block.kind == "callout":
            paper.add_paragraph(block.text, style="Intense Quote")
        elif block.kind == "table":
            width = max(map(len, block.rows))
            table = paper.add_table(rows=len(block.rows), cols=width, style="Table Grid")
            # All cells at once: python-docx counts them anew each time a row is asked for its own.
            cells = iter(table._cells)
            for row in block.rows:
                for text in row + [""] * (width - len(row)):
                    next(cells).text = text
            header = OxmlElement("w:tblHeader")
            header.set(qn("w:val"), "true")
            table.rows[0]._tr.get_or_add_trPr().append(header)
        else:
            paper.add_paragraph(block.text)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


_TYPST = """
#let doc = json(bytes(sys.inputs.doc))
#set document(title: doc.title, author: "Region Fjällmark")
#set text(lang: "sv", size: 10.5pt, font: "Libertinus Serif")
#set page(paper: "a4", margin: 24mm, footer: context
  [#doc.number #h(1fr) Sida #counter(page).display() av #counter(page).final().first()])
#set par(justify: false, leading: 0.7em)
#heading(level: 1, doc.title)
#for b in doc.blocks {
  if b.kind == "heading" { heading(level: b.level, b.text) }
  else if b.kind == "list" and b.ordered { enum(..b.items) }
  else if b.kind == "list" { list(..b.items) }
  else if b.kind == "callout" { block(inset: 8pt, stroke: (left: 3pt + orange), width: 100%, b.text) }
  else if b.kind == "table" {
    table(columns: b.rows.at(0).len(), table.header(..b.rows.at(0).map(c => strong(c))), ..b.rows.slice(1).flatten())
  }
  else { par(b.text) }
}
"""


def pdf(title: str, number: str, markdown: str) -> bytes:
    """A tagged PDF (PDF/UA-1) with headings, lists and tables."""
    import typst

    body = []
    for block in blocks(markdown):
        width = max(map(len, block.rows), default=0)
        body.append({**vars(block), "rows": [row + [""] * (width - len(row)) for row in block.rows]})
    data = {"title": title, "number": number, "blocks": body}
    return typst.compile(_TYPST.encode(), sys_inputs={"doc": json.dumps(data)}, format="pdf", pdf_standards=["ua-1"])
