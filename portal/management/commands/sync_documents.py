"""`manage.py sync_documents`: looks through a delivery from a management system."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress

from documents.intake import delivery, looking, mapping, sources
from documents.models import Source


class Command(BaseCommand):
    """A dry run: nothing is changed. The report names each fault with its line, its column and the remedy; with any,
    the exit status is 1."""

    help = "Looks through a folder or zip with documents and a table that tells of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source", help=f"a source's code, one of {', '.join(mapping.READY)}, or the path of a mapping"
        )
        parser.add_argument("path", type=Path, help="a folder or a zip file")
        parser.add_argument("--dry-run", action="store_true", help="the only way to run it yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            raise CommandError("Nothing can be taken in yet. Add --dry-run.")
        try:
            told = self._mapping(options["source"])
            with delivery.opened(options["path"]) as found:
                looked = self._looked(found, told)
                notes = found.notes
        except (mapping.BadMapping, delivery.BadDelivery) as error:
            raise CommandError(str(error)) from error
        self._report(looked, notes)
        if looked.faults:
            sys.exit(1)

    def _mapping(self, source: str) -> mapping.Mapping:
        if found := Source.objects.filter(code=source).first():
            return sources.mapping_of(found)
        if source in mapping.READY:
            return mapping.ready(source)
        try:
            return mapping.read(Path(source).read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{source} is none of {', '.join(mapping.READY)}, and no file that can be read."
            ) from error

    def _looked(self, found: delivery.Delivery, told: mapping.Mapping) -> looking.Looked:
        with Progress(disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("Rows", total=len(found.rows))
            return looking.look_through(found, told, step=lambda: bar.advance(task))

    def _report(self, looked: looking.Looked, notes: list[str]) -> None:
        for words, count in looking.sums(looked):
            self.stdout.write(f"{words}: {count}")
        for fault in looked.faults:
            self.stdout.write(f"  {fault.line}, {fault.column}: {fault.words}")
        for note in notes:
            self.stdout.write(note)
        if looked.unread:
            self.stdout.write(f"Columns that were not read: {', '.join(looked.unread)}")
        if looked.unnamed:
            self.stdout.write(f"Files that no row names: {len(looked.unnamed)} ({', '.join(looked.unnamed[:5])})")
