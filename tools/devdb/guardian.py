"""Ends what `manage.py serve` has started when that is killed in a way it cannot answer (SIGKILL, a closed laptop).

    python -m tools.devdb.guardian DATA_DIR < pipe

On the pipe come lines with the process groups that it watches over. The pipe's end without the line `done` means that
nobody else will end them. No Django here: it starts in a moment, and does nothing until then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from tools.devdb import Cluster

# What a service manager gives a process before it kills it; the port is free again within this.
PATIENCE = 2.0


def main(data_dir: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        if line.strip() == "done":
            return
        groups.add(int(line))
    _end(groups)
    if data_dir:
        Cluster(Path(data_dir)).stop()


def _end(groups: set[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        while number == signal.SIGTERM and any(map(_lives, groups)) and time.monotonic() < deadline:
            time.sleep(0.05)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
