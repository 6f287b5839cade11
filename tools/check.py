"""`make check`: everything that can be known without running the suite. Prints a line for each; exits non-zero if any fails."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PRODUCTION = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "check-only-" * 8,
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_URL": "https://portal.example",
    "PORTAL_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"k" * 32).decode(),
    "PORTAL_HASH_KEY": "check-only-" * 8,
    "PORTAL_FILES_DIR": "/tmp",
    "PORTAL_SMTP_HOST": "mail.portal.example",
    "DATABASE_URL": "postgresql://portal@localhost/portal",
}
TEST = {"PORTAL_ENV": "test", "DATABASE_URL": "postgresql://portal@localhost/portal"}


def tracked(pattern: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split() if (ROOT / name).exists()]


def run(name: str, command: list[str], env: dict[str, str] | None = None) -> bool:
    began = time.monotonic()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_") and k != "DATABASE_URL"}
    done = subprocess.run(command, cwd=ROOT, env={**clean, **(env or TEST)}, capture_output=True, text=True)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<28} {verdict:<7} {time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-6000:])
    return done.returncode == 0


def main() -> int:
    python, manage = sys.executable, "manage.py"
    results = [
        run("format (ruff)", [str(BIN / "ruff"), "format", "--check", "."]),
        run("lint (ruff)", [str(BIN / "ruff"), "check", "."]),
        run(
            "templates (djade)",
            [str(BIN / "djade"), "--check", "--target-version", "5.2", *tracked("templates/*.html")],
        ),
        run("types (mypy)", [str(BIN / "mypy")]),
        run("import rules", [str(BIN / "lint-imports")]),
        run("models have migrations", [python, manage, "makemigrations", "--check", "--dry-run"]),
        run("system checks", [python, manage, "check"]),
        run("deployment checks", [python, manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        run("translations", [python, "-m", "tools.messages", "--check"]),
        run("container file", [str(BIN / "hadolint"), "Dockerfile"]),
    ]
    audit()
    return 0 if all(results) else 1


def audit() -> None:
    """Known faults in the dependencies; where the network does not allow asking, that is said, and no more."""
    done = subprocess.run(
        [str(BIN / "pip-audit"), "--disable-pip", "--require-hashes", "-r", "requirements/prod.txt", "--timeout", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        print(f"{'dependency audit':<28} ok")
    elif "vulnerabilit" in done.stderr and "Found" in done.stderr:
        print(f"{'dependency audit':<28} FOUND\n{done.stdout[-3000:]}")
        sys.exit(1)
    else:
        print(f"{'dependency audit':<28} not asked: the advisory service cannot be reached from here")


if __name__ == "__main__":
    sys.exit(main())
