"""`make run` ends with all that it started: asked to, or killed."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import pytest

from tools.devdb import Cluster
from tools.seed import plant
from tools.server import ROOT, free_port

# Too long for an address, nothing but signs, nothing but words that are never looked for, many, and unclosed.
HOSTILE = [
    "a" * 6_000,
    "!?.,;:()&|<->*",
    "och i att på",
    " ".join(f"ord{n}" for n in range(200)),
    '"fall och "',
    "'",
]


@pytest.fixture(scope="module")
def place():
    made = Path(tempfile.mkdtemp(prefix="portal-serve-", dir="/var/tmp"))
    made.chmod(0o755)
    cluster = Cluster(made / "db", fsync=False)
    plant(cluster)
    cluster.start()
    yield made, cluster
    cluster.stop()
    shutil.rmtree(made)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(true, seconds: float) -> float:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)
    return time.monotonic() - started


def serve(place, port: int, **how) -> subprocess.Popen[str]:
    made, cluster = place
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DJANGO_"))}
    env |= {
        "PORTAL_ENV": "development", "DATABASE_URL": cluster.url, "PORT": str(port),
        "PORTAL_FILES_DIR": str(made / "files"), "PORTAL_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    log = (made / "log").open("w")
    process = subprocess.Popen([sys.executable, "manage.py", "serve"], cwd=ROOT, env=env, stdout=log, stderr=log, **how)
    until(lambda: answers(port) or process.poll() is not None, 60)
    until(lambda: "Ctrl-C" in (made / "log").read_text(), 20)
    return process


def of_this(place) -> list[int]:
    """Processes that work on the database of this test."""
    found = []
    for about in Path("/proc").glob("[0-9]*"):
        try:
            if str(place[0]) in (about / "environ").read_text() and b"postgres" not in (about / "cmdline").read_bytes():
                found.append(int(about.name))
        except OSError:
            continue
    return found


def fetched(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    answer = connection.getresponse()
    answer.body = answer.read()
    return answer


def test_static_files_are_kept_for_ever_and_all_text_is_compressed(place):
    port = free_port()
    process = serve(place, port)
    try:
        page = fetched(port, "/")
        assert (page.status, page.headers["Content-Encoding"]) == (200, "gzip")
        text = gzip.decompress(page.body).decode()
        assert '<meta name="description" content="Rutiner' in text
        names = re.findall(r'(?:href|src)="(/static/[^"]+)"', text)
        assert len(names) > 5
        for name in names:
            kept = fetched(port, name)
            assert kept.status == 200, name
            assert "immutable" in kept.headers["Cache-Control"], name
            assert kept.headers["Content-Encoding"] == "gzip" or len(kept.body) < 500, name
        for query in HOSTILE:
            began = time.monotonic()
            answer = fetched(port, "/dokument/?q=" + urllib.parse.quote(query))
            assert answer.status in (200, 400, 414), query[:40]
            assert time.monotonic() - began < 1, query[:40]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def test_it_ends_with_all_that_it_started(place):
    port = free_port()
    # As a shell starts what it runs in its background.
    process = serve(place, port, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert len(of_this(place)) >= 4
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert "Traceback" not in (place[0] / "log").read_text()
    until(lambda: not of_this(place), 2)

    process = serve(place, port)
    process.kill()
    process.wait()
    assert until(lambda: not answers(port), 5) < 3
    until(lambda: not of_this(place), 5)
