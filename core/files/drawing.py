"""Pages of PDFs as pictures: drawn in the confined process when first asked for, and kept by the file's digest.

A kept picture tells nothing by its name, and can be thrown away at any time: it is drawn again.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.files.extraction import Limits, draw_figure, draw_page
from core.files.storage import local_path

log = logging.getLogger(__name__)

FOLDER = "drawn"
WIDTHS = (900, 1800)
TYPES = {"png": "image/png", "webp": "image/webp"}
_STARTS = {"png": b"\x89PNG\r\n\x1a\n", "webp": b"RIFF"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_BYTES = 12 * 1024 * 1024
LIMITS = replace(Limits(), seconds=30.0, cpu_seconds=10, max_written_bytes=MAX_BYTES)
# So many are drawn at the same time by one process of the server; who comes after waits so long, and is then told to
# ask again.
_turns = threading.BoundedSemaphore(2)
WAIT_SECONDS = 12.0

Box = tuple[int, int, int, int]


class TooManyAtOnce(Exception):
    """Others are being drawn; ask again in a moment."""


@dataclass(frozen=True)
class Drawn:
    """A picture that is kept: where in storage, its content type, its size in bytes."""

    path: str
    content_type: str


def drawn(file: str, sha256: str, page: int, width: int, box: Box | None = None) -> Drawn:
    """The picture of page `page` of the PDF stored at `file`; only the part `box` (points from the upper left) of it.

    Raises `ExtractionFailed` where it cannot be drawn, `TooManyAtOnce`, OSError where storage does not answer, and
    ValueError for another width or digest.
    """
    if width not in WIDTHS or not _DIGEST.fullmatch(sha256):
        raise ValueError("no such drawing")
    part = "" if box is None else "-" + "-".join(str(side) for side in box)

    def draw(path: str, target: str) -> str:
        return draw_page(path, target, page=page, width=width, box=box, limits=LIMITS)

    return _kept(file, f"{FOLDER}/{sha256[:2]}/{sha256}/{page}-{width}{part}", draw)


def figure(file: str, sha256: str, kind: str, number: int) -> Drawn:
    """Picture `number` of the `docx` or `odt` stored at `file`, as its text counts them. Raises as `drawn` does."""
    if not _DIGEST.fullmatch(sha256):
        raise ValueError("no such drawing")

    def draw(path: str, target: str) -> str:
        return draw_figure(path, target, kind, number=number, width=WIDTHS[1], limits=LIMITS)

    return _kept(file, f"{FOLDER}/{sha256[:2]}/{sha256}/figur-{number}", draw)


def _kept(file: str, stem: str, draw: Callable[[str, str], str]) -> Drawn:
    for kind, content_type in TYPES.items():
        if default_storage.exists(f"{stem}.{kind}"):
            return Drawn(f"{stem}.{kind}", content_type)
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise TooManyAtOnce
    try:
        kind, data = _draw(file, draw)
    finally:
        _turns.release()
    path = f"{stem}.{kind}"
    if not default_storage.exists(path):
        # Two at once may both get here; storage then gives the second a name of its own, which is swept with the rest.
        path = default_storage.save(path, ContentFile(data))
    return Drawn(path, TYPES[kind])


def _draw(file: str, draw: Callable[[str, str], str]) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="drawn-") as folder, local_path(file) as path:
        target = os.path.join(folder, "page")
        kind = draw(path, target)
        with open(target, "rb") as picture:
            data = picture.read(MAX_BYTES + 1)
    # SECURITY: the process that drew it has met a stranger's file. It is served as a picture only if it is one.
    if kind not in TYPES or len(data) > MAX_BYTES or not data.startswith(_STARTS[kind]):
        raise ValueError("not a picture")
    return kind, data


def sweep(known: Iterable[str]) -> int:
    """Removes pictures of files that no version has any more (`known`: the digests of those there are)."""
    kept, removed = set(known), 0
    try:
        folders = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return 0
    for start in folders:
        for digest in default_storage.listdir(f"{FOLDER}/{start}")[0]:
            if digest in kept or not _DIGEST.fullmatch(digest):
                continue
            folder = f"{FOLDER}/{start}/{digest}"
            for name in default_storage.listdir(folder)[1]:
                default_storage.delete(f"{folder}/{name}")
                removed += 1
            default_storage.delete(folder)
    return removed
