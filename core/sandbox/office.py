"""Text, headings, readable HTML and pictures of DOCX and ODT, behind checks of the XML. No Django here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import IO, Any

from core.sandbox import blank_lines, contents, hidden_text, list_numbers, looks, tabbed, word_parts
from core.sandbox.by_hand import understood
from core.sandbox.headers import with_headers
from core.sandbox.html import BACK, NOTE_MARK, spoken
from core.sandbox.office_kept import with_what_is_lost
from core.sandbox.opendocument import FIGURE_LEFT_OUT
from core.sandbox.symbols import is_symbolic
from core.sandbox.text import Unreadable

MAX_XML_DEPTH = 250
MAX_XML_ELEMENTS = 3_000_000
# Pictures that can be drawn anew for a page.
SHOWN_TYPES = frozenset(f"image/{kind}" for kind in ("png", "jpeg", "gif", "bmp", "webp", "tiff"))


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
    """Signs in a Word document's XML of what a reader should know of, as codes (`core.files.extraction`)."""

    # Parts that cannot be shown as words, or that a converter passes over (`word_parts`).
    _PARTS = frozenset(("fldSimple", "altChunk", "chart", "relIds", "oMath"))
    _CODES = {
        **dict.fromkeys(("ins", "del", "moveFrom", "moveTo"), "tracked_changes"),
        "commentReference": "comments",
        **dict.fromkeys(("altChunk", "object", "chart", "relIds", "oMath", "subDoc", "contentPart"), "parts_omitted"),
    }

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.hides = self.has_parts = self.has_untyped = self.has_looks = self.has_numbers = False

    def __call__(self, name: str, attributes: dict[str, str]) -> None:
        if code := self._CODES.get(name):
            self.found[code] = None
        elif name == "vanish":
            self.hides = True
        elif name == "style" and "type" not in attributes:
            self.has_untyped = True
        if name in self._PARTS:
            self.has_parts = True
        if name == "numPr":
            self.has_numbers = True
        if name in looks.SIGNS or (name == "rFonts" and any(map(is_symbolic, attributes.values()))):
            self.has_looks = True

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
        *(
            f"p[style-name='toc {level}'] => {'ul > li.doc-toc > ' * (level - 1)}ul > {contents.LINE}:fresh"
            for level in range(1, 5)
        ),
        *(f"p[style-name='{name}'] => p.doc-title:fresh" for name in ("Title", "Rubrik", "Titel")),
        *(
            f"p[style-name='{name}'] => blockquote > p:fresh"
            for name in (
                "Quote",
                "Intense Quote",
                "Citat",
                "Starkt citat",
                "Viktigt",
                "Observera",
                "Varning",
                "Faktaruta",
            )
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
        anew, was_hidden, has_unknown = hidden_text.rewritten(
            package,
            hides=signs.hides,
            has_parts=signs.has_parts,
            has_untyped=signs.has_untyped,
            has_looks=signs.has_looks,
            has_numbers=signs.has_numbers,
        )
    pictures = _Pictures()
    with io.BytesIO(anew) if anew else open(path, "rb") as file:
        html = _converted(file, pictures)
    html, has_lines_beside = blank_lines.settled(html)
    html = tabbed.as_tables(contents.settled(list_numbers.settled(html)))
    html = _callouts(understood(_notes(with_headers(word_parts.said(html)))))
    html, lost = (html, 0) if was_hidden else with_what_is_lost(path, html)
    text = _words(html)
    warnings = list(signs.found)
    if lost:
        warnings.append("words_left_out")
    if has_lines_beside:
        warnings.append("lines_beside")
    if was_hidden:
        warnings.append("hidden_text")
    if has_unknown:
        warnings.append("unknown_signs")
    if alt_texts.missing:
        warnings.append("images_without_alt")
    if pictures.left_out:
        warnings.append("images_omitted")
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


def _converted(file: IO[bytes], picture: Callable[[Any], list[Any]]) -> str:
    import mammoth

    result = mammoth.convert_to_html(
        file,
        style_map=_STYLES,
        include_default_style_map=False,
        include_embedded_style_map=False,  # a file does not choose its own tags
        external_file_access=False,
        convert_image=picture,
        id_prefix="doc-",
        ignore_empty_paragraphs=False,  # `blank_lines` chooses among them
    )
    return str(result.value)


class _Pictures:
    """A picture's description in the picture's place, with its number, by which it is asked for when it is shown
    (`figures`). One of a format that no browser shows is said to be in the file.
    """

    def __init__(self) -> None:
        self.count = self.left_out = 0

    def __call__(self, image: Any) -> list[Any]:
        from mammoth import html

        self.count += 1
        alt = " ".join((image.alt_text or "").split())
        if image.content_type not in SHOWN_TYPES:
            self.left_out += 1
            said = f"{FIGURE_LEFT_OUT} {alt}".strip()
            return [html.element("span", {"class": "doc-left-out"}, [html.text(said)])]
        return [html.element("span", {"class": "doc-image", "id": f"doc-figur-{self.count}"}, [html.text(alt)])]


_NOTE_LIST = re.compile(r'<ol>(?=<li id="doc-(?:foot|end)note-)')
_NOTE_MARK = re.compile(r'(<sup><a href="#doc-(?:foot|end)note-[^"]*" id="[^"]*">)\[(\d+)\]')


def _notes(html: str) -> str:
    """Notes told as such, and their marks without brackets."""
    return _NOTE_MARK.sub(r"\1\2", _NOTE_LIST.sub('<ol class="doc-notes">', html))


# A paragraph that begins so, in bold, is a call-out whatever its style.
_CALLOUT = re.compile(
    r"(?<!<blockquote>)(<p><strong>(?:Viktigt|Observera|Varning)\s*:?\s*</strong>\s*:?\s*\S(?:(?!</?p>).)*</p>)",
    re.DOTALL,
)


def _callouts(html: str) -> str:
    return _CALLOUT.sub(r"<blockquote>\1</blockquote>", html)


def _dublin_core_title(data: bytes) -> str:
    from xml.etree import ElementTree

    # SECURITY: `check_xml` has seen this part before; there is no DTD in it.
    return ElementTree.fromstring(data).findtext("{http://purl.org/dc/elements/1.1/}title") or ""  # noqa: S314


def _words(html: str) -> _HtmlText:
    text = _HtmlText()
    text.feed(spoken(NOTE_MARK.sub(r" [\1] ", BACK.sub("", html))))
    text.close()
    return text


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
    from core.sandbox import opendocument

    document = _opened(path, limits["max_part_bytes"])
    writer = opendocument.Writer(opendocument.styles_of(document))
    html, has_lines_beside = blank_lines.settled(writer.page(document.text))
    html = understood(with_headers(tabbed.as_tables(html)))
    html, lost = (html, 0) if "hidden_text" in writer.found else with_what_is_lost(path, html)
    text = _words(html)
    title = ""
    for node in document.meta.childNodes:
        if getattr(node, "qname", ("", ""))[1] == "title":
            title = "".join(str(child) for child in node.childNodes)
    warnings = list(writer.found)
    if lost:
        warnings.append("words_left_out")
    if has_lines_beside:
        warnings.append("lines_beside")
    if opendocument.has_headers(document):
        warnings.append("headers_omitted")
    if writer.without_alt:
        warnings.append("images_without_alt")
    if len(html) > limits["max_html_chars"]:
        html = ""
        warnings.append("html_omitted")
    return {"text": text.text(), "title": title, "headings": text.headings, "warnings": warnings, "html": html}


def _opened(path: str, max_part_bytes: int) -> Any:
    from odf import opendocument

    document = opendocument.load(_odt_without_media(path, max_part_bytes))
    if document.text is None:
        raise Unreadable("damaged", "no text body")
    return document


def _odt_without_media(path: str, max_part_bytes: int) -> io.BytesIO:
    """The parts that hold words and their look, checked, in a package of our own: odfpy would unpack every picture
    into memory.
    """
    with _open_package(path, max_part_bytes) as package:
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise Unreadable("encrypted", "manifest")
        parts = {"content.xml": package.read("content.xml")}
        for name in ("styles.xml", "meta.xml"):
            if name in package.namelist():
                parts[name] = package.read(name)
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


# --- Pictures -----------------------------------------------------------------------------------------------


def figure(path: str, kind: str, number: int, limits: dict[str, int]) -> bytes:
    """The bytes of picture `number` (from 1, as the text counts them) of a Word or OpenDocument file."""
    if kind == "odt":
        from core.sandbox import opendocument

        document = _opened(path, limits["max_part_bytes"])
        writer = opendocument.Writer(opendocument.styles_of(document))
        writer.page(document.text)
        if not 1 <= number <= len(writer.pictures):
            raise Unreadable("no_pages", "no such picture")
        with _open_package(path, limits["max_part_bytes"]) as package:
            return _media(package, writer.pictures[number - 1], limits)
    found: list[bytes] = []
    counted = _Pictures()

    def take(image: Any) -> list[Any]:
        made = counted(image)
        if counted.count == number:
            with image.open() as source:
                found.append(source.read(limits["max_part_bytes"] + 1))
        return made

    with _open_package(path, limits["max_part_bytes"]) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                check_xml(package.read(name))
    with open(path, "rb") as file:
        _converted(file, take)
    if not found or len(found[0]) > limits["max_part_bytes"]:
        raise Unreadable("no_pages", "no such picture")
    return found[0]


def _media(package: zipfile.ZipFile, name: str, limits: dict[str, int]) -> bytes:
    try:
        entry = package.getinfo(name)
    except KeyError:
        raise Unreadable("no_pages", "no such picture") from None
    if entry.file_size > limits["max_part_bytes"]:
        raise Unreadable("memory", "picture")
    return package.read(entry)
