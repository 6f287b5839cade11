"""`manage.py health [--worker]`: how the portal is, for supervisors and for the operator."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal import health

DOWN, DEGRADED = 1, 3


class Command(BaseCommand):
    """Ends with 0 where all is well, 3 where something is away that the portal goes on without, 1 where it is down.
    With --worker only that is asked: 0 where a worker has said lately that it lives, else 1.
    """

    help = "Says how the portal is, part by part."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--worker", action="store_true", help="ask of a worker alone")

    def handle(self, *args: Any, worker: bool, **options: Any) -> None:
        parts = health.parts()
        if worker:
            parts = [part for part in parts if part.name == "worker"]
        for part in parts:
            self.stdout.write(f"{part.name:<10} {part.standing}")
        if worker:
            sys.exit(0 if parts[0].is_ok else DOWN)
        sys.exit({"ok": 0, "degraded": DEGRADED}.get(health.standing(parts), DOWN))
