"""`manage.py confirm_role ADDRESS PROVIDER --reason …`: the way out where a provider has nobody left to say yes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.granting import guarding
from accounts.models import Assignment
from accounts.readers import Reader


class Command(BaseCommand):
    """For one who runs the server, after asking the provider itself. Written in the audit log with the reason."""

    help = "Lets the suspended roles of a person at a provider count again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the person's e-mail address")
        parser.add_argument("provider", help="the provider's name")
        parser.add_argument("--reason", required=True, help="whom you asked, and how")

    def handle(self, *args: Any, address: str, provider: str, reason: str, **options: Any) -> None:
        rows = Assignment.objects.filter(user__email__iexact=address, provider__name=provider)
        waiting = list(rows.exclude(suspended_at=None))
        if not waiting:
            raise CommandError("No role of that person waits at that provider. Check the address and the name.")
        for assignment in waiting:
            by = Reader(kind="system", person_name="manage.py confirm_role", door="command")
            guarding.confirm_from_server(assignment, by=by, reason=reason)
        self.stdout.write(f"{len(waiting)} confirmed.")
