"""Each part of the portal is asked how it is, and a disk that takes nothing is named."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import logging
import os
import subprocess
from pathlib import Path

import pytest
from django.test import Client, override_settings

from core.files import storage
from core.files.storage import told_of_disk
from portal import health, logs

pytestmark = pytest.mark.django_db


def named() -> dict[str, str]:
    return {part.name: part.standing for part in health.parts()}


def test_a_folder_that_cannot_be_written_is_told_apart_from_being_down(tmp_path: Path, client: Client, caplog):
    """A file in the place of the folder: nobody can write there, root neither."""
    place = tmp_path / "files"
    place.write_text("x")
    with override_settings(MEDIA_ROOT=str(place / "sub")):
        assert named()["files"] != health.OK
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        with pytest.raises(OSError), caplog.at_level(logging.ERROR):  # noqa: PT011 (any fault of the disk)
            storage.store(io.BytesIO(b"x"), app="documents")
    assert "a file could not be stored" in caplog.text
    assert str(place) not in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")
@pytest.mark.parametrize(("options", "said"), [("size=16k", "the disk is full"), ("ro", "the disk is read-only")])
def test_a_full_and_a_read_only_disk_are_named(tmp_path: Path, options: str, said: str, caplog):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        if "size" in options:
            with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
                while True:
                    filler.write(b"x" * 4096)
        with override_settings(MEDIA_ROOT=str(disk)):
            assert named()["files"] == said
            with pytest.raises(OSError), caplog.at_level(logging.ERROR):  # noqa: PT011
                storage.store(io.BytesIO(b"x" * 9000), app="documents")
            assert said in caplog.text
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EMFILE])
def test_a_fault_of_the_disk_is_named_without_a_path(number: int):
    fault = OSError(number, os.strerror(number), "/hemlig/plats")
    assert "hemlig" not in told_of_disk(fault)
    try:
        raise fault
    except OSError as raised:
        line = logs._Exceptions()(None, "error", {"exc_info": raised})["exception"]
    assert errno.errorcode[number] in line
    assert "hemlig" not in line


def test_down_is_what_it_cannot_be_without():
    ok, away = health.Part("a", True, "ok"), health.Part("b", False, "away")
    assert health.standing([ok]) == "ok"
    assert health.standing([ok, away]) == "degraded"
    assert health.standing([health.Part("a", True, "away"), away]) == "down"


def test_how_long_an_answer_took_is_logged(client: Client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/dokument/")
    line = next(r.msg for r in caplog.records if isinstance(r.msg, dict) and r.msg.get("event") == "request_finished")
    assert 0 < line["seconds"] < 60
    assert "seconds" in json.loads(json.dumps(logs.scrub(None, "info", dict(line))))
