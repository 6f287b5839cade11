"""`manage.py serve`: everything that `make run` starts, and stops again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from tools.devdb import Cluster, DevDbError


class Command(BaseCommand):
    """Starts the embedded database where DATABASE_URL is unset, migrates, loads the demonstration's content where
    PORTAL_DEMO is set, and serves with a worker until Ctrl-C. For development: production runs gunicorn and the
    worker each by itself (docs/operations.md)."""

    help = "Runs the portal on this machine until Ctrl-C."
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("`serve` is for development; see docs/operations.md for production.")
        port = self._port()
        cluster = None if os.environ.get("DATABASE_URL") else Cluster(settings.BASE_DIR / ".pgdata")
        # SIGINT too: a shell starts what runs in its background with that ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)
        # Told when this process has ended well; otherwise it ends what would be left.
        self.guardian = subprocess.Popen(
            [sys.executable, "-m", "tools.devdb.guardian", *([str(cluster.data_dir)] if cluster else [])],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            if cluster:
                cluster.start()
            call_command("collect_changed")
            call_command("migrate", verbosity=0)
            if settings.PORTAL_DEMO:
                call_command("load_demo")
            # The children open connections of their own.
            connection.close()
            self._serve(port)
        except DevDbError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            pass
        finally:
            connection.close()
            pool = getattr(connection, "close_pool", None)
            if pool:
                pool()
            if cluster:
                cluster.stop()
            self._tell_guardian("done")
            self.stdout.write("Stopped. Your data is kept.")

    def _tell_guardian(self, word: str) -> None:
        assert self.guardian.stdin
        with contextlib.suppress(OSError):
            print(word, file=self.guardian.stdin, flush=True)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def _port(self) -> int:
        text = os.environ.get("PORT", "8000")
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise CommandError(f"PORT is {text!r}; give a number from 1 to 65535, for example PORT=8001.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(text)))
            except OSError:
                raise CommandError(
                    f"Something else listens on port {text}. Stop it, or choose another: make run PORT=8001"
                ) from None
        return int(text)

    def _serve(self, port: int) -> None:
        env = {**os.environ, "PORTAL_BIND": f"127.0.0.1:{port}", "PORTAL_URL": f"http://localhost:{port}"}
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        commands = {
            "web": [sys.executable, "-m", "gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi"],
            "worker": [
                sys.executable,
                manage,
                "procrastinate",
                "worker",
                "--shutdown-graceful-timeout=5",
                "--concurrency=3",
            ],
        }
        running: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str) -> None:
            # A session of its own: Ctrl-C reaches this process, which stops the others in order.
            running[name] = subprocess.Popen(commands[name], cwd=settings.BASE_DIR, env=env, start_new_session=True)
            self._tell_guardian(str(running[name].pid))

        try:
            for name in commands:
                start(name)
            self._wait_until_answers(port, running["web"])
            self._greet(port)
            while True:
                for name, process in list(running.items()):
                    if process.poll() is not None:
                        # A long-lived worker may lose its connection: it is started anew.
                        self.stderr.write(f"The {name} process ended ({process.returncode}); starting it again.")
                        start(name)
                signal.sigtimedwait([signal.SIGCHLD], 2) if hasattr(signal, "sigtimedwait") else time.sleep(1)
        finally:
            for process in running.values():
                process.terminate()
            # Interrupted work is done again: jobs by the next worker, and nobody waits for a page that they left.
            deadline = time.monotonic() + 1.5
            for process in running.values():
                try:
                    process.wait(max(0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def _wait_until_answers(self, port: int, web: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if web.poll() is not None:
                raise CommandError("The web server did not start; its message stands above.")
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise CommandError("The web server did not answer within a minute.")

    def _greet(self, port: int) -> None:
        self.stdout.write(f"\n{settings.PORTAL_NAME} runs at http://localhost:{port}  (Ctrl-C stops it)\n")
        if settings.PORTAL_DEMO:
            self.stdout.write(f"\nDemo accounts, password {DEMO_PASSWORD} for all:")
            for account in DEMO_ACCOUNTS:
                self.stdout.write(f"  {account.email:<30} {account.what}")
        self.stdout.write("")
        self.stdout.flush()
