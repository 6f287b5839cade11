"""`manage.py work`: a worker that outlives a restart of the database."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand

log = logging.getLogger(__name__)
# A worker that has lived so long had found its database: the next is started at once.
SETTLED_SECONDS = 60.0
LONGEST_WAIT = 30.0


class Command(BaseCommand):
    """Runs `procrastinate worker`, and starts it anew where it ends by itself: its connection may break off. Its
    arguments are passed on, for example --queues=mail. SIGTERM and SIGINT end it in order.
    """

    help = "Runs a worker, and starts it anew when it has lost its database."
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default="", help="only these queues, divided by commas")
        parser.add_argument("--graceful", default="10", help="seconds for a job to end in, when the worker is ended")

        # Jobs wait for files, for mail servers and for their readers' processes more than they compute.
        parser.add_argument(
            "--concurrency", type=int, default=(os.cpu_count() or 1) + 1, help="jobs at once (cores and one)"
        )

    def handle(self, *args: Any, queues: str, graceful: str, concurrency: int, **options: Any) -> None:
        command = [sys.executable, os.path.join(settings.BASE_DIR, "manage.py"), "procrastinate", "worker"]
        command += [
            f"--shutdown-graceful-timeout={graceful}",
            f"--concurrency={concurrency}",
            *([f"--queues={queues}"] if queues else []),
        ]
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ending = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        wait = 1.0
        while not self._is_ending:
            began = time.monotonic()
            self._child = subprocess.Popen(command)
            code = self._child.wait()
            if self._is_ending:
                break
            wait = 1.0 if time.monotonic() - began > SETTLED_SECONDS else min(LONGEST_WAIT, wait * 2)
            log.error("the worker ended by itself and is started anew", extra={"code": code, "seconds": wait})
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_ending and time.monotonic() < until:
            time.sleep(0.2)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._is_ending = True
        if self._child and self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(signal.SIGTERM)
