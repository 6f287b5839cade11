"""Readers of every kind, and one thing of every kind that somebody may not see.

Every hidden thing carries a word of its own, so that a leak in any page can be found by searching for the word.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass, field

from django.test import Client

from accounts import clock
from accounts.models import Agreement, Assignment, CareUnit, Provider, User
from accounts.readers import PUBLIC, Reader, reader_for
from accounts.roles import Kind, Role
from deviations import workflow
from deviations.models import Case, CaseFile, DeviationType
from deviations.reports import Recipient, Report
from documents import lifecycle
from documents.files import store
from documents.models import Document, DocumentType
from documents.visibility_preview import Visibility
from tests.documents.makers import plain_pdf

PASSWORD = "prövningens lösenord"
ROLES = ("nobody", "reader", "handler", "counterpart", "stranger", "editor", "coordinator", "other", "ended",
         "homeless", "admin")  # fmt: skip
EDITING = Reader(kind="system", person_name="Redaktion", door="command")

# Number, its telling word, visibility.
DOCUMENTS = {
    "OPN-1": "Norrsken", "REG-2": "Fjällräv", "PRI-3": "Lavskrika", "MUN-4": "Ripbär", "GRA-5": "Kungsörn",
    "DRA-6": "Järvspår", "REV-7": "Renlav",
}  # fmt: skip
CASE_WORD = "Lodjurstass"
NOTE_WORD = "Bäverdamm"

OPEN = {"OPN-1", "REV-7"}
VISIBLE: dict[str, set[str]] = {
    "nobody": OPEN,
    "reader": OPEN | {"PRI-3"},
    "handler": OPEN | {"PRI-3"},
    "counterpart": OPEN | {"REG-2"},
    "stranger": OPEN | {"MUN-4"},
    "editor": set(DOCUMENTS),
    "coordinator": OPEN | {"REG-2"},
    "other": OPEN | {"GRA-5"},
    "ended": OPEN,
    "homeless": OPEN,
    "admin": OPEN | {"REG-2"},
}
SEES_CASE = {"reader", "handler", "counterpart"}
SEES_NOTE = {"counterpart"}


@dataclass
class World:
    users: dict[str, User] = field(default_factory=dict)
    case: Case | None = None
    file: CaseFile | None = None
    documents: dict[str, Document] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        client = Client()
        if role != "nobody":
            client.force_login(self.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def reader(self, role: str) -> Reader:
        if role == "nobody":
            return PUBLIC
        user = self.users[role]
        own = Assignment.objects.current().filter(user=user).select_related("provider", "unit").first()
        return reader_for(user, own)


def build() -> World:
    world = World()
    region = Provider.objects.create(name="Region Prövomark", kind=Kind.REGIONAL)
    private = Provider.objects.create(name="Prövobackens vård AB", kind=Kind.PRIVATE)
    former = Provider.objects.create(name="Före detta vård AB", kind=Kind.PRIVATE)
    municipality = Provider.objects.create(name="Prövodals kommun", kind=Kind.MUNICIPAL)
    pharmacy = Provider.objects.create(name="Apoteket Prövo", kind=Kind.OTHER)
    clinic = CareUnit.objects.create(provider=region, name="Prövokliniken")
    today = clock.today()
    Agreement.objects.create(
        provider=private, principal=region, valid_from=today - dt.timedelta(days=90), valid_to=today
    )
    Agreement.objects.create(
        provider=former,
        principal=region,
        valid_from=today - dt.timedelta(days=90),
        valid_to=today - dt.timedelta(days=1),
    )
    handles = [Role.READER, Role.REPORTER, Role.CASE_HANDLER]
    for role, given, provider, unit, roles in (
        ("reader", "Sara", private, None, [Role.READER, Role.REPORTER]),
        ("handler", "Jonas", private, None, handles),
        ("counterpart", "Anders", region, clinic, handles),
        ("stranger", "Ulrika", municipality, None, handles),
        ("editor", "Elin", region, None, [Role.READER, Role.DOCUMENT_EDITOR, Role.PUBLICATION_STEWARD]),
        ("coordinator", "Lars", region, None, [Role.READER, Role.SAFETY_COORDINATOR]),
        ("other", "Tove", pharmacy, None, [Role.READER]),
        ("ended", "Greta", former, None, [*handles, Role.DOCUMENT_EDITOR]),
        ("homeless", "Nils", None, None, []),
        ("admin", "Agnes", region, None, [Role.READER, Role.SYSTEM_ADMIN]),
    ):  # fmt: skip
        staff = role == "admin"
        user = User.objects.create_user(
            f"{role}@access.example",
            PASSWORD,
            given_name=given,
            family_name="Prövare",
            is_staff=staff,
            is_superuser=staff,
        )
        if provider:
            Assignment.objects.create(user=user, provider=provider, unit=unit, roles=roles)
        world.users[role] = user
    _documents(world, region, pharmacy)
    _case(world, region, clinic)
    return world


def _documents(world: World, region: Provider, pharmacy: Provider) -> None:
    routine = DocumentType.objects.get(code="RUT")
    seen = {
        "OPN-1": Visibility(public=True), "REG-2": Visibility(regional=True), "PRI-3": Visibility(private=True),
        "MUN-4": Visibility(municipal=True), "GRA-5": Visibility(grants=((pharmacy.pk, None),)),
        "DRA-6": Visibility(public=True), "REV-7": Visibility(public=True),
    }  # fmt: skip
    for number, word in DOCUMENTS.items():
        document = lifecycle.create_document(
            by=EDITING, number=number, title=f"Rutin om {word}", type=routine, owner=region, visibility=seen[number],
            keywords=[word.lower()], applies_private=True, applies_municipal=True,
        )  # fmt: skip
        version = lifecycle.add_version(
            document, by=EDITING, body=f"## {word} först\n\nGemensamt ord: hälleflundra. {word}."
        )
        if number != "DRA-6":
            lifecycle.attach_file(version, io.BytesIO(plain_pdf((word,))), by=EDITING, name=f"{number}.pdf")
            lifecycle.publish(version, by=EDITING, approver_label="Prövare")
        world.documents[number] = document
    lifecycle.revoke(world.documents["REV-7"], by=EDITING, reason="Prövning")


def _case(world: World, region: Provider, clinic: CareUnit) -> None:
    report = Report(
        event_kind="risk", type=DeviationType.objects.get(code="remiss"), title=f"Händelse med {CASE_WORD}",
        occurred_at=clock.now() - dt.timedelta(days=1), description=f"{CASE_WORD} i väntrummet.",
        concerns=(Recipient(region, clinic),),
    )  # fmt: skip
    world.case = workflow.submit(uuid.uuid4(), data=report, by=world.reader("reader"))
    party = world.case.parties.get(side="concerned")
    workflow.note(party, f"Bara för oss: {NOTE_WORD}.", by=world.reader("counterpart"))
    stored = store(io.BytesIO(plain_pdf((CASE_WORD,))), app="deviations")
    world.file = CaseFile.objects.create(
        case=world.case, party=world.case.parties.get(side="reporting"), key=uuid.uuid4(), file=stored.path,
        file_name="bilaga.pdf", file_type="application/pdf", file_size=stored.size, file_sha256=stored.sha256,
    )  # fmt: skip
