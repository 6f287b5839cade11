"""The demonstration's providers, units, agreements and people. All invented."""

from __future__ import annotations

import datetime as dt
import itertools
import random

from django.contrib.auth.hashers import make_password

from accounts.access_review import rounds
from accounts.beginning import steps
from accounts.granting import held
from accounts.models import Agreement, Assignment, CareUnit, Provider, TermsAcceptance, User
from accounts.readers import SYSTEM, reader_for
from accounts.roles import Kind, Role
from core import clock
from portal.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD

# Slug, name, kind, digits of the organisation number before its check digit, units.
PROVIDERS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "region",
        "Region Fjällmark",
        Kind.REGIONAL,
        "232199001",
        (
            "Hälsocentralen Centrum",
            "Hälsocentralen Norrstrand",
            "Hälsocentralen Fjällbyn",
            "Medicinkliniken",
            "Kirurg- och ortopedkliniken",
            "Akutmottagningen",
            "Ambulanssjukvården",
            "Barn- och ungdomskliniken",
            "Vuxenpsykiatrin",
            "Laboratoriemedicin",
            "Hjälpmedelscentralen",
        ),
    ),
    ("bjorken", "Vårdcentralen Björken AB", Kind.PRIVATE, "559990001", ("Mottagningen", "Hemsjukvården")),
    ("granudden", "Granudden Vård AB", Kind.PRIVATE, "559990002", ("Vårdcentralen Granudden",)),
    ("nordanvik", "Nordanvik Närvård AB", Kind.PRIVATE, "559990003", ("Nordanviks läkarmottagning",)),
    ("solbacka", "Solbacka Omsorg AB", Kind.PRIVATE, "559990004", ("Solbacka särskilt boende",)),
    ("rehabfjall", "Rehab Fjäll AB", Kind.PRIVATE, "559990005", ("Rehab Fjäll Centrum",)),
    ("tallmyra", "Tallmyra Psykiatri AB", Kind.PRIVATE, "559990006", ("Tallmyra öppenvård",)),
    (
        "granado",
        "Granådals kommun",
        Kind.MUNICIPAL,
        "212199001",
        ("Särskilt boende Åsgården", "Hemsjukvården Granådal", "Korttidsboendet Linden"),
    ),
    ("fjallnas", "Fjällnäs kommun", Kind.MUNICIPAL, "212199002", ("Särskilt boende Ripan", "Hemsjukvården Fjällnäs")),
    ("storavan", "Storavans kommun", Kind.MUNICIPAL, "212199003", ("Särskilt boende Strand", "Hemsjukvården Storavan")),
    ("myrviken", "Myrvikens kommun", Kind.MUNICIPAL, "212199004", ("Särskilt boende Björkgården",)),
    ("apoteket-renen", "Apoteket Renen AB", Kind.OTHER, "559990007", ("Apoteket Renen Torget",)),
)

_GIVEN = (
    "Alva",
    "Birgit",
    "Cecilia",
    "David",
    "Erik",
    "Fatima",
    "Gustav",
    "Helena",
    "Ingrid",
    "Johan",
    "Kristina",
    "Linnea",
    "Magnus",
    "Nils",
    "Olivia",
    "Per",
    "Rebecka",
    "Samir",
    "Tove",
    "Ylva",
)
_FAMILY = (
    "Ahl",
    "Bäckman",
    "Dahlin",
    "Engström",
    "Fjellner",
    "Granath",
    "Holmgren",
    "Isaksson",
    "Jonsson",
    "Kallin",
    "Lundmark",
    "Moberg",
    "Nordin",
    "Olsson",
    "Palm",
    "Rönnlund",
    "Stenvall",
    "Törnkvist",
    "Wallin",
    "Öberg",
)
_TITLES = (
    "sjuksköterska",
    "läkare",
    "undersköterska",
    "fysioterapeut",
    "arbetsterapeut",
    "biomedicinsk analytiker",
)


def check_digit(digits: str) -> str:
    """The Luhn check digit of nine digits."""
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(digits))
    return str(-total % 10)


def load_providers() -> dict[str, Provider]:
    """Providers by slug, with units and agreements; what exists is left as it is."""
    found: dict[str, Provider] = {}
    for slug, name, kind, digits, units in PROVIDERS:
        provider = Provider.objects.filter(name=name).first()
        if provider is None:
            provider = Provider(name=name, kind=kind, email=f"avvikelser@{slug}.example", phone="010-000 00 00")
            provider.set_org_number(digits + check_digit(digits))
            provider.hsa_id = f"SE{provider.org_number}-1001"
            provider.registered_email = f"verksamhetschef@{slug}.example"
            provider.registered_email_at = clock.now() - dt.timedelta(days=400)
            provider.expected_people = 6 * len(units)
            provider.save()
        for unit in units:
            CareUnit.objects.get_or_create(
                provider=provider, name=unit, defaults={"place": "Fjällmark", "phone": "010-000 00 00"}
            )
        found[slug] = provider
    for slug, provider in found.items():
        if provider.kind != Kind.PRIVATE or provider.agreements.exists():
            continue
        principal = found["granado"] if slug == "solbacka" else found["region"]
        days = {"bjorken": None, "tallmyra": 52}.get(slug, 400)  # one of them ends soon
        until = clock.today() + dt.timedelta(days=days) if days else None
        Agreement.objects.create(
            provider=provider,
            principal=principal,
            reference=f"HSN 2024/{100 + len(slug)}",
            valid_from=dt.date(2024, 1, 1),
            valid_to=until,
        )
    return found


def load_people(providers: dict[str, Provider]) -> dict[str, User]:
    """The fixed accounts by address, and colleagues so that every unit is staffed (about sixty people)."""
    # Hashed once: the hash is made slow on purpose.
    password = make_password(DEMO_PASSWORD)
    people: dict[str, User] = {}
    for account in DEMO_ACCOUNTS:
        provider = providers[account.provider]
        unit = provider.units.get(name=account.unit) if account.unit else None
        people[account.email] = _person(
            account.email,
            account.given_name,
            account.family_name,
            password,
            provider,
            unit,
            account.title,
            account.roles,
            is_admin=account.is_admin,
        )
        if account.also:
            slug, name, title, also_roles = account.also
            also = providers[slug].units.get(name=name) if name else None
            who = (account.email, account.given_name, account.family_name, password)
            _person(*who, providers[slug], also, title, also_roles)
    draw = random.Random(2026)  # the same people each time
    names = [f"{g} {f}" for g, f in itertools.product(_GIVEN, _FAMILY)]
    draw.shuffle(names)
    serial = iter(names)
    for slug, provider in providers.items():
        for unit in provider.units.order_by("pk"):
            for _ in range(2):
                given, family = next(serial).split()
                roles: tuple[str, ...] = (Role.READER, Role.REPORTER)
                if provider.kind == Kind.OTHER:
                    roles = (Role.READER,)
                _person(
                    f"{given}.{family}@{slug}.example".lower().translate(_PLAIN),
                    given,
                    family,
                    password,
                    provider,
                    unit,
                    draw.choice(_TITLES),
                    roles,
                )
        if provider.kind != Kind.OTHER:
            # Somebody always handles the provider's cases as a whole.
            given, family = next(serial).split()
            _person(
                f"avvikelser.{slug}@{slug}.example",
                given,
                family,
                password,
                provider,
                None,
                "avvikelsehandläggare",
                (Role.READER, Role.REPORTER, Role.CASE_HANDLER),
            )
        if not any(a.provider == slug and Role.PROVIDER_ADMIN in a.roles for a in DEMO_ACCOUNTS):
            # Somebody says yes or no where an outsider touches the provider's handlers.
            given, family = next(serial).split()
            roles = (Role.READER, Role.PROVIDER_ADMIN)
            _person(f"admin.{slug}@{slug}.example", given, family, password, provider, None, "verksamhetschef", roles)
    _accept_terms(providers)
    _begin_a_review(providers["bjorken"])
    return people


def _accept_terms(providers: dict[str, Provider]) -> None:
    """Each provider but one has accepted; that one's administrator sees what is left to do."""
    for slug, provider in providers.items():
        if provider.kind == Kind.REGIONAL or slug == "myrviken":
            continue
        admin = Assignment.objects.filter(provider=provider, unit=None, roles__contains=[Role.PROVIDER_ADMIN]).first()
        if admin:
            TermsAcceptance.objects.get_or_create(
                provider=provider,
                edition=steps.EDITION,
                defaults={
                    "accepted_by": admin.user,
                    "accepted_by_label": admin.user.get_full_name(),
                    "accepted_at": clock.now(),
                },
            )


def _begin_a_review(provider: Provider) -> None:
    """A yearly review that has come halfway, where somebody signs in to go on with it."""
    if provider.reviews.exists():
        return
    with clock.frozen(clock.now() - dt.timedelta(days=12)):
        review = rounds.begin(provider, by=SYSTEM)
    admin = Assignment.objects.with_role(Role.PROVIDER_ADMIN).filter(provider=provider, unit=None).order_by("pk")[0]
    by = reader_for(admin.user, admin)
    for item in review.items.exclude(assignment=admin).order_by("pk")[: review.items.count() * 2 // 3]:
        rounds.confirm(item, shown=held.mark(item.assignment), by=by)


_PLAIN = str.maketrans("åäöÅÄÖ", "aaoAAO")


def _person(
    email: str,
    given: str,
    family: str,
    password: str,
    provider: Provider,
    unit: CareUnit | None,
    title: str,
    roles: tuple[str, ...],
    *,
    is_admin: bool = False,
) -> User:
    user, _ = User.objects.get_or_create(
        email=email,
        defaults={
            "given_name": given,
            "family_name": family,
            "password": password,
            "is_staff": is_admin,
            "is_superuser": is_admin,
        },
    )
    Assignment.objects.get_or_create(
        user=user, provider=provider, unit=unit, defaults={"roles": list(roles), "title": title}
    )
    return user
