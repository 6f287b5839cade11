"""Decides whether an uploaded file may come in, by what is in it and not by what it is called.

Cheap checks only: the file is streamed once, a package's entries are unpacked to nowhere and counted. Nothing
here parses a document; that is done in a confined process (`extraction.py`), which this module asks one
question of: whether an encrypted PDF opens without a password.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tempfile
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _

from core.files import packages
from core.files.extraction import UPLOADING, ExtractionFailed, needs_password

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
DOCUMENT_KINDS = frozenset({"pdf", "docx", "odt"})
PICTURE_KINDS = frozenset({"jpeg", "png"})
MAX_NAME_CHARS = 200
MAX_PIXELS = 100_000_000

_NAMES = {"pdf": "PDF", "docx": "Word (.docx)", "odt": "OpenDocument (.odt)", "jpeg": "JPEG", "png": "PNG"}
_KIND_OF_EXTENSION = {
    **{kind: kind for kind in CONTENT_TYPES},
    **dict.fromkeys(("jpg", "jpe", "jfif"), "jpeg"),
}
# Endings that promise another kind of file. Any other ending is a part of the name ("Rutin v2.1").
_OTHER_LIST = (
    "7z apk app avi bat bin bmp bz2 cmd com csv dll doc docm dot dotm dotx eml epub exe gif gz heic htm html "
    "ics iso jar js json lnk mht mp3 mp4 msg msi odg odp ods ott php potx pps ppsx ppt pptm pptx ps1 py rar "
    "rtf scr sh svg tar tif tiff txt url vbs wav webp wsf xhtml xls xlsb xlsm xlsx xml xps zip"
)
_OTHER_EXTENSIONS = frozenset(_OTHER_LIST.split())
_CHUNK = 64 * 1024
_EDGE = 4096


class RejectedFile(Exception):
    """The file may not come in. `code` is stable, `message` says what is wrong and how to mend it, in the
    active language.

    Codes: empty, too_big, unsupported, not_allowed, old_format, mislabelled, truncated, damaged, encrypted,
    macros, archive_bomb, too_many_pixels.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Inspected:
    """A file that may come in. `size` in bytes, `sha256` in hex over the very bytes that were inspected.

    `safe_name` is for showing and for the download's name, never a path in storage.
    """

    kind: str
    content_type: str
    size: int
    sha256: str
    safe_name: str


@dataclass(frozen=True)
class _Streamed:
    size: int
    sha256: str
    head: bytes
    tail: bytes
    encrypted_package: bool  # the name of the stream in which Office keeps an encrypted document was seen
    encrypted_pdf: bool


def inspect_upload(
    file: IO[bytes], *, name: str, max_bytes: int, allowed: Collection[str] = DOCUMENT_KINDS
) -> Inspected:
    """Checks a seekable binary file and says what it is; raises `RejectedFile` for everything that may not
    come in.

    `allowed` are kinds of `CONTENT_TYPES`; pictures are for case attachments only. The file is left at its
    beginning, ready to be stored. Memory stays at some hundred kB whatever the file's size.
    """
    clean = clean_name(name)
    try:
        seen = _stream(file, max_bytes)
        kind = _kind_by_magic(seen, allowed)
        if kind == "zip":
            kind = _check_package(file, allowed)
        elif kind == "pdf":
            _check_pdf(file, seen)
        elif kind == "jpeg":
            _check_jpeg(file, seen)
        elif kind == "png":
            _check_png(file, seen)
        extension = _extension(clean)
        # Both are named, since either may be what the person meant.
        if extension and _KIND_OF_EXTENSION.get(extension) != kind:
            raise rejected("mislabelled", name_says=f".{extension}", content=_NAMES[kind])
        if kind not in allowed:
            raise rejected("not_allowed", content=_NAMES[kind], accepted=_accepted(allowed))
    finally:
        file.seek(0)
    return Inspected(
        kind=kind,
        content_type=CONTENT_TYPES[kind],
        size=seen.size,
        sha256=seen.sha256,
        safe_name=clean if extension else _with_extension(clean, kind),
    )


def _stream(file: IO[bytes], max_bytes: int) -> _Streamed:
    digest = hashlib.sha256()
    size, head, tail = 0, b"", b""
    office = pdf = False
    file.seek(0)
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise rejected("too_big", megabytes=max(1, max_bytes // (1024 * 1024)))
        digest.update(chunk)
        if len(head) < _EDGE:
            head = (head + chunk)[:_EDGE]
        seam = tail[-128:] + chunk
        office = office or _OFFICE_ENCRYPTION in seam
        pdf = pdf or bool(_PDF_ENCRYPTION.search(seam))
        tail = (tail + chunk)[-_EDGE:]
    if not size:
        raise rejected("empty")
    return _Streamed(size, digest.hexdigest(), head, tail, office, pdf)


_OFFICE_ENCRYPTION = "EncryptedPackage".encode("utf-16-le")
_PDF_ENCRYPTION = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PNG = b"\x89PNG\r\n\x1a\n"


def _kind_by_magic(seen: _Streamed, allowed: Collection[str]) -> str:
    head = seen.head
    if head.startswith(_OLE):
        raise rejected("encrypted" if seen.encrypted_package else "old_format")
    # Blank bytes and a byte order mark before the header are common and harmless; anything else could be a
    # second file.
    if head.lstrip(b"\xef\xbb\xbf\x00\t\r\n\x0c ").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(_PNG):
        return "png"
    raise rejected("unsupported", accepted=_accepted(allowed))


def _check_package(file: IO[bytes], allowed: Collection[str]) -> str:
    try:
        found = packages.inspect_package(file)
    except packages.BadPackage as problem:
        raise rejected(problem.code) from None
    if found.kind not in ("docx", "odt"):
        raise rejected("unsupported", accepted=_accepted(allowed))
    return found.kind


def _check_pdf(file: IO[bytes], seen: _Streamed) -> None:
    # Every reader finds its way from the end; a file that was cut off on its way here has lost it.
    if b"%%EOF" not in seen.tail or b"startxref" not in seen.tail:
        raise rejected("truncated")
    if seen.encrypted_pdf and _locked(file):
        raise rejected("encrypted")


def _locked(file: IO[bytes]) -> bool:
    """Whether an encrypted PDF asks for a password; many are encrypted only to forbid printing, and open for
    all.
    """
    with tempfile.NamedTemporaryFile(prefix="upload-", suffix=".pdf") as copy:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        try:
            return needs_password(copy.name, limits=UPLOADING)
        except ExtractionFailed as failure:
            if failure.is_passing:
                raise RejectedFile(failure.code, failure.message) from None
            raise rejected("damaged") from None


def _check_jpeg(file: IO[bytes], seen: _Streamed) -> None:
    """Walks the segments to the picture's own data, reads its size on the way, and looks for the picture's
    end.
    """
    position = 2
    pixels = 0
    while True:
        file.seek(position)
        head = file.read(9)
        if len(head) < 4:
            raise rejected("truncated")
        if head[0] != 0xFF:
            raise rejected("damaged")
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        length = struct.unpack(">H", head[2:4])[0]
        if length < 2:
            raise rejected("damaged")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(head) == 9:
            height, width = struct.unpack(">HH", head[5:9])
            pixels = height * width
        position += 2 + length
        if marker == 0xDA:
            break
    if not 0 < pixels <= MAX_PIXELS:
        raise rejected("too_many_pixels" if pixels else "damaged")
    file.seek(position)
    last = b""
    while chunk := file.read(_CHUNK):
        if b"\xff\xd9" in last + chunk:
            return
        last = chunk[-1:]
    raise rejected("truncated")


def _check_png(file: IO[bytes], seen: _Streamed) -> None:
    if seen.size < 33 or seen.head[12:16] != b"IHDR":
        raise rejected("truncated" if seen.size < 33 else "damaged")
    width, height = struct.unpack(">II", seen.head[16:24])
    if not width or not height:
        raise rejected("damaged")
    if width * height > MAX_PIXELS:
        raise rejected("too_many_pixels")
    for chunk_type in _png_chunks(file, seen.size):
        if chunk_type == b"IEND":
            return
    raise rejected("truncated")


def _png_chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    position = len(_PNG)
    while position + 12 <= size:
        file.seek(position)
        length, chunk_type = struct.unpack(">I4s", file.read(8))
        position += 12 + length
        if position > size:
            return
        yield chunk_type


# --- Names --------------------------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """A file name that is safe to show, to download as and to log: no path, nothing invisible, at most 200
    characters.

    Marks that turn the reading direction go, since they make `rutin<RLO>fdp.exe` look like a PDF. Returns an
    empty string when nothing is left.
    """
    name = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode("utf-8"))
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(" " if char.isspace() else char for char in name)
    name = "".join(
        char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    name = re.sub(r'[<>:"|?*]', "_", name)
    name = " ".join(name.split()).strip(" .")
    if len(name) <= MAX_NAME_CHARS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:MAX_NAME_CHARS].rstrip(" .")
    return stem[: MAX_NAME_CHARS - len(extension) - 1].rstrip(" .") + "." + extension


def _extension(name: str) -> str:
    """The ending that makes a promise about the content, or an empty string."""
    _stem, dot, extension = name.rpartition(".")
    extension = extension.lower()
    known = extension in _KIND_OF_EXTENSION or extension in _OTHER_EXTENSIONS
    return extension if dot and known else ""


def _with_extension(name: str, kind: str) -> str:
    ending = {"jpeg": "jpg"}.get(kind, kind)
    stem = name or _("file")
    return f"{stem[: MAX_NAME_CHARS - len(ending) - 1].rstrip(' .')}.{ending}"


# --- What a person is told ----------------------------------------------------------------------------------


def _accepted(allowed: Collection[str]) -> str:
    return ", ".join(label for kind, label in _NAMES.items() if kind in allowed)


def rejected(code: str, **facts: Any) -> RejectedFile:
    """The rejection of that code, with its sentence in the active language."""
    messages = {
        "empty": _("The file is empty. Check that it has been saved, and choose it again."),
        "too_big": _("The file is larger than %(megabytes)s MB. Make the pictures in it smaller, or split it."),
        "unsupported": _("The file is of a kind that cannot be used here. Save it as one of these: %(accepted)s."),
        "not_allowed": _(
            "The file is of the kind %(content)s, which cannot be used here. Choose one of: %(accepted)s."
        ),
        "old_format": _(
            "The file is in an older Office format. Open it in Word, save it as .docx and choose that copy."
        ),
        "mislabelled": _(
            "The name ends with %(name_says)s, but the content is %(content)s. "
            "Check that it is the right file and give it the ending that fits the content."
        ),
        "truncated": _(
            "The end of the file is missing. It may have been cut off when it was copied or downloaded: fetch it again."
        ),
        "damaged": _(
            "The file is damaged and cannot be read. Open it in the program it was made in, "
            "save it again and choose the new copy."
        ),
        "encrypted": _(
            "The file is locked with a password. Save a copy without the password and choose that copy instead."
        ),
        "macros": _("The file contains macros or other small programs. Save it without them, as .docx, .odt or PDF."),
        "archive_bomb": _(
            "The file unpacks to far more than is reasonable for a document. "
            "Save it again in the program it was made in, with smaller pictures, and choose the new copy."
        ),
        "too_many_pixels": _("The picture is too large. Make it smaller and choose the smaller copy."),
    }
    message = messages[code]
    return RejectedFile(code, message % facts if facts else message)
