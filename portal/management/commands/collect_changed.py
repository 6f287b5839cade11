"""`manage.py collect_changed`: static files collected, hashed and compressed, if any has changed since last."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Collects static files before a server of development begins. Several may begin at once; files of before stay,
    since another server may still give them out.
    """

    help = "Collects the static files for a server of development, where they have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        mark = settings.STATIC_ROOT.parent / f"{settings.STATIC_ROOT.name}.digest"
        with mark.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            digest = _digest()
            if file.read() == digest and (settings.STATIC_ROOT / "staticfiles.json").exists():
                return
            call_command("collectstatic", interactive=False, verbosity=0)
            file.truncate(0)
            file.write(digest)


def _digest() -> str:
    """The names, sizes and times of all that would be collected."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            found.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()
