"""A small region with everybody in it, and a document for every way of being visible. Shared by this app's tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.readers import PUBLIC, Reader, reader_for
from accounts.roles import Kind, Role
from documents import lifecycle, reference
from documents.models import Document, DocumentType, Version
from documents.visibility_preview import Visibility

PORTAL = Reader(kind="system", person_name="Vårdgivarwebben", door="command")


@dataclass
class Cast:
    """`people` and `documents` by a short name. `sees` is the law: who sees which document, written out by hand."""

    people: dict[str, Assignment] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    units: dict[str, CareUnit] = field(default_factory=dict)

    def reader(self, name: str, *, door: str = "portal") -> Reader:
        if name == "public":
            return PUBLIC
        assignment = Assignment.objects.select_related("user", "provider", "unit").get(pk=self.people[name].pk)
        if door == "portal" and not Assignment.objects.current().filter(pk=assignment.pk).exists():
            return reader_for(assignment.user, None)
        return reader_for(assignment.user, assignment, door=door)

    def client(self, name: str) -> Client:
        client = Client()
        if name != "public":
            client.force_login(self.people[name].user, backend="django.contrib.auth.backends.ModelBackend")
        return client


_PUBLIC = {"public", "replaced", "revoked", "expired", "future"}
_REGION = _PUBLIC | {"regional", "all_kinds"}
SEES: dict[str, set[str]] = {
    "public": _PUBLIC,
    "regional": _REGION,
    "region_editor": _REGION
    | {"private", "municipal", "to_provider", "to_unit", "closed", "draft", "archived", "embargoed"},
    "private": _PUBLIC | {"private", "all_kinds", "to_provider", "of_private"},
    "private_unit": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private"},
    "private_other_unit": _PUBLIC | {"private", "all_kinds", "to_provider", "of_private"},
    "private_whole": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private"},
    "private_editor": _PUBLIC | {"private", "all_kinds", "to_provider", "to_unit", "of_private", "draft_of_private"},
    "private_stranger": _PUBLIC | {"private", "all_kinds"},
    "expired_agreement": _PUBLIC,
    "municipal": _PUBLIC | {"municipal", "all_kinds"},
    "pharmacy": _PUBLIC,
    "ended": _PUBLIC,
    "no_assignment": _PUBLIC,
}
WORDS = "Gemensamt sökord granskogen."


def _person(cast: Cast, name: str, provider: Provider, unit: CareUnit | None = None, *, roles=(), **fields) -> None:
    user = User.objects.create_user(f"{name}@example.test", given_name=name.title(), family_name="Test")
    cast.people[name] = Assignment.objects.create(
        user=user, provider=provider, unit=unit, roles=list(roles) or [Role.READER, Role.REPORTER], **fields
    )


def _providers(cast: Cast) -> None:
    for name, kind in (("region", Kind.REGIONAL), ("private", Kind.PRIVATE), ("stranger", Kind.PRIVATE),
                       ("lapsed", Kind.PRIVATE), ("municipality", Kind.MUNICIPAL), ("pharmacy", Kind.OTHER)):  # fmt: skip
        cast.providers[name] = Provider.objects.create(name=name.title(), kind=kind)
    for name in ("private", "stranger"):
        Agreement.objects.create(
            provider=cast.providers[name], principal=cast.providers["region"], valid_from=date(2020, 1, 1)
        )
    Agreement.objects.create(
        provider=cast.providers["lapsed"], principal=cast.providers["region"],
        valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1),
    )  # fmt: skip
    for name, provider in (
        ("clinic", "region"),
        ("north", "private"),
        ("south", "private"),
        ("home", "municipality"),
    ):
        cast.units[name] = CareUnit.objects.create(name=name.title(), provider=cast.providers[provider])


def _people(cast: Cast) -> None:
    p, u = cast.providers, cast.units
    editor = [Role.DOCUMENT_EDITOR]
    _person(cast, "regional", p["region"], u["clinic"])
    _person(cast, "region_editor", p["region"], roles=[*editor, Role.APPROVER, Role.PUBLICATION_STEWARD])
    _person(cast, "private", p["private"], u["south"])
    _person(cast, "private_unit", p["private"], u["north"])
    _person(cast, "private_other_unit", p["private"], u["south"])
    _person(cast, "private_whole", p["private"])
    _person(cast, "private_editor", p["private"], roles=editor)
    _person(cast, "private_stranger", p["stranger"])
    _person(cast, "expired_agreement", p["lapsed"])
    _person(cast, "municipal", p["municipality"], u["home"])
    _person(cast, "pharmacy", p["pharmacy"], roles=[Role.READER])
    _person(cast, "ended", p["region"], valid_to=date(2022, 1, 1))
    _person(cast, "no_assignment", p["region"], is_active=False)
    _person(cast, "admin", p["region"], roles=[Role.SYSTEM_ADMIN])
    User.objects.filter(pk=cast.people["admin"].user_id).update(is_staff=True, is_superuser=True)


def add(
    cast: Cast, name: str, visibility: Visibility, *, owner: str = "region", published: bool = True, **version
) -> Document:
    """A document called `name`, with one version holding WORDS; published unless told otherwise."""
    document = lifecycle.create_document(
        by=PORTAL, title=f"Dokument {name}", type=DocumentType.objects.get(code="RUT"),
        owner=cast.providers[owner], visibility=visibility,
    )  # fmt: skip
    draft = lifecycle.add_version(document, by=PORTAL, body=f"## Rubrik\n\n{WORDS} Ordet för {name}.", **version)
    if published:
        lifecycle.publish(draft, by=PORTAL, approver_label="Chefläkaren")
    cast.documents[name] = document
    return document


def _documents(cast: Cast) -> None:
    p, u = cast.providers, cast.units
    everybody = Visibility(public=True)
    add(cast, "public", everybody)
    add(cast, "replaced", everybody)
    add(cast, "revoked", everybody)
    lifecycle.revoke(cast.documents["revoked"], by=PORTAL, reason="Ersatt.", replaced_by=cast.documents["replaced"])
    add(cast, "expired", everybody, valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1))
    add(cast, "future", everybody, valid_from=clock.today() + timedelta(days=30))
    add(cast, "regional", Visibility(regional=True))
    add(cast, "private", Visibility(private=True))
    add(cast, "municipal", Visibility(municipal=True))
    add(cast, "all_kinds", Visibility(regional=True, private=True, municipal=True))
    add(cast, "to_provider", Visibility(grants=((p["private"].pk, None), (p["lapsed"].pk, None))))
    add(cast, "to_unit", Visibility(grants=((p["private"].pk, u["north"].pk),)))
    add(cast, "closed", Visibility())
    add(cast, "draft", everybody, published=False)
    add(cast, "archived", everybody)
    Document.objects.filter(pk=cast.documents["archived"].pk).update(state="archived")
    add(cast, "embargoed", everybody, available_from=clock.now() + timedelta(days=2))
    add(cast, "of_private", lifecycle.default_visibility(
        type=DocumentType.objects.get(code="RUT"), owner=p["private"], applies_to_all=True), owner="private")  # fmt: skip
    add(
        cast,
        "draft_of_private",
        Visibility(grants=((p["private"].pk, None),)),
        owner="private",
        published=False,
    )


def build() -> Cast:
    reference.load()
    cast = Cast()
    _providers(cast)
    _people(cast)
    _documents(cast)
    return cast


@pytest.fixture
def cast(db) -> Cast:
    return build()


def names(cast: Cast, documents) -> set[str]:
    by_pk = {d.pk: name for name, d in cast.documents.items()}
    return {by_pk[d.pk] for d in documents}


def current(document: Document) -> Version:
    return document.versions.get(state="published")
