"""The libraries of the pages are the files that their table says, and no address of a registry stands in the lock."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"


def test_each_library_is_the_file_that_the_table_says():
    rows = dict(re.findall(r"^\| `([\w.]+\.js)` .*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M))
    assert rows == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}


def test_every_library_in_the_bundle_is_locked_and_its_licence_told():
    told = (VENDOR / "writing.LICENSE").read_text()
    lock = json.loads((ROOT / "tools" / "vendor" / "package-lock.json").read_text())["packages"]
    inside = {path: held for path, held in lock.items() if path and not held.get("dev") and "@types/" not in path}
    assert len(inside) > 15
    for path, held in inside.items():
        assert held["integrity"].startswith("sha512-")
        assert "resolved" not in held
        assert f"{path.removeprefix('node_modules/')} {held['version']}" in told
