"""A Word document before it is read: what is marked as hidden (w:vanish) is taken out, what letters mean by their look
is said, and what cannot be shown leaves a mark. No Django here."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from core.sandbox import list_numbers, looks, word_parts

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = ("word/document", "word/footnotes", "word/endnotes")


def rewritten(
    package: zipfile.ZipFile, *, hides: bool, has_parts: bool, has_untyped: bool, has_looks: bool, has_numbers: bool
) -> tuple[bytes | None, bool, bool]:
    """The package as it is to be read, whether hidden words were taken out of it, and whether it has signs that nobody
    knows; None where it is read as it is.

    `hides`: some run is marked as hidden. `has_parts`: something in it cannot be shown as words (`word_parts`).
    `has_looks`: letters mean something by how they look (`looks`). `has_numbers`: paragraphs are numbered
    (`list_numbers`).
    `has_untyped`: some style says not what it is of, which makes it one of paragraphs (ECMA-376 17.7.4.17). Its XML has
    been checked.
    """
    names = package.namelist()
    styles = _hidden_styles(package.read("word/styles.xml")) if hides and "word/styles.xml" in names else frozenset()
    changed = {}
    was_hidden = False
    has_styles = has_looks and "word/styles.xml" in names
    numberings = list_numbers.Numberings(_root(package, "numbering"), _root(package, "styles")) if has_numbers else None
    settler = looks.Settler(looks.Styles(fromstring(package.read("word/styles.xml")) if has_styles else None))
    if has_untyped and "word/styles.xml" in names:
        root = fromstring(package.read("word/styles.xml"))
        for style in root.iter(f"{_W}style"):
            style.attrib.setdefault(f"{_W}type", "paragraph")
        changed["word/styles.xml"] = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    for name in names:
        if not ((hides or has_parts or has_looks or has_numbers) and name.startswith(_PARTS) and name.endswith(".xml")):
            continue
        root = fromstring(package.read(name))
        hidden = hides and _empty_hidden(root, styles)
        placed = has_parts and word_parts.say_places(root)
        was_hidden = was_hidden or hidden
        settler.changed = False
        if has_looks:
            settler.settle(root)
        numbered = numberings is not None and numberings.mark(root)
        if hidden or placed or settler.changed or numbered:
            changed[name] = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    if not changed:
        return None, False, False
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            # Media is not unpacked here.
            if not name.startswith("word/media/"):
                target.writestr(name, changed.get(name) or package.read(name))
            else:
                target.writestr(name, b"")
    return anew.getvalue(), was_hidden, settler.unknown


def _root(package: zipfile.ZipFile, part: str) -> ET.Element | None:
    name = f"word/{part}.xml"
    return fromstring(package.read(name)) if name in package.namelist() else None


def _says_hidden(properties: ET.Element | None) -> bool | None:
    """The run properties' own word on it; None if they have none."""
    mark = properties.find(f"{_W}vanish") if properties is not None else None
    if mark is None:
        return None
    return mark.get(f"{_W}val", "true").lower() not in ("0", "false", "off")


def _hidden_styles(data: bytes) -> frozenset[str]:
    found = set()
    for style in fromstring(data).iter(f"{_W}style"):
        if _says_hidden(style.find(f"{_W}rPr")):
            found.add(style.get(f"{_W}styleId", ""))
    return frozenset(found - {""})


def _style(properties: ET.Element | None, tag: str) -> str:
    named = properties.find(f"{_W}{tag}") if properties is not None else None
    return named.get(f"{_W}val", "") if named is not None else ""


def _empty_hidden(root: ET.Element, styles: frozenset[str]) -> bool:
    found = False
    for paragraph in root.iter(f"{_W}p"):
        whole = _style(paragraph.find(f"{_W}pPr"), "pStyle") in styles
        for run in paragraph.iter(f"{_W}r"):
            properties = run.find(f"{_W}rPr")
            said = _says_hidden(properties)
            hidden = said if said is not None else whole or _style(properties, "rStyle") in styles
            if hidden and any((text.text or "").strip() for text in run.iter(f"{_W}t")):
                found = True
            if hidden:
                run.clear()
    return found
