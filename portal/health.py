"""How the portal is, part by part: what it cannot be without, and what it goes on without for a while."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import jobs
from core.files.storage import told_of_disk

OK = "ok"


@dataclass(frozen=True)
class Part:
    """One part: how it is, in a few words for a machine and its keeper, and whether the portal can be without it."""

    name: str
    is_needed: bool
    standing: str

    @property
    def is_ok(self) -> bool:
        return self.standing == OK


def parts() -> list[Part]:
    """Asked anew each time; no part's fault keeps the others from being asked."""
    database = _database()
    found = [Part("database", True, database), Part("static", True, _static()), Part("files", False, _files())]
    return [*found, Part("worker", False, _worker() if database == OK else "not known without the database")]


def standing(found: list[Part]) -> str:
    """ "ok"; "degraded" where only parts are away that it goes on without; "down"."""
    if any(part.is_needed and not part.is_ok for part in found):
        return "down"
    return OK if all(part.is_ok for part in found) else "degraded"


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:  # whatever the fault, the answer is the same
        return "unavailable"
    return "migrations waiting" if waiting else OK


def _static() -> str:
    """Without the list of style sheets and scripts that `collectstatic` writes, no page can be made."""
    if isinstance(staticfiles_storage, ManifestFilesMixin) and settings.PRODUCTION:
        return OK if staticfiles_storage.hashed_files else "no manifest: run collectstatic"
    return OK


def _files() -> str:
    """Whether a file can be put where the files are: written, and on the disk."""
    if not isinstance(default_storage, FileSystemStorage):
        return OK  # somebody else's service: each use of it says how it is
    try:
        os.makedirs(default_storage.location, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=default_storage.location, prefix=".health-") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        return told_of_disk(fault)
    return OK


def _worker() -> str:
    try:
        return OK if jobs.standing().worker else "no worker has said lately that it lives"
    except Exception:  # the database went away just now
        return "not known without the database"
