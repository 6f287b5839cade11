"""Who sees which case, and what of it, on the very pages."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client

from accounts.granting import guarding
from accounts.models import Assignment, AuditEvent, Provider, User
from accounts.readers import SYSTEM
from accounts.roles import GUARDED
from core import clock, refused
from deviations.access.handlers import handlers_of
from deviations.entry.reports import Recipient
from deviations.models import Case
from deviations.verbs import handling, sending_on, submission, talking
from tests import cast as people
from tests.accounts.test_guarding import change_person
from tests.deviations.cases import concerned, reporting
from tests.deviations.test_sent_once import hidden

MOMENT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


def test_everybody_sees_their_own_cases_and_no_other(cast):
    to_akut, to_kommun = cast.case(), cast.case(Recipient(cast.kommun))
    unknown = submission.submit(uuid.uuid4(), data=cast.report(), by=cast["sara"])
    from_anna = cast.case(Recipient(cast.kommun), by="anna")
    seen = {
        "sara": {to_akut, to_kommun, unknown},
        "per_ake": {to_akut, to_kommun, unknown},
        "maria": {to_akut, from_anna},
        "lena": set(),
        "karin": {to_kommun, from_anna},
        "anna": {from_anna},
        "rut": set(),
    }
    for name, cases in seen.items():
        assert set(Case.objects.visible_to(cast[name])) == cases, name


@pytest.mark.parametrize("name", ["lena", "karin", "anna", "rut"])
def test_what_one_may_not_see_is_not_found_on_any_address(cast, sign_in, name):
    case = cast.case()
    client = sign_in(getattr(cast, name))
    missing = client.get("/avvikelser/AVV-26-222222/")
    for address in (f"/avvikelser/{case.number}/", f"/avvikelser/{case.number}/kvitto/"):
        answer = client.get(address)
        assert answer.status_code == missing.status_code == 404
        assert case.number not in answer.content.decode().replace(address, "")
    assert client.post(f"/avvikelser/{case.number}/acknowledge/").status_code == 404
    assert concerned(case).state == "received"


def test_without_signing_in_one_is_sent_to_sign_in(cast, client):
    case = cast.case()
    for address in (
        "/avvikelser/",
        "/avvikelser/ny/",
        f"/avvikelser/{case.number}/",
        "/avvikelser/AVV-26-222222/",
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/konto/login/?next=/avvikelser/")


@pytest.mark.parametrize("shares", [False, True])
def test_the_reporters_name_stays_at_home_unless_agreed(cast, sign_in, shares):
    case = cast.case(shares_reporter_name=shares)
    talking.ask(concerned(case), "När kom listan?", by=cast["maria"])
    talking.reply(concerned(case), "På tisdagen.", by=cast["sara"])
    for user in (cast.maria,):
        page = sign_in(user).get(f"/avvikelser/{case.number}/").content.decode()
        assert ("Lindqvist" in page) is shares
        assert "Hälsocentralen Björken" in page
        assert "Lindqvist" not in sign_in(user).get("/avvikelser/").content.decode()
    assert "Lindqvist" in sign_in(cast.per_ake).get(f"/avvikelser/{case.number}/").content.decode()


@pytest.mark.parametrize("shows", [False, True])
def test_a_handlers_name_goes_out_only_where_the_provider_lets_it(cast, sign_in, shows):
    Provider.objects.filter(pk=cast.region.pk).update(shows_handler_names=shows)
    case = cast.case()
    handling.acknowledge(concerned(case), by=cast["maria"])
    talking.send_message(concerned(case), "Tack för rapporten.", by=cast["maria"])
    page = sign_in(cast.sara).get(f"/avvikelser/{case.number}/").content.decode()
    assert ("Öberg" in page) is shows
    assert "Akutkliniken, Region Fjällmark" in page


def test_ones_own_thread_is_on_ones_own_page_only(cast, sign_in):
    case = cast.case()
    talking.note(concerned(case), "Vikarie på avdelningen den helgen.", by=cast["maria"])
    talking.note(reporting(case), "Vi avvaktar svar.", by=cast["per_ake"])
    address = f"/avvikelser/{case.number}/"
    ours = sign_in(cast.maria).get(address).content.decode()
    theirs = sign_in(cast.per_ake).get(address).content.decode()
    reporter = sign_in(cast.sara).get(address).content.decode()
    assert "Vikarie på" in ours
    assert "Vi avvaktar" not in ours
    assert "Vi avvaktar" in theirs
    assert "Vikarie på" not in theirs
    assert "Vikarie på" not in reporter
    assert "Vi avvaktar" not in reporter
    assert ours.count("is-own") == theirs.count("is-own") == 2  # the note, and that it made them its handlers
    assert "is-own" not in reporter


@pytest.mark.parametrize("how", ["forward", "refuse"])
def test_a_part_that_ended_sees_nothing_later(cast, sign_in, frozen, how):
    with frozen(MOMENT) as now:
        case = cast.case()
        now.move(hours=1)
        if how == "forward":
            sending_on.forward(
                concerned(case),
                to_provider=cast.region,
                to_unit=cast.medicin,
                reason="Hör till Medicin.",
                by=cast["maria"],
            )
        else:
            sending_on.refuse(concerned(case), reason="Patienten var inte hos oss.", by=cast["maria"])
            now.move(hours=1)
            sending_on.add_party(reporting(case), to_provider=cast.region, to_unit=cast.medicin, by=cast["per_ake"])
        now.move(hours=1)
        talking.send_message(concerned(case), "Vi läste journalen.", by=cast["lena"])
        handling.judge_harm(concerned(case), actual="harm", potential="serious_harm", by=cast["lena"])
        page = sign_in(cast.maria).get(f"/avvikelser/{case.number}/").content.decode()
    assert ("Hör till Medicin." if how == "forward" else "Patienten var inte hos oss.") in page
    assert "Vi läste journalen." not in page
    assert ("Medicinkliniken" in page) is (how == "forward")
    assert f"/avvikelser/{case.number}/send_message/" not in page
    assert "vårdskada" not in page.lower()
    assert "healthcare-related harm" not in page
    assert "Vi läste journalen." in sign_in(cast.lena).get(f"/avvikelser/{case.number}/").content.decode()


def test_an_ended_agreement_ends_access_at_once(cast, sign_in):
    case = cast.case()
    client = sign_in(cast.sara)
    assert client.get(f"/avvikelser/{case.number}/").status_code == 200
    reader = cast["per_ake"]
    cast.bjorken.agreements.update(valid_to=clock.today() - clock.ONE_DAY)
    assert client.get(f"/avvikelser/{case.number}/").status_code == 404
    assert client.get("/avvikelser/ny/").status_code == 404
    # A reader made before the end, as in a request under way, changes nothing more.
    with pytest.raises(refused.NotAllowed):
        handling.acknowledge(reporting(case), by=reader)


def test_opening_a_case_is_in_the_audit_log(cast, sign_in):
    case = cast.case()
    sign_in(cast.maria).get(f"/avvikelser/{case.number}/")
    event = AuditEvent.objects.get(action="opened_case")
    assert (event.actor, event.target_id) == (cast.maria, case.number)


def test_a_suspended_role_closes_every_door_at_once(cast, sign_in):
    case = cast.case()
    client, reader = sign_in(cast.maria), cast["maria"]
    address = case.get_absolute_url()
    assert client.get(address).status_code == 200
    roles = sorted(GUARDED & set(cast.assignments["maria"].roles))
    suspended = {"suspended_at": clock.now(), "suspended_why": "address", "suspended_roles": roles}
    Assignment.objects.filter(pk=cast.assignments["maria"].pk).update(**suspended)
    assert client.get(address).status_code == 404
    assert client.get("/avvikelser/").status_code == 404
    assert client.post(f"{address}acknowledge/").status_code == 404
    # One whose reader was made before is asked again by the verb itself.
    with pytest.raises(refused.NotAllowed):
        handling.acknowledge(concerned(case), by=reader)
    assert cast.maria.pk not in {a.user_id for a in handlers_of(concerned(case))}


def test_whoever_takes_over_a_reporters_address_reads_none_of_what_was_reported(cast):
    """A reporter has no guarded role; the cases they reported are guarded all the same, and what they had begun."""

    def sign_in(user: User) -> Client:
        return people.sign_in(Client(), user)

    case, reporter = cast.case(), cast.sara
    address, root = case.get_absolute_url(), sign_in(people.superuser())
    own = sign_in(reporter)
    own.post("/konto/utkast/deviation/", {**hidden(own.get("/avvikelser/ny/")), "description": "Halvskriven händelse"})
    change_person(root, reporter, email="angripare@annan.example")
    reporter.refresh_from_db()
    assert reporter.email == "angripare@annan.example"
    puppet, held = sign_in(reporter), Assignment.objects.get(user=reporter)
    assert puppet.get(address).status_code == 404
    for page in ("/avvikelser/", "/konto/aviseringar/", "/"):
        assert case.number not in puppet.get(page, follow=True).content.decode()
    assert "Halvskriven händelse" not in puppet.get("/avvikelser/ny/").content.decode()
    assert puppet.get("/dokument/").status_code == 200  # reads as before
    with pytest.raises(refused.NotAllowed):
        talking.write_home(reporting(case), "Hej.", by=cast["sara"])
    # A new assignment there is no other way round it.
    Assignment.objects.filter(pk=held.pk).update(is_active=False)
    place = {"provider": held.provider_id, "unit": people.unit(held.provider, "En ny enhet").pk}
    data = {"user": reporter.pk, **place, "roles": ["reporter"], "is_active": "on"}
    assert root.post("/admin/accounts/assignment/add/", data).status_code == 302
    made = Assignment.objects.exclude(pk=held.pk).get(user=reporter)
    assert sign_in(reporter).get(address).status_code == 404
    # What comes after is theirs to read; and all of it when the provider has said yes.
    later = submission.submit(uuid.uuid4(), data=cast.report(), by=people.reader(made))
    assert sign_in(reporter).get(later.get_absolute_url()).status_code == 200
    guarding.confirm_from_server(made, by=SYSTEM, reason="Ringde.")
    assert sign_in(reporter).get(address).status_code == 200
