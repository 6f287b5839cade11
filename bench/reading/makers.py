"""Writes a source as a PDF by one of several programs. Needed only to make the files anew (see the folder's README).

A look says how: columns, type, how tables are ruled, what runs along the pages.
"""

from __future__ import annotations

import html
import io
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.reading.look import Look, feet, heads, numbers
from bench.reading.sources import Block, Cell, Item, Run, Source

# --- HTML: Chromium and WeasyPrint ------------------------------------------------------------------------


def _cells(rows: list[list[Cell]]) -> str:
    made = []
    n_heads = sum(all(cell.head for cell in row) for row in rows)
    for y, row in enumerate(rows):
        cells = []
        for cell in row:
            tag = "th" if cell.head else "td"
            scope = "" if tag == "td" else ' scope="col"' if y < n_heads else ' scope="row"'
            spans = f' colspan="{cell.across}"' * (cell.across > 1) + f' rowspan="{cell.down}"' * (cell.down > 1)
            cells.append(f"<{tag}{scope}{spans}>{html.escape(cell.text)}</{tag}>")
        made.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead>{''.join(made[:n_heads])}</thead><tbody>{''.join(made[n_heads:])}</tbody></table>"


def _items(items: list[Item], ordered: bool) -> str:
    tag = "ol" if ordered else "ul"
    inner = "".join(
        f"<li>{html.escape(item.text)}{_items(item.items, item.ordered) if item.items else ''}</li>" for item in items
    )
    return f"<{tag}>{inner}</{tag}>"


def _html(source: Source, look: Look, *, notes_float: bool, margin_boxes: bool) -> str:
    def said(runs: list[Run]) -> str:
        parts = []
        for run in runs:
            if run.note and notes_float:
                parts.append(f'<span class="note">{html.escape(source.notes[run.note - 1])}</span>')
            elif run.note:
                parts.append(f"<sup>{run.note}</sup>")
            elif run.href:
                parts.append(f'<a href="{run.href}">{html.escape(run.text)}</a>')
            else:
                parts.append(html.escape(run.text))
        return "".join(parts)

    body = [f"<h1>{html.escape(source.title)}</h1><main>"]
    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        if block.kind == "heading":
            body.append(f"<h{block.level + 1}>{number}{said(block.runs)}</h{block.level + 1}>")
        elif block.kind == "list":
            body.append(_items(block.items, block.ordered))
        elif block.kind == "table":
            body.append(_cells(block.rows))
        else:
            body.append(f'<p class="{block.kind}">{said(block.runs)}</p>')
    body.append("</main>")
    if source.notes and not notes_float:
        body.append('<div class="notes">')
        body += [f"<p><sup>{n}</sup> {html.escape(text)}</p>" for n, text in enumerate(source.notes, 1)]
        body.append("</div>")
    left, right = heads(source, look)
    boxes = ""
    if margin_boxes:
        foot = feet(source, look)
        page = f'"{foot}  Sida " counter(page) " (" counter(pages) ")"' if look.footer == "pages" else "counter(page)"
        boxes = f'@top-left{{content:"{left}"}} @top-right{{content:"{right}"}}' if left else ""
        boxes += f"@bottom-center{{content:{page}}}" if look.footer != "none" else ""
        boxes = boxes.replace("content:", "font-size:8pt;content:")
    rules = {
        "all": "td,th{border:1px solid #444}",
        "rows": "td,th{border-bottom:1px solid #888}",
        "none": "",
    }[look.ruled]
    style = f"""@page{{size:A4;margin:24mm 22mm;{boxes}}}
    body{{font:{look.size}pt/1.4 {"Liberation Sans" if look.sans else "Liberation Serif"};margin:0}}
    p{{{"text-align:justify;hyphens:auto;" if look.justified else ""}margin:0 0 .7em}}
    main{{column-count:{look.columns};column-gap:8mm;{"hyphens:auto;" if look.columns > 1 else ""}}}
    h1{{font-size:1.8em}} h2{{font-size:1.35em;margin:1em 0 .4em}} h3{{font-size:1.12em;margin:.9em 0 .3em}}
    table{{border-collapse:collapse;width:100%;margin:.6em 0}} td,th{{padding:3pt 5pt;text-align:left;vertical-align:top}} {rules}
    .callout{{border-left:3pt solid #c60;padding:4pt 8pt}} .note{{float:footnote;font-size:8pt}}
    .notes{{border-top:1px solid #444;font-size:8pt;margin-top:2em}} sup{{font-size:.7em}}"""
    return f'<!doctype html><html lang="sv"><meta charset="utf-8"><title>{html.escape(source.title)}</title><style>{style}</style><body>{"".join(body)}</body></html>'


def chromium(source: Source, look: Look) -> bytes:
    from playwright.sync_api import sync_playwright

    left, right = heads(source, look)
    bar = "font-size:8pt;width:100%;margin:0 22mm;display:flex;justify-content:space-between"
    foot = f'<span>{feet(source, look)}</span><span>Sida <span class="pageNumber"></span> av <span class="totalPages"></span></span>'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(_html(source, look, notes_float=False, margin_boxes=False))
        made = page.pdf(
            format="A4",
            tagged=look.tagged,
            margin={"top": "24mm", "bottom": "24mm", "left": "22mm", "right": "22mm"},
            display_header_footer=bool(left) or look.footer != "none",
            header_template=f'<div style="{bar}"><span>{left}</span><span>{right}</span></div>',
            footer_template=f'<div style="{bar}">{foot if look.footer != "none" else ""}</div>',
        )
        browser.close()
    return made


def weasyprint(source: Source, look: Look) -> bytes:
    import weasyprint as maker

    page = maker.HTML(string=_html(source, look, notes_float=True, margin_boxes=True))
    return bytes(page.write_pdf(pdf_tags=look.tagged))


# --- typst ------------------------------------------------------------------------------------------------

_TYPST = """
#let doc = json(bytes(sys.inputs.doc))
#let look = doc.look
#set document(title: doc.title)
#set text(lang: "sv", size: look.size * 1pt, font: if look.sans { "Liberation Sans" } else { "Libertinus Serif" })
#set page(paper: "a4", margin: 24mm,
  header: if doc.left != "" [#set text(8pt); #doc.left #h(1fr) #doc.right],
  footer: if look.footer != "none" { context [#set text(8pt); #doc.foot #h(1fr) Sida #counter(page).display() av #counter(page).final().first()] })
#set par(justify: look.justified or look.columns > 1, leading: 0.65em, spacing: 1.1em)
#set table(stroke: if look.ruled == "all" { 0.5pt } else if look.ruled == "rows" { (x, y) => (bottom: 0.5pt + gray) } else { none })
#show link: underline
#heading(level: 1, doc.title)
#let said(runs) = for r in runs {
  if r.note > 0 { footnote(doc.notes.at(r.note - 1)) } else if r.href != "" { link(r.href, r.text) } else { r.text }
}
#let items(list_, ordered) = {
  let made = list_.map(i => [#i.text #if i.items.len() > 0 { items(i.items, i.ordered) }])
  if ordered { enum(..made) } else { list(..made) }
}
#let cell(c) = table.cell(colspan: c.across, rowspan: c.down, if c.head { strong(c.text) } else { c.text })
#let body = for b in doc.blocks {
  if b.kind == "heading" { heading(level: b.level + 1, b.number + b.text) }
  else if b.kind == "list" { items(b.items, b.ordered) }
  else if b.kind == "callout" { block(inset: 8pt, stroke: (left: 3pt + orange), width: 100%, said(b.runs)) }
  else if b.kind == "table" {
    table(columns: b.width, table.header(..b.heads.flatten().map(cell)), ..b.rows.flatten().map(cell))
  }
  else { par(said(b.runs)) }
}
#if look.columns > 1 { columns(look.columns, gutter: 8mm, body) } else { body }
"""


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return {k: _plain(v) for k, v in vars(value).items()} if hasattr(value, "__dict__") else value


def typst(source: Source, look: Look) -> bytes:
    import typst as maker

    blocks = []
    for number, block in zip(numbers(source, look), source.blocks, strict=True):
        made = {**_plain(block), "text": block.text, "number": number}
        if block.rows:
            n = sum(all(cell.head for cell in row) for row in block.rows)
            made |= {
                "width": sum(c.across for c in block.rows[0]),
                "heads": _plain(block.rows[:n]),
                "rows": _plain(block.rows[n:]),
            }
        blocks.append(made)
    left, right = heads(source, look)
    data = {
        "title": source.title,
        "blocks": blocks,
        "notes": source.notes,
        "left": left,
        "right": right,
        "foot": feet(source, look),
        "look": vars(look),
    }
    return bytes(maker.compile(_TYPST.encode(), sys_inputs={"doc": json.dumps(data)}, format="pdf"))


# --- LaTeX ------------------------------------------------------------------------------------------------


def _tex(text: str) -> str:
    for sign, safe in (
        ("\\", "\\textbackslash "),
        ("&", r"\&"),
        ("%", r"\%"),
        ("_", r"\_"),
        ("#", r"\#"),
        ("$", r"\$"),
    ):
        text = text.replace(sign, safe)
    return text


def _tex_runs(source: Source, runs: list[Run]) -> str:
    return "".join(
        rf"\footnote{{{_tex(source.notes[r.note - 1])}}}"
        if r.note
        else rf"\href{{{r.href}}}{{{_tex(r.text)}}}"
        if r.href
        else _tex(r.text)
        for r in runs
    )


def _tex_items(items: list[Item], ordered: bool) -> str:
    name = "enumerate" if ordered else "itemize"
    inner = "\n".join(
        rf"\item {_tex(i.text)}" + ("\n" + _tex_items(i.items, i.ordered) if i.items else "") for i in items
    )
    return rf"\begin{{{name}}}{inner}\end{{{name}}}"


def _tex_table(block: Block, look: Look) -> str:
    width = sum(cell.across for cell in block.rows[0])
    bar = "|" if look.ruled == "all" else ""
    column = rf">{{\raggedright\arraybackslash}}p{{\dimexpr {0.96 / width:.3f}\linewidth-2\tabcolsep}}"
    line = {"all": r"\hline", "rows": "", "none": ""}[look.ruled]
    n = sum(all(cell.head for cell in row) for row in block.rows)
    parts, hanging = [], [0] * width
    for y, row in enumerate(block.rows):
        cells, x, queue = [], 0, list(row)
        while x < width:
            if hanging[x]:
                hanging[x] -= 1
                cells.append("")
                x += 1
                continue
            cell = queue.pop(0)
            text = rf"\textbf{{{_tex(cell.text)}}}" if cell.head else _tex(cell.text)
            if cell.down > 1:
                hanging[x] = cell.down - 1
            cells.append(rf"\multicolumn{{{cell.across}}}{{{bar}l{bar}}}{{{text}}}" if cell.across > 1 else text)
            x += cell.across
        parts.append(" & ".join(cells) + r"\\ " + (line if not any(hanging) else ""))
        if y == n - 1:
            parts.append(r"\midrule\endhead" if look.ruled == "rows" else r"\endhead")
    top, bottom = (r"\toprule", r"\bottomrule") if look.ruled == "rows" else (line, "")
    spec = bar + bar.join([column] * width) + bar
    return rf"\begin{{longtable}}{{{spec}}}{top}" + "\n".join(parts) + rf"{bottom}\end{{longtable}}"


def latex(source: Source, look: Look) -> bytes:
    body = []
    for block in source.blocks:
        if block.kind == "heading":
            name = ("section", "subsection", "subsubsection")[block.level - 1]
            body.append(rf"\{name}{'' if look.numbered else '*'}{{{_tex(block.text)}}}")
        elif block.kind == "list":
            body.append(_tex_items(block.items, block.ordered))
        elif block.kind == "table":
            body.append(_tex_table(block, look))
        else:
            body.append(_tex_runs(source, block.runs) + "\n\n")
    left, right = heads(source, look)
    foot = rf"{feet(source, look)}\hfill Sida \thepage" if look.footer != "none" else ""
    columns = (rf"\begin{{multicols}}{{{look.columns}}}", r"\end{multicols}") if look.columns > 1 else ("", "")
    family = r"\renewcommand{\familydefault}{\sfdefault}" if look.sans else ""
    spaced = "" if look.justified or look.columns > 1 else r"\usepackage{parskip}"
    joined = "\n".join(body)
    text = rf"""\documentclass[{round(look.size)}pt,a4paper]{{article}}
\usepackage[utf8]{{inputenc}}\usepackage[T1]{{fontenc}}\usepackage[swedish]{{babel}}\usepackage{{lmodern}}
\usepackage[margin=24mm]{{geometry}}\usepackage{{longtable,booktabs,multicol,array,fancyhdr}}
\usepackage[hidelinks]{{hyperref}}
{family}
\pagestyle{{fancy}}\fancyhf{{}}\renewcommand{{\headrulewidth}}{{0pt}}
\fancyhead[L]{{\footnotesize {_tex(left)}}}\fancyhead[R]{{\footnotesize {_tex(right)}}}\fancyfoot[L]{{\footnotesize {foot}}}
{spaced}
\begin{{document}}
{{\noindent\LARGE\bfseries\raggedright {_tex(source.title)}\par}}\bigskip
{columns[0]}
{joined}
{columns[1]}
\end{{document}}"""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.tex").write_text(text)
        for _ in range(2):
            subprocess.run(["pdflatex", "-interaction=nonstopmode", "a.tex"], cwd=folder, stdout=subprocess.DEVNULL)
        return (Path(folder) / "a.pdf").read_bytes()


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


MAKERS: dict[str, Callable[[Source, Look], bytes]] = {
    "chromium": chromium,
    "weasyprint": weasyprint,
    "typst": typst,
    "latex": latex,
    "reportlab": reportlab,
    "fpdf2": fpdf2,
    "libreoffice": libreoffice,
}
