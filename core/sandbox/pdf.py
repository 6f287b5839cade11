"""Text, readable HTML, bookmarks and signs of inaccessibility of a PDF: PDFium first, pypdf where that fails (words
only). No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from core.sandbox import form_fields, layout
from core.sandbox.letters import Letters, letters
from core.sandbox.text import MAX_HEADINGS, Unreadable, clean_text
from core.sandbox.unseen import Watch, without

# A page with fewer letters than this, and a picture on it, is a scanned page for a reader.
SCANNED_PAGE_LETTERS = 10


def open_pdfium(path: str, limits: dict[str, int]) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        password, security_handler = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
        code = "encrypted" if problem.err_code in (password, security_handler) else "damaged"
        raise Unreadable(code, "pdfium") from None
    if not len(document):
        raise Unreadable("no_pages", "pdfium")
    if len(document) > limits["max_pages"]:
        raise Unreadable("too_many_pages", str(len(document)))
    return document


def read_with_pdfium(path: str, limits: dict[str, int]) -> dict[str, Any]:
    import pypdfium2.raw as pdfium

    document = open_pdfium(path, limits)
    tagged = bool(pdfium.FPDFCatalog_IsTagged(document))
    warnings = [] if tagged else ["untagged_pdf"]
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        warnings.append("scripts_in_pdf")
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        warnings.append("attachments_in_pdf")
    if pdfium.FPDF_GetSecurityHandlerRevision(document) != -1:
        warnings.append("restricted_pdf")
    form_fields.open_forms(document)
    pages, size, truncated = [], 0, False
    watch, page_read = Watch(), layout.Layout(document)
    for number in range(len(document)):
        page = document[number]
        textpage = page.get_textpage()
        has_picture = _has_picture(page, pdfium)
        own = letters(page, textpage)
        unseen = watch.look(page, textpage, own, has_picture=has_picture)
        if unseen.white:
            warnings.append("hidden_text")
        if unseen.covered:
            warnings.append("covered_text")
        own.hide(unseen.all)
        filled = form_fields.values(page, document)
        tags = page_read.look(page, textpage, own, filled)
        told = _text(textpage, unseen.all, page_read.struck, own)
        text = clean_text("\n".join([told, *(line for value in filled if not value.is_tick for line in value.lines)]))
        if sum(map(str.isalnum, text)) < SCANNED_PAGE_LETTERS and has_picture:
            warnings.append("scanned_pages")
        if "comments" not in warnings and _has_comment(page, pdfium):
            warnings.append("comments")
        if tagged and "images_without_alt" not in warnings and tags is not None and tags.lacks_alt():
            warnings.append("images_without_alt")
        textpage.close()
        page.close()
        pages.append(text)
        size += len(text)
        if size > limits["max_text_bytes"]:
            truncated = True
            break
    headings = []
    for entry in document.get_toc(max_depth=6):
        headings.append(entry.get_title() or "")
        if len(headings) >= MAX_HEADINGS:
            break
    reading = page_read.read()
    if reading.pictured:
        warnings.append("tables_left_out")
    if reading.unkept:
        warnings.append("text_left_out")
    if reading.fault:
        warnings.append("layout_omitted")
    return {
        "text": "\f".join(pages),
        "html": reading.html,
        "pages": len(document),
        "title": _pdf_title(document.get_metadata_value("Title")) or reading.title,
        "headings": reading.headings or headings,
        "warnings": warnings,
        "truncated": truncated,
        "fault": reading.fault,
    }


def _text(textpage: Any, unseen: frozenset[int], struck: frozenset[int], own: Letters) -> str:
    if struck:
        return layout.struck.said(textpage, struck, unseen, own.told())
    if unseen or own.raised:
        return without(textpage, unseen, own.told())
    return str(textpage.get_text_bounded())


def _pdf_title(title: str | None) -> str:
    """Word's print dialogue names a PDF after the file it came from; that is no title."""
    return re.sub(r"^Microsoft Word\s*-\s*", "", title or "")


def _has_picture(page: Any, pdfium: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _has_comment(page: Any, pdfium: Any) -> bool:
    kinds = {
        pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_CARET,
    }  # fmt: skip
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), 1000)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        try:
            if note and pdfium.FPDFAnnot_GetSubtype(note) in kinds:
                return True
        finally:
            if note:
                pdfium.FPDFPage_CloseAnnot(note)
    return False


def open_pypdf(path: str, limits: dict[str, int]) -> Any:
    import pypdf

    reader = pypdf.PdfReader(path, strict=False)
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("")
        except Exception as problem:  # pypdf has no one error for this
            raise Unreadable("encrypted", type(problem).__name__) from None
        if not opened:
            raise Unreadable("encrypted", "pypdf")
    if not len(reader.pages):
        raise Unreadable("no_pages", "pypdf")
    if len(reader.pages) > limits["max_pages"]:
        raise Unreadable("too_many_pages", str(len(reader.pages)))
    return reader


def read_with_pypdf(path: str, limits: dict[str, int]) -> dict[str, Any]:
    reader = open_pypdf(path, limits)
    marks = reader.root_object.get("/MarkInfo")
    tagged = bool(marks is not None and marks.get_object().get("/Marked"))
    warnings = [] if tagged else ["untagged_pdf"]
    if reader.is_encrypted:
        warnings.append("restricted_pdf")
    pages, size, truncated = [], 0, False
    for page in reader.pages:
        text = clean_text(page.extract_text() or "")
        pages.append(text)
        size += len(text)
        if size > limits["max_text_bytes"]:
            truncated = True
            break
    return {
        "text": "\f".join(pages),
        "pages": len(reader.pages),
        "title": _pdf_title(reader.metadata.title if reader.metadata else ""),
        "headings": [str(title) for title in _outline_titles(reader.outline)],
        "warnings": warnings,
        "truncated": truncated,
    }


def _outline_titles(outline: Iterable[Any]) -> Iterator[str]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _outline_titles(entry)
        else:
            yield entry.title or ""
