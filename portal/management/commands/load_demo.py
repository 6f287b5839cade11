"""`manage.py load_demo`: the demonstration's content. Idempotent: what is there is left as it is."""

from __future__ import annotations

import multiprocessing
import os
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from accounts.models import Provider
from portal.demo import access, cases, documents, evidence, organisations


@cache
def _providers() -> dict[str, Provider]:
    return organisations.load_providers()


@cache
def _cast() -> cases.Cast:
    return cases.Cast(_providers())


@cache
def _texts() -> list[documents.Text]:
    return documents.read_texts()


def _make_document(index: int) -> None:
    documents.make(_texts()[index], _providers())


def _make_case(index: int) -> None:
    cases.make(index, _cast())


def _forget_connections() -> None:
    """A forked process makes connections of its own."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _as_a_helper() -> None:
    # A signal that stops the command stops its helpers, who have nothing to say of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Command(BaseCommand):
    help = "Loads the demonstration's providers, people, documents and cases (PORTAL_DEMO=1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="no progress bar")
        parser.add_argument("--people", action="store_true", help="providers and people alone")

    def handle(self, *args: Any, quiet: bool, people: bool, **options: Any) -> None:
        if not settings.PORTAL_DEMO:
            raise CommandError("The demonstration has known passwords; set PORTAL_DEMO=1 where it may be loaded.")
        organisations.load_people(_providers())
        if people:
            return
        self._each("Documents", _make_document, len(_texts()), quiet)
        documents.revoke_old()
        self._each("Cases", _make_case, cases.COUNT, quiet)
        evidence.make()
        cases.settle()
        access.look_back()

    def _each(self, what: str, make: Callable[[int], None], count: int, quiet: bool) -> None:
        """Run `make` for 0 … count-1 on all cores. Each thing is one transaction and asks whether it is there."""
        _forget_connections()
        with multiprocessing.get_context("fork").Pool(os.cpu_count() or 1, _as_a_helper) as crew:
            columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
                for _ in progress.track(crew.imap_unordered(make, range(count)), count, description=what):
                    pass
