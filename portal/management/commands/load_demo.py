"""`manage.py load_demo`: the demonstration's content. Idempotent: what is there is left as it is."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from portal.demo import cases, documents, organisations


class Command(BaseCommand):
    help = "Loads the demonstration's providers, people, documents and cases (PORTAL_DEMO=1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, quiet: bool, **options: Any) -> None:
        if not settings.PORTAL_DEMO:
            raise CommandError("The demonstration has known passwords; set PORTAL_DEMO=1 where it may be loaded.")
        logging.getLogger("fontTools").setLevel(logging.WARNING)
        providers = organisations.load_providers()
        organisations.load_people(providers)
        columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
            task = progress.add_task("Documents", total=len(documents.read_texts()))
            for _number in documents.load(providers):
                progress.advance(task)
            task = progress.add_task("Cases", total=cases.COUNT)
            for _number in cases.load(providers):
                progress.advance(task)
