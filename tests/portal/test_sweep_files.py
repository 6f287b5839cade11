from __future__ import annotations

import io
import os
import time

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from core.files.storage import local_path, store
from tests.access import world as worlds


@pytest.mark.django_db
def test_only_what_nothing_points_at_is_swept_in_both_apps(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = worlds.build()
    kept = [world.file.file, *(v.file for d in world.documents.values() for v in d.versions.all() if v.file)]
    lost = [store(io.BytesIO(b"innehall"), app=app).path for app in ("documents", "deviations")]
    old = time.time() - 2 * 86_400
    for path in kept + lost:
        with local_path(path) as at:
            os.utime(at, (old, old))
    said = io.StringIO()
    call_command("sweep_files", stdout=said)
    assert said.getvalue().splitlines()[0].startswith("documents: 1 removed")
    assert said.getvalue().splitlines()[1].startswith("deviations: 1 removed")
    assert all(default_storage.exists(path) for path in kept)
    assert not any(default_storage.exists(path) for path in lost)
