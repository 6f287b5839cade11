"""A case's files on their way in: nothing in them tells who made them."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from core.files import receiving
from deviations.entry.reports import Attachment

ALLOWED = frozenset({"jpeg", "png", "pdf", "docx"})
MAX_FILES = 5
MAX_BYTES = 10_000_000


def take_in(upload: Any) -> Attachment:
    """Store an uploaded file (Django's `UploadedFile`). Raises RejectedFile with a sentence that says how to mend it.

    The name is the file's own; whether it is shown is decided where the file gets its row. The file has no row yet;
    one that never gets it is swept as an orphan.
    """
    limit = min(MAX_BYTES, settings.PORTAL_MAX_FILE_BYTES)
    # SECURITY: bare. Properties and authors would tell the other provider who reported, who may have said no.
    found = receiving.receive(
        upload, name=upload.name or "", app="deviations", max_bytes=limit, allowed=ALLOWED, bare=True
    )
    seen, stored = found.inspected, found.served
    return Attachment(stored.path, seen.safe_name, seen.content_type, stored.size, stored.sha256, found.removed)
