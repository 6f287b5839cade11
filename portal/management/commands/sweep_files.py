"""Removes stored files that no row points at: uploads whose transaction never came to an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import Draft
from core.files.drawing import sweep as sweep_drawn
from core.files.storage import sweep_orphans
from deviations.models import CaseFile
from documents.models import Intake, Picture, Version


class Command(BaseCommand):
    help = "Removes files of documents and cases that are older than a day and that nothing points at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="Leave younger files alone (at least 1; default 24).")

    def handle(self, *args: Any, hours: int, **options: Any) -> None:
        for app, rows in (("documents", Version.objects), ("deviations", CaseFile.objects)):
            known = set(rows.exclude(file="").values_list("file", flat=True))
            if app == "documents":
                known |= set(Version.objects.exclude(original_file="").values_list("original_file", flat=True))
                known |= set(Intake.objects.exclude(file="").values_list("file", flat=True))
                known |= set(Picture.objects.values_list("file", flat=True))
            # Files that came with a form that could not be sent yet.
            known |= {path for paths in Draft.objects.values_list("file_paths", flat=True) for path in paths}
            swept = sweep_orphans(known, timedelta(hours=max(1, hours)), app=app)
            self.stdout.write(f"{app}: {len(swept.removed)} removed, {swept.kept} kept")
        # Pages drawn as pictures of files that are no more.
        count = sweep_drawn(Version.objects.exclude(file="").values_list("file_sha256", flat=True))
        self.stdout.write(f"drawn: {count} removed")
