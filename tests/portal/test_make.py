"""`make` with a Python that is too old: told in words, and the advice that is given works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Answers as a Python 3.9 would: nothing that asks for 3.11 is true of it, and what it makes is of its own kind.
OLD = """#!/bin/sh
case "$1" in
  -c) exit 0;;
  -m) mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    old = tmp_path / "old-python"
    old.write_text(OLD)
    old.chmod(0o755)
    return tmp_path


def make(place: Path, python: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))} | {"PYTHON": python}
    return subprocess.run(["make", "venv"], cwd=place, env=env, capture_output=True, text=True)


def test_too_old_a_python_is_told_and_leaves_nothing(place: Path) -> None:
    done = make(place, "./old-python")
    assert done.returncode != 0
    assert "PYTHON=python3.12 make run" in done.stderr
    assert not (place / ".venv").exists()


def test_what_an_older_python_has_left_is_made_anew_by_the_one_that_is_named(place: Path) -> None:
    subprocess.run([place / "old-python", "-m", "venv", place / ".venv"], check=True)
    assert make(place, "./old-python").returncode != 0
    done = make(place, sys.executable)
    assert done.returncode == 0, done.stderr
    told = [place / ".venv" / "bin" / "python", "-c", "import sys; print(sys.version_info >= (3, 11))"]
    assert subprocess.run(told, capture_output=True, text=True).stdout.strip() == "True"
    # One that is new enough stays, whatever Python is named.
    assert make(place, "./old-python").returncode == 0
