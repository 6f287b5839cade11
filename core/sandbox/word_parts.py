"""Parts of a Word document that cannot be shown as words: each is named at its place before the rest is read. No Django
here.

Simple fields keep what they show. A chart, a diagram, a formula or an inserted document leaves a mark where it stands,
which `said` makes words of afterwards.
"""

from __future__ import annotations

import html as entities
import re
from xml.etree import ElementTree as ET

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHARTS = (
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds",
)
# Signs that no text has: where something stands, and what it shows in words.
_BEGIN, _END = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"{_BEGIN}([a-z]+):([^{_END}]*){_END}")
_WORDS = {
    "figur": "Figuren finns i filen.",
    "formel": "Formeln finns i filen.",
    "dokument": "Ett inlagt dokument finns i filen.",
}


def say_places(root: ET.Element) -> bool:
    """Changes the tree of a part so that what cannot be shown leaves a mark; False where there was nothing of it."""
    changed = False
    for parent in list(root.iter()):
        for n, child in enumerate(list(parent)):
            anew = _instead(child)
            if anew is not None:
                at = list(parent).index(child)
                parent.remove(child)
                for k, element in enumerate(anew):
                    parent.insert(at + k, element)
                changed = True
            del n
    return changed


def _instead(element: ET.Element) -> list[ET.Element] | None:
    """The text in the place of an element; None if it stays."""
    if element.tag == f"{_W}fldSimple":
        return list(element)
    if element.tag in (f"{_M}oMathPara", f"{_M}oMath"):
        return [_run(_marked("formel", ""))]
    if element.tag == f"{_W}altChunk":
        paragraph = ET.Element(f"{_W}p")
        paragraph.append(_run(_marked("dokument", "")))
        return [paragraph]
    if element.tag == f"{_W}drawing" and any(part.tag in _CHARTS for part in element.iter()):
        described = next(element.iter(f"{_WP}docPr"), None)
        words = "" if described is None else described.get("descr") or described.get("title") or ""
        return [_text(_marked("figur", words))]
    return None


def _marked(what: str, words: str) -> str:
    return f"{_BEGIN}{what}:{' '.join(words.replace(_END, '').split())}{_END}"


def _text(text: str) -> ET.Element:
    made = ET.Element(f"{_W}t")
    made.text = text
    return made


def _run(text: str) -> ET.Element:
    made = ET.Element(f"{_W}r")
    made.append(_text(text))
    return made


def said(html: str) -> str:
    """HTML with the marks as words: what is in the file and not here."""

    def words(found: re.Match[str]) -> str:
        shown = entities.escape(entities.unescape(found[2]), quote=False)
        name = _WORDS.get(found[1], _WORDS["figur"])
        return f'<span class="doc-left-out">{name} {shown}</span>'

    return _MARK.sub(words, html)
