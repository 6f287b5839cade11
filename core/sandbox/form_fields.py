"""Filled and ticked fields of a PDF's form: values that its pages show, and that are no part of their text."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.sandbox.letters import Box, Turn

TICKED, UNTICKED = "☒", "☐"
_MAX_FIELDS = 2000
_MAX_CHARS = 5000
_SEVERAL_LINES, _PASSWORD = 1 << 12, 1 << 13
_HIDDEN, _NO_VIEW = 1 << 1, 1 << 5


@dataclass(frozen=True)
class Value:
    """The lines that a field shows, and their places."""

    lines: tuple[str, ...]
    box: Box

    @property
    def is_tick(self) -> bool:
        return self.lines in ((TICKED,), (UNTICKED,))


def open_forms(document: Any) -> None:
    """Makes the document's form readable; before any of its pages is opened. No script of it runs."""
    import pypdfium2.raw as pdfium

    if document.get_formtype() in (pdfium.FORMTYPE_ACRO_FORM, pdfium.FORMTYPE_XFA_FOREGROUND):
        document.init_forms()


def values(page: Any, document: Any) -> list[Value]:
    """The lines that the page's fields show, the empty ones left out. A password is not told."""
    import pypdfium2.raw as pdfium

    if document.formenv is None:
        return []
    form, turn = document.formenv.raw, Turn(page, pdfium)
    made = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            seen = not pdfium.FPDFAnnot_GetFlags(note) & (_HIDDEN | _NO_VIEW)
            if seen and pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET:
                lines = _lines(form, note, pdfium)
                rect = pdfium.FS_RECTF()
                if any(lines) and pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rect)):
                    made.append(Value(lines, turn.box(rect.left, rect.bottom, rect.right, rect.top)))
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return made


def _lines(form: Any, note: Any, pdfium: Any) -> tuple[str, ...]:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return (TICKED if pdfium.FPDFAnnot_IsChecked(form, note) else UNTICKED,)
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, note)
    if kind in (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        chosen = [
            _said(lambda *rest, n=n: pdfium.FPDFAnnot_GetOptionLabel(form, note, n, *rest))
            for n in range(min(max(pdfium.FPDFAnnot_GetOptionCount(form, note), 0), _MAX_FIELDS))
            if pdfium.FPDFAnnot_IsOptionSelected(form, note, n)
        ]
        if chosen:
            return tuple(chosen)
    elif kind != pdfium.FPDF_FORMFIELD_TEXTFIELD or flags & _PASSWORD:
        return ()
    said = _said(lambda *rest: pdfium.FPDFAnnot_GetFormFieldValue(form, note, *rest))
    return tuple(said.splitlines()) if flags & _SEVERAL_LINES else (" ".join(said.split()),)


def _said(read: Callable[..., int]) -> str:
    size = min(read(None, 0), 2 * _MAX_CHARS)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    read(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "ignore")
