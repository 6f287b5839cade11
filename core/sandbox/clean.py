"""Takes out of a file what acts, what fetches from outside, and, where asked, what tells about its maker.

Run by the worker in its confined process; no Django here. Each function writes a new file and gives codes of what it
took out. The visible content of the page is left as it is.
"""

from __future__ import annotations

import re
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from core.sandbox.text import Unreadable

SCRIPTS, ATTACHMENTS, OUTSIDE = "scripts_removed", "attachments_removed", "outside_removed"
MAX_PIXELS = 100_000_000


# Pictures -----------------------------------------------------------------------------------------------------
def clean_picture(source: str, target: str, kind: str) -> list[str]:
    """Decode and encode again: pixels alone go through, turned the right way up and in sRGB.

    Whatever else lay in the file (place, camera, owner, comments, a second picture) is not there any more.
    """
    import io

    from PIL import Image, ImageCms, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(source, formats=["JPEG" if kind == "jpeg" else "PNG"]) as opened:
        profile = opened.info.get("icc_profile")
        picture = ImageOps.exif_transpose(opened)
        picture.load()
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            alpha = picture.getchannel("A") if "A" in picture.getbands() else None
            flat = ImageCms.profileToProfile(picture.convert("RGB"), own, ImageCms.createProfile("sRGB"))
            if alpha is not None and flat is not None:
                flat.putalpha(alpha)
            picture = flat or picture
        except (ImageCms.PyCMSError, ValueError):
            pass  # a profile that nothing can read: the numbers are taken as they are
    if kind == "jpeg" and picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P":
        bare = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    else:
        bare.paste(picture)
    bare.info.clear()
    if kind == "jpeg":
        bare.save(target, "JPEG", quality=90)
    else:
        bare.save(target, "PNG")
    return []


# PDF ----------------------------------------------------------------------------------------------------------
# Actions that run, send, start or open something else. A link to a page or an address is none of them.
_ACTS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute",
         "/GoToR", "/GoToE", "/GoTo3DView", "/SetOCGState", "/Trans"}  # fmt: skip
_FETCHES = {"/GoToR", "/GoToE", "/Launch", "/SubmitForm", "/ImportData"}
_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D", "/Sound"}
_DEPTH = 60


def clean_pdf(source: str, target: str, *, bare: bool) -> list[str]:
    """Without scripts, actions, attachments and what is fetched; `bare`: without properties too."""
    import pikepdf

    found: set[str] = set()
    with pikepdf.open(source) as pdf:
        if not len(pdf.pages):
            raise Unreadable("no_pages", "pikepdf")
        root = pdf.Root
        _drop(root, "/AA", SCRIPTS, found)
        if "/OpenAction" in root and not _only_shows(root["/OpenAction"]):
            _drop(root, "/OpenAction", SCRIPTS, found)
        if isinstance(names := root.get("/Names"), pikepdf.Dictionary):
            _drop(names, "/JavaScript", SCRIPTS, found)
            _drop(names, "/EmbeddedFiles", ATTACHMENTS, found)
        _drop(root, "/AF", ATTACHMENTS, found)
        if isinstance(form := root.get("/AcroForm"), pikepdf.Dictionary):
            _drop(form, "/XFA", SCRIPTS, found)
        for page in pdf.pages:
            _clean_annotations(page, found)
        for thing in pdf.objects:
            _walk(thing, found, 0)
        if bare:
            _forget_maker(pdf)
        pdf.save(target, static_id=False, deterministic_id=True, compress_streams=True)
    return sorted(found)


def _drop(where: Any, key: str, code: str, found: set[str]) -> None:
    if key in where:
        del where[key]
        found.add(code)


def _only_shows(action: Any) -> bool:
    """A place to begin at, and nothing after it."""
    import pikepdf

    if isinstance(action, pikepdf.Array):
        return True
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S")) == "/GoTo" and "/Next" not in action


def _clean_annotations(page: Any, found: set[str]) -> None:
    import pikepdf

    notes = page.obj.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return
    kept = [n for n in notes if not (isinstance(n, pikepdf.Dictionary) and str(n.get("/Subtype")) in _ANNOTATIONS)]
    if len(kept) != len(notes):
        page.obj["/Annots"] = pikepdf.Array(kept)
        found.add(ATTACHMENTS)


def _walk(thing: Any, found: set[str], depth: int) -> None:
    """Every dictionary of the file: each indirect one comes by itself, direct ones are followed from it."""
    import pikepdf

    if depth > _DEPTH:
        return
    if isinstance(thing, pikepdf.Array):
        for item in thing:
            if not getattr(item, "is_indirect", False):
                _walk(item, found, depth + 1)
        return
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return
    if isinstance(thing, pikepdf.Stream):
        for key in ("/F", "/FFilter", "/FDecodeParms"):
            _drop(thing, key, OUTSIDE, found)  # a stream whose bytes lie in another file
    act = str(thing.get("/S", ""))
    if act in _ACTS and str(thing.get("/Type", "")) != "/StructElem" and "/K" not in thing:
        found.add(OUTSIDE if act in _FETCHES else SCRIPTS)
        for key in list(thing.keys()):
            if key.isascii():  # without what kind it is, and what is to be done, the rest says nothing
                del thing[key]
        return
    for key in ("/AA", "/JS"):
        _drop(thing, key, SCRIPTS, found)
    for key in ("/EF", "/AF"):
        _drop(thing, key, ATTACHMENTS, found)
    if "/Ref" in thing and str(thing.get("/Subtype", "")) == "/Form":
        _drop(thing, "/Ref", OUTSIDE, found)
    # Not by their names: forms have boxes named in other than UTF-8, which cannot be asked for.
    for _key, value in list(thing.items()):
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect:
            _walk(value, found, depth + 1)


def _forget_maker(pdf: Any) -> None:
    import pikepdf

    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for thing in pdf.objects:
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            for key in ("/Metadata", "/PieceInfo", "/LastModified"):
                if key in thing:
                    del thing[key]
            # The author of a comment, and its time.
            if str(thing.get("/Type", "")) == "/Annot" or ("/Subtype" in thing and "/Rect" in thing):
                for key in ("/T", "/CreationDate", "/M"):
                    if key in thing and "/FT" not in thing:
                        del thing[key]


# Word and OpenDocument ------------------------------------------------------------------------------------------
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_AUTHOR = re.compile(r'(\s(?:\w+:)?(?:author|initials|userId|providerId|lastModifiedBy))\s*=\s*("[^"]*"|\'[^\']*\')')
_FIELD = re.compile(r"\b(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK)\b(?=\s)", re.IGNORECASE)
_INSTRUCTION = re.compile(r"(<w:instrText[^>]*>)([^<]*)(</w:instrText>)|(\sw:instr=\")([^\"]*)(\")")
_LINK = re.compile(r"^(?:https?://|mailto:|tel:|#)", re.IGNORECASE)
_ODF_FETCH = re.compile(
    r'(<draw:(?:image|object|object-ole|plugin|applet|floating-frame)\b[^>]*?xlink:href=")'
    r'((?:[a-z][a-z0-9+.-]*:|/|\\|\.\./)[^"]*)(")',
    re.IGNORECASE,
)
_ODF_TEMPLATE = re.compile(
    r"<meta:(?:template|auto-reload)\b[^>]*?(?:/>|>.*?</meta:(?:template|auto-reload)>)", re.DOTALL
)
_ODF_LISTENERS = re.compile(
    r"<(?:script:event-listener|presentation:event-listener)\b[^>]*?/>|<office:scripts>.*?</office:scripts>", re.DOTALL
)
_ODF_MAKER = re.compile(r"<(dc:creator|meta:initial-creator|meta:printed-by|dc:date|meta:creation-date)>[^<]*</\1>")
_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)


def clean_package(source: str, target: str, kind: str, *, bare: bool, max_part: int) -> list[str]:
    """A Word or OpenDocument package without what fetches from outside; `bare`: without properties and authors."""
    found: set[str] = set()
    with zipfile.ZipFile(source) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in package.infolist():
            if entry.is_dir():
                continue
            if entry.file_size > max_part:
                raise MemoryError
            data = package.read(entry)
            clean = _word_part if kind == "docx" else _odf_part
            data = clean(entry.filename, data, bare, found)
            # The first part of an OpenDocument says what it is, and is not packed.
            how = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), data, how)
    return sorted(found)


def _word_part(name: str, data: bytes, bare: bool, found: set[str]) -> bytes:
    lower = name.lower()
    if lower.endswith(".rels"):
        return _relations(data, found)
    if bare and lower.startswith("docprops/"):
        empty = {"core.xml": _CORE, "app.xml": _APP, "custom.xml": _CUSTOM}.get(lower.rpartition("/")[2])
        return empty if empty is not None else data
    if not lower.endswith(".xml") or not lower.startswith("word/"):
        return data
    text = _decoded(data)
    if text is None:
        return data
    new = _INSTRUCTION.sub(lambda m: _without_fetching(m, found), text)
    if bare:
        new = _AUTHOR.sub(r'\1=""', new)
    return new.encode("utf-8") if new != text else data


def _without_fetching(match: re.Match[str], found: set[str]) -> str:
    before, words, after = match.group(1, 2, 3) if match[1] is not None else match.group(4, 5, 6)
    if _FIELD.search(words):
        words = " QUOTE "
        found.add(OUTSIDE)
    return f"{before}{words}{after}"


def _relations(data: bytes, found: set[str]) -> bytes:
    """Relations to what lies outside the package: links stay, all that is fetched leads nowhere."""
    root = fromstring(data)
    changed = False
    for relation in root:
        if relation.get("TargetMode", "").lower() != "external":
            continue
        kind = relation.get("Type", "").rpartition("/")[2]
        if kind == "hyperlink" and _LINK.match(relation.get("Target", "")):
            continue
        # Word takes a name without a place for its own template.
        relation.set("Target", "Normal.dotm" if kind == "attachedTemplate" else "about:blank")
        changed = True
        found.add(OUTSIDE)
    if not changed:
        return data
    ET.register_namespace("", _RELATIONS)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _odf_part(name: str, data: bytes, bare: bool, found: set[str]) -> bytes:
    if not name.endswith(".xml"):
        return data
    text = _decoded(data)
    if text is None:
        return data
    new, fetched = _ODF_FETCH.subn(r"\1\3", text)
    new, listeners = _ODF_LISTENERS.subn("", new)
    new, templates = _ODF_TEMPLATE.subn("", new)
    if fetched or templates:
        found.add(OUTSIDE)
    if listeners:
        found.add(SCRIPTS)
    if bare:
        new = _ODF_MAKER.sub(r"<\1></\1>", new)
        if name == "meta.xml":
            new = re.sub(r"<meta:(?:generator|user-defined|editing-\w+)\b[^>]*?(?:/>|>[^<]*</meta:[\w-]+>)", "", new)
    return new.encode("utf-8") if new != text else data


def _decoded(data: bytes) -> str | None:
    """A part as text. The makers of both formats write UTF-8; UTF-16 is allowed, and read too."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            return None
        return re.sub(r'(<\?xml[^>]*encoding=["\'])utf-16(["\'])', r"\1UTF-8\2", text, count=1, flags=re.IGNORECASE)
    return None
