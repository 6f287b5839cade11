"""Receiving an uploaded file: inspected, cleaned in the sandbox, scanned, stored. The one way in, for every app."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from core.files.extraction import UPLOADING, ExtractionFailed, clean_copy
from core.files.scanning import ScanStatus, configured_scan
from core.files.storage import StoredInfo, store
from core.files.types import DOCUMENT_KINDS, Inspected, RejectedFile, inspect_upload

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Received:
    """A file in storage that no row points at yet.

    `inspected` tells of the file as it came, `served` is the copy to serve, `removed` what was taken out of it (codes
    of `extraction.REMOVED`). `original` is the file as it came, where it is kept and differs.
    """

    inspected: Inspected
    served: StoredInfo
    removed: tuple[str, ...] = ()
    original: StoredInfo | None = None


def receive(
    file: IO[bytes],
    *,
    name: str,
    app: str,
    max_bytes: int,
    allowed: Collection[str] = DOCUMENT_KINDS,
    bare: bool = False,
) -> Received:
    """Take in a seekable file. Raises RejectedFile with what is wrong and how to mend it; OSError of the storage.

    `bare`: nothing that tells of its maker goes through, and the original is not kept. Otherwise the original is kept
    beside the copy wherever something had to be taken out. Slow: not within a transaction.
    """
    seen = inspect_upload(file, name=name, max_bytes=max_bytes, allowed=allowed)
    suffix = f".{seen.kind}"
    with (
        tempfile.NamedTemporaryFile(prefix="came-", suffix=suffix) as came,
        tempfile.NamedTemporaryFile(prefix="clean-", suffix=suffix) as clean,
    ):
        _copy(file, came)
        _scan(came.name)
        try:
            removed = clean_copy(came.name, clean.name, seen.kind, bare=bare, limits=UPLOADING)
        except ExtractionFailed as failure:
            log.warning("a file was refused", extra={"kind": seen.kind, "code": failure.code, "detail": failure.detail})
            raise RejectedFile(failure.code, failure.message) from None
        if not bare and not removed:
            return Received(seen, _stored(came, app, seen))
        # SECURITY: written by a process that met a stranger's file; it is a stranger's file itself.
        with open(clean.name, "rb") as copy:
            anew = inspect_upload(copy, name=seen.safe_name, max_bytes=2 * max_bytes, allowed=allowed)
            served = _stored(copy, app, anew)
        return Received(seen, served, removed, None if bare else _stored(came, app, seen))


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    source.seek(0)
    while chunk := source.read(64 * 1024):
        target.write(chunk)
    target.flush()


def _stored(file: IO[bytes], app: str, seen: Inspected) -> StoredInfo:
    stored = store(file, app=app)
    # SECURITY: what is kept is what was inspected, byte for byte.
    if stored.sha256 != seen.sha256:
        raise RejectedFile("damaged", _("The file changed while it was received. Choose it again."))
    return stored


def _scan(path: str) -> None:
    verdict = configured_scan(path)
    if verdict.may_pass:
        return
    if verdict.status == ScanStatus.INFECTED:
        raise RejectedFile("infected", _("The file holds malicious code and was not received."))
    raise RejectedFile(
        "not_scanned", _("The file could not be checked for malicious code just now. Try again in a while.")
    )
