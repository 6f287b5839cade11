"""Each bench still runs, on little of everything: what is measured is another matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.__main__ import BENCHES

ROOT = Path(__file__).resolve().parents[2]


def test_each_bench_runs_and_gives_its_figures(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_", "DATABASE_URL"))}
    env |= {"BENCH_QUICK": "1", "BENCH_RESULTS": str(results), "PORTAL_ENV": "development"}
    done = subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    rows = json.loads(results.read_text())
    # Of the large collection and of many people the size or the number is said too.
    assert {row["bench"].split()[0] for row in rows} == set(BENCHES)
    for row in rows:
        assert set(row) == {"bench", "name", "value", "unit", "yardstick", "ratio", "aim", "holds"}
    faults = {row["name"]: row["value"] for row in rows if row["bench"] == "load" and "faults" in row["name"]}
    assert set(faults.values()) == {0}, done.stdout
