"""`manage.py devdb`: the PostgreSQL of development, where DATABASE_URL is unset (tools/devdb/)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tools.devdb import Cluster, DevDbError, State

DATA_DIR = Path(__file__).resolve().parents[3] / ".pgdata"


class Command(BaseCommand):
    """Exits 0 where it did what was asked; `status` exits 3 where no server runs, as that of pg_ctl does."""

    help = "Starts, stops, shows or empties the development database."
    # There may be no database to check anything against before `start`.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "reset", "url"])
        parser.add_argument("--data-dir", type=Path, default=DATA_DIR, help="where the data lies (%(default)s)")
        parser.add_argument(
            "--no-input",
            action="store_false",
            dest="interactive",
            help="reset: throw the data away without asking",
        )

    def handle(self, *args: Any, action: str, data_dir: Path, interactive: bool, **options: Any) -> None:
        cluster = Cluster(data_dir)
        if action != "url" and (os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")):
            self.stderr.write("Note: DATABASE_URL is set, so the portal uses that database and not this one.")
        try:
            getattr(self, f"_{action}")(cluster, interactive)
        except DevDbError as error:
            raise CommandError(str(error)) from error

    def _start(self, cluster: Cluster, interactive: bool) -> None:
        cluster.start()
        self.stdout.write(f"PostgreSQL {cluster.status().major} runs: {cluster.url}")

    def _stop(self, cluster: Cluster, interactive: bool) -> None:
        cluster.stop()
        self.stdout.write("Stopped.")

    def _status(self, cluster: Cluster, interactive: bool) -> None:
        now = cluster.status()
        told = [
            str(now.state),
            f"PostgreSQL {now.major}" if now.major else "",
            f"process {now.pid}" if now.pid else "",
        ]
        self.stdout.write(", ".join([part for part in told if part]) + f" ({now.data_dir})")
        if now.state != State.RUNNING:
            raise SystemExit(3)

    def _reset(self, cluster: Cluster, interactive: bool) -> None:
        if interactive and input(f"Throw away all data in {cluster.data_dir}? Type yes: ").strip().lower() != "yes":
            raise CommandError("Nothing was changed.")
        cluster.reset()
        self.stdout.write("Emptied. `manage.py devdb start` makes a new database; migrate it then.")

    def _url(self, cluster: Cluster, interactive: bool) -> None:
        self.stdout.write(cluster.url)
