"""Writes a source as a PDF by one of several programs. Needed only to make the files anew (see the folder's README).

A look says how: columns, type, how tables are ruled, what runs along the pages.
"""

from __future__ import annotations

import html
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.reading.drawn import fpdf2, libreoffice, reportlab
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


MAKERS: dict[str, Callable[[Source, Look], bytes]] = {
    "chromium": chromium,
    "weasyprint": weasyprint,
    "typst": typst,
    "latex": latex,
    "reportlab": reportlab,
    "fpdf2": fpdf2,
    "libreoffice": libreoffice,
}
