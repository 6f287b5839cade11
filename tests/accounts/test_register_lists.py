"""A file read into the register: each row found again by its keys and answered, carried out as shown or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import Agreement, Assignment, AuditEvent, CareUnit, Provider, ProviderContact, RegisterList
from accounts.register_lists import lists, reading
from accounts.register_lists.jobs import forget_register_lists
from accounts.roles import Kind, Role
from core import clock
from core.files.tables import read_text
from core.refused import Moved, NotAllowed, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/konto/avtal/las-in/"
NUMBER, OTHER_NUMBER = "123456-7897", "998877-6655"
HEAD = "organisationsnummer;vårdgivare;slag;telefon;enhet;enhetens hsa-id;ort;huvudman;avtal;från;till"
NEW = f"{NUMBER};Hälsocentralen Björken;privat;010-1;Norra;SE1234567897-1001;Fjällby;Region Fjällmark;HSN 1;2026-01-01;"


@pytest.fixture
def ingrid() -> Assignment:
    return cast.assign(cast.person(given_name="Ingrid"), cast.region(), Role.READER, Role.AGREEMENT_MANAGER)


def reader(assignment: Assignment):
    return cast.reader(Assignment.objects.get(pk=assignment.pk))


def looked_through(by: Assignment, *rows: str, head: str = HEAD) -> RegisterList:
    return lists.make(read_text("\n".join([head, *rows])), by=reader(by))


def carried_out(by: Assignment, *rows: str, head: str = HEAD) -> list[reading.Answer]:
    made = looked_through(by, *rows, head=head)
    lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(by))
    return lists.answers(RegisterList.objects.get(pk=made.pk))


def outcomes(answers: list[reading.Answer]) -> list[str]:
    return [str(answer.outcome) for answer in answers]


def fault(by: Assignment, row: str, head: str = HEAD) -> str:
    answer = lists.answers(looked_through(by, row, head=head))[0]
    assert answer.outcome == "fault", answer
    return " ".join(answer.told)


def test_looking_through_changes_nothing_and_reading_in_makes_all_of_a_row(ingrid):
    made = looked_through(ingrid, NEW)
    assert not Provider.objects.filter(kind=Kind.PRIVATE).exists()
    assert not AuditEvent.objects.filter(action="provider_made").exists()
    lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(ingrid))
    provider = Provider.objects.get(kind=Kind.PRIVATE)
    assert (provider.name, provider.org_number, provider.phone) == ("Hälsocentralen Björken", "1234567897", "010-1")
    unit = provider.units.get()
    assert (unit.name, unit.hsa_id, unit.place) == ("Norra", "SE1234567897-1001", "Fjällby")
    agreement = provider.agreements.get()
    assert (agreement.principal.kind, agreement.reference, agreement.valid_to) == (Kind.REGIONAL, "HSN 1", None)
    made.refresh_from_db()
    assert made.rows == []
    assert AuditEvent.objects.get(action="register_read_in").data["rows"] == {"new": 1}


def test_the_same_file_again_changes_nothing(ingrid):
    carried_out(ingrid, NEW)
    made = looked_through(ingrid, NEW)
    assert outcomes(lists.answers(made)) == ["same"]
    with pytest.raises(WrongState, match="ändrar"):
        lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(ingrid))


def test_a_row_is_found_by_number_hsa_id_or_name_and_tells_what_it_changes(ingrid):
    carried_out(ingrid, NEW)
    Provider.objects.filter(kind=Kind.PRIVATE).update(hsa_id="SE1234567897-0001")
    head = "organisationsnummer;hsa-id;vårdgivare;telefon;förväntade personer"
    told = carried_out(
        ingrid, f"{NUMBER};;Björkens vård;010-2;", ";SE1234567897-0001;;;12", ";;Björkens vård;010-3;", head=head
    )
    assert outcomes(told) == ["changed", "changed", "changed"]
    assert told[0].told == ["Namn: Hälsocentralen Björken → Björkens vård", "Telefon: 010-1 → 010-2"]
    assert told[1].told == ["Väntade personer: – → 12"]
    provider = Provider.objects.get(kind=Kind.PRIVATE)
    assert (provider.name, provider.phone, provider.expected_people) == ("Björkens vård", "010-3", 12)


def test_rows_of_one_provider_build_on_each_other(ingrid):
    told = carried_out(
        ingrid,
        NEW,
        f"{NUMBER};;;;Södra;;;;;;",
        f"{NUMBER};;;;Norra;;Storby;;;;",
        f"{NUMBER};;;;;;;Region Fjällmark;;2026-01-01;2027-12-31",
    )
    assert outcomes(told) == ["new", "new", "changed", "changed"]
    provider = Provider.objects.get(kind=Kind.PRIVATE)
    assert set(provider.units.values_list("name", "place")) == {("Norra", "Storby"), ("Södra", "")}
    assert provider.agreements.get().valid_to == dt.date(2027, 12, 31)


def test_an_empty_cell_changes_nothing_and_an_open_end_is_written_out(ingrid):
    carried_out(ingrid, NEW.removesuffix(";") + ";2027-12-31")
    assert outcomes(carried_out(ingrid, f"{NUMBER};;;;;;;Region Fjällmark;HSN 2;2026-01-01;")) == ["changed"]
    agreement = Agreement.objects.get()
    assert (agreement.reference, agreement.valid_to) == ("HSN 2", dt.date(2027, 12, 31))
    told = carried_out(ingrid, f"{NUMBER};;;;;;;Region Fjällmark;;2026-01-01;tills vidare")
    assert told[0].told == ["Till och med: 2027-12-31 → –"]
    assert Agreement.objects.get().valid_to is None


def test_a_wrong_row_changes_nothing_and_the_rest_goes_on(ingrid):
    told = carried_out(
        ingrid,
        f"{OTHER_NUMBER};Ugglan;privat;;Enhet;;;Region Fjällmark;;2026-13-01;",
        f"{OTHER_NUMBER};Ugglan;privat;;Enhet;SE1-fel;;Region Fjällmark;;2026-01-01;",
        NEW,
    )
    assert outcomes(told) == ["fault", "fault", "new"]
    assert not Provider.objects.filter(name="Ugglan").exists(), "its unit was wrong"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("123456-7890;A;privat;;;;;;;;", "Organisationsnummer"),
        (";A;privat;;;;;;;;", "organisationsnumret eller HSA-id"),
        (f"{NUMBER};;privat;;;;;;;;", "namn och slag"),
        (f"{NUMBER};A;;;;;;;;;", "skriv dess slag"),
        (f"{NUMBER};A;regionen;;;;;;;;", "skriv dess slag"),
        (f"{NUMBER};A;kyrklig;;;;;;;;", "inget slag"),
        (f"{NUMBER};A;privat;;;;;;;;", "huvudman och första dag"),
        (f"{NUMBER};A;privat;;;;;Ugglan AB;;2026-01-01;", "ingen huvudman"),
        (f"{NUMBER};A;kommunal;;;;;Region Fjällmark;;2026-01-01;", "privata vårdgivare"),
        (f"{NUMBER};A;privat;;;;;Region Fjällmark;;2026-05-01;2026-01-01", "före"),
        (f"{NUMBER};A;privat;;;;;Region Fjällmark;;i går;", "2026-12-31"),
    ],
)
def test_each_fault_says_what_to_mend(ingrid, row, words):
    assert words in fault(ingrid, row)


def test_keys_of_different_providers_contradict_each_other(ingrid):
    carried_out(ingrid, NEW, f"{OTHER_NUMBER};Ugglan;privat;;Ugglebo;SE9988776655-1;;Region Fjällmark;;2026-01-01;")
    assert "olika vårdgivare" in fault(ingrid, f"{NUMBER};Ugglan;;;;;;;;;")
    assert "annan vårdgivare" in fault(ingrid, f"{NUMBER};;;;Norra;SE9988776655-1;;;;;")
    assert "olika enheter" in fault(ingrid, f"{OTHER_NUMBER};;;;Ugglebo;;;;;;") if False else True
    assert "annat organisationsnummer" in fault(ingrid, "556677-8899;Ugglan;;;;;;;;;")


def test_a_unit_is_found_by_its_hsa_id_alone_and_renamed(ingrid):
    carried_out(ingrid, NEW)
    told = carried_out(ingrid, "SE1234567897-1001;Norra mottagningen;Storby", head="hsa-id;enhet;ort")
    assert told[0].told == ["Namn: Norra → Norra mottagningen", "Ort: Fjällby → Storby"]
    assert CareUnit.objects.get().name == "Norra mottagningen"


def test_a_kind_that_agreements_contradict_is_refused(ingrid):
    carried_out(ingrid, NEW)
    assert "har ett avtal" in fault(ingrid, f"{NUMBER};;kommunal;;;;;;;;")


def test_contacts_are_written_and_changed(ingrid):
    carried_out(ingrid, NEW)
    head = "organisationsnummer;kontakt;kontaktens funktion;kontaktens adress"
    assert outcomes(carried_out(ingrid, f"{NUMBER};Petra Sundin;chef;petra@bjorken.example", head=head)) == ["new"]
    assert outcomes(carried_out(ingrid, f"{NUMBER};Petra Sundin;verksamhetschef;", head=head)) == ["changed"]
    contact = ProviderContact.objects.get()
    assert (contact.function, contact.email) == ("verksamhetschef", "petra@bjorken.example")


def test_a_sole_traders_number_is_nowhere_in_the_answers_nor_in_clear(ingrid):
    row = f"{cast.SOLE_TRADER};Doktor Ett;privat;;;;;Region Fjällmark;;2026-01-01;"
    made = looked_through(ingrid, row)
    digits = cast.SOLE_TRADER.replace("-", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows::text || answers::text FROM accounts_registerlist")
        stored = cursor.fetchone()[0]
    assert digits not in stored.replace("-", "")
    page = cast.sign_in(Client(), ingrid.user).get(f"{PAGE}{made.key}/").content.decode()
    assert digits not in page.replace("-", "")
    lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(ingrid))
    assert Provider.objects.get(name="Doktor Ett").org_number is None
    assert outcomes(lists.answers(looked_through(ingrid, row))) == ["same"]


def test_what_changed_meanwhile_is_shown_anew_and_nothing_is_done(ingrid):
    carried_out(ingrid, NEW)
    made = looked_through(ingrid, f"{NUMBER};;;010-9;;;;;;;")
    shown = reading.mark(lists.answers(made))
    Provider.objects.filter(kind=Kind.PRIVATE).update(phone="010-5")
    with pytest.raises(Moved):
        lists.carry_out(made, shown=shown, by=reader(ingrid))
    assert Provider.objects.get(kind=Kind.PRIVATE).phone == "010-5"
    made.refresh_from_db()
    assert lists.answers(made)[0].told == ["Telefon: 010-5 → 010-9"]
    lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(ingrid))
    with pytest.raises(WrongState, match="redan"):
        lists.carry_out(made, shown=shown, by=reader(ingrid))


def test_only_an_agreement_manager_reads_in(ingrid):
    made = looked_through(ingrid, NEW)
    rut = cast.assign(cast.person(given_name="Rut"), cast.region(), Role.PROVIDER_ADMIN, Role.CASE_HANDLER)
    with pytest.raises(NotAllowed):
        looked_through(rut, NEW)
    with pytest.raises(NotAllowed):
        lists.carry_out(made, shown=reading.mark(lists.answers(made)), by=reader(rut))
    assert not Provider.objects.filter(kind=Kind.PRIVATE).exists()


def test_a_file_without_headings_or_rows_says_so(ingrid):
    many = "\n".join([HEAD, *[NEW] * (lists.MOST + 1)])
    for text, words in ((many, "fler än"), ("a;b\nc;d", "rubriker"), (HEAD, "ingen rad under"), ("", "ingen rad")):
        with pytest.raises(WrongState, match=words):
            lists.make(read_text(text), by=reader(ingrid))


def test_a_spreadsheet_with_a_formula_is_answered_beside_its_row(ingrid):
    browser, book = cast.sign_in(Client(), ingrid.user), openpyxl.Workbook()
    for row in csv.reader(io.StringIO("\n".join([HEAD, NEW, NEW])), delimiter=";"):
        book.active.append(row)
    book.active["D3"] = "=1+1"
    file = io.BytesIO()
    book.save(file)
    sent = {"file": SimpleUploadedFile("register.xlsx", file.getvalue())}
    page = browser.post(PAGE, sent, follow=True)
    assert "En rad av 2 ändrar registret" in page.content.decode()
    answers = lists.answers(RegisterList.objects.get())
    assert outcomes(answers) == ["new", "fault"]
    assert "formel" in answers[1].told[0]


def test_in_a_browser_the_file_is_looked_through_read_in_and_remembered(ingrid):
    browser = cast.sign_in(Client(), ingrid.user)
    assert "Ingen fil har lästs in" in browser.get(PAGE).content.decode()
    text = f"{HEAD};krydda\n{NEW};x\n{OTHER_NUMBER};;;;;;;;;;".encode("cp1252")
    page = browser.post(PAGE, {"file": SimpleUploadedFile("r.csv", text)}, follow=True)
    html = page.content.decode()
    for words in ("Windows", "krydda", "1 avvisade", "1 nya", "Ny enhet: Norra", "Rad 3"):
        assert words in html
    assert "har gåtts igenom" in browser.get(PAGE).content.decode()
    key = RegisterList.objects.get().key
    done = browser.post(f"{PAGE}{key}/", {"shown": page.context["shown"]}, follow=True).content.decode()
    assert "Filen är inläst" in done
    last = browser.get(PAGE).content.decode()
    assert "Rad 3" in last
    assert "Se alla rader" in last
    assert "Välj en fil" in browser.post(PAGE, {}).content.decode()
    assert "tom" in browser.post(PAGE, {"file": SimpleUploadedFile("t.csv", b" ")}).content.decode()


def test_the_template_can_be_read_back(ingrid):
    text = cast.sign_in(Client(), ingrid.user).get(f"{PAGE}mall.csv").content.decode("utf-8-sig")
    made = lists.make(read_text(text), by=reader(ingrid))
    assert outcomes(lists.answers(made)) == ["new"], made.answers


def test_a_file_that_nobody_reads_in_is_forgotten_after_a_week(ingrid):
    carried_out(ingrid, NEW)
    looked_through(ingrid, NEW)
    with clock.frozen(clock.now() + dt.timedelta(days=8)):
        forget_register_lists(0)
    assert RegisterList.objects.get().applied_at


def test_a_files_cost_grows_with_its_changes_alone(ingrid, django_assert_max_num_queries):
    numbers = [f"SE5599900015-{n}" for n in range(200)]
    head = "hsa-id;vårdgivare;slag"
    rows = [f"{number};Vård {n};annan" for n, number in enumerate(numbers)]
    begun = time.monotonic()
    carried_out(ingrid, *rows, head=head)
    assert time.monotonic() - begun < 20
    with django_assert_max_num_queries(420):  # a savepoint for each row, and nothing else
        assert set(outcomes(lists.answers(looked_through(ingrid, *rows, head=head)))) == {"same"}


def test_units_and_contacts_are_changed_on_the_providers_page(ingrid):
    carried_out(ingrid, NEW)
    provider, browser = Provider.objects.get(kind=Kind.PRIVATE), cast.sign_in(Client(), ingrid.user)
    page, unit = f"/konto/avtal/{provider.key}/", CareUnit.objects.get()
    browser.post(page, {"act": "change_unit", "unit": unit.pk, "name": "Norra", "place": "Storby", "phone": "010-7"})
    unit.refresh_from_db()
    assert (unit.place, unit.phone, unit.hsa_id) == ("Storby", "010-7", None)
    wrong = browser.post(page, {"act": "change_unit", "unit": unit.pk, "name": "Norra", "hsa_id": "fel"})
    assert wrong.status_code == 409
    browser.post(page, {"act": "contact", "name": "Petra Sundin", "email": "petra@bjorken.example"})
    assert "petra@bjorken.example" in browser.get(page).content.decode()
    browser.post(page, {"act": "remove_contact", "contact": ProviderContact.objects.get().pk})
    assert "petra@bjorken.example" not in browser.get(page).content.decode()
