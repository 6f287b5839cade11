"""The people of every test: who they are, where they work, what they may do. Learned once, used everywhere.

`cast` (a fixture) is the whole ensemble below. Where a test needs somebody of its own, the makers at the end give one
more: `private()`, `unit(…)`, `assign(…)`.

    cast.sara               the person (User)
    cast["sara"]            the person as a reader, under the one assignment; nobody is `cast["public"]`
    cast.client("sara")     a browser's stand-in, signed in
    cast.bjorken, cast.akut their providers and units
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.readers import PUBLIC, Reader, reader_for
from accounts.roles import Kind, Role
from core import clock

PASSWORD = "norrsken-over-fjallet"
# Valid check digits; nobody's.
ORG_NUMBERS = ("1234567897", "9988776655", "9911223346")
SOLE_TRADER = "640823-3234"

SINCE = dt.date(2020, 1, 1)
# name: (shown name, kind)
PROVIDERS = {
    "region": ("Region Fjällmark", Kind.REGIONAL),
    "bjorken": ("Hälsocentralen Björken", Kind.PRIVATE),
    "ugglan": ("Kvartersläkarna Ugglan", Kind.PRIVATE),
    "tallen": ("Tallens vård AB", Kind.PRIVATE),  # its agreement ended yesterday
    "kommun": ("Granådals kommun", Kind.MUNICIPAL),
    "apoteket": ("Apoteket Linden", Kind.OTHER),
}
# name: (provider, shown name)
UNITS = {
    "akut": ("region", "Akutkliniken"),
    "medicin": ("region", "Medicinkliniken"),
    "norra": ("bjorken", "Norra mottagningen"),
    "sodra": ("bjorken", "Södra mottagningen"),
    "asgarden": ("kommun", "Särskilt boende Åsgården"),
}
READS = (Role.READER, Role.REPORTER)
# name: (given and family name, provider, unit or none, roles)
PEOPLE: dict[str, tuple[str, str, str, tuple[Role, ...]]] = {
    "sara": ("Sara Lindqvist", "bjorken", "", READS),
    "nora": ("Nora Ek", "bjorken", "norra", READS),
    "stina": ("Stina Wikander", "bjorken", "sodra", READS),
    "per_ake": ("Per-Åke Holm", "bjorken", "", (Role.CASE_HANDLER,)),
    "eva": ("Eva Sjöström", "bjorken", "", (Role.DOCUMENT_EDITOR,)),
    "ugo": ("Ugo Nilsson", "ugglan", "", READS),
    "gunnar": ("Gunnar Tall", "tallen", "", (*READS, Role.CASE_HANDLER, Role.DOCUMENT_EDITOR)),
    "anna": ("Anna Berglund", "region", "akut", READS),
    "maria": ("Maria Öberg", "region", "akut", (Role.CASE_HANDLER,)),
    "lena": ("Lena Fors", "region", "medicin", (Role.CASE_HANDLER,)),
    "elin": ("Elin Åkesson", "region", "", (Role.DOCUMENT_EDITOR, Role.APPROVER, Role.PUBLICATION_STEWARD)),
    "lars": ("Lars Hed", "region", "", (Role.READER, Role.SAFETY_COORDINATOR)),
    "karin": ("Karin Nyström", "kommun", "", (Role.CASE_HANDLER,)),
    "mona": ("Mona Dahl", "kommun", "asgarden", READS),
    "tove": ("Tove Lund", "apoteket", "", (Role.READER,)),
    "greta": ("Greta Moberg", "region", "", READS),  # her assignment has ended
    "nils": ("Nils Alm", "region", "", READS),  # his assignment is switched off
    "rut": ("Rut Rotén", "region", "", (Role.SYSTEM_ADMIN,)),  # a superuser
}


C = TypeVar("C", bound="Cast")


@dataclass
class Cast:
    """The ensemble, made by `make`. Providers, units and people are attributes."""

    providers: dict[str, Provider] = field(default_factory=dict)
    units: dict[str, CareUnit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for things in ("users", "providers", "units"):
            if name in self.__dict__.get(things, ()):
                return self.__dict__[things][name]
        raise AttributeError(name)

    def __getitem__(self, name: str) -> Reader:
        return self.reader(name)

    def reader(self, name: str, *, door: str = "portal") -> Reader:
        """As they are let in today: without a current assignment, a person who sees what the public sees."""
        if name == "public":
            return PUBLIC
        user = User.objects.get(pk=self.users[name].pk)
        current = Assignment.objects.current() if door == "portal" else Assignment.objects.all()
        return reader_for(user, current.filter(user=user).select_related("provider", "unit").first(), door=door)

    def client(self, name: str) -> Client:
        return Client() if name == "public" else sign_in(Client(), self.users[name])


def make(kind: type[C]) -> C:
    """The ensemble, as a `Cast` or what a directory of tests has added to it."""
    cast = kind()
    cast.providers = dict(
        zip(
            PROVIDERS,
            Provider.objects.bulk_create([Provider(name=name, kind=kind) for name, kind in PROVIDERS.values()]),
            strict=True,
        )
    )
    for name, last in (("bjorken", None), ("ugglan", None), ("tallen", day(-1))):
        agree(cast.providers[name], principal=cast.region, first=SINCE, last=last)
    units = [CareUnit(provider=cast.providers[owner], name=name) for owner, name in UNITS.values()]
    cast.units = dict(zip(UNITS, CareUnit.objects.bulk_create(units), strict=True))
    password = make_password(PASSWORD)
    users = [
        User(
            email=f"{key}@vard.example",
            password=password,
            given_name=name.split()[0],
            family_name=name.split()[1],
            is_staff=key == "rut",
            is_superuser=key == "rut",
        )
        for key, (name, *_) in PEOPLE.items()
    ]
    cast.users = dict(zip(PEOPLE, User.objects.bulk_create(users), strict=True))
    assignments = [
        Assignment(
            user=cast.users[key],
            provider=cast.providers[provider],
            unit=cast.units.get(at),
            roles=list(roles),
            is_active=key != "nils",
            valid_to=dt.date(2022, 1, 1) if key == "greta" else None,
        )
        for key, (_, provider, at, roles) in PEOPLE.items()
    ]
    cast.assignments = dict(zip(PEOPLE, Assignment.objects.bulk_create(assignments), strict=True))
    return cast


# Makers of more -----------------------------------------------------------------------------------------------
_n = count(1)
_NAMES = [("Olof", "Ek"), ("Ingrid", "Sund"), ("Ahmed", "Nilsson"), ("Elsa", "Wik"), ("Jöns", "Åkerö")]


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
    given, family = _NAMES[n % len(_NAMES)]
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
