"""The people and providers of the case tests: a health centre, the region with two clinics, and a municipality."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass
from typing import Any

from accounts import clock
from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.readers import Reader, reader_for
from deviations import workflow
from deviations.models import Case, DeviationType, Party
from deviations.reports import Recipient, Report

PASSWORD = "granris-under-snon"
_serial = itertools.count(1)


def person(given: str, family: str, **fields: Any) -> User:
    email = (
        f"{given}.{family}.{next(_serial)}@exempel.example".lower()
        .replace("å", "a")
        .replace("ö", "o")
        .replace("ä", "a")
    )
    return User.objects.create_user(email, PASSWORD, given_name=given, family_name=family, **fields)


def assigned(user: User, provider: Provider, unit: CareUnit | None, *roles: str) -> Assignment:
    return Assignment.objects.create(user=user, provider=provider, unit=unit, roles=list(roles))


@dataclass
class Cast:
    region: Provider
    bjorken: Provider
    kommun: Provider
    ugglan: Provider
    akut: CareUnit
    medicin: CareUnit
    sara: User
    per_ake: User
    maria: User
    lena: User
    karin: User
    anna: User
    root: User

    def reader(self, name: str) -> Reader:
        """The reader of a person, under their only assignment."""
        user = User.objects.get(pk=getattr(self, name).pk)
        found = Assignment.objects.current().filter(user=user).select_related("provider", "unit").first()
        return reader_for(user, found)

    def __getitem__(self, name: str) -> Reader:
        return self.reader(name)

    def type(self) -> DeviationType:
        return DeviationType.objects.get(code="utskrivning")

    def report(self, *concerns: Recipient, **changes: Any) -> Report:
        fields: dict[str, Any] = {
            "event_kind": Case.EventKind.ADVERSE_EVENT,
            "type": self.type(),
            "occurred_at": clock.now() - dt.timedelta(days=2),
            "description": "Epikrisen saknades när patienten kom hem. Läkemedelslistan kom fyra dagar senare.",
            "concerns": concerns,
        }
        return Report(**{**fields, **changes})

    def case(self, *concerns: Recipient, by: str = "sara", **changes: Any) -> Case:
        """A case from Sara at Björken; to the emergency clinic unless other recipients are given."""
        concerns = concerns or (Recipient(self.region, self.akut),)
        return workflow.submit(uuid.uuid4(), data=self.report(*concerns, **changes), by=self[by])


def concerned(case: Case) -> Party:
    return case.parties.get(side=Party.Side.CONCERNED, ended_at=None)


def reporting(case: Case) -> Party:
    return case.parties.get(side=Party.Side.REPORTING)


def make_cast() -> Cast:
    region = Provider.objects.create(name="Region Fjällmark", kind="regional")
    bjorken = Provider.objects.create(name="Hälsocentralen Björken", kind="private")
    ugglan = Provider.objects.create(name="Kvartersläkarna Ugglan", kind="private")
    kommun = Provider.objects.create(name="Granådals kommun", kind="municipal")
    for provider in (bjorken, ugglan):
        Agreement.objects.create(provider=provider, principal=region, valid_from=dt.date(2020, 1, 1))
    akut = CareUnit.objects.create(provider=region, name="Akutkliniken")
    medicin = CareUnit.objects.create(provider=region, name="Medicinkliniken")
    cast = Cast(
        region, bjorken, kommun, ugglan, akut, medicin,
        sara=person("Sara", "Lindqvist"), per_ake=person("Per-Åke", "Holm"), maria=person("Maria", "Öberg"),
        lena=person("Lena", "Fors"), karin=person("Karin", "Nyström"), anna=person("Anna", "Berglund"),
        root=person("Rut", "Rotén", is_staff=True, is_superuser=True),
    )  # fmt: skip
    assigned(cast.sara, bjorken, None, "reader", "reporter")
    assigned(cast.per_ake, bjorken, None, "case_handler")
    assigned(cast.maria, region, akut, "case_handler")
    assigned(cast.lena, region, medicin, "case_handler")
    assigned(cast.karin, kommun, None, "case_handler")
    assigned(cast.anna, region, akut, "reader", "reporter")
    assigned(cast.root, region, None, "system_admin")
    return cast
