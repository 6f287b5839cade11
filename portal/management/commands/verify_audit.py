"""`manage.py verify_audit`: is the audit log whole?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.models import AuditSeal


class Command(BaseCommand):
    """Ends with 0 when every event is as it was sealed, with 1 and the reason when not: fit for a monitor."""

    help = "Recomputes the seals of the audit log and tells whether it is whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--digest", help="a digest noted earlier: its seal must still be in the chain")

    def handle(self, *args: Any, digest: str | None = None, **options: Any) -> None:
        verdict = audit.verify()
        self.stdout.write(
            f"{verdict.seals} seals, {verdict.events} events as they were sealed, {verdict.unsealed} not yet sealed, "
            f"{verdict.retired} seals whose events have left by decision."
        )
        if seal := verdict.broken:
            raise CommandError(
                f"NOT WHOLE. Seal {seal.pk} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC, for the events {seal.first} to "
                f"{seal.last}, does not hold: something was changed, added or taken away there. Later seals were not "
                "looked at."
            )
        if verdict.strays:
            raise CommandError(f"NOT WHOLE. {verdict.strays} events from before the first seal are in no seal.")
        if digest and not AuditSeal.objects.filter(digest=digest.strip().lower()).exists():
            raise CommandError(
                f"NOT WHOLE. No seal has the digest {digest}: the chain was made anew, cut short, or the digest is "
                "mistyped."
            )
        self.stdout.write(f"Whole. Newest digest: {verdict.newest or 'none'}")
