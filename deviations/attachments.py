"""A case's files on their way in: inspected, made bare of what they tell about the sender, scanned, stored."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from deviations.pictures import without_metadata
from deviations.reports import Attachment
from documents.files import PICTURE_KINDS, RejectedFile, ScanStatus, configured_scan, inspect_upload, store

ALLOWED = frozenset({"jpeg", "png", "pdf", "docx"})
MAX_FILES = 5
MAX_BYTES = 10_000_000


def take_in(upload: Any) -> Attachment:
    """Store an uploaded file (Django's `UploadedFile`). Raises RejectedFile with a sentence that says how to
    mend it.

    The file has no row yet; one that never gets it is swept as an orphan.
    """
    limit = min(MAX_BYTES, settings.PORTAL_MAX_FILE_BYTES)
    found = inspect_upload(upload, name=upload.name or "", max_bytes=limit, allowed=ALLOWED)
    with tempfile.NamedTemporaryFile(prefix="case-") as bare:
        if found.kind in PICTURE_KINDS:
            try:
                without_metadata(upload, bare, found.kind)
            except ValueError:
                raise RejectedFile(
                    "damaged", _("The picture is damaged. Save it again and choose the new copy.")
                ) from None
        else:
            _copy(upload, bare)
        bare.flush()
        verdict = configured_scan(bare.name)
        if not verdict.may_pass:
            raise RejectedFile("scan", _scan_message(verdict.status))
        stored = store(bare, app="deviations")
    return Attachment(stored.path, found.safe_name, found.content_type, stored.size, stored.sha256)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    source.seek(0)
    while chunk := source.read(64 * 1024):
        target.write(chunk)


def _scan_message(status: str) -> str:
    if status == ScanStatus.INFECTED:
        return _("The virus scanner stopped the file. Do not open it; talk to your IT support.")
    return _("The file could not be scanned for viruses just now. Send the report without it, or try again later.")
