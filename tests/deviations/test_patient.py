"""The patient's identity: who reads it, on which ground, what the log says, and what a dump does not."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEvent, Notice
from core import refused
from core.identity.numbers import InvalidNumber
from core.identity.patients import parse_patient_number, patient_hash
from deviations.models import Case, Party, PatientIdentity, PatientLook, PatientRequest, PatientShare
from deviations.patient import acts
from deviations.verbs import sending_on
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import hidden

# Of no person: the Tax Agency's own number for tests.
NUMBER = "191212121212"


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


def kept(cast: Cast) -> Case:
    """A case whose reporting part has the identity."""
    case = cast.case()
    acts.put(reporting(case), NUMBER, by=cast["per_ake"])
    return case


def shared(cast: Cast, case: Case, ground: str = "consent") -> PatientShare:
    return acts.share(
        reporting(case), concerned(case), ground=ground, reason="Muntligt 1 december.", by=cast["per_ake"]
    )


def look(cast: Cast, party: Party, who: str) -> str:
    return acts.look(PatientIdentity.objects.get(), party, reason="Läser journalen", by=cast[who])


# The number ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "number"),
    [("19121212-1212", NUMBER), ("121212+1212", NUMBER), ("1912 1212 1212", NUMBER), ("ab 1234 5678", "AB12345678")],
)
def test_a_number_is_brought_to_one_form(typed, number):
    assert parse_patient_number(typed) == number


@pytest.mark.parametrize("typed", ["19121212-1213", "123", "hej", "191212121212191212121212", "\u0661912121212-1212"])
def test_what_is_no_number_is_told_without_it(typed):
    with pytest.raises(InvalidNumber) as told_of:
        parse_patient_number(typed)
    assert typed not in str(told_of.value)


def test_two_providers_have_two_hashes_of_one_patient(cast):
    assert patient_hash(NUMBER, provider_id=1) != patient_hash(NUMBER, provider_id=2)


# Who reads ----------------------------------------------------------------------------------------------------
def test_only_the_own_part_reads_it_until_it_is_shared(cast):
    case = kept(cast)
    names = ("per_ake", "maria", "lena", "sara", "karin", "anna", "lars", "rut", "eva")

    def seen() -> set[str]:
        return {name for name in names if PatientIdentity.objects.open_to(cast[name]).exists()}

    assert seen() == {"per_ake"}
    assert look(cast, reporting(case), "per_ake") == NUMBER
    for name, party in (("maria", concerned(case)), ("lena", concerned(case)), ("sara", reporting(case))):
        with pytest.raises(refused.NotAllowed):
            look(cast, party, name)
    shared(cast, case)
    assert seen() == {"per_ake", "maria"}
    assert look(cast, concerned(case), "maria") == NUMBER


def test_no_page_shows_it_or_that_it_is_there(cast):
    case = kept(cast)
    shown = re.compile("19121212.?1212|121212.?1212")
    for name in ("maria", "sara", "lena", "karin", "anna", "rut"):
        for address in ("", "utredning/", "patient/", "lex-maria/", "kvitto/"):
            html = cast.client(name).get(f"/avvikelser/{case.number}/{address}").content.decode()
            assert not shown.search(html), (name, address)
            assert "skriven av Per-Åke" not in html
    for name in ("sara", "lena", "karin", "anna", "rut", "lars"):
        assert cast.client(name).get(f"/avvikelser/{case.number}/patient/").status_code == 404
    # At home too it is on no page that nobody asked for it on.
    assert not shown.search(cast.client("per_ake").get(f"/avvikelser/{case.number}/patient/").content.decode())


def test_a_part_that_has_ended_reads_nothing(cast):
    case = kept(cast)
    shared(cast, case)
    part = concerned(case)
    sending_on.refuse(part, reason="Det är inte vi.", by=cast["maria"])
    assert not PatientIdentity.objects.open_to(cast["maria"]).exists()
    with pytest.raises(refused.Refused):
        look(cast, part, "maria")
    assert cast.client("maria").get(f"/avvikelser/{case.number}/patient/").status_code == 404


# A look -------------------------------------------------------------------------------------------------------
def test_each_look_has_a_reason_is_logged_by_hash_and_seen_by_both(cast):
    case = kept(cast)
    shared(cast, case)
    client, address = cast.client("maria"), f"/avvikelser/{case.number}/patient/"
    html = client.get(address).content.decode()
    sent = {"look": "1", "token": hidden(html, "token")}
    assert client.post(address, sent | {"reason": ""}).status_code == 422
    answer = client.post(address, sent | {"reason": "Jämför med journalen"})
    assert NUMBER in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    event = AuditEvent.objects.get(action="looked_at_patient")
    assert event.reason == "Jämför med journalen"
    assert event.data["patient"] == PatientIdentity.objects.get().number_hash
    assert NUMBER not in str(event.data)
    assert "Jämför med journalen" in client.get(address).content.decode()
    theirs = cast.client("per_ake").get(address).content.decode()
    assert "Jämför med journalen" in theirs
    # By the contact that the part shows, not by name.
    assert "Maria Öberg" not in theirs
    with pytest.raises(DatabaseError), transaction.atomic():
        PatientLook.objects.update(reason="Annat")


# Sharing ------------------------------------------------------------------------------------------------------
def test_it_is_shared_on_a_ground_that_is_explained(cast):
    case = kept(cast)
    client, address = cast.client("per_ake"), f"/avvikelser/{case.number}/patient/"
    html = client.get(address).content.decode()
    number = re.search(r'name="part"[^>]*>.*?value="(\d)"', html, re.DOTALL)
    assert number
    sent = {"share": "1", "token": hidden(html, "token"), "part": number[1], "ground": "harm_test", "reason": "Prövat."}
    refused_answer = client.post(address, sent)
    assert refused_answer.status_code == 422
    assert "Gå igenom texterna och bilagorna" in refused_answer.content.decode()
    assert client.post(address, sent | {"reason": ""}).status_code == 422
    assert not PatientShare.objects.exists()
    assert client.post(address, sent | {"texts_looked_through": "on"}).status_code == 302
    made = PatientShare.objects.get()
    assert (made.ground, made.to) == ("harm_test", concerned(case))
    assert told("patient_shared") == {"Maria"}
    # Sent once more, it is one.
    shared(cast, case)
    assert PatientShare.objects.count() == 1


def test_another_party_of_the_case_learns_nothing_of_the_sharing(cast):
    case = kept(cast)
    sending_on.add_party(reporting(case), to_provider=cast.kommun, to_unit=None, by=cast["per_ake"])
    part = case.parties.get(provider=cast.region)
    acts.share(reporting(case), part, ground="consent", reason="Ja.", by=cast["per_ake"])
    assert not PatientIdentity.objects.open_to(cast["karin"]).exists()
    html = cast.client("karin").get(f"/avvikelser/{case.number}/").content.decode()
    assert "Patientens identitet delades" not in html
    assert "Patientens identitet delades" in cast.client("maria").get(f"/avvikelser/{case.number}/").content.decode()


def test_what_is_shared_is_not_changed(cast):
    case = kept(cast)
    shared(cast, case)
    with pytest.raises(refused.WrongState):
        acts.put(reporting(case), "AB12345678", by=cast["per_ake"])


# Asking -------------------------------------------------------------------------------------------------------
def test_it_is_asked_for_and_answered(cast):
    case = kept(cast)
    asked = acts.ask(concerned(case), reporting(case), reason="För att läsa journalen", by=cast["maria"])
    assert told("patient_asked") == {"Per-Åke"}
    with pytest.raises(refused.WrongState):
        acts.ask(concerned(case), reporting(case), reason="Igen", by=cast["maria"])
    with pytest.raises(refused.NotAllowed):
        acts.refuse(asked, reason="Nej", by=cast["maria"])
    acts.refuse(asked, reason="Patienten har sagt nej.", by=cast["per_ake"])
    assert told("patient_refused") == {"Maria"}
    assert "Patienten har sagt nej." in cast.client("maria").get(f"/avvikelser/{case.number}/patient/").content.decode()
    again = acts.ask(concerned(case), reporting(case), reason="Nytt samtycke", by=cast["maria"])
    shared(cast, case)
    again.refresh_from_db()
    assert again.answered_at
    assert PatientRequest.objects.filter(answered_at=None).count() == 0


# By the report ------------------------------------------------------------------------------------------------
def test_the_reports_own_field_goes_to_the_record_and_nowhere_else(cast):
    case = cast.case(patient_number=NUMBER)
    found = PatientIdentity.objects.get()
    assert (found.party, found.number) == (reporting(case), NUMBER)
    assert look(cast, reporting(case), "per_ake") == NUMBER
    assert NUMBER not in repr(cast.report(patient_number=NUMBER))


# Found again --------------------------------------------------------------------------------------------------
def test_a_patients_cases_are_found_within_the_own_provider(cast):
    case = kept(cast)
    cast.case()
    client = cast.client("per_ake")
    sent = {"number": "19121212-1212", "reason": "Patienten har ringt"}
    assert case.number in client.post("/avvikelser/patient/", sent).content.decode()
    event = AuditEvent.objects.get(action="searched_patient")
    assert event.data["patient"] == PatientIdentity.objects.get().number_hash
    # Shared or not, another provider does not find it by its own search.
    shared(cast, case)
    assert case.number not in cast.client("maria").post("/avvikelser/patient/", sent).content.decode()
    assert client.post("/avvikelser/patient/", sent | {"reason": ""}).status_code == 422
    for name in ("sara", "rut", "lars", "anna"):
        assert cast.client(name).get("/avvikelser/patient/").status_code == 404


# The dump -----------------------------------------------------------------------------------------------------
def test_a_dump_without_the_key_shows_no_form_of_the_number(cast, settings):
    case = cast.case(patient_number=NUMBER)
    client, address = cast.client("per_ake"), f"/avvikelser/{case.number}/patient/"
    html = client.get(address).content.decode()
    client.post(address, {"put": "1", "number": "19121212-1212", "token": hidden(html, "token")})
    client.post(address, {"look": "1", "reason": "Läser", "token": hidden(html, "token")})
    client.post("/avvikelser/patient/", {"number": "19121212-1212", "reason": "Patienten ringde"})
    forms = re.compile(r"(19)?121212[-+ ]?1212")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            for (row,) in cursor.fetchall():
                assert not forms.search(row), table
    assert len(tables) > 40


def test_the_keys_are_changed_while_in_use(cast, settings, capsys):
    case = kept(cast)
    old = PatientIdentity.objects.values_list("number_hash", flat=True).get()
    settings.PORTAL_ENCRYPTION_KEYS = ["Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyMTI=", *settings.PORTAL_ENCRYPTION_KEYS]
    call_command("reencrypt")
    assert "deviations_patientidentity: 1" in capsys.readouterr().out
    settings.PORTAL_ENCRYPTION_KEYS = settings.PORTAL_ENCRYPTION_KEYS[:1]
    assert look(cast, reporting(case), "per_ake") == NUMBER
    assert PatientIdentity.objects.get().number_hash == old
