"""A real portal for browser tests, drills and benches: own database, own files, gunicorn and a worker.

with Portal.started("browser") as portal:
    portal.url              # http://localhost:<port>
    portal.kill_web(); portal.start_web()
"""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.devdb import Cluster
from tools.seed import plant

ROOT = Path(__file__).resolve().parent.parent
DEMO_PASSWORD = "vardgivarwebb-demo"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(eq=False)
class Portal:
    directory: Path
    cluster: Cluster
    port: int
    env: dict[str, str]
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    logs: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @classmethod
    @contextlib.contextmanager
    def started(
        cls,
        name: str,
        *,
        demo: bool = True,
        people_alone: bool = False,
        worker: bool = True,
        fsync: bool = False,
        env: Mapping[str, str] | None = None,
        keep: Path | None = None,
        fill: Callable[[str], None] = lambda _url: None,
    ) -> Iterator[Portal]:
        """`env`: settings of one's own, over those that a portal of this kind has. `fill` puts more into its database,
        whose address it is given. What is in `keep` is used again, and made there where it is missing or half made.
        `people_alone`: of the demonstration, no documents and no cases.
        """
        is_made = keep is not None and (keep / "made").exists()
        directory = keep or Path(tempfile.mkdtemp(prefix=f"portal-{name}-", dir="/var/tmp"))
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)  # ours: the database's user must be able to enter it
        port = free_port()
        cluster = Cluster(directory / "db", fsync=fsync)
        own = env or {}
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DATABASE_URL", "DJANGO_"))}
        env |= {
            "PORTAL_ENV": "development", "PORTAL_BIND": f"127.0.0.1:{port}", "PORTAL_URL": f"http://localhost:{port}",
            "PORTAL_FILES_DIR": str(directory / "files"), "PORTAL_LOG_LEVEL": "ERROR", "DATABASE_URL": cluster.url,
        }  # fmt: skip
        for keep in ("PORTAL_PG_BIN", "PORTAL_PG_PREFER", "PORTAL_PG_RUN_AS"):
            if keep in os.environ:
                env[keep] = os.environ[keep]
        if demo:
            env["PORTAL_DEMO"] = "1"
        env |= own
        portal = cls(directory, cluster, port, env)
        try:
            if not is_made:
                plant(cluster)
            cluster.start()
            portal.manage("collect_changed")
            portal.manage("migrate", "--verbosity=0")
            if not is_made:
                if demo:
                    portal.manage("load_demo", "--quiet", *(["--people"] if people_alone else []))
                fill(cluster.url)
                (directory / "made").touch()
            portal.start_web()
            if worker:
                portal.start_worker()
            yield portal
        finally:
            portal.stop()
            cluster.stop()
            if not keep:
                shutil.rmtree(directory, ignore_errors=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of this portal's, whatever it ends with."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True
        )

    def manage(self, *arguments: str) -> str:
        done = self.run(*arguments)
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        log = (self.directory / f"{name}.log").open("ab")
        self.logs.append(log)
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def start_web(self) -> None:
        self.web = self._start("web", [sys.executable, "-m", "gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi"])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.web.poll() is not None:
                raise RuntimeError((self.directory / "web.log").read_text()[-3000:])
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except (OSError, http.client.HTTPException):
                self.web_wait()
        raise RuntimeError("the web server did not answer within a minute")

    def web_wait(self) -> None:
        """Until the next try: the process' own end is what is waited for, so that a fault shows at once."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert self.web is not None
            self.web.wait(0.05)

    def start_worker(self) -> None:
        self.worker = self._start(
            "worker",
            [sys.executable, "manage.py", "work", "--graceful=1"],
        )

    def kill_web(self) -> None:
        """kill -9 of the server and all of its workers, in the middle of whatever they do."""
        assert self.web is not None
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()

    def kill_worker(self) -> None:
        assert self.worker is not None
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def kill_database(self) -> None:
        """Ended at once and without a word to anybody; returns when it is gone. `cluster.start()` begins it again."""
        pid = self.cluster.status().pid
        if pid:
            os.kill(pid, signal.SIGQUIT)
        while self.cluster.status().pid:
            time.sleep(0.05)

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process and process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        for log in self.logs:
            log.close()


class Visitor:
    """A person at the portal over plain HTTP: cookies, CSRF, sign-in; no browser."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str, timeout: float = 20) -> tuple[int, str, str]:
        """Status, address after redirects, body."""
        return self._open(urllib.request.Request(self.portal.url + path), timeout)

    def post(
        self,
        path: str,
        data: dict[str, Any],
        timeout: float = 20,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> tuple[int, str, str]:
        """`files`: by field, a name and what is in it."""
        token = next((c.value for c in self.jar if "csrf" in c.name), "")
        fields, headers = {"csrfmiddlewaretoken": token, **data}, {"Referer": self.portal.url + path}
        if files:
            body, headers["Content-Type"] = _multipart(fields, files)
        else:
            body = urllib.parse.urlencode(fields, doseq=True).encode()
        return self._open(urllib.request.Request(self.portal.url + path, body, headers), timeout)

    def _open(self, request: urllib.request.Request, timeout: float) -> tuple[int, str, str]:
        try:
            with self.opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.url, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.url, error.read().decode(errors="replace")

    def sign_in(self, email: str) -> None:
        self.get("/konto/login/")
        status, url, body = self.post("/konto/login/", {"login": email, "password": DEMO_PASSWORD})
        if status != 200 or "/konto/login" in url:
            raise RuntimeError(f"{email} could not sign in: {status} {url} {re.findall('class=.error.*', body)[:2]}")


def _multipart(fields: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    boundary, parts = "en-grans-som-inte-star-i-nagot", []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n'.encode())
    for name, (file_name, data) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
