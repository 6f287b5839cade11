"""The tags of a page, as the file has them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_NODES = 60_000
MAX_DEPTH = 60


@dataclass
class Node:
    """An element of the tags of one page. `kids`: elements, and numbers of marked content, in order."""

    kind: str
    kids: list[Node | int] = field(default_factory=list)
    alt: str = ""
    across: int = 1
    down: int = 1

    def marks(self) -> Iterator[int]:
        for kid in self.kids:
            if isinstance(kid, int):
                yield kid
            else:
                yield from kid.marks()

    def lacks_alt(self) -> bool:
        """Whether it holds a figure without words for those who do not see it."""
        return any(node.kind == "Figure" and not node.alt for node in self.walk())

    def walk(self) -> Iterator[Node]:
        yield self
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.walk()


def tree(page: Any) -> Node | None:
    """The page's tags, or None where it has none."""
    import pypdfium2.raw as pdfium

    root = pdfium.FPDF_StructTree_GetForPage(page)
    if not root:
        return None
    left = [MAX_NODES]
    made = Node("Document")
    try:
        for n in range(min(pdfium.FPDF_StructTree_CountChildren(root), 10_000)):
            if element := pdfium.FPDF_StructTree_GetChildAtIndex(root, n):
                made.kids.append(_node(element, pdfium, left, 0))
    finally:
        pdfium.FPDF_StructTree_Close(root)
    return made if made.kids else None


def _node(element: Any, pdfium: Any, left: list[int], depth: int) -> Node:
    made = Node(_said(pdfium.FPDF_StructElement_GetType, element))
    if made.kind == "Figure":
        made.alt = _said(pdfium.FPDF_StructElement_GetAltText, element).strip()
        made.alt = made.alt or _said(pdfium.FPDF_StructElement_GetActualText, element).strip()
    elif made.kind in ("TH", "TD"):
        made.across, made.down = _span(element, "ColSpan", pdfium), _span(element, "RowSpan", pdfium)
    for n in range(min(max(pdfium.FPDF_StructElement_CountChildren(element), 0), 10_000)):
        left[0] -= 1
        if left[0] < 0 or depth > MAX_DEPTH:
            break
        kid = pdfium.FPDF_StructElement_GetChildAtIndex(element, n)
        if kid:
            made.kids.append(_node(kid, pdfium, left, depth + 1))
        elif (mark := pdfium.FPDF_StructElement_GetChildMarkedContentID(element, n)) >= 0:
            made.kids.append(mark)
    return made


def _said(read: Callable[..., int], element: Any) -> str:
    size = read(element, None, 0)
    if not 2 < size < 100_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "ignore")


def _span(element: Any, name: str, pdfium: Any) -> int:
    for n in range(min(max(pdfium.FPDF_StructElement_GetAttributeCount(element), 0), 20)):
        attribute = pdfium.FPDF_StructElement_GetAttributeAtIndex(element, n)
        value = attribute and pdfium.FPDF_StructElement_Attr_GetValue(attribute, name.encode())
        number = ctypes.c_float()
        if value and pdfium.FPDF_StructElement_Attr_GetNumberValue(value, ctypes.byref(number)):
            return max(1, min(100, int(number.value)))
    return 1
