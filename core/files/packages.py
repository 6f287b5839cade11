"""The parts of a zip-based document (OOXML, ODF), found without trusting anything it says about itself.

A package is unpacked to nowhere, entry by entry, against one budget for the whole file with everything packed
inside it. No Django here; `types.py` puts words to the codes.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

MAX_ENTRIES = 10_000
MAX_UNPACKED = 400 * 1024 * 1024
# Word's XML shrinks some twenty times; a whole honest package never a hundred times, once it is more than
# small.
MAX_RATIO = 100
RATIO_FROM = 20 * 1024 * 1024
# A spreadsheet within a presentation within a document is honest, if rare.
MAX_NESTING = 2
MAX_CONTROL_PART = 2 * 1024 * 1024
_CHUNK = 64 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ODT = b"application/vnd.oasis.opendocument.text"


class BadPackage(Exception):
    """The package may not come in. `code`: damaged, truncated, encrypted, macros, archive_bomb."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Package:
    """`kind` is `docx`, `odt` or `other`."""

    kind: str


class _Budget:
    """Counts what really comes out, over the package and the packages inside it."""

    def __init__(self, packed: int) -> None:
        self.packed = packed
        self.unpacked = 0
        self.entries = 0

    def entry(self) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise BadPackage("archive_bomb")

    def spend(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MAX_UNPACKED:
            raise BadPackage("archive_bomb")
        if self.unpacked > RATIO_FROM and self.unpacked > MAX_RATIO * max(1, self.packed):
            raise BadPackage("archive_bomb")


def inspect_package(file: IO[bytes]) -> Package:
    """Says which kind of document the seekable `file` is, from any position; raises `BadPackage`."""
    file.seek(0, 2)
    size = file.tell()
    with _opened(file) as package:
        kind = _kind(file, package)
        _unpack_to_nowhere(file, package, _Budget(size), nesting=0)
    return Package(kind)


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    file.seek(0)
    try:
        package = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        # The list of entries is at the end: a file that begins well and lacks it was cut off.
        raise BadPackage("truncated") from None
    # zipfile lets struct, value, overflow, Unicode and feature errors out for hostile directories
    except Exception:
        raise BadPackage("damaged") from None
    return package


def _unpack_to_nowhere(file: IO[bytes], package: zipfile.ZipFile, budget: _Budget, nesting: int) -> None:
    entries = package.infolist()
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise BadPackage("damaged")  # two readers would see two different documents
    # The promise first, since it is free to check; then what comes out in fact.
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise BadPackage("archive_bomb")
    for entry in entries:
        budget.entry()
        _refuse_programs(entry.filename)
        _unpack_entry(file, entry, budget, nesting)


def _unpack_entry(file: IO[bytes], entry: zipfile.ZipInfo, budget: _Budget, nesting: int) -> None:
    chunks = _real_bytes(file, entry)
    head = b""
    for chunk in chunks:
        budget.spend(len(chunk))
        head += chunk
        if len(head) >= 4:
            break
    if not head.startswith(b"PK\x03\x04"):
        for chunk in chunks:
            budget.spend(len(chunk))
        return
    if nesting >= MAX_NESTING:
        raise BadPackage("archive_bomb")
    with tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024) as inner:
        inner.write(head)
        for chunk in chunks:
            budget.spend(len(chunk))
            inner.write(chunk)
        try:
            with _opened(inner) as inner_package:
                _unpack_to_nowhere(inner, inner_package, budget, nesting + 1)
        except BadPackage as problem:
            # A broken or locked attachment is the author's business; a bomb or a program is ours.
            if problem.code in ("archive_bomb", "macros"):
                raise


def _refuse_programs(name: str) -> None:
    path = name.lower()
    if path.rpartition("/")[2].startswith("vbaproject") or "/activex/" in path:
        raise BadPackage("macros")
    # OpenDocument keeps Basic here; the libraries' own lists of contents are written even when there is no
    # macro.
    lists = ("script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml")
    if path.startswith("basic/") and not path.endswith(("/", *lists)):
        raise BadPackage("macros")
    if path.startswith("scripts/") and not path.endswith("/"):
        raise BadPackage("macros")


def _real_bytes(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The true content of an entry, in pieces of at most 64 KiB; raises `BadPackage` if it is not as declared.

    `zipfile` itself stops at the declared size, so it cannot tell an entry that says 1 kB and holds 1 GB.
    """
    if entry.flag_bits & 0x1:
        raise BadPackage("encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.header_offset < 0:
        raise BadPackage("damaged")
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise BadPackage("damaged")
    name_size, extra_size = _LOCAL_HEADER.unpack(header)[9:11]
    raw_name = file.read(name_size)
    if raw_name != entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace"):
        raise BadPackage("damaged")  # one name for readers of the list, another for readers of the entry
    position = entry.header_offset + _LOCAL_HEADER.size + name_size + extra_size
    size = checksum = 0
    for piece in _inflated(file, position, entry):
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.file_size or checksum != entry.CRC:
        raise BadPackage("damaged")


def _inflated(file: IO[bytes], position: int, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes. Keeps its own position, since others may read from the file between two pieces."""
    left = entry.compress_size
    inflater = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        file.seek(position)
        packed = file.read(min(_CHUNK, left))
        if not packed:
            raise BadPackage("truncated")
        position += len(packed)
        left -= len(packed)
        if inflater is None:
            yield packed
            continue
        while packed:
            try:
                piece = inflater.decompress(packed, _CHUNK)
            except zlib.error:
                raise BadPackage("damaged") from None
            if piece:
                yield piece
            if inflater.eof:
                break
            packed = inflater.unconsumed_tail
        if inflater.eof:
            if inflater.unused_data or left:
                raise BadPackage("damaged")
            return
    if inflater is None:
        return
    while piece := inflater.decompress(b"", _CHUNK):
        yield piece
    if not inflater.eof:
        raise BadPackage("damaged")


def _control_part(file: IO[bytes], package: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        entry = package.getinfo(name)
    except KeyError:
        return None
    data = b""
    for chunk in _real_bytes(file, entry):
        data += chunk
        if len(data) > MAX_CONTROL_PART:
            raise BadPackage("archive_bomb")
    return data


def _kind(file: IO[bytes], package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    mimetype = _control_part(file, package, "mimetype")
    if mimetype is not None:
        manifest = _control_part(file, package, "META-INF/manifest.xml")
        # Whole-package encryption (newer) has one encrypted entry; the older kind marks each entry in the
        # manifest.
        if "encrypted-package" in names or b"encryption-data" in (manifest or b""):
            raise BadPackage("encrypted")
        if mimetype.strip() != _ODT:
            return "other"
        if manifest is None or "content.xml" not in names:
            raise BadPackage("damaged")
        return "odt"
    declared = _control_part(file, package, "[Content_Types].xml")
    if declared is None:
        return "other"
    types = _content_types(declared)
    if any("macroenabled" in content_type.lower() for content_type in types):
        raise BadPackage("macros")
    if _WORD not in types:
        # A Word file that lost its declaration still has its body; that is damage, not another kind.
        if "word/document.xml" in names and not any("template" in content_type for content_type in types):
            raise BadPackage("damaged")
        return "other"
    if types[_WORD].lstrip("/") not in names or "_rels/.rels" not in names:
        raise BadPackage("damaged")
    return "docx"


def _content_types(data: bytes) -> dict[str, str]:
    """Declared content types of an OOXML package, with the part that has each (empty for a default by
    extension).
    """
    types: dict[str, str] = {}

    def forbidden(*_: object) -> None:
        raise BadPackage("damaged")

    def start(name: str, attributes: dict[str, str]) -> None:
        if "ContentType" in attributes:
            types[attributes["ContentType"]] = attributes.get("PartName", "")

    parser = expat.ParserCreate()
    # SECURITY: no DTD, so there are no entities to expand.
    parser.StartDoctypeDeclHandler = forbidden
    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BadPackage("damaged") from None
    return types
