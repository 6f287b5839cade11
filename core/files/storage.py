"""Files on their way into storage and out of it again: written whole or not at all, never under a person's
name.

A file's path is `<app>/<yyyy>/<uuid>`: nothing in it tells what the file is, and nothing in it came from
outside. It is written before the row that points at it is committed; one whose row never came is an orphan,
swept later.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages
from django.utils import timezone

from core import clock

log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_APP = re.compile(r"[a-z][a-z_]{0,30}")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(rf"{_UUID}(?:\.part)?")
# A request may take long between the writing of a file and the commit of its row.
MIN_ORPHAN_AGE = timedelta(hours=1)


@dataclass(frozen=True)
class StoredInfo:
    """A file's place in `default_storage`, the SHA-256 (hex) of what was written, its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Swept:
    """Paths that were removed, and how many files were left where they are."""

    removed: tuple[str, ...]
    kept: int


def store(file: IO[bytes], *, app: str) -> StoredInfo:
    """Writes a seekable binary file from its beginning into storage, and says where.

    When this returns, the bytes survive a power cut (on a disk of our own: synced, then renamed into place).
    The caller compares `sha256` with that of the inspection: it is what was checked that shall be kept.
    """
    if not _APP.fullmatch(app):
        raise ValueError(f"no folder of an app: {app!r}")
    name = f"{app}/{clock.today():%Y}/{uuid.uuid4()}"
    file.seek(0)
    storage = _storage()
    if isinstance(storage, FileSystemStorage):
        try:
            sha256, size = _write_durably(storage, name, file)
        except OSError as fault:
            log.error("a file could not be stored: %s", told_of_disk(fault), extra={"error_code": _named(fault)})
            raise
        return StoredInfo(name, sha256, size)
    counted = _Counted(file)
    saved = storage.save(name, File(counted, name=name))  # type: ignore[arg-type]
    return StoredInfo(saved, counted.digest.hexdigest(), counted.size)


# Errors of a disk that takes nothing more.
_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full, by the quota of this user",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.EIO: "the disk does not answer as it should",
    errno.ENOENT: "the folder is not there",
}


def told_of_disk(fault: OSError) -> str:
    """The fault of the place of the files, in words for the log and for `health`; no path."""
    return _DISK.get(fault.errno or 0, f"the files cannot be written ({_named(fault)})")


def _named(fault: OSError) -> str:
    return errno.errorcode.get(fault.errno or 0, type(fault).__name__)


def _storage() -> Storage:
    """The storage behind `default_storage`'s wrapper: its class tells whether it is a disk of our own."""
    return storages["default"]


def _write_durably(storage: FileSystemStorage, name: str, file: IO[bytes]) -> tuple[str, int]:
    target = storage.path(name)
    folder = os.path.dirname(target)
    _make_folder(folder, storage)
    mode = storage.file_permissions_mode or 0o600
    digest, size = hashlib.sha256(), 0
    part = target + ".part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as output:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                output.write(chunk)
            output.flush()
            os.fsync(output.fileno())
        os.chmod(part, mode)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise
    _sync_folder(folder)
    return digest.hexdigest(), size


def _make_folder(folder: str, storage: FileSystemStorage) -> None:
    missing = []
    step = folder
    while not os.path.isdir(step):
        missing.append(step)
        step = os.path.dirname(step)
    for path in reversed(missing):
        # exist_ok: another request may make the same year's folder at the same moment.
        os.makedirs(path, mode=storage.directory_permissions_mode or 0o700, exist_ok=True)
        _sync_folder(os.path.dirname(path))


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Counted:
    """Counts and digests what a storage reads, so that a large file is read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start()

    def _start(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        # Storages rewind before they send, and again for a second try.
        position = self._file.seek(offset, whence)
        if position == 0:
            self._start()
        return position

    def tell(self) -> int:
        return self._file.tell()


@contextlib.contextmanager
def local_path(path: str) -> Iterator[str]:
    """A path on this machine's disk for a stored file, as readers and scanners need; a copy where storage is
    remote.
    """
    storage = _storage()
    if isinstance(storage, FileSystemStorage):
        yield storage.path(path)
        return
    with tempfile.NamedTemporaryFile(prefix="stored-") as copy, storage.open(path, "rb") as source:
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        yield copy.name


def sweep_orphans(known_paths: Iterable[str], older_than: timedelta, *, app: str = "documents") -> Swept:
    """Removes files of `app` that no row knows and that are older than `older_than` (at least an hour).

    `known_paths` are all paths of that app that any row holds, deleted and archived ones too. Only names that
    `store` gives, and what an interrupted `store` left, are touched; anything else in the folder is left
    alone.
    """
    if older_than < MIN_ORPHAN_AGE:
        raise ValueError("files younger than an hour may belong to a row that is not committed yet")
    if not _APP.fullmatch(app):
        raise ValueError(f"no folder of an app: {app!r}")
    known = set(known_paths)
    limit = clock.now() - older_than
    removed, kept = [], 0
    for path in _stored(app):
        if path in known or _modified(path) > limit:
            kept += 1
            continue
        default_storage.delete(path)
        removed.append(path)
    if removed:
        log.info("orphaned files removed", extra={"app": app, "count": len(removed)})
    return Swept(tuple(removed), kept)


def _stored(app: str) -> Iterator[str]:
    try:
        years, _files = default_storage.listdir(app)
    except FileNotFoundError:
        return
    for year in sorted(years):
        if re.fullmatch(r"\d{4}", year):
            for name in sorted(default_storage.listdir(f"{app}/{year}")[1]):
                if _OURS.fullmatch(name):
                    yield f"{app}/{year}/{name}"


def _modified(path: str) -> datetime:
    modified = default_storage.get_modified_time(path)
    return timezone.make_aware(modified) if timezone.is_naive(modified) else modified
