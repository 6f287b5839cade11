"""`manage.py reread_files`: read documents' files again with the reader that there is now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q

from documents import readings
from documents.files import READER
from documents.models import Reading, Version


class Command(BaseCommand):
    """Safe to repeat. Versions and their files are not changed: what was read of them is, when the worker has read."""

    help = "Has the worker read files again that an earlier edition of the reader read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Those read by this edition too.")

    def handle(self, *args: Any, **options: Any) -> None:
        older = Q() if options["all"] else Q(reading=None) | Q(reading__reader__lt=READER)
        found = Version.objects.filter(older).exclude(file="").exclude(reading__state=Reading.State.WAITING)
        count = 0
        for version in found.order_by("-published_at", "pk").only("pk").iterator():
            readings.read_again(version)
            count += 1
        self.stdout.write(f"{count} files are read again")
