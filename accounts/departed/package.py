"""The zip that somebody takes with them: JSON and files, and a manifest of their digests, made as it is sent."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.departed.former import Former
from core import clock
from core.files.serving import open_stored

_CHUNK = 64 * 1024
_ODD = re.compile(r"[^\w.()-]+")
# The edition of the package's form, told in its manifest: another form, another number.
FORM = 1


@dataclass(frozen=True)
class Piece:
    """One file of the package: its path there, and its content: data to be written as JSON, lines of it, or a file by
    its path in storage."""

    path: str
    data: Any = None
    lines: Iterable[Any] | None = None
    stored: str = ""


@dataclass(frozen=True)
class Kind:
    """Something that may be taken. The app that has it puts it into KINDS, by its key.

    `entitles`: whether this person takes it. `count`: how much there is. `pieces`: all of it, as it was when the
    provider left.
    """

    key: str
    words: str | Promise
    entitles: Callable[[Former], bool]
    count: Callable[[Former], int]
    pieces: Callable[[Former], Iterator[Piece]]


KINDS: dict[str, Kind] = {}


def kinds_for(former: Former) -> list[Kind]:
    return [kind for kind in KINDS.values() if kind.entitles(former)]


def safe_name(name: str) -> str:
    """A file's name as it can stand in a zip on every system; never a path."""
    return _ODD.sub("_", name).strip("._")[-100:] or "fil"


class _Sink(io.RawIOBase):
    """Takes what the zip writes, and gives it on: nothing is kept on disk or whole in memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def stream(former: Former) -> Iterator[bytes]:
    """The package, piece by piece. A stored file that cannot be opened stands in the manifest as missing."""
    sink, manifest = _Sink(), list[dict[str, Any]]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for kind in kinds_for(former):
            for piece in kind.pieces(former):
                yield from _put(package, sink, piece, manifest)
        yield from _put(package, sink, Piece("las-mig.txt", data=_read_me(former)), manifest)
        told = {
            "form": FORM,
            "provider": former.assignment.provider.name,
            "access_ended": former.left_at.isoformat(),
            "made": clock.now().isoformat(),
            "made_by": former.assignment.user.get_full_name(),
            "content": [kind.key for kind in kinds_for(former)],
            "files": list(manifest),
        }
        yield from _put(package, sink, Piece("manifest.json", data=told), manifest)
    yield sink.taken()


def _read_me(former: Former) -> str:
    return _(
        "%(provider)s had access to the portal until %(day)s.\n"
        "The folders hold what was its own, as it was then. manifest.json lists each file with its SHA-256 digest.\n"
        "Keep it safe: it may hold personal data, and is yours to answer for from now on.\n"
    ) % {"provider": former.assignment.provider.name, "day": former.last_day.isoformat()}


def _put(package: zipfile.ZipFile, sink: _Sink, piece: Piece, manifest: list[dict[str, Any]]) -> Iterator[bytes]:
    """Writes one piece, and its line of the manifest."""
    source: IO[Any] | None = open_stored(piece.stored) if piece.stored else None
    if piece.stored and source is None:
        manifest.append({"path": piece.path, "missing": True})
        return
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(piece.path, clock.swedish(clock.now()).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    with package.open(info, "w", force_zip64=True) as out:
        for part in _read(source) if source else _written(piece):
            out.write(part)
            digest.update(part)
            size += len(part)
            yield sink.taken()
    manifest.append({"path": piece.path, "size": size, "sha256": digest.hexdigest()})
    yield sink.taken()


def _read(source: IO[Any]) -> Iterator[bytes]:
    with source:
        while part := source.read(_CHUNK):
            yield part


def _written(piece: Piece) -> Iterator[bytes]:
    if piece.lines is not None:
        for line in piece.lines:
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
    elif isinstance(piece.data, str):
        yield piece.data.encode()
    else:
        yield json.dumps(piece.data, ensure_ascii=False, indent=2).encode() + b"\n"
