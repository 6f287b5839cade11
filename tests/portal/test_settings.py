"""Production is the default and starts with everything it needs, or says in one message all that is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.check import PRODUCTION

ROOT = Path(__file__).resolve().parent.parent.parent
DEMANDED = {
    "SECRET_KEY", "ALLOWED_HOSTS", "PORTAL_URL", "PORTAL_ENCRYPTION_KEYS", "PORTAL_HASH_KEY", "PORTAL_FILES_DIR",
    "PORTAL_SMTP_HOST", "DATABASE_URL",
}  # fmt: skip


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_") and k not in DEMANDED}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean | env, capture_output=True, text=True)


def show(names: tuple[str, ...], **env: str) -> dict[str, object]:
    code = f"import json; from portal import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    done = python(code, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_a_word_it_is_production_and_names_all_that_is_missing() -> None:
    done = python("from portal import settings")
    assert done.returncode != 0
    missing = {line.split(":")[0].strip() for line in done.stderr.splitlines() if ": is missing" in line}
    assert missing == DEMANDED


@pytest.mark.parametrize("name", sorted(DEMANDED))
def test_each_of_them_is_demanded(name: str) -> None:
    done = python("from portal import settings", **{k: v for k, v in PRODUCTION.items() if k != name})
    assert done.returncode != 0
    assert f"{name}: is missing" in done.stderr


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("från en fil " * 6 + "\n")
    env = {k: v for k, v in PRODUCTION.items() if k != "SECRET_KEY"} | {"SECRET_KEY_FILE": str(tmp_path / "key")}
    assert show(("SECRET_KEY",), **env)["SECRET_KEY"] == ("från en fil " * 6).rstrip("\n")


def test_production_is_closed_where_development_is_open() -> None:
    found = show(
        (
            "DEBUG",
            "PORTAL_DEMO",
            "SESSION_COOKIE_SECURE",
            "CSRF_COOKIE_SECURE",
            "SECURE_SSL_REDIRECT",
            "SECURE_HSTS_SECONDS",
            "SESSION_COOKIE_HTTPONLY",
            "PORTAL_TWO_STEP_REQUIRED",
        ),
        **PRODUCTION,
    )
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert (found["DEBUG"], found["PORTAL_DEMO"]) == (False, False)
    assert all(found[n] for n in found if n not in {"DEBUG", "PORTAL_DEMO"})


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SECRET_KEY", "abc"),
        ("SECRET_KEY", "a1b2c3d4e5f6" * 4),
        ("SECRET_KEY", "ab" * 40),
        ("SECRET_KEY", "only-for-development-" * 3),
        ("PORTAL_HASH_KEY", "abc"),
        ("PORTAL_HASH_KEY", "only-for-development-" * 3),
    ],
)
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(name: str, key: str) -> None:
    done = python("from portal import settings", **PRODUCTION | {name: key})
    assert done.returncode != 0
    assert f"{name}: " in done.stderr
    assert "secrets.token_urlsafe" in done.stderr
    assert key not in done.stderr


def test_debug_pages_are_refused_in_production() -> None:
    done = python("from portal import settings", **PRODUCTION, PORTAL_DEBUG="1")
    assert done.returncode != 0
    assert "PORTAL_DEBUG" in done.stderr


def test_what_is_logged_beside_a_line_stands_in_it() -> None:
    code = (
        "import django; django.setup(); import logging;"
        "logging.getLogger('portal').error('filen saknas', extra={'file': 'documents/2026/x', 'person': 'Nils'})"
    )
    done = python(code, **PRODUCTION, DJANGO_SETTINGS_MODULE="portal.settings")
    line = json.loads(done.stderr.strip().splitlines()[-1])
    assert line["file"] == "documents/2026/x"
    assert "Nils" not in done.stderr


def test_the_demonstration_is_refused_where_others_could_reach_it() -> None:
    done = python("from portal import settings", **PRODUCTION, PORTAL_DEMO="1")
    assert done.returncode != 0
    assert "PORTAL_DEMO" in done.stderr


def test_a_misspelt_setting_is_told_of() -> None:
    done = python("from portal import settings", **PRODUCTION, PORTAL_SMTP_HOTS="mail")
    assert done.returncode != 0
    assert "did you mean PORTAL_SMTP_HOST?" in done.stderr


BAD = {
    "PORTAL_DB_POOL": ["0", "-1", "många"],
    "PORTAL_URL": ["http://portal.region.example", "portal.region.example", "https://portal.region.example:99999"],
    "ALLOWED_HOSTS": ["*", "https://portal.region.example/"],
    "PORTAL_TRUSTED_PROXIES": ["-1", "99"],
    "PORTAL_MAX_FILE_MB": ["0", "-5"],
    "PORTAL_SMTP_PORT": ["0", "70000"],
    "FILE_SCANNER_URL": ["http://scanner:3310", "clamd://", "clamd://scanner:99999", "icap:"],
    "PORTAL_FILES_DIR": ["/finns/inte", "filer"],
    "PORTAL_LOG_LEVEL": ["LOUD", "info"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_value_that_cannot_be_is_refused_in_words(name: str, value: str) -> None:
    done = python("from portal import settings", **{**PRODUCTION, name: value})
    assert done.returncode != 0
    assert "Settings in the environment that must be mended (1)" in done.stderr
    line = next(line for line in done.stderr.splitlines() if line.strip().startswith(f"{name}: "))
    assert ". Expected " in line
    assert f"for example {name}=" in line


@pytest.mark.parametrize(
    ("name", "value"), [("PORTAL_BIND", "127.0.0.1:0"), ("PORTAL_BIND", "8000"), ("WEB_CONCURRENCY", "0")]
)
def test_what_the_server_is_told_is_refused_in_words_too(name: str, value: str) -> None:
    done = python("import portal.gunicorn", **{**PRODUCTION, name: value})
    assert done.returncode != 0
    assert f"  {name}: " in done.stderr
    assert python("import portal.gunicorn", **PRODUCTION).returncode == 0
