"""A filled database of the version before goes on: it is migrated, read, asked and worked in as what it was."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
# The demonstration as a portal of November 2026 had made it, with drafts, notices, a seal and jobs that wait; by
# `pg_dump --inserts`, without sessions and without what the queue remembers of done jobs.
DUMP = Path(__file__).parent / "former" / "2026-11.sql.xz"

ASKED = """
import json
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from accounts import audit
from accounts.forms import drafts
from accounts.models import Assignment, Draft, Notice, User
from accounts.readers import reader_for
from deviations.models import Case
from documents.models import Document, Version
def reader(email):
    own = Assignment.objects.current().filter(user__email=email).select_related("user", "provider", "unit")
    return reader_for(own[0].user, own[0])
def page(email, address):
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    return [answer.status_code, answer.content.decode()]
nurse, editor = "lasare@privat.example", "redaktor@region.example"
case = Case.objects.visible_to(reader("handlaggare@region.example")).latest("pk")
report = page(nurse, "/avvikelser/ny/")
writing = drafts.find(reader(editor), "version-RUT-0187")
names = set(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))
verdict = audit.verify()
print(json.dumps({
    "documents": Document.objects.count(), "versions": Version.objects.count(), "cases": Case.objects.count(),
    "notices": Notice.objects.count(),
    "draft": "Läkemedelslistan saknade en dos." in report[1] and report[0],
    "written": writing.payload["body"],
    "whole": verdict.whole, "seals": verdict.seals,
    "jobs": sorted(names), "unknown": sorted(names - set(app.tasks)),
    "routine": page(nurse, "/dokument/RUT-0187/")[0], "found": "RIK-0112" in page(nurse, "/dokument/?q=trycksår")[1],
    "case": page("handlaggare@region.example", case.get_absolute_url())[0],
    "inbox": page("handlaggare@region.example", "/avvikelser/")[0],
    "desk": page(editor, "/dokument/skrivbord/")[0],
    "roles": page("admin@privat.example", "/konto/var-verksamhet/")[0],
}))
"""


@pytest.fixture
def former() -> Iterator[str]:
    """The address of a database as the version before left it, on the suite's server."""
    server, name = urlsplit(os.environ["DATABASE_URL"]), f"former_{os.getpid()}"
    address = server._replace(path=f"/{name}").geturl()
    dump = lzma.decompress(DUMP.read_bytes()).decode()
    # What only psql understands is left out.
    text = "\n".join(line for line in dump.split("\n") if not line.startswith("\\"))
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')  # type: ignore[arg-type]
        try:
            with psycopg.connect(address, autocommit=True) as into:
                into.execute(text)  # type: ignore[arg-type]
            yield address
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def test_a_filled_database_of_the_version_before_goes_on(former: str, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DATABASE_URL", "DJANGO_", "TEST_"))}
    env |= {"PORTAL_ENV": "development", "DATABASE_URL": former, "PORTAL_FILES_DIR": str(tmp_path)}

    def manage(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    manage("migrate", "--no-input", "-v0")
    said = json.loads(manage("shell", "-v0", "-c", ASKED).strip().splitlines()[-1])
    assert {name: said[name] for name in ("documents", "versions", "cases", "notices")} == {
        "documents": 77,
        "versions": 132,
        "cases": 150,
        "notices": 2334,
    }
    assert said["draft"] == 200
    assert said["written"] == ["Nytt stycke som ännu inte sparats."]
    assert said["whole"]
    assert said["seals"] >= 1
    assert "documents.reindex" in said["jobs"]
    assert said["unknown"] == []
    assert said["found"]
    assert {said[name] for name in ("routine", "case", "inbox", "desk", "roles")} == {200}
