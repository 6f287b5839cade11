"""Text, headings and readable HTML of DOCX and ODT, behind checks of the XML. No Django here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from documents.sandbox import hidden_text
from documents.sandbox.text import Unreadable

MAX_XML_DEPTH = 250
MAX_XML_ELEMENTS = 3_000_000


def _open_package(path: str, max_part_bytes: int) -> zipfile.ZipFile:
    package = zipfile.ZipFile(path)
    if any(entry.flag_bits & 0x1 for entry in package.infolist()):
        raise Unreadable("encrypted", "zip")
    for entry in package.infolist():
        # Media is never unpacked here; XML is, whole, by the libraries.
        if entry.filename.endswith((".xml", ".rels")) and entry.file_size > max_part_bytes:
            raise Unreadable("memory", "xml part")
    return package


def check_xml(data: bytes, on_start: Callable[[str, dict[str, str]], None] | None = None) -> None:
    """Walks XML once and raises `Unreadable` for what no honest document has: a DTD, entities, endless
    nesting.

    The libraries' own parsers know none of these limits, so no part reaches them that has not passed here.
    """
    from xml.parsers import expat

    depth = elements = 0

    def forbidden(*_: object) -> None:
        raise Unreadable("damaged", "dtd")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_XML_DEPTH or elements > MAX_XML_ELEMENTS:
            raise Unreadable("damaged", "nesting")
        if on_start:
            on_start(name.rpartition(":")[2], attributes)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    # SECURITY: neither format allows a DTD; without one there are no entities to expand and none to fetch.
    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)


class _AltTexts:
    """Counts pictures of a Word document that have neither a description nor the mark that they are
    decoration.
    """

    def __init__(self) -> None:
        self.missing = self.pictures = 0
        self._described = False

    def __call__(self, name: str, attributes: dict[str, str]) -> None:
        if name == "docPr":
            self._described = bool((attributes.get("descr") or attributes.get("title") or "").strip())
        elif name == "decorative":
            self._described = attributes.get("val") in ("1", "true")
        elif name == "cNvPr" and (attributes.get("descr") or "").strip():
            self._described = True
        elif name in ("drawing", "pict"):
            self._described = False
        if name in ("blip", "imagedata"):
            self.pictures += 1
        if name == "imagedata":
            described = any(key.endswith("title") and value.strip() for key, value in attributes.items())
            self.missing += not described
        elif name == "blip":
            self.missing += not self._described


class _Signs:
    """Signs in a Word document's XML of what a reader should know of, as codes (`documents.files.extraction`)."""

    _CODES = {
        **dict.fromkeys(("ins", "del", "moveFrom", "moveTo"), "tracked_changes"),
        "commentReference": "comments",
        **dict.fromkeys(
            ("fldSimple", "altChunk", "object", "chart", "relIds", "oMath", "subDoc", "contentPart"), "parts_omitted"
        ),
    }

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.hides = False

    def __call__(self, name: str, attributes: dict[str, str]) -> None:
        if code := self._CODES.get(name):
            self.found[code] = None
        elif name == "vanish":
            self.hides = True

    def in_header(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self.found["headers_omitted"] = None


# --- DOCX ---------------------------------------------------------------------------------------------------

# The page that shows the text has the document's title as its h1, so headings begin at h2. Complete in
# itself, without the library's own list: each paragraph is compared with each line, which is most of the time
# a long document takes.
_LIST_ITEM = "ul|ol > li > "
_STYLES = "\n".join(
    [
        *(
            f"{style} => h{min(level + 1, 6)}:fresh"
            for level in range(1, 7)
            for style in (
                f"p.Heading{level}",
                f"p[style-name='heading {level}']",
                f"p[style-name='Rubrik {level}']",
            )
        ),
        "p[style-name='Title'] => h2:fresh",
        *(
            f"p[style-name='{name}'] => blockquote > p:fresh"
            for name in ("Quote", "Intense Quote", "Citat", "Starkt citat")
        ),
        *(
            f"p:{kind}-list({level}) => {_LIST_ITEM * (level - 1)}{tag} > li:fresh"
            for kind, tag in (("unordered", "ul"), ("ordered", "ol"))
            for level in range(1, 6)
        ),
        "r[style-name='Strong'] => strong",
        "r[style-name='Emphasis'] => em",
        *(
            f"r[style-name='{name}'] =>"
            for name in ("Hyperlink", "footnote reference", "endnote reference", "annotation reference")
        ),
    ]
)


def read_docx(path: str, limits: dict[str, int]) -> dict[str, Any]:
    import mammoth

    alt_texts, signs = _AltTexts(), _Signs()

    def in_body(name: str, attributes: dict[str, str]) -> None:
        alt_texts(name, attributes)
        signs(name, attributes)

    with _open_package(path, limits["max_part_bytes"]) as package:
        names = set(package.namelist())
        for name in sorted(names):
            if name.endswith((".xml", ".rels")):
                heard = in_body if name.startswith("word/document") else None
                if name.startswith(("word/header", "word/footer")):
                    heard = signs.in_header
                elif name.startswith(("word/footnotes", "word/endnotes", "word/styles")):
                    heard = signs
                check_xml(package.read(name), heard)
        title = _dublin_core_title(package.read("docProps/core.xml")) if "docProps/core.xml" in names else ""
        hidden = signs.hides and hidden_text.taken_out(package)
    with io.BytesIO(hidden) if hidden else open(path, "rb") as file:
        result = mammoth.convert_to_html(
            file,
            style_map=_STYLES,
            include_default_style_map=False,
            include_embedded_style_map=False,  # a file does not choose its own tags
            external_file_access=False,
            convert_image=_picture_as_words,
            id_prefix="doc-",
        )
    text = _HtmlText()
    text.feed(result.value)
    text.close()
    warnings = list(signs.found)
    if hidden:
        warnings.append("hidden_text")
    if alt_texts.missing:
        warnings.append("images_without_alt")
    if alt_texts.pictures:
        warnings.append("images_omitted")
    html = result.value
    if len(html) > limits["max_html_chars"]:
        html = ""
        warnings.append("html_omitted")
    return {
        "text": text.text(),
        "title": title,
        "headings": text.headings,
        "warnings": warnings,
        "html": html,
    }


def _picture_as_words(image: Any) -> list[Any]:
    """A picture's description in the picture's place: bytes of pictures stay in the file, which the reader
    can open.
    """
    from mammoth import html

    return [html.element("span", {"class": "doc-image"}, [html.text(image.alt_text or "")])]


def _dublin_core_title(data: bytes) -> str:
    from xml.etree import ElementTree

    # SECURITY: `check_xml` has seen this part before; there is no DTD in it.
    return ElementTree.fromstring(data).findtext("{http://purl.org/dc/elements/1.1/}title") or ""  # noqa: S314


class _HtmlText(HTMLParser):
    """Plain text of the readable HTML: a line per block and per row of a table, a tab between cells; headings
    noted.
    """

    _BLOCKS = frozenset(
        {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "tr", "table", "dl", "dt", "dd", "br"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._cells = 0
        self._heading: list[str] | None = None
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BLOCKS:
            self._parts.append(" " if self._cells else "\n")
        elif tag in ("td", "th"):
            self._parts.append("\t")
            self._cells += 1
        if re.fullmatch("h[1-6]", tag):
            self._heading = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cells -= 1
        if tag in self._BLOCKS:
            self._parts.append(" " if self._cells else "\n")
        if self._heading is not None and re.fullmatch("h[1-6]", tag):
            self.headings.append("".join(self._heading))
            self._heading = None

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
        if self._heading is not None:
            self._heading.append(data)

    def text(self) -> str:
        return _tidy("".join(self._parts))


def _tidy(text: str) -> str:
    lines = (re.sub(r" *\t *", "\t", re.sub(" {2,}", " ", line)).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# --- ODT ----------------------------------------------------------------------------------------------------

_ODT_TYPE = "application/vnd.oasis.opendocument.text"
_MANIFEST_NS = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def read_odt(path: str, limits: dict[str, int]) -> dict[str, Any]:
    from odf import opendocument

    document = opendocument.load(_odt_without_media(path, limits["max_part_bytes"]))
    if document.text is None:
        raise Unreadable("damaged", "no text body")
    walk = _OdtWalk(_hidden_styles(document.automaticstyles))
    walk.visit(document.text)
    title = ""
    for node in document.meta.childNodes:
        if node.qname[1] == "title":
            title = "".join(str(child) for child in node.childNodes)
    warnings = list(walk.found)
    if walk.without_alt:
        warnings.append("images_without_alt")
    return {
        "text": _tidy("".join((*walk.parts, "\n", *walk.notes))),
        "title": title,
        "headings": walk.headings,
        "warnings": warnings,
    }


def _hidden_styles(styles: Any) -> frozenset[str]:
    """Names of the styles that say of their text that it is not to be shown."""
    found = set()
    for style in styles.childNodes:
        said = {key[1]: str(value) for key, value in (style.attributes or {}).items()}
        for part in style.childNodes:
            hides = {key[1]: str(value) for key, value in (part.attributes or {}).items()}
            if part.qname[1] == "text-properties" and hides.get("display") == "none":
                found.add(said.get("name", ""))
    return frozenset(found - {""})


def _odt_without_media(path: str, max_part_bytes: int) -> io.BytesIO:
    """The two parts that hold words, checked, in a package of our own: odfpy would unpack every picture into
    memory.
    """
    with _open_package(path, max_part_bytes) as package:
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted", "manifest")
        parts = {"content.xml": package.read("content.xml")}
        if "meta.xml" in package.namelist():
            parts["meta.xml"] = package.read("meta.xml")
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>' for name in parts
    )
    small = io.BytesIO()
    with zipfile.ZipFile(small, "w") as target:
        target.writestr("mimetype", _ODT_TYPE)
        for name, data in parts.items():
            check_xml(data)
            target.writestr(name, data)
        target.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{_MANIFEST_NS}">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODT_TYPE}"/>'
            f"{entries}</manifest:manifest>",
        )
    small.seek(0)
    return small


class _OdtWalk:
    """Reads an odfpy tree in reading order. Deleted text kept for change tracking, comments and what is marked as
    hidden are not read; notes come last, with their marks.
    """

    _SKIPPED = frozenset(
        {"tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms", "title", "desc"}
    )
    _BLOCKS = frozenset({"p", "h", "list-item", "table-row"})
    _HIDDEN = frozenset({"hidden-text", "hidden-paragraph"})
    _CODES = {
        "tracked-changes": "tracked_changes",
        "annotation": "comments",
        "table": "tables_flattened",
        "object": "parts_omitted",
        "object-ole": "parts_omitted",
    }

    def __init__(self, hidden_styles: frozenset[str] = frozenset()) -> None:
        self.parts: list[str] = []
        self.notes: list[str] = []
        self.found: dict[str, None] = {}
        self._hidden_styles = hidden_styles
        self.headings: list[str] = []
        self.without_alt = 0
        self._cells = 0

    def visit(self, node: Any) -> None:
        if node.nodeType in (node.TEXT_NODE, node.CDATA_SECTION_NODE):
            # Line breaks and runs of spaces in the XML are layout of the XML only.
            self.parts.append(re.sub(r"\s+", " ", str(node)))
            return
        name = node.qname[1]
        if code := self._CODES.get(name):
            self.found[code] = None
        if name in self._SKIPPED:
            return
        if self._is_hidden(node, name):
            self.found["hidden_text"] = None
            return
        if name == "note":
            self._note(node)
            return
        if name == "s":
            self.parts.append(" ")
        elif name == "tab":
            self.parts.append("\t")
        elif name == "line-break":
            self.parts.append("\n")
        elif name == "table-cell":
            self.parts.append("\t")
            self._cells += 1
        elif name == "frame":
            self._frame(node)
        before = len(self.parts)
        for child in node.childNodes:
            self.visit(child)
        if name == "h":
            self.headings.append("".join(self.parts[before:]))
        if name == "table-cell":
            self._cells -= 1
        if name in self._BLOCKS:
            self.parts.append(" " if self._cells else "\n")

    def _is_hidden(self, node: Any, name: str) -> bool:
        if name in self._HIDDEN:
            return True
        said = {key[1]: str(value) for key, value in (node.attributes or {}).items()}
        if name == "section" and said.get("display") == "none":
            return True
        return said.get("style-name") in self._hidden_styles

    def _note(self, node: Any) -> None:
        """Its mark in brackets where it stands, and its words at the end: not glued to the word before."""
        inner = _OdtWalk(self._hidden_styles)
        mark = ""
        for child in node.childNodes:
            if child.nodeType == child.ELEMENT_NODE and child.qname[1] == "note-citation":
                mark = "".join(str(text) for text in child.childNodes).strip()
            else:
                inner.visit(child)
        mark = f"[{mark or '*'}]"
        self.parts.append(f" {mark}")
        self.notes.append(f"{mark} {''.join(inner.parts).strip()}\n")
        self.found.update(inner.found)

    def _frame(self, node: Any) -> None:
        names = {child.qname[1]: child for child in node.childNodes if child.nodeType == node.ELEMENT_NODE}
        if "image" not in names:
            return
        described = [
            "".join(str(text) for text in names[key].childNodes).strip() for key in ("title", "desc") if key in names
        ]
        self.without_alt += not any(described)
        self.parts.extend(f" {words} " for words in described if words)
