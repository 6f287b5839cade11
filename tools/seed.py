"""A database with all migrations, made once for each state of them: suites, drills and benches begin with a copy.

What else `migrate` does (reference data) is done again on the copy, and costs little.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.devdb import Cluster

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / ".run"


def digest() -> str:
    """What the database comes from: our migrations, the libraries with theirs, and the words that it is filled with."""
    found = hashlib.sha256()
    ours, words = ROOT.glob("*/migrations/*.py"), ROOT.glob("documents/search/meanings/*.txt")
    for path in sorted(ours) + sorted((ROOT / "requirements").glob("*.txt")) + sorted(words):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:16]


def plant(cluster: Cluster) -> str:
    """Throw away what a cluster holds and give it the migrated database; it does not run. Gives the `digest`."""
    name = digest()
    RUN.mkdir(exist_ok=True)
    with (RUN / "seed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        seed = _made(name)
        cluster.stop()
        shutil.rmtree(cluster.data_dir, ignore_errors=True)
        # Its owner is the server's user, and stays so.
        subprocess.run(["cp", "-a", str(seed.data_dir), str(cluster.data_dir)], check=True)
    return name


def _made(name: str) -> Cluster:
    place = RUN / f"seed-{name}"
    seed, mark = Cluster(place / "db", fsync=False), place / "made"
    if mark.exists():
        return seed
    for former in RUN.glob("seed-*"):
        shutil.rmtree(Cluster(former / "db").data_dir, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)
    place.mkdir()
    place.chmod(0o755)  # ours: the database's user must be able to enter it
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_", "MIGRATION_"))}
    for kept in ("PORTAL_PG_BIN", "PORTAL_PG_PREFER", "PORTAL_PG_RUN_AS"):
        if kept in os.environ:
            env[kept] = os.environ[kept]
    seed.start()
    try:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(migrate, cwd=ROOT, env={**env, "PORTAL_ENV": "test", "DATABASE_URL": seed.url}, check=True)
    finally:
        seed.stop()
    mark.touch()
    return seed
