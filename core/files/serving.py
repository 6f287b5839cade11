"""A stored file on its way out: opened, or said to be gone."""

from __future__ import annotations

import logging
from typing import IO, Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


def open_stored(path: str) -> IO[Any] | None:
    """The stored file, or None where storage does not give it: told in the log, for its operator to mend."""
    try:
        return default_storage.open(path, "rb")
    except OSError as fault:
        log.error("a stored file cannot be opened", extra={"file": path, "error_code": type(fault).__name__})
        return None


def as_download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file that the portal has made for this reader: saved, not shown, and kept by nobody on the way."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def gone_page(request: HttpRequest, *, back: str) -> HttpResponse:
    """The page for it: the fault is the portal's, and what else there is to read is at `back`."""
    return render(request, "documents/file_gone.html", {"back": back}, status=503)
