"""The suite's PostgreSQL: one server, started once, stopped at the end. Loaded with `-p` before the settings are.

`DATABASE_URL` set: that server is used. Otherwise a cluster of the tests' own, without fsync.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["PORTAL_ENV"] = "test"
for name in ("PORTAL_DEMO", "PORTAL_DEBUG", "PORTAL_URL"):
    os.environ.pop(name, None)
# Files are really written: in a directory of the run, removed at its end.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["PORTAL_FILES_DIR"] = tempfile.mkdtemp(prefix="portal-files-")
    atexit.register(shutil.rmtree, os.environ["PORTAL_FILES_DIR"], ignore_errors=True)

# A place that the settings name, empty until a server of development collects into it: asked for, it is there.
(ROOT / ".run" / "static").mkdir(parents=True, exist_ok=True)

if not os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_URL_FILE"):
    from tools.devdb import Cluster
    from tools.seed import digest, plant

    _lock = (ROOT / ".run" / "tools.lock").open("w")
    try:
        # Kept between runs (a start costs 0.1 s); a second run beside the first gets one of its own.
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _where, _temporary = ROOT / ".run" / "testdb", False
    except OSError:
        _where, _temporary = Path(tempfile.mkdtemp(prefix="portal-testdb-", dir="/var/tmp")) / "db", True
    _cluster = Cluster(_where, fsync=False)
    _planted = _where.with_suffix(".seed")
    if not (_planted.exists() and _planted.read_text() == digest()):
        _planted.write_text(plant(_cluster))
    _cluster.start()
    os.environ["DATABASE_URL"] = _cluster.url
    # The server's own database has all migrations; each process' is copied from it.
    os.environ["TEST_DATABASE_TEMPLATE"] = "portal"

    def _stop() -> None:
        _cluster.stop()
        if _temporary:
            shutil.rmtree(_where.parent, ignore_errors=True)

    atexit.register(_stop)
