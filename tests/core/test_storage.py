"""A stored file is whole or not there, and what no row points at is swept without touching anything else."""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from core.files.storage import local_path, store, sweep_orphans

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def in_memory(settings):
    """A storage without folders of our own, standing for every remote one."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


def put(data: bytes = b"innehall", app: str = "documents", age: timedelta = 2 * DAY):
    stored = store(io.BytesIO(data), app=app)
    then = time.time() - age.total_seconds()
    os.utime(default_storage.path(stored.path), (then, then))
    return stored


def test_what_is_stored_is_what_was_given_under_a_name_that_tells_nothing(files):
    data = os.urandom(200_000)
    source = io.BytesIO(data)
    source.seek(100)  # stored from its beginning all the same
    stored = store(source, app="documents")
    assert re.fullmatch(r"documents/\d{4}/[0-9a-f-]{36}", stored.path)
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (files / stored.path).read_bytes() == data
    with local_path(stored.path) as path, open(path, "rb") as file:
        assert file.read() == data


def test_a_write_that_fails_leaves_nothing_behind(files):
    class Breaking(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                raise OSError("source gone")
            return super().read(size)

    with pytest.raises(OSError, match="source gone"):
        store(Breaking(b"x" * 300_000), app="documents")
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_stored_files_have_the_installations_permissions(files, settings):
    settings.FILE_UPLOAD_PERMISSIONS = 0o640
    stored = store(io.BytesIO(b"x"), app="documents")
    assert (files / stored.path).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("app", ["", "../x", "documents/2026", "/etc", "Documents"])
def test_only_an_apps_own_folder_can_be_named(app):
    with pytest.raises(ValueError, match="no folder"):
        store(io.BytesIO(b"x"), app=app)
    with pytest.raises(ValueError, match="no folder"):
        sweep_orphans([], DAY, app=app)


@pytest.mark.usefixtures("in_memory")
def test_a_remote_storage_gives_the_same_facts_and_a_copy_to_read():
    data = os.urandom(150_000)
    stored = store(io.BytesIO(data), app="deviations")
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    with local_path(stored.path) as path, open(path, "rb") as file:
        assert file.read() == data
    assert not os.path.exists(path)
    assert sweep_orphans([], DAY, app="deviations").kept == 1


def test_orphans_are_removed_and_known_young_and_foreign_files_stay(files):
    known, orphan, young = put(), put(), put(age=timedelta(minutes=5))
    other_app = put(app="deviations")
    stray = files / "documents" / "LÄSMIG.txt"
    stray.write_text("x")
    foreign = (files / orphan.path).with_name("backup.tar")
    foreign.write_text("x")
    cut_off = (files / orphan.path).with_name("0f0e0d0c-0b0a-4908-8706-050403020100.part")
    cut_off.write_text("x")
    for path in (stray, foreign, cut_off):
        os.utime(path, (1, 1))

    swept = sweep_orphans(iter([known.path]), DAY)

    assert set(swept.removed) == {orphan.path, f"{orphan.path.rpartition('/')[0]}/{cut_off.name}"}
    assert swept.kept == 2
    for path in (known.path, young.path, other_app.path):
        assert (files / path).exists()
    assert stray.exists()
    assert foreign.exists()
    assert not (files / orphan.path).exists()
    assert not cut_off.exists()
    assert sweep_orphans([known.path], DAY).removed == ()


def test_files_of_transactions_that_may_still_be_open_cannot_be_swept():
    with pytest.raises(ValueError, match="younger than an hour"):
        sweep_orphans([], timedelta(minutes=59))


def test_a_sweep_before_anything_was_stored_finds_nothing():
    assert sweep_orphans([], DAY).removed == ()
