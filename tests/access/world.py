"""Every role as somebody of the cast, and one thing of every kind that somebody may not see.

Every hidden thing carries a word of its own, so that a leak in any page can be found by searching for the word.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass, field

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Agreement, User
from accounts.readers import Reader
from accounts.roles import Role
from core import clock
from core.files.storage import store
from deviations.entry.reports import Recipient, Report
from deviations.investigation import acts
from deviations.investigation.kinds import KINDS
from deviations.models import Case, CaseFile, DeviationType
from deviations.verbs import submission, talking
from documents import ending, lifecycle
from documents.models import Document, DocumentType, ProgrammeArea, Reading, Source
from documents.reading import pictures
from documents.visibility.preview import Visibility
from tests import cast
from tests.core.makers import jpeg, plain_pdf

# Each role's person in tests/cast.py.
PLAYED_BY = {
    "nobody": "public",
    "reader": "sara",
    "handler": "per_ake",
    "counterpart": "maria",
    "stranger": "karin",
    "editor": "elin",
    "coordinator": "lars",
    "other": "tove",
    "ended": "gunnar",
    "homeless": "nils",
    "admin": "rut",
    "private_editor": "eva",
    "provider_admin": "petra",
    "lex_maria": "lova",
    "approver": "arne",
    "steward": "stig",
    "mas": "marta",
    "mar": "rikard",
    "sas": "saga",
    "follow_up": "uno",
    "agreements": "inga",
    "staff": "sten",
    "private_staff": "pia",
}
# Those of them who are not in the cast: name, provider, role. The last two are of the staff, with every permission that
# Django has, and no superusers.
MORE = {
    "petra": ("Petra Sund", "bjorken", Role.PROVIDER_ADMIN),
    "lova": ("Lova Berg", "region", Role.LEX_MARIA_OFFICER),
    "arne": ("Arne Falk", "region", Role.APPROVER),
    "stig": ("Stig Hall", "region", Role.PUBLICATION_STEWARD),
    "marta": ("Märta Kvist", "kommun", Role.MEDICALLY_RESPONSIBLE_NURSE),
    "rikard": ("Rikard Moe", "kommun", Role.MEDICALLY_RESPONSIBLE_REHAB),
    "saga": ("Saga Ros", "kommun", Role.SOCIAL_CARE_LEAD),
    "uno": ("Uno Ros", "region", Role.FOLLOW_UP),
    "inga": ("Inga Wall", "region", Role.AGREEMENT_MANAGER),
    "sten": ("Sten Ask", "region", Role.READER),
    "pia": ("Pia Alm", "bjorken", Role.DOCUMENT_EDITOR),
}
STAFF = {"admin", "staff", "private_staff"}
ROLES = tuple(PLAYED_BY)
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
    "private_editor": OPEN | {"PRI-3"},
    "provider_admin": OPEN | {"PRI-3"},
    "lex_maria": OPEN | {"REG-2"},
    "approver": set(DOCUMENTS),
    "steward": set(DOCUMENTS),
    "mas": OPEN | {"MUN-4"},
    "mar": OPEN | {"MUN-4"},
    "sas": OPEN | {"MUN-4"},
    "follow_up": OPEN | {"REG-2"},
    "agreements": OPEN | {"REG-2"},
    "staff": OPEN | {"REG-2"},
    "private_staff": OPEN | {"PRI-3"},
}
# The lex Maria officer is the whole region's.
SEES_CASE = {"reader", "handler", "counterpart", "lex_maria"}
SEES_NOTE = {"counterpart", "lex_maria"}


@dataclass
class World(cast.Cast):
    """The cast by role, with what is hidden from some of them."""

    case: Case | None = None
    # The key of a cause in the investigation of the concerned part.
    cause: str = ""
    # The address of a delivery of the region's source.
    delivery: str = ""
    file: CaseFile | None = None
    documents: dict[str, Document] = field(default_factory=dict)

    def user(self, role: str) -> User:
        return self.users[PLAYED_BY[role]]

    def client(self, role: str) -> Client:
        return super().client(PLAYED_BY[role])

    def reader(self, role: str, *, door: str = "portal") -> Reader:
        return super().reader(PLAYED_BY[role], door=door)


def build() -> World:
    world = cast.make(World)
    # An agreement's last day is a day of access.
    Agreement.objects.filter(provider=world.bjorken).update(valid_to=clock.today())
    for name, (full, provider, role) in MORE.items():
        given, family = full.split()
        is_staff = PLAYED_BY["staff"] == name or PLAYED_BY["private_staff"] == name
        world.users[name] = cast.person(given_name=given, family_name=family, is_staff=is_staff)
        cast.assign(world.users[name], world.providers[provider], role)
        if is_staff:
            world.users[name].user_permissions.set(Permission.objects.all())
    _documents(world)
    source = Source.objects.create(code="rjh", name="Källan", owner=world.region, ready_mapping="centuri")
    world.delivery = source.intakes.create(by_label="Prövning", door="command", name="prov.zip").get_absolute_url()
    _case(world)
    return world


def _documents(world: World) -> None:
    routine = DocumentType.objects.get(code="RUT")
    # An area of its own for each, so that a count of an area tells of one document.
    areas = dict(zip(DOCUMENTS, ProgrammeArea.objects.order_by("code"), strict=False))
    seen = {
        "OPN-1": Visibility(public=True), "REG-2": Visibility(regional=True), "PRI-3": Visibility(private=True),
        "MUN-4": Visibility(municipal=True), "GRA-5": Visibility(grants=((world.apoteket.pk, None),)),
        "DRA-6": Visibility(public=True), "REV-7": Visibility(public=True),
    }  # fmt: skip
    for number, word in DOCUMENTS.items():
        document = lifecycle.create_document(
            by=EDITING,
            number=number,
            area=areas[number],
            title=f"Rutin om {word}",
            type=routine,
            owner=world.region,
            visibility=seen[number],
            keywords=[word.lower()],
            applies_private=True,
            applies_municipal=True,
        )
        pictures.add(document, io.BytesIO(jpeg()), "En bild", by=EDITING)
        text = f"## {word} först\n\nGemensamt ord: hälleflundra. {word}.\n\n![En bild](bild-1)"
        version = lifecycle.add_version(document, by=EDITING, body=text)
        if number != "DRA-6":
            lifecycle.attach_file(version, io.BytesIO(plain_pdf((word,))), by=EDITING, name=f"{number}.pdf")
            lifecycle.publish(version, by=EDITING, approver_label="Prövare")
        world.documents[number] = document
    # As if their files had been read: each has one page.
    Reading.objects.exclude(version__file="").update(pages=1)
    ending.revoke(world.documents["REV-7"], by=EDITING, reason="Prövning")


def _case(world: World) -> None:
    report = Report(
        event_kind="risk",
        type=DeviationType.objects.get(code="remiss"),
        title=f"Händelse med {CASE_WORD}",
        occurred_at=clock.now() - dt.timedelta(days=1),
        description=f"{CASE_WORD} i väntrummet.",
        concerns=(Recipient(world.region, world.akut),),
    )
    world.case = submission.submit(uuid.uuid4(), data=report, by=world.reader("reader"))
    party = world.case.parties.get(side="concerned")
    talking.note(party, f"Bara för oss: {NOTE_WORD}.", by=world.reader("counterpart"))
    cause = {"text": f"Grundorsak: {NOTE_WORD}", "category": "procedures", "because_of": None, "is_contributing": False}
    values, kind = {**cause, "no_action_reason": ""}, KINDS["orsak"]
    row = acts.put(party, kind, values, by=world.reader("counterpart"), shown=acts.mark(None, kind))
    world.cause = str(row.key)  # type: ignore[attr-defined]
    stored = store(io.BytesIO(plain_pdf((CASE_WORD,))), app="deviations")
    world.file = CaseFile.objects.create(
        case=world.case,
        party=world.case.parties.get(side="reporting"),
        key=uuid.uuid4(),
        file=stored.path,
        file_name="bilaga.pdf",
        file_type="application/pdf",
        file_size=stored.size,
        file_sha256=stored.sha256,
    )
