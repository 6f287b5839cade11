"""`manage.py read_again`: read documents' files anew with the reader that there is now."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet
from rich.progress import Progress

from core.files.extraction import READER
from documents.models import Reading, Version
from documents.reading import readings

# How often, in seconds, it is looked how far the worker has come.
LOOK = 1.0


class Command(BaseCommand):
    """Safe to break off and to repeat: what has been read is not read once more, and what waits is read by the worker
    whether or not this goes on watching. Files, digests and versions are not changed: what was read of them is.
    """

    help = "Has the worker read files anew that an earlier edition of the reader read, those readers see first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Those read by this edition too.")
        parser.add_argument("--watch", action="store_true", help="Stay, and show how far the worker has come.")

    def handle(self, *args: Any, **options: Any) -> None:
        everything = Version.objects.exclude(file="").exclude(reading__state=Reading.State.WAITING)
        for version in (everything.only("pk") if options["all"] else readings.former()).iterator():
            readings.read_again(version)
        waiting = Reading.objects.filter(state=Reading.State.WAITING).exclude(version__file="")
        self.stdout.write(f"{waiting.count()} files are to be read by the worker")
        if options["watch"]:
            self._watch(waiting)

    def _watch(self, waiting: QuerySet[Reading]) -> None:
        total = waiting.count()
        with Progress() as progress:
            bar = progress.add_task("Read", total=total)
            while left := waiting.count():
                total = max(total, left)
                progress.update(bar, total=total, completed=total - left)
                time.sleep(LOOK)
            progress.update(bar, completed=total)
        failed = Reading.objects.filter(state=Reading.State.FAILED, reader=READER).count()
        self.stdout.write(f"All are read; {failed} cannot be read, and are listed in the administration")
