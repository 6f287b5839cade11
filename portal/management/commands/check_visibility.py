"""`manage.py check_visibility`: whether what visibility is asked by says what flags, named readers and versions say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import predicate


class Command(BaseCommand):
    """The database keeps the columns itself; this proves it, and ends with 1 and the numbers where they differ."""

    help = "Recomputes whom each document is open to and when, and tells of any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="Derive anew what differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = predicate.differing()
        if not wrong:
            self.stdout.write("Every document is open to those it says, and nobody else.")
            return
        if options["mend"]:
            predicate.derive_again(wrong)
        shown = ", ".join(sorted(wrong)[:50])
        done = "They are mended; find out how it came about." if options["mend"] else "Mend them with --mend."
        raise CommandError(f"{len(wrong)} documents are open otherwise than they say: {shown}. {done}")
