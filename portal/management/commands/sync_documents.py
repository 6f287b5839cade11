"""`manage.py sync_documents`: takes a delivery from a management system in, or tells what that would do."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress

from accounts.readers import Reader
from core.refused import NotAllowed
from documents.delivery import looking, mapping, package
from documents.intake import runs
from documents.models import Intake, Source


class Command(BaseCommand):
    """The report names each fault with its line, its column and the remedy; with any, the exit status is 1. One that
    stops and asks, since it would take many documents from their readers, ends with 2 and has done nothing."""

    help = "Takes in a folder or zip with documents and a table that tells of them; --dry-run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source", help=f"a source's code; for a dry run also one of {', '.join(mapping.READY)}, or a mapping's path"
        )
        parser.add_argument("path", type=Path, help="a folder or a zip file")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
        parser.add_argument("--part", action="store_true", help="leave the source's other documents as they are")
        parser.add_argument("--agree", default="", metavar="MARK", help="take away what the run that asked told of")

    def handle(self, *args: Any, **options: Any) -> None:
        source, path = Source.objects.filter(code=options["source"]).first(), options["path"]
        by = Reader(kind="system", person_name="sync_documents", door="command")
        try:
            if source is None:
                if not options["dry_run"]:
                    raise CommandError("There is no such source. A mapping alone is for --dry-run.")
                self._looked(options["source"], path)
                return
            with self._progress() as step:
                if options["dry_run"]:
                    run = runs.dry_run(source, path, by=by, is_part=options["part"], step=step)
                else:
                    run = runs.take_in(source, path, by=by, is_part=options["part"], agreed=options["agree"], step=step)
        except (mapping.BadMapping, package.BadDelivery, NotAllowed) as error:
            raise CommandError(str(error)) from error
        self._report(run)

    @contextmanager
    def _progress(self) -> Iterator[runs.Step]:
        with Progress(disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("Rows", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def _looked(self, told: str, path: Path) -> None:
        """A mapping that no source has yet, tried on a delivery."""
        with package.opened(path) as found, self._progress() as step:
            total = len(found.rows)
            done = iter(range(1, total + 1))
            looked = looking.look_through(found, self._mapping(told), step=lambda: step(next(done), total))
        for words, count in looking.sums(looked):
            self.stdout.write(f"{words}: {count}")
        self._faults([[fault.line, fault.column, fault.words] for fault in looked.faults])

    def _mapping(self, told: str) -> mapping.Mapping:
        if told in mapping.READY:
            return mapping.ready(told)
        try:
            return mapping.read(Path(told).read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{told} is no source, none of {', '.join(mapping.READY)}, and no file that can be read."
            ) from error

    def _report(self, run: Intake) -> None:
        for line in runs.told(run):
            self.stdout.write(line)
        if run.state == Intake.State.ASKS:
            self.stdout.write(f"Nothing has been done. To go on: --agree {run.mark}")
            sys.exit(2)
        self._faults(run.faults)

    def _faults(self, faults: list[list[Any]]) -> None:
        for line, column, words in faults:
            self.stdout.write(f"  {line or '–'}, {column or '–'}: {words}")
        if faults:
            sys.exit(1)
