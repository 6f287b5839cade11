"""Makers that are told block by block what to draw: ReportLab, fpdf2, and LibreOffice by way of a Word file."""

from __future__ import annotations

import html
import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.reading.look import Look, feet, heads, numbers
from bench.reading.sources import Block, Item, Run, Source

# --- ReportLab --------------------------------------------------------------------------------------------


def reportlab(source: Source, look: Look) -> bytes:
    from reportlab.lib import colors, pagesizes
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import (
        BaseDocTemplate,
        Frame,
        ListFlowable,
        ListItem,
        PageTemplate,
        Paragraph,
        Spacer,
        Table,
    )

    face = "Helvetica" if look.sans else "Times-Roman"
    bold = "Helvetica-Bold" if look.sans else "Times-Bold"
    size = look.size
    text = ParagraphStyle(
        "t",
        fontName=face,
        fontSize=size,
        leading=size * 1.35,
        spaceAfter=size * 0.6,
        alignment=4 if look.justified else 0,
    )
    cell_style = ParagraphStyle("c", fontName=face, fontSize=size * 0.92, leading=size * 1.15)
    head_style = ParagraphStyle("ch", parent=cell_style, fontName=bold)
    h = [
        ParagraphStyle(
            f"h{n}", fontName=bold, fontSize=size * s, leading=size * s * 1.2, spaceBefore=size, spaceAfter=size * 0.4
        )
        for n, s in enumerate((1.8, 1.35, 1.12, 1.0))
    ]
    left, right = heads(source, look)

    def running(canvas: Any, made: Any) -> None:
        canvas.setFont(face, 8)
        canvas.drawString(22 * mm, 285 * mm, left)
        canvas.drawRightString(188 * mm, 285 * mm, right)
        if look.footer == "pages":
            canvas.drawString(22 * mm, 12 * mm, feet(source, look))
            canvas.drawRightString(188 * mm, 12 * mm, f"Sida {made.page}")
        elif look.footer == "number":
            canvas.drawCentredString(105 * mm, 12 * mm, f"- {made.page} -")

    def listed(items: list[Item], ordered: bool) -> Any:
        made = [
            ListItem([Paragraph(html.escape(i.text), text), *([listed(i.items, i.ordered)] if i.items else [])])
            for i in items
        ]
        return ListFlowable(
            made, bulletType="1" if ordered else "bullet", bulletFontSize=size, start=None if ordered else "•"
        )

    def said(runs: list[Run]) -> str:
        return "".join(
            f'<a href="{r.href}" color="blue">{html.escape(r.text)}</a>' if r.href else html.escape(r.text)
            for r in runs
        )

    flow: list[Any] = [Paragraph(html.escape(source.title), h[0])]
    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        if block.kind == "heading":
            flow.append(Paragraph(number + html.escape(block.text), h[block.level]))
        elif block.kind == "list":
            flow += [listed(block.items, block.ordered), Spacer(1, size * 0.5)]
        elif block.kind == "table":
            flow += [_reportlab_table(block, look, cell_style, head_style, Table, Paragraph, colors), Spacer(1, size)]
        else:
            flow.append(Paragraph(said(block.runs), text))
    out = io.BytesIO()
    made = BaseDocTemplate(out, pagesize=pagesizes.A4, title=source.title)
    width = 166 * mm / look.columns - (look.columns - 1) * 4 * mm
    frames = [
        Frame(22 * mm + n * (width + 8 * mm), 22 * mm, width, 250 * mm, leftPadding=0, rightPadding=0)
        for n in range(look.columns)
    ]
    made.addPageTemplates(PageTemplate("p", frames, onPage=running))
    made.build(flow)
    return out.getvalue()


def _reportlab_table(block: Block, look: Look, plain: Any, head: Any, table: Any, paragraph: Any, colors: Any) -> Any:
    width = sum(cell.across for cell in block.rows[0])
    grid: list[list[Any]] = [[""] * width for _ in block.rows]
    spans, taken = [], set()
    for y, row in enumerate(block.rows):
        x = 0
        for cell in row:
            while (y, x) in taken:
                x += 1
            grid[y][x] = paragraph(html.escape(cell.text), head if cell.head else plain)
            taken |= {(y + b, x + a) for a in range(cell.across) for b in range(cell.down)}
            if cell.across > 1 or cell.down > 1:
                spans.append(("SPAN", (x, y), (x + cell.across - 1, y + cell.down - 1)))
            x += cell.across
    lines = {
        "all": [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("BACKGROUND", (0, 0), (-1, 0), colors.lightgrey)],
        "rows": [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.grey)],
        "none": [],
    }[look.ruled]
    return table(
        grid, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *lines, *spans], repeatRows=1, colWidths=[None] * width
    )


# --- fpdf2 ------------------------------------------------------------------------------------------------

_FONTS = "/usr/share/fonts/truetype/liberation/"


def fpdf2(source: Source, look: Look) -> bytes:
    from fpdf import FPDF
    from fpdf.fonts import FontFace

    left, right = heads(source, look)

    class Paper(FPDF):
        def header(self) -> None:
            self.set_font("l", size=8)
            self.set_y(10)
            self.cell(0, 5, left)
            self.set_x(22)
            self.cell(0, 5, right, align="R")
            self.ln(14)

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("l", size=8)
            if look.footer == "pages":
                self.cell(0, 5, f"{feet(source, look)}   {self.page_no()} ({{nb}})", align="C")
            elif look.footer == "number":
                self.cell(0, 5, str(self.page_no()), align="C")

    paper = Paper(format="A4")
    name = "LiberationSans" if look.sans else "LiberationSerif"
    paper.add_font("l", "", f"{_FONTS}{name}-Regular.ttf")
    paper.add_font("l", "B", f"{_FONTS}{name}-Bold.ttf")
    paper.set_margins(22, 22, 22)
    paper.set_auto_page_break(True, 22)
    paper.add_page()
    size = look.size
    line = size * 0.48

    def listed(items: list[Item], ordered: bool, depth: int = 0) -> None:
        for n, item in enumerate(items, 1):
            paper.set_x(24 + depth * 7)
            paper.cell(6, line, f"{n}." if ordered else "•")
            paper.multi_cell(160 - depth * 7, line, item.text, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(1)
            listed(item.items, item.ordered, depth + 1)

    paper.set_font("l", "B", size * 1.7)
    paper.multi_cell(0, size * 0.8, source.title, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(3)
    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        if block.kind == "heading":
            paper.ln(2)
            paper.set_font("l", "B", size * (1.35, 1.12, 1.0)[block.level - 1])
            paper.multi_cell(0, size * 0.6, number + block.text, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(1)
            continue
        paper.set_font("l", size=size)
        if block.kind == "list":
            listed(block.items, block.ordered)
            paper.ln(2)
        elif block.kind == "table":
            borders = {"all": "ALL", "rows": "HORIZONTAL_LINES", "none": "NONE"}[look.ruled]
            n = sum(all(cell.head for cell in row) for row in block.rows)
            with paper.table(
                borders_layout=borders,
                text_align="LEFT",
                line_height=line,
                num_heading_rows=n,
                padding=1,
                headings_style=FontFace(emphasis="BOLD"),
            ) as made:
                for row in block.rows:
                    line_ = made.row()
                    for cell in row:
                        line_.cell(
                            cell.text,
                            colspan=cell.across,
                            rowspan=cell.down,
                            style=FontFace(emphasis="BOLD") if cell.head else None,
                        )
            paper.ln(3)
        elif any(run.href for run in block.runs):
            for run in block.runs:
                paper.write(line, run.text, link=run.href)
            paper.ln(line * 1.6)
        else:
            paper.multi_cell(0, line, block.text, align="J" if look.justified else "L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(2.2)
    return bytes(paper.output())


# --- LibreOffice, from a Word file ------------------------------------------------------------------------


def libreoffice(source: Source, look: Look) -> bytes:
    from docx import Document
    from docx.enum.section import WD_SECTION
    from docx.oxml.ns import qn
    from docx.oxml.shared import OxmlElement
    from docx.shared import Pt

    paper = Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = "Liberation Sans" if look.sans else "Liberation Serif", Pt(look.size)
    section = paper.sections[0]
    left, right = heads(source, look)
    section.header.paragraphs[0].text = f"{left}\t\t{right}"
    if look.footer != "none":
        foot = section.footer.paragraphs[0]
        foot.add_run(f"{feet(source, look)}\tSida ")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        foot._p.append(field)
    paper.add_heading(source.title, 0)
    if look.columns > 1:
        body = paper.add_section(WD_SECTION.CONTINUOUS)
        columns = body._sectPr.find(qn("w:cols"))
        columns.set(qn("w:num"), str(look.columns))

    def listed(items: list[Item], ordered: bool, depth: int = 1) -> None:
        for item in items:
            paper.add_paragraph(
                item.text, style=("List Number" if ordered else "List Bullet") + (f" {depth}" if depth > 1 else "")
            )
            listed(item.items, item.ordered, depth + 1)

    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        if block.kind == "heading":
            paper.add_heading(number + block.text, block.level)
        elif block.kind == "list":
            listed(block.items, block.ordered)
        elif block.kind == "table":
            _docx_table(paper, block, look)
        else:
            made = paper.add_paragraph()
            made.paragraph_format.alignment = 3 if look.justified else 0
            for run in block.runs:
                if run.href:
                    link = OxmlElement("w:hyperlink")
                    link.set(
                        qn("r:id"),
                        paper.part.relate_to(
                            run.href,
                            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
                            is_external=True,
                        ),
                    )
                    piece = made.add_run(run.text)._r
                    link.append(piece)
                    made._p.append(link)
                else:
                    made.add_run(run.text)
    with tempfile.TemporaryDirectory() as folder:
        paper.save(str(Path(folder) / "a.docx"))
        tags = "true" if look.tagged else "false"
        to = f'pdf:writer_pdf_Export:{{"UseTaggedPDF":{{"type":"boolean","value":"{tags}"}}}}'
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/u", "--convert-to", to, "a.docx"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return (Path(folder) / "a.pdf").read_bytes()


def _docx_table(paper: Any, block: Block, look: Look) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.shared import OxmlElement

    width = sum(cell.across for cell in block.rows[0])
    table = paper.add_table(rows=len(block.rows), cols=width, style="Table Grid" if look.ruled == "all" else None)
    taken = set()
    for y, row in enumerate(block.rows):
        x = 0
        for cell in row:
            while (y, x) in taken:
                x += 1
            place = table.cell(y, x)
            if cell.across > 1 or cell.down > 1:
                place = place.merge(table.cell(y + cell.down - 1, x + cell.across - 1))
            taken |= {(y + b, x + a) for a in range(cell.across) for b in range(cell.down)}
            place.paragraphs[0].add_run(cell.text).bold = cell.head
            x += cell.across
    for y, row in enumerate(block.rows):
        if all(cell.head for cell in row):
            mark = OxmlElement("w:tblHeader")
            mark.set(qn("w:val"), "true")
            table.rows[y]._tr.get_or_add_trPr().append(mark)
    paper.add_paragraph()
