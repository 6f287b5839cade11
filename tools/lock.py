"""`make lock`: resolve pyproject.toml into requirements/, with hashes and for every platform."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"prod": ["s3"], "run": ["run"], "dev": ["dev", "s3"]}


def main() -> int:
    for name, extras in FILES.items():
        command = [
            sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
            "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock",
            *[f"--extra={extra}" for extra in extras], "pyproject.toml", "-o", f"requirements/{name}.txt", *sys.argv[1:],
        ]  # fmt: skip
        if subprocess.run(command, cwd=ROOT).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
