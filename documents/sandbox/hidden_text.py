"""Text of a Word document that is marked as hidden (w:vanish): taken out before the rest is read. No Django here."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = ("word/document", "word/footnotes", "word/endnotes")


def taken_out(package: zipfile.ZipFile) -> bytes | None:
    """The package without the words of hidden runs; None where no hidden run has any. Its XML has been checked."""
    names = package.namelist()
    styles = _hidden_styles(package.read("word/styles.xml")) if "word/styles.xml" in names else frozenset()
    changed = {}
    for name in names:
        if name.startswith(_PARTS) and name.endswith(".xml"):
            root = fromstring(package.read(name))
            if _empty_hidden(root, styles):
                changed[name] = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    if not changed:
        return None
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            # Media is not shown, and would be unpacked for nothing.
            if not name.startswith("word/media/"):
                target.writestr(name, changed.get(name) or package.read(name))
            else:
                target.writestr(name, b"")
    return anew.getvalue()


def _says_hidden(properties: ET.Element | None) -> bool | None:
    """What run properties say of it themselves; None where they say nothing."""
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
