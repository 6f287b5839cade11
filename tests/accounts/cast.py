"""Who plays in these tests: providers, people and assignments, invented and Swedish."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts import clock
from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.readers import Reader, reader_for
from accounts.roles import Kind, Role

PASSWORD = "norrsken-over-fjallet"
# Valid check digits; nobody's.
ORG_NUMBERS = ("1234567897", "9988776655", "9911223346")
SOLE_TRADER = "640823-3234"
_n = count(1)

NAMES = [
    ("Sara", "Lindqvist"), ("Per-Åke", "Holm"), ("Maria", "Öberg"), ("Olof", "Ek"), ("Ingrid", "Sjöström"),
    ("Ahmed", "Nilsson"), ("Elsa", "Wikander"), ("Jöns", "Åkesson"),
]  # fmt: skip


def region() -> Provider:
    return Provider.objects.get_or_create(kind=Kind.REGIONAL, defaults={"name": "Region Fjällmark"})[0]


def municipality(name: str = "Granådals kommun") -> Provider:
    return Provider.objects.get_or_create(kind=Kind.MUNICIPAL, name=name)[0]


def private(name: str = "Björkens vård AB", *, agreed: bool = True, **fields: Any) -> Provider:
    """A private provider, by default under an agreement with the region until further notice."""
    provider = Provider.objects.create(kind=Kind.PRIVATE, name=name, **fields)
    if agreed:
        agree(provider)
    return provider


def agree(
    provider: Provider,
    *,
    principal: Provider | None = None,
    first: dt.date = dt.date(2020, 1, 1),
    last: dt.date | None = None,
) -> Agreement:
    return Agreement.objects.create(provider=provider, principal=principal or region(), valid_from=first, valid_to=last)


def unit(provider: Provider, name: str = "Hälsocentralen Björken", **fields: Any) -> CareUnit:
    return CareUnit.objects.create(provider=provider, name=name, **fields)


def person(**fields: Any) -> User:
    n = next(_n)
    given, family = NAMES[n % len(NAMES)]
    defaults = {"email": f"person{n}@vard.example", "given_name": given, "family_name": family}
    return User.objects.create_user(password=PASSWORD, **{**defaults, **fields})


def superuser(**fields: Any) -> User:
    return person(is_staff=True, is_superuser=True, **fields)


def assign(
    user: User | None = None,
    provider: Provider | None = None,
    *roles: str,
    at: CareUnit | None = None,
    **fields: Any,
) -> Assignment:
    """An assignment; without roles as a reader, without a provider at the region."""
    return Assignment.objects.create(
        user=user or person(),
        provider=provider or (at.provider if at else region()),
        unit=at,
        roles=list(roles) or [Role.READER],
        **fields,
    )


def reader(assignment: Assignment, **how: Any) -> Reader:
    return reader_for(assignment.user, assignment, **how)


def sign_in(client: Client, user: User) -> Client:
    """Signed in without the form; tests of the form use the form."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def with_two_step(user: User) -> str:
    """Give the person an authenticator app, and its secret back."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def day(offset: int) -> dt.date:
    """A Swedish day counted from today."""
    return clock.today() + dt.timedelta(days=offset)
