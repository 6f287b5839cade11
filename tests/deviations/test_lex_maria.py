"""Lex Maria: who decides, who is told, how many days, and what others learn."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.models import AuditEvent, Notice, StandIn
from accounts.roles import Role
from core import clock, refused
from deviations.closing import gates
from deviations.lex_maria import acts, listing
from deviations.lex_maria.clock import Running, clocks
from deviations.models import Case, CaseFile, CaseRules, LexMaria, LexMariaDecision, PatientLook
from deviations.patient import acts as patient
from deviations.telling import officers
from deviations.verbs import handling, talking
from tests.cast import assign, person
from tests.core import makers
from tests.deviations.cases import Cast, concerned, reporting
from tests.deviations.investigating import cause, hidden, words_of

GROUNDS = "Vårdbehovet blev väsentligt ökat."


@pytest.fixture
def officer(cast: Cast):
    """Lova, who decides for all of the region."""
    return _officer(cast, "lova", "Lova", "Berg")


def _officer(cast: Cast, name: str, given: str, family: str):
    user = person(email=f"{name}@region.example", given_name=given, family_name=family)
    cast.users[name] = user
    cast.assignments[name] = assign(user, cast.region, Role.LEX_MARIA_OFFICER)
    return user


def serious(cast: Cast, **more) -> Case:
    case = cast.case(**more)
    handling.judge_harm(concerned(case), actual="harm", potential="serious_harm", by=cast["maria"])
    case.refresh_from_db()
    return case


def decide(cast: Cast, case: Case, *, by: str = "lova", notifies: bool = True) -> LexMariaDecision:
    party = concerned(case)
    return acts.decide(party, notifies=notifies, grounds=GROUNDS, by=cast[by], shown=acts.mark(party))


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__given_name", flat=True))


# Who decides --------------------------------------------------------------------------------------------------
def test_the_officer_decides_and_nobody_else(cast, officer):
    case = serious(cast)
    for name in ("maria", "per_ake", "lena", "karin", "sara", "rut", "lars"):
        with pytest.raises(refused.NotAllowed):
            decide(cast, case, by=name)
    assert decide(cast, case).made_as == "officer"
    assert LexMariaDecision.objects.count() == 1


def test_a_provider_decides_for_its_own_operation(cast, officer):
    odd = person(email="odd@bjorken.example", given_name="Odd", family_name="Strand")
    cast.users["odd"] = odd
    assign(odd, cast.bjorken, Role.LEX_MARIA_OFFICER)
    case = serious(cast)
    with pytest.raises(refused.NotAllowed):
        decide(cast, case, by="odd")
    party = reporting(case)
    with pytest.raises(refused.NotAllowed):
        acts.decide(party, notifies=True, grounds=GROUNDS, by=cast["odd"], shown=acts.mark(party))


def test_the_named_officer_alone_then_the_deputy_once_they_have_left(cast, officer):
    _officer(cast, "henrik", "Henrik", "Moberg")
    CaseRules.objects.create(provider=cast.region, officer=cast.assignments["lova"], deputy=cast.assignments["henrik"])
    case = serious(cast)
    with pytest.raises(refused.NotAllowed):
        decide(cast, case, by="henrik")
    cast.assignments["lova"].valid_to = clock.today() - clock.ONE_DAY
    cast.assignments["lova"].save()
    with pytest.raises(refused.NotAllowed):
        decide(cast, case, by="lova")
    assert decide(cast, case, by="henrik").made_as == "deputy"


def test_a_stand_in_decides_in_the_days_arranged(cast, officer):
    _officer(cast, "henrik", "Henrik", "Moberg")
    CaseRules.objects.create(provider=cast.region, officer=cast.assignments["lova"])
    case = serious(cast)
    today = clock.today()
    days = {"absent": cast.assignments["lova"], "stand_in": cast.assignments["henrik"]}
    arranged = StandIn.objects.create(**days, first_day=today + clock.ONE_DAY, last_day=today + 3 * clock.ONE_DAY)
    with pytest.raises(refused.NotAllowed):
        decide(cast, case, by="henrik")
    arranged.first_day = today
    arranged.save()
    assert decide(cast, case, by="henrik").made_as == "stand_in"


def test_it_is_decided_of_what_was_shown(cast, officer):
    case = serious(cast)
    shown = acts.mark(concerned(case))
    handling.judge_harm(concerned(case), actual="serious_harm", potential="serious_harm", by=cast["maria"])
    with pytest.raises(refused.Moved):
        acts.decide(concerned(Case.objects.get()), notifies=False, grounds=GROUNDS, by=cast["lova"], shown=shown)


def test_a_decision_taken_anew_stands_beside_the_first(cast, officer):
    case = serious(cast)
    decide(cast, case, notifies=False)
    decide(cast, case, notifies=True)
    assert list(LexMariaDecision.objects.values_list("notifies", flat=True)) == [False, True]
    with pytest.raises(DatabaseError), transaction.atomic():
        LexMariaDecision.objects.update(notifies=True)


def test_only_serious_harm_is_decided_of(cast, officer):
    case = cast.case()
    with pytest.raises(refused.WrongState):
        decide(cast, case)


# The page -----------------------------------------------------------------------------------------------------
def test_on_the_page_the_officer_decides_and_the_handler_reads(cast, officer):
    case = serious(cast)
    address = f"/avvikelser/{case.number}/lex-maria/"
    assert 'name="notifies"' not in cast.client("maria").get(address).content.decode()
    html = cast.client("lova").get(address).content.decode()
    sent = {"decide": "1", "token": hidden(html, "token"), "shown": hidden(html, "shown"), "notifies": "yes"}
    refused_answer = cast.client("lova").post(address, sent)
    assert refused_answer.status_code == 422
    assert "Skriv grunderna." in refused_answer.content.decode()
    assert cast.client("lova").post(address, sent | {"grounds": GROUNDS}).status_code == 302
    assert GROUNDS in cast.client("maria").get(address).content.decode()
    for name in ("sara", "lena", "karin", "anna", "rut", "lars"):
        assert cast.client(name).get(address).status_code == 404


def test_others_learn_that_it_is_decided_once_told_and_never_the_grounds(cast, officer):
    case = serious(cast)
    decide(cast, case)

    def seen(name: str) -> str:
        return cast.client(name).get(f"/avvikelser/{case.number}/").content.decode().casefold()

    for name in ("per_ake", "sara"):
        assert "lex maria beslutades" not in seen(name)
        assert "anmäls enligt" not in seen(name)
    cast.client("lova").post(f"/avvikelser/{case.number}/lex-maria/", {"tell": "1"})
    for name in ("per_ake", "sara"):
        assert "vi har beslutat om vår del av händelsen anmäls enligt lex maria" in seen(name)
        assert GROUNDS.casefold() not in seen(name)
    with pytest.raises(refused.WrongState):
        acts.tell_others(concerned(case), by=cast["lova"])


def test_days_and_numbers(cast, officer):
    case = serious(cast)
    address, today = f"/avvikelser/{case.number}/lex-maria/", clock.today().isoformat()

    def send(**facts):
        html = cast.client("maria").get(address).content.decode()
        form = html[html.index('id="datum"') :]
        told = {"facts": "1", "token": hidden(form, "token"), "shown": hidden(form, "shown"), **facts}
        return cast.client("maria").post(address, told)

    # Nothing is sent before it is decided.
    assert send(sent_on=today).status_code == 409
    decide(cast, case)
    assert send(sent_on=today, ivo_number="3.2.1-12345/2026", patient_knows="yes").status_code == 302
    matter = LexMaria.objects.get()
    assert (matter.ivo_number, matter.patient_knows) == ("3.2.1-12345/2026", True)
    before = (clock.today() - dt.timedelta(days=9)).isoformat()
    answer = send(known_on=before, sent_on=today)
    assert answer.status_code == 422
    assert "Det är innan det hände" in answer.content.decode()
    assert send(sent_on=today, known_on=today, ivo_decided_on="2031-01-01").status_code == 422


# The list -----------------------------------------------------------------------------------------------------
def test_the_longest_wait_stands_first_under_its_tab(cast, officer):
    new = serious(cast)
    old = serious(cast, occurred_at=clock.now() - dt.timedelta(days=70))
    cast.case()
    html = cast.client("lova").get("/avvikelser/lex-maria/").content.decode()
    assert html.index(old.number) < html.index(new.number)
    assert "Över röd gräns" in html
    decide(cast, old)
    decide(cast, new, notifies=False)
    assert [p.case_id for p in listing.of_tab(cast["lova"], "att-prova")] == [old.pk]
    acts.put_facts(concerned(old), {"sent_on": clock.today()}, by=cast["lova"], shown=acts.facts_mark(None))
    tabs = {tab: [p.case_id for p in listing.of_tab(cast["lova"], tab)] for tab in listing.Tab.values}
    assert tabs == {"att-prova": [], "anmalda": [old.pk], "avslutade": [new.pk]}
    assert cast.client("maria").get("/avvikelser/lex-maria/").status_code == 404


# The clock ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "level"), [(29, ""), (30, "yellow"), (59, "yellow"), (60, "red")])
def test_the_limits(days, level):
    running = Running("x", clock.today() - dt.timedelta(days=days), None, 30, 60)
    assert (running.days, running.level) == (days, level)


def test_the_clocks_stop_when_it_is_sent(cast, officer):
    case = serious(cast, occurred_at=clock.now() - dt.timedelta(days=40))
    matter = LexMaria(party=concerned(case), sent_on=clock.today() - dt.timedelta(days=5))
    by_event, by_known, investigation = clocks(concerned(case), matter, gates.rules_of(cast.region))
    assert (by_event.days, by_event.is_over) == (35, True)
    assert by_known.days == 0
    assert not investigation.is_over


# Who is told --------------------------------------------------------------------------------------------------
def test_the_officer_is_told_when_the_harm_is_judged_serious(cast, officer):
    case = serious(cast)
    assert told("case_serious") == {"Lova"}
    handling.judge_harm(concerned(case), actual="none", potential="serious_harm", by=cast["maria"])
    assert Notice.objects.filter(kind="case_serious").count() == 1


def test_an_officer_is_reminded_once_for_each_limit(cast, officer):
    case = serious(cast, occurred_at=clock.now() - dt.timedelta(days=31))
    assert [officers.remind_of_lex_maria() for _ in range(2)] == [1, 0]
    assert told("lex_maria_late") == {"Lova"}
    Case.objects.update(occurred_at=clock.now() - dt.timedelta(days=61))
    assert [officers.remind_of_lex_maria() for _ in range(2)] == [1, 0]
    decide(cast, Case.objects.get(pk=case.pk))
    CaseRules.objects.create(provider=cast.region, yellow_days=1, red_days=2)
    assert officers.remind_of_lex_maria() == 0


def test_where_nobody_decides_the_administrator_hears_at_once(cast):
    user = person(email="ada@region.example", given_name="Ada", family_name="Frost")
    assign(user, cast.region, Role.PROVIDER_ADMIN)
    case = serious(cast)
    assert [officers.tell_of_no_officer() for _ in range(2)] == [1, 0]
    assert told("lex_maria_nobody") == {"Ada"}
    assert (
        "Ingen beslutar om lex Maria här nu"
        in cast.client("maria").get(f"/avvikelser/{case.number}/lex-maria/").content.decode()
    )


# Before the part is closed ------------------------------------------------------------------------------------
def test_a_part_with_serious_harm_is_closed_when_it_is_decided(cast, officer):
    case = serious(cast)
    talking.answer(concerned(case), "Klart.", by=cast["maria"])
    left = {one.gate for one in gates.left(concerned(Case.objects.get()))}
    assert left == {"lex_maria", "patient"}
    decide(cast, case)
    assert {one.gate for one in gates.left(concerned(Case.objects.get()))} == {"patient"}


# The package --------------------------------------------------------------------------------------------------
def test_the_package_for_ivo(cast, officer):
    case = serious(cast)
    decide(cast, case)
    cause(cast, case, "Checklistan saknades")
    image = SimpleUploadedFile("vy.jpg", makers.jpeg())
    form = {"body": "Se bilden.", "keep_names": "on"}
    client, address = cast.client("maria"), f"/avvikelser/{case.number}/lex-maria/"
    page = client.get(f"/avvikelser/{case.number}/").content.decode()
    token = hidden(page[page.index(f'action="/avvikelser/{case.number}/note/"') :], "token")
    client.post(f"/avvikelser/{case.number}/note/", {**form, "token": token, "files": [image]})
    file = CaseFile.objects.get()
    answer = client.post(address, {"package": "1", "file": [str(file.key), "no-such-key"]})
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        names = package.namelist()
        text = words_of(package.read(f"{case.number}.pdf"))
        listed = package.read("innehall.csv").decode("utf-8-sig")
    assert names == [f"{case.number}.pdf", "bilagor/1-vy.jpg", "innehall.csv"]
    for said in (GROUNDS, "Lova Berg", "Checklistan saknades", "Det här saknas", "Liknande tidigare händelser"):
        assert said in text, said
    assert "bilagor/1-vy.jpg" in listed
    assert "Inget har ändrats sedan dess." in client.get(address).content.decode()
    cause(cast, case, "Telefonen låg fel")
    assert "har ändrats sedan dess" in client.get(address).content.decode()
    assert AuditEvent.objects.filter(action="fetched_lex_maria", target_id=case.number).count() == 1
    assert cast.client("sara").post(address, {"package": "1"}).status_code == 404
    # The identity goes along by choice, with a reason, and that is a look.
    patient.put(concerned(case), "19121212-1212".replace("-", ""), by=cast["maria"])
    for because, is_there in (("", False), ("Anmälan enligt lex Maria", True)):
        answer = client.post(address, {"package": "1", "because": because})
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            assert ("191212121212" in words_of(package.read(f"{case.number}.pdf"))) is is_there
    assert PatientLook.objects.get().reason == "Anmälan enligt lex Maria"
