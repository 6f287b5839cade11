"""Makes real files of every kind the portal meets, honest and hostile. Each function returns the file's bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import deepcopy
from functools import cache

import docx
import pypdf
import typst
from docx.shared import Mm
from odf import dc as odf_dc
from odf import draw, meta, style, svg, table, text
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x7f\x20\x30" * min(width, 64)) * min(height, 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (10, 120, 90)).save(out, "JPEG")
    return out.getvalue()


@cache
def tagged_pdf(pages: int = 2) -> bytes:
    """A tagged PDF as the portal itself makes them, with a title and bookmarks."""
    body = "".join(
        f"= Avsnitt {number}\nLäkemedelsgenomgång görs av ansvarig sjuksköterska. Sida {number}.\n#pagebreak(weak: true)\n"
        for number in range(1, pages + 1)
    )
    source = f'#set document(title: "Fallprevention på särskilt boende")\n#set text(lang: "sv")\n{body}'
    return typst.compile(source.encode())


@cache
def plain_pdf(lines: tuple[str, ...] = ("Rutin för provtagning",), pages: int = 1) -> bytes:
    """An untagged PDF of plain lines, as most exports are."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(pages):
        for number, line in enumerate(lines):
            canvas.drawString(72, 750 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def drawn_pdf(*, kind: str = "", pages: int = 1) -> bytes:
    """A PDF with SYNLIGT in it, and by `kind` DOLT somewhere in it:

    "white" on white, "bar" under a bar, "picture" under a picture, "header" in white on a dark row (which is seen),
    "pale" in light grey (seen too), "turned" white on a page that is turned, "ocr" laid unseen over a scanned picture,
    "note": no such word, but a comment.
    """
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for _ in range(pages):
        if kind == "ocr":
            canvas.drawImage(ImageReader(io.BytesIO(png(64, 64))), 0, 0, 500, 700)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 750, "SYNLIGT text on the page, för alla läsare")
        if kind == "header":
            canvas.setFillColorRGB(0.1, 0.2, 0.3)
            canvas.rect(60, 690, 400, 24, stroke=0, fill=1)
        if kind in ("white", "header", "turned"):
            canvas.setFillColorRGB(1, 1, 1)
        if kind == "pale":
            canvas.setFillColorRGB(0.8, 0.8, 0.8)
        if kind == "ocr":
            words = canvas.beginText(72, 700)
            words.setTextRenderMode(3)
            words.textLine("DOLT ord")
            canvas.drawText(words)
        elif kind != "note":
            canvas.drawString(72, 700, "DOLT ord")
        canvas.setFillColorRGB(0, 0, 0)
        if kind == "bar":
            canvas.rect(60, 690, 200, 24, stroke=0, fill=1)
        if kind == "picture":
            canvas.drawImage(ImageReader(io.BytesIO(png(4, 4))), 60, 690, 200, 24)
        if kind == "note":
            canvas.textAnnotation("Är detta rätt?", Rect=[72, 600, 92, 620])
        canvas.showPage()
    canvas.save()
    if kind == "turned":
        writer = pypdf.PdfWriter(clone_from=out)
        for page in writer.pages:
            page.rotate(90)
        out = io.BytesIO()
        writer.write(out)
    return out.getvalue()


def word_with(xml: str, *, where: str = "") -> bytes:
    """A Word document with a piece of XML (`w:` is known) put into its body, or into the run properties of a style."""

    def change(name: str, data: bytes) -> bytes:
        if not where and name == "word/document.xml":
            return data.replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1)
        if where and name == "word/styles.xml":
            style = (
                f'<w:style w:type="paragraph" w:styleId="{where}"><w:name w:val="{where}"/>{xml}</w:style></w:styles>'
            )
            return data.replace(b"</w:styles>", style.encode())
        return data

    return repacked(word(), change)


@cache
def scanned_pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawImage(ImageReader(io.BytesIO(png(64, 64))), 0, 0, 500, 700)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def encrypted_pdf(user_password: str, owner_password: str = "owner") -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain_pdf()))
    writer.encrypt(user_password, owner_password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@cache
def word(paragraphs: int = 3, picture_alt: str | None = None) -> bytes:
    """A Word document with title, headings, list, table and link; with a picture when `picture_alt` is not None."""
    document = docx.Document()
    document.core_properties.title = "Rutin för fallrisk"
    document.add_heading("Syfte", 1)
    for number in range(paragraphs):
        document.add_paragraph(f"Risken bedöms vid inskrivning, stycke {number}.")
    document.add_heading("Åtgärder", 2)
    document.add_paragraph("Lås sängens hjul", style="List Bullet")
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "Ansvarig", "Sjuksköterska"
    if picture_alt is not None:
        shape = document.add_picture(io.BytesIO(png()), width=Mm(20))
        shape._inline.docPr.set("descr", picture_alt)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word_of_headings(count: int, words: str = "Rubrik") -> bytes:
    """A Word document of equal headings and nothing else."""
    document = docx.Document()
    heading = document.add_heading(words, 1)._p
    for _ in range(count - 1):
        heading.addnext(deepcopy(heading))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@cache
def opendocument(picture_alt: str | None = None) -> bytes:
    document = OpenDocumentText()
    document.meta.addElement(odf_dc.Title(text="Rutin för munhälsa"))
    document.meta.addElement(meta.InitialCreator(text="Redaktören"))
    heading = style.Style(name="Heading 1", family="paragraph")
    document.styles.addElement(heading)
    document.text.addElement(text.H(outlinelevel=1, stylename=heading, text="Omfattning"))
    paragraph = text.P(text="Gäller")
    paragraph.addElement(text.S())
    paragraph.addElement(text.Span(text="alla vårdgivare"))
    document.text.addElement(paragraph)
    rows = table.Table(name="t")
    row = table.TableRow()
    for words in ("Munvård", "Dagligen"):
        cell = table.TableCell()
        cell.addElement(text.P(text=words))
        row.addElement(cell)
    rows.addElement(row)
    document.text.addElement(rows)
    if picture_alt is not None:
        frame = draw.Frame(width="2cm", height="2cm", anchortype="as-char")
        frame.addElement(draw.Image(href=document.addPictureFromString(png(), "image/png")))
        if picture_alt:
            frame.addElement(svg.Desc(text=picture_alt))
        holder = text.P()
        holder.addElement(frame)
        document.text.addElement(holder)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


@cache
def spreadsheet() -> bytes:
    out = io.BytesIO()
    OpenDocumentSpreadsheet().write(out)
    return out.getvalue()


def repacked(
    package: bytes, change: Callable[[str, bytes], bytes | None] = lambda _name, data: data, **added: bytes
) -> bytes:
    """The package with each part passed through `change` (None drops it) and `added` parts; `__` in a name is `/`."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            data = change(entry.filename, source.read(entry))
            if data is not None:
                target.writestr(entry.filename, data, entry.compress_type)
        for name, data in added.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def understated(package: bytes, part: str, says: int) -> bytes:
    """The package with both headers of `part` claiming that it unpacks to `says` bytes."""
    data = bytearray(package)
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        entry = source.getinfo(part)
        struct.pack_into("<I", data, entry.header_offset + 22, says)
        position = source.start_dir
    name = part.encode()
    while data[position : position + 4] == b"PK\x01\x02":
        name_size, extra, comment = struct.unpack_from("<3H", data, position + 28)
        if data[position + 46 : position + 46 + name_size] == name:
            struct.pack_into("<I", data, position + 24, says)
        position += 46 + name_size + extra + comment
    return bytes(data)


def office_encrypted(before: int = 512) -> bytes:
    """The outside of a password-protected Word file: an OLE container with the stream that Office puts it in.

    The list of streams begins `before` bytes into the file.
    """
    directory = b"".join(
        entry.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64
        for entry in ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    )
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * (before - 8) + directory.ljust(512, b"\0") + b"\x5a" * 4096
