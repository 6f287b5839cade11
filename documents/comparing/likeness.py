"""Whether pictures in the files of two versions are the same: drawn in the confined process, compared to the dot."""

from __future__ import annotations

import hashlib
import re
import time
from itertools import zip_longest

from django.core.files.storage import default_storage

from core.files import drawing, extraction
from core.files.types import CONTENT_TYPES
from documents.models import Version

# So long drawing may take for one comparison; what is drawn is kept, and the next goes on from there.
SECONDS = 8.0
_FIGURE = re.compile(r"figur/(\d+)/")
_PART = re.compile(r"sida/(\d+)/\?bredd=(\d+)&ruta=(\d+)%2C(\d+)%2C(\d+)%2C(\d+)")


class Likeness:
    """One comparison's. `uncompared` counts the pictures that could not be drawn, or not in time."""

    def __init__(self, older: Version, newer: Version) -> None:
        self.older, self.newer = older, newer
        self.uncompared = 0
        self._until = time.monotonic() + SECONDS

    def differ(self, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The pictures that differ, of those of two paragraphs, in pairs by their order: addresses under that of either
        version's page."""
        pairs = zip_longest(before, after, fillvalue="")
        return tuple(pair for pair in pairs if not self._is_same(*pair))

    def _is_same(self, before: str, after: str) -> bool:
        if not before or not after:
            return False
        if self.older.file_sha256 == self.newer.file_sha256 and before == after:
            return True
        digests = self._digest(self.older, before), self._digest(self.newer, after)
        if None in digests:
            self.uncompared += 1
            return True
        return digests[0] == digests[1]

    def _digest(self, version: Version, address: str) -> str | None:
        if time.monotonic() > self._until:
            return None
        try:
            drawn = _drawn(version, address)
            with default_storage.open(drawn.path) as picture:
                return hashlib.sha256(picture.read()).hexdigest()
        except (extraction.ExtractionFailed, drawing.TooManyAtOnce, OSError, ValueError):
            return None


def _drawn(version: Version, address: str) -> drawing.Drawn:
    if found := _FIGURE.fullmatch(address):
        kind = next(kind for kind, content_type in CONTENT_TYPES.items() if content_type == version.file_type)
        return drawing.figure(version.file, version.file_sha256, kind, int(found[1]))
    if found := _PART.fullmatch(address):
        page, width, left, top, right, bottom = (int(number) for number in found.groups())
        return drawing.drawn(version.file, version.file_sha256, page, width, (left, top, right, bottom))
    raise ValueError("no such picture")
