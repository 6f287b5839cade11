"""Readable HTML of an OpenDocument text: headings, lists, tables, notes, quotations, pictures at their places.

Deleted text kept for change tracking, comments, and what is marked as hidden are not read. No Django here.
"""

from __future__ import annotations

import html as entities
import re
from typing import Any

from core.sandbox.blank_lines import without_last
from core.sandbox.contents import without_pages
from core.sandbox.symbols import is_symbolic, sign

# The most times that a repeated cell or row counts: spreadsheets fill a page with one.
MOST_REPEATED = 50
MOST_NESTED = 60
# Formats of pictures that can be shown; others are said to be in the file.
SHOWN_FORMATS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
FIGURE_LEFT_OUT = "Figuren finns i filen."
_SKIPPED = frozenset(
    ("tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "title", "desc", "soft-page-break")
)
_HIDDEN = frozenset(("hidden-text", "hidden-paragraph"))
_CODES = {"tracked-changes": "tracked_changes", "annotation": "comments", "object": "parts_omitted"}
_TAGS = re.compile(r"(<[^>]*>)")
_QUOTES = ("quot", "citat")
_CALLOUTS = ("viktigt", "observera", "varning", "callout", "faktaruta")


def _elements(node: Any) -> list[Any]:
    return [part for part in node.childNodes if part.nodeType == part.ELEMENT_NODE]


def _said(node: Any) -> dict[str, str]:
    return {key[1]: str(value) for key, value in (node.attributes or {}).items()}


class Styles:
    """The styles of the text itself: the style that each is a kind of, and the look of its letters."""

    def __init__(self, styles: list[Any], fonts: dict[str, str]) -> None:
        """`styles`: the nodes of the text's own and of the named ones; `fonts`: by name in the file, the font."""
        self._parents: dict[str, str] = {}
        self.bold: set[str] = set()
        self.italic: set[str] = set()
        self.hidden: set[str] = set()
        self.ordered: dict[str, frozenset[int]] = {}
        self._looks: dict[str, dict[str, str]] = {}
        self._fonts = fonts
        for style in styles:
            said = _said(style)
            name = said.get("name", "")
            self._parents[name] = said.get("parent-style-name", "")
            if style.qname[1] == "list-style":
                self.ordered[name] = frozenset(
                    int(_said(level).get("level", "1"))
                    for level in style.childNodes
                    if level.qname[1] == "list-level-style-number" and _said(level).get("num-format")
                )
            for part in style.childNodes:
                look = _said(part) if part.qname[1] == "text-properties" else {}
                if look:
                    self._looks[name] = look
                if look.get("font-weight") in ("bold", "600", "700", "800", "900"):
                    self.bold.add(name)
                if look.get("font-style") in ("italic", "oblique"):
                    self.italic.add(name)
                if look.get("display") == "none":
                    self.hidden.add(name)

    def _says(self, name: str, *properties: str) -> str:
        """The value of one of these in a style, or in the nearest that it is made from; empty for none."""
        for _step in range(MOST_NESTED):
            look = self._looks.get(name, {})
            if found := next((look[key] for key in properties if look.get(key)), ""):
                return found
            if not (name := self._parents.get(name, "")):
                break
        return ""

    def is_struck(self, name: str) -> bool:
        return self._says(name, "text-line-through-style", "text-line-through-type") not in ("", "none")

    def raised(self, name: str) -> str:
        """ "sup", "sub" or nothing: by words, or by how far up or down, in percent (ODF 1.3, 20.384)."""
        first = (self._says(name, "text-position") or "0%").split()[0]
        if first in ("super", "sub"):
            return {"super": "sup"}.get(first, first)
        up = first.removesuffix("%")
        try:
            return "sup" if float(up) > 0 else "sub" if float(up) < 0 else ""
        except ValueError:
            return ""

    def symbol_font(self, name: str) -> str:
        """The font, where it is one of signs; else empty."""
        font = self._says(name, "font-name", "font-family")
        family = self._fonts.get(font, font)
        return family if is_symbolic(family) else ""

    def kind(self, name: str) -> str:
        """The style's own name or that of the named one it is made from, without case."""
        return (self._parents.get(name) or name).replace("_20_", " ").lower()

    def is_ordered(self, name: str, level: int) -> bool:
        if name in self.ordered:
            return level in self.ordered[name]
        return "num" in self.kind(name)


def styles_of(document: Any) -> Styles:
    """An opened document's own styles and the named ones."""
    fonts = {
        _said(node).get("name", ""): _said(node).get("font-family", "") for node in document.fontfacedecls.childNodes
    }
    return Styles([*document.styles.childNodes, *document.automaticstyles.childNodes], fonts)


def has_headers(document: Any) -> bool:
    """Whether an opened document has words in the headers or footers of its pages."""

    def words(node: Any) -> bool:
        return any(
            words(child) if child.nodeType == child.ELEMENT_NODE else str(child).strip() for child in node.childNodes
        )

    return any(
        part.qname[1].startswith(("header", "footer")) and words(part)
        for page in _elements(document.masterstyles)
        for part in _elements(page)
    )


class Writer:
    """Writes an odfpy tree as HTML. `found`: codes of what a reader should know of; `pictures`: where each lies."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.found: dict[str, None] = {}
        self.notes: list[str] = []
        self.pictures: list[str] = []
        self.without_alt = 0
        self._after: list[str] = []
        self._depth = 0

    def page(self, body: Any) -> str:
        text = self._blocks(body)
        if self.notes:
            text += f'<ol class="doc-notes">{"".join(self.notes)}</ol>'
        return text

    # --- Blocks ---

    def _blocks(self, node: Any) -> str:
        self._depth += 1
        try:
            if self._depth > MOST_NESTED:
                return ""
            return "".join(self._block(child) for child in node.childNodes if child.nodeType == child.ELEMENT_NODE)
        finally:
            self._depth -= 1

    def _block(self, node: Any) -> str:
        name = node.qname[1]
        if self._is_left_out(node, name):
            return ""
        if name == "h":
            level = re.sub(r"\D", "", _said(node).get("outline-level", "1")) or "1"
            return self._with_after(f"<h{min(int(level) + 1, 6)}>{self._inline(node)}</h{min(int(level) + 1, 6)}>")
        if name == "p":
            return self._paragraph(node)
        if name == "list":
            return self._list(node, "", 1)
        if name == "table":
            return self._table(node)
        if name == "table-of-content":
            return self._contents(node)
        if name in ("frame", "note", "a", "span"):
            return self._with_after(f"<p>{self._piece(node)}</p>")
        return self._blocks(node)

    def _is_left_out(self, node: Any, name: str) -> bool:
        if code := _CODES.get(name):
            self.found[code] = None
        if name in _SKIPPED:
            return True
        said = _said(node)
        is_hidden = name in _HIDDEN or (name == "section" and said.get("display") == "none")
        if is_hidden or said.get("style-name") in self._styles.hidden:
            self.found["hidden_text"] = None
            return True
        return False

    def _paragraph(self, node: Any) -> str:
        style = _said(node).get("style-name", "")
        kind = self._styles.kind(style)
        words = self._looking(self._inline(node), style)
        if not words.strip():
            return self._with_after("<p></p>")
        if kind == "title":
            return self._with_after(f'<p class="doc-title">{words}</p>')
        if style in self._styles.bold:
            words = f"<strong>{words}</strong>"
        if any(part in kind for part in (*_QUOTES, *_CALLOUTS)):
            return self._with_after(f"<blockquote><p>{words}</p></blockquote>")
        return self._with_after(f"<p>{words}</p>")

    def _with_after(self, text: str) -> str:
        """A block, and what stood in it without being words: text boxes."""
        after, self._after = self._after, []
        return text + "".join(after)

    def _list(self, node: Any, style: str, level: int) -> str:
        style = _said(node).get("style-name") or style
        tag = "ol" if self._styles.is_ordered(style, level) else "ul"
        items = []
        for item in node.childNodes:
            if item.nodeType != item.ELEMENT_NODE or item.qname[1] not in ("list-item", "list-header"):
                continue
            parts = []
            for child in item.childNodes:
                if child.nodeType != child.ELEMENT_NODE:
                    continue
                if child.qname[1] == "list" and level < MOST_NESTED:
                    parts.append(self._list(child, style, level + 1))
                elif child.qname[1] == "p" and not parts:
                    parts.append(self._with_after(self._inline(child)))
                else:
                    parts.append(self._block(child))
            items.append(f"<li>{''.join(parts)}</li>")
        return f"<{tag}>{''.join(items)}</{tag}>" if items else ""

    def _contents(self, node: Any) -> str:
        body = next((part for part in _elements(node) if part.qname[1] == "index-body"), None)
        lines = [self._inline(part) for part in _elements(body) if part.qname[1] == "p"] if body else []
        items = "".join(f"<li>{without_pages(line)}</li>" for line in lines if line.strip())
        return f"<ul>{items}</ul>" if items else ""

    def _table(self, node: Any) -> str:
        heads: list[str] = []
        rows: list[str] = []

        def gather(part: Any, *, head: bool) -> None:
            for child in part.childNodes:
                name = child.qname[1] if child.nodeType == child.ELEMENT_NODE else ""
                if name == "table-row":
                    (heads if head else rows).append(self._row(child, head=head))
                elif name in ("table-header-rows", "table-rows", "table-row-group"):
                    gather(child, head=head or name == "table-header-rows")

        gather(node, head=False)
        if not heads and not any(rows):
            return ""
        above = f"<thead>{''.join(heads)}</thead>" if heads else ""
        return f"<table>{above}<tbody>{''.join(rows)}</tbody></table>"

    def _row(self, node: Any, *, head: bool) -> str:
        cells = []
        tag = "th" if head else "td"
        for cell in node.childNodes:
            if cell.nodeType != cell.ELEMENT_NODE or cell.qname[1] != "table-cell":
                continue
            said = _said(cell)
            spans = ""
            for attribute, key in (("colspan", "number-columns-spanned"), ("rowspan", "number-rows-spanned")):
                if said.get(key, "1").isdigit() and int(said.get(key, "1")) > 1:
                    spans += f' {attribute}="{int(said[key])}"'
            times = said.get("number-columns-repeated", "1")
            made = f"<{tag}{spans}>{self._cell(cell)}</{tag}>"
            cells += [made] * min(int(times) if times.isdigit() else 1, MOST_REPEATED)
        return f"<tr>{''.join(cells)}</tr>"

    def _cell(self, node: Any) -> str:
        text = without_last(self._blocks(node))
        only = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", text, re.DOTALL)
        return only[1] if only else text

    # --- Words ---

    def _inline(self, node: Any) -> str:
        self._depth += 1
        try:
            if self._depth > MOST_NESTED:
                return ""
            return "".join(self._piece(child) for child in node.childNodes)
        finally:
            self._depth -= 1

    def _piece(self, node: Any) -> str:
        if node.nodeType in (node.TEXT_NODE, node.CDATA_SECTION_NODE):
            # Line breaks and runs of spaces in the XML are layout of the XML only.
            return entities.escape(re.sub(r"\s+", " ", str(node)), quote=False)
        name = node.qname[1]
        if self._is_left_out(node, name):
            return ""
        if name in ("s", "tab"):
            return "\t" if name == "tab" else " "
        if name == "line-break":
            return "<br>"
        if name == "note":
            return self._note(node)
        if name == "frame":
            return self._frame(node)
        if name == "a":
            return f'<a href="{entities.escape(_said(node).get("href", ""))}">{self._inline(node)}</a>'
        words = self._inline(node)
        style = _said(node).get("style-name", "")
        if name == "span" and words.strip():
            words = self._looking(words, style)
            if style in self._styles.bold:
                words = f"<strong>{words}</strong>"
            if style in self._styles.italic:
                words = f"<em>{words}</em>"
        return words

    def _looking(self, words: str, style: str) -> str:
        """Words of a style that says more of them than how they please: struck, raised, signs of a font of signs."""
        if font := self._styles.symbol_font(style):
            words = "".join(part if part.startswith("<") else self._signs(part, font) for part in _TAGS.split(words))
        if tag := self._styles.raised(style) if words.strip() else "":
            words = f"<{tag}>{words}</{tag}>"
        return f"<s>{words}</s>" if words.strip() and self._styles.is_struck(style) else words

    def _signs(self, words: str, font: str) -> str:
        shown = []
        for letter in entities.unescape(words):
            found = " " if letter.isspace() else sign(font, ord(letter))
            if found is None:
                self.found["unknown_signs"] = None
            shown.append(found or "□")
        return entities.escape("".join(shown), quote=False)

    def _note(self, node: Any) -> str:
        """Its mark where it stands, and its words at the end of the text."""
        mark, words = "", ""
        for child in node.childNodes:
            if child.nodeType != child.ELEMENT_NODE:
                continue
            if child.qname[1] == "note-citation":
                mark = "".join(str(text) for text in child.childNodes).strip()
            elif child.qname[1] == "note-body":
                words = self._blocks(child)
        number = len(self.notes) + 1
        back = f' <a href="#doc-till-{number}">↑</a>'
        words = words[: -len("</p>")] + back + "</p>" if words.endswith("</p>") else words + back
        self.notes.append(f'<li id="doc-not-{number}">{words}</li>')
        shown = entities.escape(mark or str(number))
        return f'<sup><a id="doc-till-{number}" href="#doc-not-{number}">{shown}</a></sup>'

    def _frame(self, node: Any) -> str:
        parts = {child.qname[1]: child for child in node.childNodes if child.nodeType == child.ELEMENT_NODE}
        if "text-box" in parts:
            self._after.append(self._blocks(parts["text-box"]))
            return ""
        described = [
            "".join(str(text) for text in parts[key].childNodes).strip() for key in ("title", "desc") if key in parts
        ]
        alt = entities.escape(". ".join(words for words in described if words), quote=False)
        if "object" in parts or "object-ole" in parts:
            self.found["parts_omitted"] = None
            return f'<span class="doc-left-out">{FIGURE_LEFT_OUT} {alt}</span>'
        if "image" not in parts:
            return ""
        self.without_alt += not alt
        href = _said(parts["image"]).get("href", "")
        if not href.startswith("Pictures/") or not href.lower().endswith(SHOWN_FORMATS):
            self.found["images_omitted"] = None
            return f'<span class="doc-left-out">{FIGURE_LEFT_OUT} {alt}</span>'
        self.pictures.append(href)
        return f'<span class="doc-image" id="doc-figur-{len(self.pictures)}">{alt}</span>'
