"""`manage.py reencrypt`: bring every encrypted value to the first of PORTAL_ENCRYPTION_KEYS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from core import crypto
from core.fields import EncryptedTextField

# The texts that the adapter of accounts encrypts within allauth's own column.
_MFA_SECRETS = ("secret", "seed")


class Command(BaseCommand):
    """Safe to repeat and to run while people work: each row is locked, read and written by itself.

    Sessions are not touched: their forms end with them. A value that no key opens stops nothing else, is told with its
    table and id, and makes the command end with 1.
    """

    help = "Encrypts every stored secret anew with the first of PORTAL_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = []
        for model, names in _encrypted():
            done = 0
            # SECURITY: ids only. Reading whole rows here would decrypt them before they are locked.
            for pk in model._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
                try:
                    done += _reencrypt(model, pk, names)
                except crypto.CannotDecrypt:
                    unreadable.append(f"{model._meta.db_table} {pk}")
            self.stdout.write(f"{model._meta.db_table}: {done}")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} rows are encrypted with a key that is missing from PORTAL_ENCRYPTION_KEYS, or are "
                f"damaged: {', '.join(unreadable[:20])}. Put the key back and run this again."
            )


def _encrypted() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        if names := [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]:
            yield model, names
    yield Authenticator, ["data"]


def _reencrypt(model: type[models.Model], pk: Any, names: list[str]) -> int:
    """1 where there was a row with something to encrypt, else 0 (it may have gone meanwhile)."""
    with transaction.atomic():
        row = model._base_manager.select_for_update().only(*names).filter(pk=pk).first()
        if row is None or all(getattr(row, name) is None for name in names):
            return 0
        if isinstance(row, Authenticator):
            secrets = [name for name in _MFA_SECRETS if name in row.data]
            row.data |= {name: crypto.rotate(row.data[name]) for name in secrets}
        # An update and not a save: times of change and what follows on a save are left as they are.
        model._base_manager.filter(pk=pk).update(**{name: getattr(row, name) for name in names})
        return 1
