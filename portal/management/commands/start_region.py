"""`manage.py start_region`: the region and its first two people, in an empty portal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.invitations import inviting
from accounts.models import Assignment, Invitation, Provider
from accounts.readers import Reader
from accounts.roles import Kind, Role

BY = Reader(kind="system", person_name="manage.py start_region", door="command")
# Asked for in words where no option says it.
QUESTIONS = {
    "name": "The region's name",
    "org_number": "Its organisation number (empty: none yet)",
    "system_administrator": "Address of the first system administrator",
    "administrator": "Address of the region's own first administrator, another person",
}


class Command(BaseCommand):
    """For one who runs the server, once. Prints a one-time link for each of the two; no e-mail is needed for it.

    The two are different people: whoever runs the portal's settings must not alone give the region's own roles (0012).
    Run again while a link is unused, it makes the links anew.
    """

    help = "Makes the region, and invites its first system administrator and its own first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, words in QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        told = {name: self._told(name, options.get(name)) for name in QUESTIONS}
        people = {"system_administrator": Role.SYSTEM_ADMIN, "administrator": Role.PROVIDER_ADMIN}
        self._check({name: told[name] for name in people})
        with transaction.atomic():
            region = self._region(told["name"], told["org_number"])
            inviting.forget_vouched(region)  # also those to other addresses
            links = [self._invited(region, told[name], role) for name, role in people.items()]
        self.stdout.write(f"{region.name} is made. Each link works once, for {inviting.DAYS} days:\n")
        for (name, _role), invitation in zip(people.items(), links, strict=True):
            self.stdout.write(f"{name.replace('_', ' ').capitalize()}, {invitation.email}:\n  {invitation.link}\n")
        self.stdout.write("Give each to its person by a way that you trust. Nobody else has them.")

    def _told(self, name: str, option: str | None) -> str:
        if option is not None:
            return option.strip()
        try:
            return input(f"{QUESTIONS[name]}: ").strip()
        except EOFError:
            raise CommandError(f"{QUESTIONS[name]} is missing: --{name.replace('_', '-')}") from None

    def _check(self, addresses: dict[str, str]) -> None:
        for name, address in addresses.items():
            try:
                validate_email(address)
            except ValidationError:
                raise CommandError(f"{QUESTIONS[name]}: {address!r} is no e-mail address.") from None
        if len({address.lower() for address in addresses.values()}) < len(addresses):
            raise CommandError("The two must be different people, with an address each.")

    def _region(self, name: str, org_number: str) -> Provider:
        region = Provider.objects.select_for_update().filter(kind=Kind.REGIONAL).first()
        if region and Assignment.objects.filter(provider=region).exists():
            raise CommandError(f"{region.name} is in use: its administrators invite the others.")
        region = region or Provider(kind=Kind.REGIONAL)
        region.name = name or region.name
        try:
            if org_number:
                region.set_org_number(org_number)
            region.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        region.save()
        return region

    def _invited(self, region: Provider, address: str, role: Role) -> Invitation:
        wish = inviting.Wish(address, None, (Role.READER.value, role.value))
        return inviting.invite_vouched(wish, region, by=BY)
