"""Removes stored document files that no version points at: uploads whose transaction never came to an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from documents.models import Version
from documents.storage_files import sweep_orphans


class Command(BaseCommand):
    help = "Removes document files older than a day that no version points at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="Leave younger files alone (at least 1; default 24).")

    def handle(self, *args: Any, hours: int, **options: Any) -> None:
        known = Version.objects.exclude(file="").values_list("file", flat=True)
        swept = sweep_orphans(known, timedelta(hours=max(1, hours)), app="documents")
        self.stdout.write(f"{len(swept.removed)} removed, {swept.kept} kept")
